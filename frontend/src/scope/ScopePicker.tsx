import { useEffect, useId, useRef, useState } from "react";
import type { Scopes } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { Place } from "../answer/Place";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { useBaseTitles } from "../components/useKnowledgeBases";
import { folderName, has, KINDS, type ScopeItem } from "../state/scope";
import { ICONS } from "./ScopeChips";
import styles from "./scope.module.css";

const WAIT = 150; // ms after the last key stroke

type Found =
  { state: "loading" } | { state: "found"; of: string; scopes: Scopes } | { state: "failed"; error: unknown };

interface Props {
  chosen: ScopeItem[];
  choose: (item: ScopeItem) => void;
  /** Nothing was chosen; `typed` is what was looked for. */
  cancel: (typed: string) => void;
  /** The person went elsewhere. */
  leave: () => void;
}

interface Option {
  item: ScopeItem;
  name: string;
  more: string | null;
  source: string | null;
}

/** Finds documents, tags, folders and knowledge bases by their names; the keyboard does all of it. */
export function ScopePicker({ chosen, choose, cancel, leave }: Props) {
  const { scope: texts } = useMessages();
  const { library, bases } = useServices();
  const titleOf = useBaseTitles(bases);
  const id = useId();
  const [text, setText] = useState("");
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<Found>({ state: "loading" });
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const q = text.trim();

  useEffect(() => {
    const controller = new AbortController();
    const timer = window.setTimeout(
      () => {
        library.scopes(q, controller.signal).then(
          (scopes) => {
            setFound({ state: "found", of: q, scopes });
            setAt(0);
          },
          (error: unknown) => controller.signal.aborted || setFound({ state: "failed", error }),
        );
      },
      q === "" ? 0 : WAIT,
    );
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [library, q, attempt]);

  const options =
    found.state === "found"
      ? [...optionsOf(found.scopes, chosen, texts.count), ...basesOf(bases, found.of, chosen, titleOf)]
      : [];
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);

  return (
    <div
      className={styles.scopePicker}
      data-part="scope-picker"
      role="dialog"
      aria-label={texts.add}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) leave();
      }}
    >
      <input
        type="search"
        className={styles.scopeSearch}
        autoFocus
        value={text}
        role="combobox"
        aria-label={texts.search}
        aria-expanded={options.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={options.length > 0 ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        placeholder={texts.search}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const by = event.key === "ArrowDown" ? 1 : -1;
            setAt((now) => Math.min(Math.max(now + by, 0), Math.max(options.length - 1, 0)));
          } else if (event.key === "Enter") {
            event.preventDefault();
            const option = options[at];
            if (option) choose(option.item);
          } else if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            cancel(text);
          } else if (event.key === "Backspace" && text === "") {
            event.preventDefault();
            cancel("");
          }
        }}
      />
      <div className={styles.scopeOptions} id={`${id}-list`} role="listbox" aria-label={texts.add} ref={list}>
        {KINDS.map((kind) => {
          const own = options.filter(({ item }) => item.kind === kind);
          if (own.length === 0) return null;
          const Icon = ICONS[kind];
          return (
            <div key={kind} role="group" aria-labelledby={`${id}-${kind}`}>
              <p className={styles.scopeKind} id={`${id}-${kind}`} role="presentation">
                {texts.groups[kind]}
              </p>
              {own.map((option) => {
                const place = options.indexOf(option);
                return (
                  <div
                    key={option.item.value}
                    id={`${id}-${place}`}
                    role="option"
                    aria-selected={place === at}
                    className={styles.scopeOption}
                    data-part="scope-option"
                    onPointerMove={() => setAt(place)}
                    // On pointer down the focus would leave the field, and the list would close.
                    onPointerDown={(event) => event.preventDefault()}
                    onClick={() => choose(option.item)}
                  >
                    <Icon />
                    <span className={styles.scopeName}>{option.name}</span>
                    {option.more !== null && <span className={styles.scopeMore}>{option.more}</span>}
                    {option.source !== null && <Place section={[]} page={null} source={option.source} />}
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
      {found.state === "failed" && (
        <ErrorNotice error={found.error} retry={() => setAttempt((count) => count + 1)} />
      )}
      <p className={styles.scopeNote} role="status">
        {found.state === "found" && found.of === q && options.length === 0 && texts.none}
      </p>
    </div>
  );
}

function optionsOf(scopes: Scopes, chosen: ScopeItem[], count: (documents: number) => string): Option[] {
  const all: Option[] = [
    ...scopes.documents.map(({ id, title, source }) => ({
      item: { kind: "doc" as const, value: id },
      name: title,
      more: null,
      source,
    })),
    ...scopes.tags.map(({ name, documents }) => ({
      item: { kind: "tag" as const, value: name },
      name,
      more: count(documents),
      source: null,
    })),
    ...scopes.folders.map(({ name, documents }) => ({
      item: { kind: "folder" as const, value: name },
      name: folderName(name),
      more: count(documents),
      source: name.slice(0, name.lastIndexOf("/")),
    })),
  ];
  return all.filter(({ item }) => !has(chosen, item));
}

/** The knowledge bases with `q` in their names or titles; where there is but one, none is chosen. */
function basesOf(
  names: string[],
  q: string,
  chosen: ScopeItem[],
  titleOf: (name: string) => string,
): Option[] {
  if (names.length < 2) return [];
  const looked = q.toLowerCase();
  return names
    .map((value) => ({ item: { kind: "base" as const, value }, name: titleOf(value) }))
    .filter(({ item, name }) => `${item.value} ${name}`.toLowerCase().includes(looked))
    .filter(({ item }) => !has(chosen, item))
    .map((option) => ({ ...option, more: null, source: null }));
}

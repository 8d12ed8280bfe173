import { useEffect, useMemo, useRef, useState } from "react";
import { Excerpt } from "../answer/Excerpt";
import { Place } from "../answer/Place";
import type { FoundPassage } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { wordPattern } from "../text/words";
import styles from "./search.module.css";

const WAIT = 250; // ms after the last key stroke
const LIMIT = 12;

type Found =
  | { state: "idle" }
  | { state: "found"; of: string; passages: FoundPassage[] }
  | { state: "failed"; of: string; error: unknown };

interface Props {
  open: (passages: FoundPassage[], at: number) => void;
  close: () => void;
}

/** Searches the documents themselves; no model is asked. */
export function SearchDialog({ open, close }: Props) {
  const { search } = useMessages();
  const { library } = useServices();
  const [text, setText] = useState("");
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<Found>({ state: "idle" });
  const [chosen, setChosen] = useState(0);
  const question = text.trim();

  useEffect(() => {
    if (question === "") return;
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      library.search(question, LIMIT, controller.signal).then(
        ({ passages }) => {
          setFound({ state: "found", of: question, passages });
          setChosen(0);
        },
        (error: unknown) => controller.signal.aborted || setFound({ state: "failed", of: question, error }),
      );
    }, WAIT);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [library, question, attempt]);

  const shown = question !== "" && found.state === "found" ? found.passages : [];
  const loading = question !== "" && (found.state === "idle" || found.of !== question);
  const words = useMemo(() => wordPattern(question), [question]);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen, found]);
  const step = (by: number) =>
    setChosen((at) => Math.min(Math.max(at + by, 0), Math.max(shown.length - 1, 0)));
  return (
    <Modal label={search.title} className={styles.searchDialog} close={close}>
      <input
        type="search"
        className="field"
        data-part="search-input"
        autoFocus
        value={text}
        role="combobox"
        aria-label={search.label}
        aria-expanded={shown.length > 0}
        aria-controls="search-results"
        aria-activedescendant={shown.length > 0 ? `search-result-${chosen}` : undefined}
        aria-autocomplete="list"
        placeholder={search.placeholder}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            step(event.key === "ArrowDown" ? 1 : -1);
          } else if (event.key === "Enter" && shown.length > 0) {
            event.preventDefault();
            open(shown, chosen);
          } else if (event.key === "Escape") {
            // Else the first Esc only empties a search field.
            event.preventDefault();
            close();
          }
        }}
      />
      <p className="visually-hidden" role="status">
        {found.state === "found" && !loading && question !== "" && search.results(shown.length)}
      </p>
      {loading && <p className={styles.searchNote}>{search.loading}</p>}
      <ul
        className={loading ? `${styles.searchResults} ${styles.searchStale}` : styles.searchResults}
        data-part="search-results"
        id="search-results"
        role="listbox"
        aria-label={search.title}
        ref={list}
      >
        {shown.map((passage, at) => (
          <li
            key={passage.chunk_id}
            id={`search-result-${at}`}
            role="option"
            aria-selected={at === chosen}
            className={styles.searchResult}
            data-part="search-result"
            onPointerMove={() => setChosen(at)}
            onClick={() => open(shown, at)}
          >
            <strong>{passage.title}</strong>
            <Place section={passage.section} page={passage.page} source={passage.source} kb={passage.kb} />
            <Excerpt passage={passage} window={passage.best_window} words={words} />
          </li>
        ))}
      </ul>
      {!loading && question !== "" && found.state === "found" && shown.length === 0 && (
        <p className={styles.searchNote}>{search.none}</p>
      )}
      {question !== "" && found.state === "failed" && (
        <ErrorNotice error={found.error} retry={() => setAttempt((count) => count + 1)} />
      )}
      <p className={styles.searchKeys}>{search.keys}</p>
    </Modal>
  );
}

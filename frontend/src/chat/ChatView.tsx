import { useCallback, useEffect, useRef, type RefObject } from "react";
import type { AnswerActions } from "../answer/AnswerView";
import { isGone } from "../api/client";
import { useMay } from "../api/rights";
import { ErrorNotice } from "../components/ErrorNotice";
import { PrintIcon } from "../components/icons";
import { SaveMenu } from "../export/SaveMenu";
import { save } from "../export/save";
import { useMessages } from "../i18n/language";
import type { ScopeItem, Task } from "../state/scope";
import { useServices } from "../api/services";
import { isUnderWay } from "../state/answer";
import { isAnswering, keptName, type Exchange } from "../state/chat";
import { emptyDraft } from "../state/drafts";
import { Announcer } from "./Announcer";
import { Composer } from "./Composer";
import { EmptyState } from "./EmptyState";
import { ExchangeView } from "./ExchangeView";
import type { Chat } from "./useChat";
import { useDraft } from "./useDraft";
import styles from "./chat.module.css";

const NEAR_END = 120; // px: nearer than this, the view follows the tokens

interface Props {
  chat: Chat;
  input: RefObject<HTMLTextAreaElement | null>;
  documents: number | null;
  open: AnswerActions["open"];
  openPassage: AnswerActions["openPassage"];
  openLibrary: () => void;
  /** What another part of the page wants asked about, until it is `taken`. */
  about: { scope: ScopeItem[]; task: Task | null } | null;
  taken: () => void;
}

export function ChatView(props: Props) {
  const { chat, input, documents, open, openPassage, openLibrary, about, taken } = props;
  const { state, ask, turnTo, remove } = chat;
  const may = useMay();
  const { draft, change, send: sent, arrived } = useDraft(state.conversation, state.exchanges.length > 0);
  const edited = state.exchanges.find((exchange) => keptName(exchange) === draft.editing);
  const scroller = useRef<HTMLDivElement>(null);
  const answering = isAnswering(state);
  const last = state.exchanges.at(-1);
  const scope = draft.scope ?? last?.scope ?? [];

  const edit = useCallback(
    (exchange: Exchange) =>
      change({ text: exchange.question, editing: keptName(exchange), scope: exchange.scope }),
    [change],
  );
  const removeAndAsk = useCallback(
    (exchange: Exchange) => {
      remove(exchange);
      input.current?.focus(); // the button that was pressed goes with it
    },
    [remove, input],
  );
  const send = () => {
    sent();
    ask(draft.text.trim(), scope, edited?.id ?? null);
  };
  const unkept = last !== undefined && last.turn === null;
  useEffect(() => {
    if (!unkept) arrived();
  }, [unkept, arrived]);
  const askTask = useTasks(ask);
  const begun = state.conversation !== null || state.exchanges.length > 0;
  useEffect(() => {
    if (about === null || begun) return;
    taken();
    if (about.task !== null) askTask(about.task, about.scope);
    else change({ ...draft, scope: about.scope });
    window.setTimeout(() => input.current?.focus());
  }, [about, begun, taken, askTask, change, draft, input]);
  useFollow(scroller, state.exchanges);
  const foot = useGutter(scroller);

  return (
    <>
      <div className={styles.chatScroll} ref={scroller}>
        <div className={styles.chatColumn}>
          {state.opening ? (
            <Opening error={state.opening.error} again={chat.reopen} />
          ) : (
            state.exchanges.length === 0 && (
              <EmptyState
                documents={documents}
                ask={(question) => ask(question, scope, null)}
                openLibrary={openLibrary}
              />
            )
          )}
          {state.exchanges.length > 0 && <Tools exchanges={state.exchanges} />}
          {state.exchanges.map((exchange) => (
            <ExchangeView
              key={exchange.id}
              exchange={exchange}
              open={open}
              openPassage={openPassage}
              openLibrary={may("write") ? openLibrary : null}
              ask={ask}
              edit={edit}
              turnTo={turnTo}
              remove={removeAndAsk}
            />
          ))}
        </div>
      </div>
      <div className={styles.chatFoot} ref={foot}>
        <Composer
          allowed={may("ask")}
          input={input}
          text={draft.text}
          setText={(text) => change({ ...draft, text })}
          scope={scope}
          setScope={(changed) => change({ ...draft, scope: changed })}
          askTask={(task) => askTask(task, scope)}
          answering={answering}
          editing={edited ? draft.editing : null}
          send={send}
          stop={chat.stop}
          cancelEdit={() => change(emptyDraft)}
          editLast={() => last && edit(last)}
        />
      </div>
      <Announcer exchange={last} />
    </>
  );
}

/** What can be done with the conversation as a whole. */
function Tools({ exchanges }: { exchanges: Exchange[] }) {
  const { export: texts } = useMessages();
  return (
    <div className={styles.chatTools}>
      <SaveMenu label={texts.conversation} save={(format) => save(exchanges, format, texts)} end />
      <button type="button" className="quiet-button" title={texts.print} onClick={() => window.print()}>
        <PrintIcon />
        <span className="visually-hidden">{texts.print}</span>
      </button>
    </div>
  );
}

/** Asks one of the usual questions about a scope; a single document is called by its title. */
function useTasks(ask: Chat["ask"]): (task: Task, scope: ScopeItem[]) => void {
  const { scope: texts } = useMessages();
  const { library } = useServices();
  return useCallback(
    (task, scope) => {
      const [first, ...others] = scope;
      const single = first?.kind === "doc" && others.length === 0 ? first.value : null;
      const send = (title: string | null) => ask(texts.questions[task](title), scope, null);
      if (single === null) send(null);
      else
        library.document(single).then(
          ({ title }) => send(title),
          () => send(null),
        );
    },
    [ask, library, texts],
  );
}

/** In place of a kept conversation while it is fetched, or when it cannot be. */
function Opening({ error, again }: { error: unknown; again: () => void }) {
  const { app, conversations } = useMessages();
  if (error === null) return <p className={styles.opening}>{app.loading}</p>;
  if (isGone(error)) return <p className={styles.opening}>{conversations.gone}</p>;
  return <ErrorNotice error={error} retry={again} />;
}

/** Tells the element it returns, as `--gutter`, how wide the scroll bar of the other is. */
function useGutter(scroller: RefObject<HTMLDivElement | null>): RefObject<HTMLDivElement | null> {
  const foot = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = scroller.current;
    if (!view) return;
    const told = new ResizeObserver(() =>
      foot.current?.style.setProperty("--gutter", `${view.offsetWidth - view.clientWidth}px`),
    );
    told.observe(view);
    return () => told.disconnect();
  }, [scroller]);
  return foot;
}

/** Keeps the newest tokens in view for a reader who is at the end; scrolling up ends it. */
function useFollow(scroller: RefObject<HTMLDivElement | null>, exchanges: Exchange[]): void {
  const count = useRef(0);
  const following = useRef(true);
  useEffect(() => {
    const view = scroller.current;
    if (!view) return;
    const onScroll = () => {
      following.current = view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_END;
    };
    view.addEventListener("scroll", onScroll, { passive: true });
    return () => view.removeEventListener("scroll", onScroll);
  }, [scroller]);
  useEffect(() => {
    const view = scroller.current;
    if (!view) return;
    const asked = exchanges.length > count.current;
    count.current = exchanges.length;
    // Once it is done, what comes below an answer must not push its beginning out of view.
    const last = exchanges.at(-1);
    const writing = last !== undefined && isUnderWay(last.answer);
    if (asked || (writing && following.current)) view.scrollTo({ top: view.scrollHeight });
  }, [scroller, exchanges]);
}

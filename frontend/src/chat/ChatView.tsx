import { useCallback, useEffect, useRef, type RefObject } from "react";
import type { AnswerActions } from "../answer/AnswerView";
import { isUnderWay } from "../state/answer";
import { isAnswering, type Exchange } from "../state/chat";
import { isGone } from "../api/client";
import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import { Announcer } from "./Announcer";
import { Composer } from "./Composer";
import { EmptyState } from "./EmptyState";
import { ExchangeView } from "./ExchangeView";
import type { Chat } from "./useChat";
import { useDraft } from "./useDraft";
import "./chat.css";

const NEAR_END = 120; // px: nearer than this, the view follows the tokens

interface Props {
  chat: Chat;
  input: RefObject<HTMLTextAreaElement | null>;
  documents: number | null;
  open: AnswerActions["open"];
  openPassage: AnswerActions["openPassage"];
  openLibrary: () => void;
}

export function ChatView({ chat, input, documents, open, openPassage, openLibrary }: Props) {
  const { state, ask } = chat;
  const { draft, change, clear } = useDraft(state.conversation, state.exchanges.length > 0);
  const editing = state.exchanges.some(({ id }) => id === draft.editing) ? draft.editing : null;
  const scroller = useRef<HTMLDivElement>(null);
  const answering = isAnswering(state);
  const last = state.exchanges.at(-1);

  const edit = useCallback(
    (exchange: Exchange) => change({ text: exchange.question, editing: exchange.id }),
    [change],
  );
  const send = () => {
    ask(draft.text.trim(), editing);
    clear();
  };
  useFollow(scroller, state.exchanges);

  return (
    <>
      <div className="chat-scroll" ref={scroller}>
        <div className="chat-column">
          {state.opening ? (
            <Opening error={state.opening.error} again={chat.reopen} />
          ) : (
            state.exchanges.length === 0 && (
              <EmptyState
                documents={documents}
                ask={(question) => ask(question, null)}
                openLibrary={openLibrary}
              />
            )
          )}
          {state.exchanges.map((exchange) => (
            <ExchangeView
              key={exchange.id}
              exchange={exchange}
              open={open}
              openPassage={openPassage}
              openLibrary={openLibrary}
              ask={ask}
              edit={edit}
            />
          ))}
        </div>
      </div>
      <div className="chat-foot">
        <Composer
          input={input}
          text={draft.text}
          setText={(text) => change({ text, editing })}
          answering={answering}
          editing={editing}
          send={send}
          stop={chat.stop}
          cancelEdit={clear}
          editLast={() => last && edit(last)}
        />
      </div>
      <Announcer exchange={last} />
    </>
  );
}

/** In place of a kept conversation while it is fetched, or when it cannot be. */
function Opening({ error, again }: { error: unknown; again: () => void }) {
  const { app, conversations } = useMessages();
  if (error === null) return <p className="opening">{app.loading}</p>;
  if (isGone(error)) return <p className="opening">{conversations.gone}</p>;
  return <ErrorNotice error={error} retry={again} />;
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

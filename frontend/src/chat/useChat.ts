import { useCallback, useEffect, useReducer, useRef } from "react";
import { ask, follow, stopAnswer } from "../api/ask";
import { isGone, type Client } from "../api/client";
import type { ConversationCalls } from "../api/conversations";
import type { AskRequest } from "../api/types";
import type { AnswerEvent } from "../state/answer";
import { chatReducer, emptyChat, replacedTurn, type ChatState } from "../state/chat";

export interface Chat {
  state: ChatState;
  /** Asks; `replaces` names the exchange whose place the question takes, if any. */
  ask: (question: string, replaces: string | null) => void;
  stop: () => void;
  /** Shows a kept conversation, or with null a new one; stops what is being answered. */
  show: (conversation: string | null) => void;
  reopen: () => void;
}

interface Options {
  client: Client;
  conversations: ConversationCalls;
  kb: string | null;
  /** The server keeps this conversation, and has just added to it. */
  onKept: (conversation: string) => void;
  /** A kept conversation was opened; it may be of another knowledge base. */
  onOpened: (kb: string) => void;
}

/** The running conversation: one question at a time, each asked exactly once. */
export function useChat(options: Options): Chat {
  const [state, dispatch] = useReducer(chatReducer, emptyChat);
  // Read when asking, so that the functions stay the same while tokens come in.
  const latest = useRef({ state, options });
  useEffect(() => {
    latest.current = { state, options };
  });
  const running = useRef<AbortController | null>(null);
  // Which turn is being answered, once the server has said so.
  const turn = useRef<{ conversation: string; id: string } | null>(null);
  // Known at once: the state follows with the next render.
  const shown = useRef<string | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const listen = useCallback(
    async (id: string, events: AsyncGenerator<AnswerEvent>, signal: AbortSignal) => {
      for await (const event of events) {
        if (event.type === "asked" && !signal.aborted) {
          turn.current = { conversation: event.conversation_id, id: event.turn_id };
          shown.current ??= event.conversation_id;
        }
        dispatch({ type: "event", id, event });
        if (event.type !== "done" || signal.aborted) continue;
        shown.current ??= event.answer.conversation_id;
        if (shown.current !== null) latest.current.options.onKept(shown.current);
      }
    },
    [],
  );
  const start = useCallback((question: string, replaces: string | null) => {
    running.current?.abort();
    turn.current = null;
    const controller = new AbortController();
    const { signal } = controller;
    running.current = controller;
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const { state: now, options: use } = latest.current;
    const body: AskRequest = {
      question,
      kb: shown.current === null ? use.kb : null, // a kept conversation has its own
      conversation_id: shown.current ?? "new",
      position: replacedTurn(now, replaces),
    };
    dispatch({ type: "asked", id, question, replaces });
    void listen(id, ask(use.client, body, signal), signal);
  }, [listen]);
  const stop = useCallback(() => {
    const { client } = latest.current.options;
    const stopped = turn.current;
    // Leaving the stream does not stop an answer: only this does.
    if (stopped !== null)
      stopAnswer(client, stopped.conversation, stopped.id).catch(() => undefined);
    running.current?.abort();
  }, []);
  const open = useCallback((id: string) => {
    dispatch({ type: "opening", conversation: id });
    latest.current.options.conversations.get(id).then(
      (conversation) => {
        dispatch({ type: "opened", conversation });
        const last = conversation.turns.at(-1);
        if (last?.status === "running" && shown.current === id) {
          const controller = new AbortController();
          running.current = controller;
          turn.current = { conversation: id, id: last.id };
          const { signal } = controller;
          const events = follow(latest.current.options.client, id, last.id, signal);
          void listen(`turn-${last.position}`, events, signal);
        }
        if (shown.current === id) latest.current.options.onOpened(conversation.kb);
      },
      (error: unknown) => {
        dispatch({ type: "unopened", conversation: id, error });
        // What is asked in place of one that is gone begins a new one.
        if (isGone(error) && shown.current === id) shown.current = null;
      },
    );
  }, [listen]);
  const show = useCallback(
    (conversation: string | null) => {
      if (conversation !== null && conversation === shown.current) return;
      running.current?.abort();
      shown.current = conversation;
      if (conversation === null) dispatch({ type: "cleared" });
      else open(conversation);
    },
    [open],
  );
  const reopen = useCallback(() => {
    if (shown.current !== null) open(shown.current);
  }, [open]);
  return { state, ask: start, stop, show, reopen };
}

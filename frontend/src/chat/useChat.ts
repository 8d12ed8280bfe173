import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { ask, follow, stopAnswer } from "../api/ask";
import { isGone, type Client } from "../api/client";
import type { ConversationCalls } from "../api/conversations";
import type { AskRequest, Conversation } from "../api/types";
import { scopeBody, type ScopeItem } from "../scope/scope";
import type { AnswerEvent } from "../state/answer";
import { chatReducer, emptyChat, replacedTurn, type ChatState, type Exchange } from "../state/chat";

export interface Chat {
  state: ChatState;
  /** Asks; `replaces` names the exchange that the question becomes another version of, if any. */
  ask: (question: string, scope: ScopeItem[], replaces: string | null) => void;
  stop: () => void;
  /** Shows a kept conversation, or with null a new one. Leaving an answer does not stop it. */
  show: (conversation: string | null) => void;
  reopen: () => void;
  /** Shows another version of an exchange, with what was asked after it. */
  turnTo: (version: string) => void;
  /** Removes an exchange, with what was asked after it; can be undone. */
  remove: (exchange: Exchange) => void;
}

interface Options {
  client: Client;
  conversations: ConversationCalls;
  kb: string | null;
  /** The server keeps this conversation, and has just added to it. */
  onKept: (conversation: string) => void;
  /** A kept conversation was opened; it may be of another knowledge base. */
  onOpened: (kb: string) => void;
  /** An exchange was removed; `undo` brings it back. */
  onRemoved: (exchange: Exchange, undo: () => Promise<void>) => void;
  /** Something that was asked of the server did not happen. */
  onProblem: (error: unknown) => void;
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
          // Its address at once, so that a reload finds the answer that is under way.
          latest.current.options.onKept(shown.current);
        }
        dispatch({ type: "event", id, event });
        if (event.type !== "done" || signal.aborted) continue;
        shown.current ??= event.answer.conversation_id;
        if (shown.current !== null) latest.current.options.onKept(shown.current);
      }
    },
    [],
  );
  /** A new listener in place of the one before. */
  const begin = useCallback((of: { conversation: string; id: string } | null) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    turn.current = of;
    return controller.signal;
  }, []);
  const followLast = useCallback(
    ({ id, turns }: Conversation) => {
      const last = turns.at(-1);
      if (last?.status !== "running") return;
      const signal = begin({ conversation: id, id: last.id });
      void listen(last.id, follow(latest.current.options.client, id, last.id, signal), signal);
    },
    [begin, listen],
  );
  const start = useCallback(
    (question: string, scope: ScopeItem[], replaces: string | null) => {
      const signal = begin(null);
      const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      const { state: now, options: use } = latest.current;
      const body: AskRequest = {
        question,
        kb: shown.current === null ? use.kb : null, // a kept conversation has its own
        conversation_id: shown.current ?? "new",
        position: replacedTurn(now, replaces),
        ...(scope.length > 0 ? { filter: { scope: scopeBody(scope) } } : {}),
      };
      dispatch({ type: "asked", id, question, scope, replaces });
      void listen(id, ask(use.client, body, signal), signal);
    },
    [begin, listen],
  );
  const stop = useCallback(() => {
    const { client } = latest.current.options;
    const stopped = turn.current;
    // Leaving the stream does not stop an answer: only this does.
    if (stopped !== null)
      stopAnswer(client, stopped.conversation, stopped.id).catch(() => undefined);
    running.current?.abort();
  }, []);
  const open = useCallback(
    (id: string) => {
      dispatch({ type: "opening", conversation: id });
      latest.current.options.conversations.get(id).then(
        (conversation) => {
          dispatch({ type: "opened", conversation });
          if (shown.current !== id) return;
          followLast(conversation);
          latest.current.options.onOpened(conversation.kb);
        },
        (error: unknown) => {
          dispatch({ type: "unopened", conversation: id, error });
          // What is asked in place of one that is gone begins a new one.
          if (isGone(error) && shown.current === id) shown.current = null;
        },
      );
    },
    [followLast],
  );
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

  /** What is shown now, after a change on the server; nothing if another one is shown by then. */
  const turned = useCallback(
    async (change: Promise<Conversation>) => {
      const conversation = await change;
      if (shown.current !== conversation.id) return;
      running.current?.abort();
      dispatch({ type: "turned", conversation });
      followLast(conversation);
      latest.current.options.onKept(conversation.id);
    },
    [followLast],
  );
  const turnTo = useCallback(
    (version: string) => {
      const { conversations, onProblem } = latest.current.options;
      if (shown.current === null) return;
      turned(conversations.showTurn(shown.current, version)).catch(onProblem);
    },
    [turned],
  );
  const remove = useCallback(
    (exchange: Exchange) => {
      const { conversations, onProblem, onRemoved } = latest.current.options;
      const [id, removed] = [shown.current, exchange.turn];
      if (id === null || removed === null) return;
      const gone = conversations.removeTurn(id, removed).then(() => conversations.get(id));
      turned(gone)
        .then(() => onRemoved(exchange, () => turned(conversations.restoreTurn(id, removed))))
        .catch(onProblem);
    },
    [turned],
  );
  return useMemo(
    () => ({ state, ask: start, stop, show, reopen, turnTo, remove }),
    [state, start, stop, show, reopen, turnTo, remove],
  );
}

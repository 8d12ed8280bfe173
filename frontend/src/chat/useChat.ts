import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ask, follow, stopAnswer } from "../api/ask";
import { isGone, type Client } from "../api/client";
import type { ConversationCalls } from "../api/conversations";
import type { AnswerEvent, AskRequest, Conversation } from "../api/types";
import { scopeBody, type ScopeItem } from "../state/scope";
import {
  chatReducer,
  emptyChat,
  replacedTurn,
  type ChatAction,
  type ChatState,
  type Exchange,
} from "../state/chat";

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
  /** The server keeps this conversation, and has just added to it; `shown`: it is looked at. */
  onKept: (conversation: string, shown: boolean) => void;
  /** A kept conversation was opened; it may be of another knowledge base. */
  onOpened: (kb: string) => void;
  /** An exchange was removed; `undo` brings it back. */
  onRemoved: (exchange: Exchange, undo: () => Promise<void>) => void;
  /** Something that was asked of the server did not happen. */
  onProblem: (error: unknown) => void;
}

/** A turn on the server. */
interface Place {
  conversation: string;
  id: string;
}

/** An answer that is listened to. */
interface Listening {
  /** The exchange that its events belong to. */
  id: string;
  controller: AbortController;
  /** Which view of the chat it was begun in; see `view`. */
  view: number;
  /** Where its turn is kept, once the server has said so. */
  place: Place | null;
  stopped: boolean;
  /** Resolves when the place is known, or when there will be none. */
  placed: Promise<void>;
}

/** If it can't be reached, the answer goes on there, and is found when the conversation is read. */
async function stopTurn(client: Client, { conversation, id }: Place): Promise<void> {
  await stopAnswer(client, conversation, id).catch(() => undefined);
}

/** The running conversation: one question at a time, each asked exactly once. */
export function useChat(options: Options): Chat {
  const [state, setState] = useState(emptyChat);
  // Read when asking: the state with the actions that no render has shown yet.
  const now = useRef(emptyChat);
  const dispatch = useCallback((action: ChatAction) => {
    now.current = chatReducer(now.current, action);
    setState(now.current);
  }, []);
  // Read when asking, so that the functions stay the same while tokens come in.
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const running = useRef<Listening | null>(null);
  // The conversation that is shown, and how often another one was turned to.
  const shown = useRef<string | null>(null);
  const view = useRef(0);

  /**
   * No more listening. Before the server has said where it keeps the question it may not have read
   * it: until then the connection stays.
   */
  const leave = useCallback(() => {
    if (running.current?.place) running.current.controller.abort();
    running.current = null;
  }, []);
  useEffect(() => leave, [leave]);

  /** A new listener in place of the one before. */
  const listen = useCallback(
    (id: string, place: Place | null, begin: (signal: AbortSignal) => AsyncGenerator<AnswerEvent>) => {
      leave();
      const controller = new AbortController();
      const { signal } = controller;
      let settle = () => {};
      const placed = new Promise<void>((resolve) => (settle = resolve));
      const own: Listening = { id, controller, view: view.current, place, stopped: false, placed };
      running.current = own;
      const kept = (conversation: string) => {
        const isShown = own.view === view.current;
        if (isShown) shown.current ??= conversation;
        latest.current.onKept(conversation, isShown);
      };
      const hear = async () => {
        for await (const event of begin(signal)) {
          dispatch({ type: "event", id, event });
          if (signal.aborted) continue;
          if (event.type === "asked") {
            const { client } = latest.current;
            own.place = { conversation: event.conversation_id, id: event.turn_id };
            // Its address at once, so that a reload finds the answer that is under way.
            kept(event.conversation_id);
            settle();
            if (own.stopped) await stopTurn(client, own.place);
            if (running.current !== own || own.stopped) controller.abort();
          }
          if (event.type === "done" && event.answer.conversation_id !== null)
            kept(event.answer.conversation_id);
        }
      };
      void hear().finally(settle);
    },
    [dispatch, leave],
  );
  const followLast = useCallback(
    ({ id, turns }: Conversation) => {
      const last = turns.at(-1);
      if (last?.status !== "running") return;
      const { client } = latest.current;
      listen(last.id, { conversation: id, id: last.id }, (signal) => follow(client, id, last.id, signal));
    },
    [listen],
  );
  const start = useCallback(
    (question: string, scope: ScopeItem[], replaces: string | null) => {
      const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      const { client, kb } = latest.current;
      const [before, asked, at] = [running.current, view.current, shown.current];
      const position = replacedTurn(now.current, replaces);
      async function* events(signal: AbortSignal): AsyncGenerator<AnswerEvent> {
        // One that was stopped at once may not have its place yet: this one comes after it.
        if (before?.view === asked) await before.placed;
        const conversation = at ?? before?.place?.conversation ?? null;
        const body: AskRequest = {
          question,
          kb: conversation === null ? kb : null, // a kept conversation has its own
          conversation_id: conversation ?? "new",
          position: asked === view.current ? replacedTurn(now.current, null) : position,
          ...(scope.length > 0 ? { filter: { scope: scopeBody(scope) } } : {}),
        };
        yield* ask(client, body, signal);
      }
      dispatch({ type: "asked", id, question, scope, replaces });
      listen(id, null, events);
    },
    [dispatch, listen],
  );
  const stop = useCallback(() => {
    const { current: own } = running;
    if (own === null) return;
    own.stopped = true;
    // Leaving the stream does not stop an answer: only this does.
    if (own.place === null) dispatch({ type: "event", id: own.id, event: { type: "stopped" } });
    else {
      void stopTurn(latest.current.client, own.place);
      own.controller.abort();
    }
  }, [dispatch]);
  const open = useCallback(
    (id: string) => {
      dispatch({ type: "opening", conversation: id });
      latest.current.conversations.get(id).then(
        (conversation) => {
          dispatch({ type: "opened", conversation });
          if (shown.current !== id) return;
          followLast(conversation);
          latest.current.onOpened(conversation.kb);
        },
        (error: unknown) => {
          dispatch({ type: "unopened", conversation: id, error });
          // What is asked in place of one that is gone begins a new one.
          if (isGone(error) && shown.current === id) shown.current = null;
        },
      );
    },
    [dispatch, followLast],
  );
  const show = useCallback(
    (conversation: string | null) => {
      if (conversation !== null && conversation === shown.current) return;
      leave();
      shown.current = conversation;
      view.current += 1;
      if (conversation === null) dispatch({ type: "cleared" });
      else open(conversation);
    },
    [dispatch, leave, open],
  );
  const reopen = useCallback(() => {
    if (shown.current !== null) open(shown.current);
  }, [open]);

  /** What is shown now, after a change on the server; nothing if another one is shown by then. */
  const turned = useCallback(
    async (change: Promise<Conversation>) => {
      const conversation = await change;
      if (shown.current !== conversation.id) return;
      leave();
      dispatch({ type: "turned", conversation });
      followLast(conversation);
      latest.current.onKept(conversation.id, true);
    },
    [dispatch, followLast, leave],
  );
  const turnTo = useCallback(
    (version: string) => {
      const { conversations, onProblem } = latest.current;
      if (shown.current === null) return;
      turned(conversations.showTurn(shown.current, version)).catch(onProblem);
    },
    [turned],
  );
  const remove = useCallback(
    (exchange: Exchange) => {
      const { conversations, onProblem, onRemoved } = latest.current;
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

import { useCallback, useEffect, useReducer, useRef } from "react";
import { ask } from "../api/ask";
import type { Client } from "../api/client";
import { before, chatReducer, emptyChat, historyOf, type ChatState } from "../state/chat";

export interface Chat {
  state: ChatState;
  /** Asks; `replaces` names the exchange whose place the question takes, if any. */
  ask: (question: string, replaces: string | null) => void;
  stop: () => void;
  clear: () => void;
}

/** The running conversation: one question at a time, each asked exactly once. */
export function useChat(client: Client, kb: string | null): Chat {
  const [state, dispatch] = useReducer(chatReducer, emptyChat);
  // Read when asking, so that `ask` stays the same function while tokens come in.
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  }, [state]);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = useCallback(
    (question: string, replaces: string | null) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      const messages = historyOf(before(latest.current, replaces));
      dispatch({ type: "asked", id, question, replaces });
      void (async () => {
        for await (const event of ask(client, { question, kb, messages }, controller.signal)) {
          dispatch({ type: "event", id, event });
        }
      })();
    },
    [client, kb],
  );
  const stop = useCallback(() => running.current?.abort(), []);
  const clear = useCallback(() => {
    running.current?.abort();
    dispatch({ type: "opened", exchanges: [] });
  }, []);
  return { state, ask: start, stop, clear };
}

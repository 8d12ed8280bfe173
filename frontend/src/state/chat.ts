import type { Turn } from "../api/types";
import { answerReducer, askedNow, isUnderWay, type AnswerEvent, type AnswerState } from "./answer";

/** A question and its answer. */
export interface Exchange {
  id: string;
  question: string;
  answer: AnswerState;
}

export interface ChatState {
  exchanges: Exchange[];
}

export type ChatAction =
  | { type: "asked"; id: string; question: string; replaces: string | null }
  | { type: "event"; id: string; event: AnswerEvent }
  | { type: "opened"; exchanges: Exchange[] };

export const emptyChat: ChatState = { exchanges: [] };

export function chatReducer(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "asked": {
      const exchange = { id: action.id, question: action.question, answer: askedNow };
      return { exchanges: [...before(state, action.replaces), exchange] };
    }
    case "event":
      return {
        exchanges: state.exchanges.map((exchange) =>
          exchange.id === action.id
            ? { ...exchange, answer: answerReducer(exchange.answer, action.event) }
            : exchange,
        ),
      };
    case "opened":
      return { exchanges: action.exchanges };
  }
}

/** The exchanges that stay when `replaced` is asked anew: those before it. */
export function before(state: ChatState, replaced: string | null): Exchange[] {
  const at = state.exchanges.findIndex((exchange) => exchange.id === replaced);
  return at < 0 ? state.exchanges : state.exchanges.slice(0, at);
}

/** What a follow-up builds on: the exchanges that came to an answer. */
export function historyOf(exchanges: Exchange[]): Turn[] {
  return exchanges.flatMap(({ question, answer }) =>
    answer.answer
      ? [
          { role: "user" as const, content: question },
          { role: "assistant" as const, content: answer.answer.answer },
        ]
      : [],
  );
}

export function isAnswering(state: ChatState): boolean {
  return state.exchanges.some((exchange) => isUnderWay(exchange.answer));
}

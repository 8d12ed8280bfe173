import type { AnswerEvent, Conversation, Judged } from "../api/types";
import { scopeItems, type ScopeItem } from "./scope";
import { answerReducer, askedNow, finished, isUnderWay, type AnswerState } from "./answer";

/** A question and its answer. */
export interface Exchange {
  /** The turn's id; of one that was asked in this page, and that the page named itself, another. */
  id: string;
  question: string;
  answer: AnswerState;
  /** What it was asked about; empty: everything. */
  scope: ScopeItem[];
  /** The turn's place on the server; null: it is not there, or not yet. */
  position: number | null;
  /** The turn on the server, and all versions in its place, the oldest first. */
  turn: string | null;
  versions: string[];
  /** What was thought of it when it was read from the server. */
  feedback: Judged | null;
}

export interface ChatState {
  /** The server's id of the conversation shown; null: one that has not begun. */
  conversation: string | null;
  exchanges: Exchange[];
  /** How many turns the server keeps: a turn is kept as soon as it is asked. */
  kept: number;
  /** Set while a kept conversation is fetched, and when that failed. */
  opening: { error: unknown } | null;
}

export type ChatAction =
  | { type: "asked"; id: string; question: string; scope: ScopeItem[]; replaces: string | null }
  | { type: "event"; id: string; event: AnswerEvent }
  | { type: "cleared" }
  | { type: "opening"; conversation: string }
  | { type: "opened"; conversation: Conversation }
  /** Other versions of the conversation that is shown, or fewer or more of its turns. */
  | { type: "turned"; conversation: Conversation }
  | { type: "unopened"; conversation: string; error: unknown };

export const emptyChat: ChatState = {
  conversation: null,
  exchanges: [],
  kept: 0,
  opening: null,
};

export function chatReducer(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "asked": {
      const { id, question, scope, replaces } = action;
      const replaced = state.exchanges.find((exchange) => exchange.id === replaces);
      const versions = replaced?.versions ?? [];
      const exchange = {
        id,
        question,
        scope,
        answer: askedNow,
        position: null,
        turn: null,
        versions,
        feedback: null,
      };
      const exchanges = [...before(state, replaces), exchange];
      return { ...state, exchanges, opening: null };
    }
    case "event": {
      if (!state.exchanges.some(({ id }) => id === action.id)) return state; // of one that is left
      const exchanges = state.exchanges.map((exchange) =>
        exchange.id === action.id
          ? {
              ...exchange,
              ...placeOf(exchange, action.event),
              answer: answerReducer(exchange.answer, action.event),
            }
          : exchange,
      );
      return { ...state, ...keptBy(action.event), exchanges };
    }
    case "cleared":
      return emptyChat;
    case "opening":
      return { ...emptyChat, conversation: action.conversation, opening: { error: null } };
    case "opened": {
      if (state.opening === null || action.conversation.id !== state.conversation) return state; // a late one
      return opened(action.conversation);
    }
    case "turned":
      return action.conversation.id === state.conversation ? opened(action.conversation) : state;
    case "unopened":
      if (state.opening === null || action.conversation !== state.conversation) return state;
      return { ...state, opening: { error: action.error } };
  }
}

function opened({ id, turns }: Conversation): ChatState {
  return {
    conversation: id,
    exchanges: turns.map(exchangeOf),
    kept: turns.length,
    opening: null,
  };
}

function placeOf(exchange: Exchange, event: AnswerEvent): Partial<Exchange> {
  const place = event.type === "asked" ? event : event.type === "done" ? event.answer : null;
  const turn = place?.turn_id ?? null;
  if (turn === null || turn === exchange.turn) return {};
  return { turn, position: place?.position ?? null, versions: [...exchange.versions, turn] };
}

/** A turn says where it is kept: a new conversation gets its id with its first one. */
function keptBy(event: AnswerEvent): Partial<ChatState> {
  if (event.type === "asked") return { conversation: event.conversation_id, kept: event.position + 1 };
  if (event.type !== "done") return {};
  const { conversation_id: conversation, position } = event.answer;
  return conversation === null || position === null ? {} : { conversation, kept: position + 1 };
}

/** What is kept of an answer may be beyond reading; the server says so. */
function keptAnswer(turn: Conversation["turns"][number]): AnswerState {
  if (turn.status === "running") return askedNow;
  if (turn.answer !== null) return finished(turn.answer);
  if (turn.status === "stopped") return { ...askedNow, phase: "stopped" };
  const failure = turn.problem && { kind: "server" as const, error: turn.problem };
  return { ...askedNow, phase: "failed", failure };
}

function exchangeOf(turn: Conversation["turns"][number]): Exchange {
  const { id, position, question, versions, feedback } = turn;
  const scope = scopeItems(turn.filter.scope ?? {});
  return { id, turn: id, question, scope, position, versions, feedback, answer: keptAnswer(turn) };
}

/** The exchanges that stay when `replaced` is asked anew: those before it. */
export function before(state: ChatState, replaced: string | null): Exchange[] {
  const at = state.exchanges.findIndex((exchange) => exchange.id === replaced);
  return at < 0 ? state.exchanges : state.exchanges.slice(0, at);
}

/**
 * The turn on the server whose place the question takes, and that of all after it; null: none.
 * The server keeps the turns that are replaced, as another version.
 */
export function replacedTurn(state: ChatState, replaced: string | null): number | null {
  const positions = before(state, replaced).map(({ position }) => position ?? -1);
  const next = Math.max(-1, ...positions) + 1;
  return next < state.kept ? next : null;
}

export function isAnswering(state: ChatState): boolean {
  return state.exchanges.some((exchange) => isUnderWay(exchange.answer));
}

/** How an exchange is named where a reload must find it again. */
export function keptName(exchange: Exchange): string {
  return exchange.turn ?? exchange.id;
}

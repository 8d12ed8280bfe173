import type { Answer, AnswerEvent, Citation, Failure, Passage, Stage } from "../api/types";

/**
 * One answer on its way, as the view shows it: a pure function of the events so far.
 *
 * `done`, `stopped` and `failed` are final: later events change nothing, so a late piece of
 * an aborted stream cannot bring an answer back to life.
 */
export interface AnswerState {
  phase: "retrieving" | "writing" | "done" | "stopped" | "failed";
  /** How many answers come first, 1: one; null: it is being worked on. */
  place: number | null;
  stage: Stage | null;
  /** The sentences that the answer will stand on, best first, there before it is written. */
  evidence: Citation[];
  retrieved: Passage[];
  standaloneQuestion: string | null;
  thoughts: string;
  draft: string; // what `answer` replaces: tokens as they came
  citations: Citation[];
  answer: Answer | null;
  failure: Failure | null;
}

export const askedNow: AnswerState = {
  phase: "retrieving",
  place: null,
  stage: null,
  evidence: [],
  retrieved: [],
  standaloneQuestion: null,
  thoughts: "",
  draft: "",
  citations: [],
  answer: null,
  failure: null,
};

export function answerReducer(state: AnswerState, event: AnswerEvent): AnswerState {
  if (!isUnderWay(state)) return state;
  switch (event.type) {
    case "asked":
      return state; // where it is kept is the conversation's matter
    case "queued":
      return { ...state, place: event.place };
    case "stage":
      return { ...state, place: null, stage: event };
    case "evidence":
      return { ...state, evidence: event.evidence };
    case "retrieved":
      return {
        ...state,
        phase: "writing",
        retrieved: event.retrieved,
        standaloneQuestion: event.standalone_question,
      };
    case "thought":
      return { ...state, phase: "writing", thoughts: state.thoughts + event.text };
    case "token":
      return { ...state, phase: "writing", draft: state.draft + event.text };
    case "citations":
      return { ...state, citations: event.citations };
    case "done":
      return finished(event.answer);
    case "error":
      return { ...state, phase: "failed", failure: { kind: "server", error: event.error } };
    case "stopped":
      return { ...state, phase: "stopped" };
    case "failed":
      return { ...state, phase: "failed", failure: event.failure };
  }
}

/** The state of an answer that is there in whole, for one read back from the server too. */
export function finished(answer: Answer): AnswerState {
  return {
    phase: "done",
    place: null,
    stage: null,
    evidence: answer.evidence,
    retrieved: answer.retrieved,
    standaloneQuestion: answer.standalone_question,
    thoughts: answer.thoughts,
    draft: answer.answer,
    citations: answer.citations,
    answer,
    failure: null,
  };
}

export function isUnderWay(state: AnswerState): boolean {
  return state.phase === "retrieving" || state.phase === "writing";
}

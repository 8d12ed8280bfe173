import { createContext, useContext } from "react";
import type { Citation, Passage } from "../api/types";

/** What the marks in an answer's text refer to. */
export interface AnswerContextValue {
  citations: Citation[];
  retrieved: Passage[];
  /** Citations have not come yet: a marker may still turn out to have none. */
  pending: boolean;
  open: (citation: Citation) => void;
}

export const AnswerContext = createContext<AnswerContextValue>({
  citations: [],
  retrieved: [],
  pending: false,
  open: () => undefined,
});

export function useAnswerContext(): AnswerContextValue {
  return useContext(AnswerContext);
}

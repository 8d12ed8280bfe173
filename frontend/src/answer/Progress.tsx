import { useEffect, useState } from "react";
import type { Messages } from "../i18n/en";
import { useMessages } from "../i18n/language";
import type { AnswerState } from "../state/answer";
import styles from "./answer.module.css";

const NAMED = 3; // documents, best first
const SHOWN_FROM = 2; // seconds: what takes no longer needs no clock

/** What is being done for an answer that is not whole yet, and for how long. */
export function Progress({ state }: { state: AnswerState }) {
  const messages = useMessages();
  const seconds = useSeconds();
  return (
    <p className={styles.progress}>
      <span className="pulse" />
      <span>{progressOf(state, messages)}</span>
      {seconds >= SHOWN_FROM && (
        // A clock that is read out each second would say nothing else.
        <span className={styles.elapsed} aria-hidden="true">
          {messages.answer.seconds(String(seconds))}
        </span>
      )}
    </p>
  );
}

/** In words; the first passages' documents are named once the reader has them. */
export function progressOf(state: AnswerState, { answer }: Messages): string {
  if (state.place !== null) return answer.queued(state.place);
  if (state.stage === null) {
    return state.phase === "retrieving" ? answer.retrieving : answer.writing;
  }
  const { stage, detail = "" } = state.stage;
  if (stage === "read" && state.retrieved.length > 0) {
    const titles = [...new Set(state.retrieved.map((passage) => passage.title))];
    return answer.reading(titles.slice(0, NAMED));
  }
  return stage === "search_again" ? answer.searchingAgain(detail) : answer.stages[stage];
}

function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const started = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - started) / 1000)), 1000);
    return () => clearInterval(timer);
  }, []);
  return seconds;
}

import { useMemo } from "react";
import type { Citation, Judged, Passage } from "../api/types";
import { useMessages } from "../i18n/language";
import { Markdown } from "../markdown/Markdown";
import { useSettings } from "../state/settings";
import { MARKS } from "./marks";
import { isUnderWay, type AnswerState } from "../state/answer";
import { AnswerFoot } from "./AnswerFoot";
import { AnswerContext } from "./context";
import { EvidenceList } from "./EvidenceList";
import { FailureNotice } from "./FailureNotice";
import { FoundSentences } from "./FoundSentences";
import { Progress } from "./Progress";
import { RefusalNotice } from "./RefusalNotice";
import { spansOf } from "./spans";
import styles from "./answer.module.css";

export interface AnswerActions {
  open: (citations: Citation[], at: Citation) => void;
  openPassage: (passage: Passage) => void;
  again: () => void;
  edit: () => void;
  /** Asks the same about the whole knowledge base. */
  everywhere: () => void;
  /** null: it is not kept on the server, so there is nothing to remove. */
  remove: (() => void) | null;
  openLibrary: (() => void) | null;
}

interface Props {
  question: string;
  state: AnswerState;
  /** Only a part of the knowledge base was asked about. */
  limited: boolean;
  judged: Judged | null;
  actions: AnswerActions;
}

export function AnswerView({ question, state, limited, judged, actions }: Props) {
  const messages = useMessages();
  const { shown } = useSettings();
  const { answer, citations, retrieved } = state;
  const underWay = isUnderWay(state);
  const { open } = actions;
  const context = useMemo(
    () => ({
      citations,
      retrieved,
      pending: underWay,
      open: (citation: Citation) => open(citations, citation),
    }),
    [citations, retrieved, underWay, open],
  );
  const spans = useMemo(() => (answer ? spansOf(answer) : undefined), [answer]);
  const refusal = answer?.refusal ?? null;

  return (
    <div
      className={styles.answer}
      data-part="answer"
      role="group"
      aria-label={messages.answer.answer}
      aria-busy={underWay}
      lang={answer ? (answer.language === "zh" ? "zh-CN" : "en") : undefined}
    >
      {state.standaloneQuestion !== null && (
        <p className={styles.standalone}>
          <span>{messages.answer.standalone}</span> {state.standaloneQuestion}
        </p>
      )}
      {state.thoughts !== "" && (
        <details className={styles.thoughts} data-part="thoughts">
          <summary>{messages.answer.thoughts}</summary>
          <p>{state.thoughts}</p>
        </details>
      )}
      {underWay && <Progress state={state} />}
      {refusal ? (
        <RefusalNotice
          refusal={refusal}
          retrieved={retrieved}
          rephrase={actions.edit}
          everywhere={limited ? actions.everywhere : null}
          openLibrary={actions.openLibrary}
        />
      ) : (
        state.draft !== "" && (
          <AnswerContext value={context}>
            <Markdown text={state.draft} marks={MARKS} {...(spans ? { spans } : {})} />
          </AnswerContext>
        )
      )}
      {underWay && state.evidence.length > 0 && (
        <FoundSentences evidence={state.evidence} retrieved={retrieved} open={actions.open} />
      )}
      {spans && !refusal && <Legend kinds={spans.map((span) => span.kind)} />}
      {answer?.kind === "curated" && <p className={styles.legend}>{messages.answer.curated}</p>}
      {answer !== null && answer.left_out > 0 && shown.leftOut && !refusal && (
        <p className={styles.legend}>{messages.answer.leftOut(answer.left_out)}</p>
      )}
      {state.phase === "stopped" && <p className={styles.stopped}>{messages.answer.stopped}</p>}
      {state.failure && (
        <FailureNotice failure={state.failure} kept={state.draft !== ""} retry={actions.again} />
      )}
      {!underWay && (
        <EvidenceList
          citations={citations}
          retrieved={retrieved}
          open={context.open}
          openPassage={actions.openPassage}
          refused={refusal !== null}
        />
      )}
      {answer?.not_kept && (
        <p className={styles.legend}>
          {messages.answer.notKept} {answer.not_kept.message} {answer.not_kept.hint}
        </p>
      )}
      {!underWay && <AnswerFoot question={question} state={state} judged={judged} actions={actions} />}
    </div>
  );
}

function Legend({ kinds }: { kinds: string[] }) {
  const { answer } = useMessages();
  return (
    <>
      {kinds.includes("unsupported") && <p className={styles.legend}>{answer.legendUnsupported}</p>}
      {kinds.includes("unverified-quote") && <p className={styles.legend}>{answer.legendQuote}</p>}
    </>
  );
}

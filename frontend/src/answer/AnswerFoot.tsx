import type { ReactNode } from "react";
import type { Answer, Judged } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { EditIcon, RetryIcon, TrashIcon } from "../components/icons";
import { SaveMenu } from "../export/SaveMenu";
import { useMessages } from "../i18n/language";
import { answerText } from "../export/markdown";
import { save } from "../export/save";
import { useSettings } from "../state/settings";
import type { AnswerState } from "../state/answer";
import { AnswerDetails } from "./AnswerDetails";
import type { AnswerActions } from "./AnswerView";
import { FeedbackForm, Thumbs, useFeedback } from "./Feedback";
import styles from "./answer.module.css";

interface Props {
  question: string;
  state: AnswerState;
  judged: Judged | null;
  actions: AnswerActions;
}

/** What can be done with an answer, and who gave it; one that is not whole cannot be judged. */
export function AnswerFoot({ question, state, judged, actions }: Props) {
  const messages = useMessages();
  const { answer } = state;
  const texts = messages.export;
  const buttons = (
    <>
      {state.draft !== "" && (
        <>
          <CopyButton text={() => answerText(question, state, texts)} label={messages.answer.copy} />
          <SaveMenu
            label={messages.answer.download}
            save={(format) => save([{ question, answer: state }], format, texts)}
          />
        </>
      )}
      <FootButton label={messages.answer.regenerate} onClick={actions.again}>
        <RetryIcon />
      </FootButton>
      <FootButton label={messages.answer.edit} onClick={actions.edit}>
        <EditIcon />
      </FootButton>
      {actions.remove && (
        <FootButton label={messages.answer.remove} onClick={actions.remove}>
          <TrashIcon />
        </FootButton>
      )}
    </>
  );
  return answer ? (
    <JudgedFoot question={question} answer={answer} judged={judged} buttons={buttons} />
  ) : (
    <div className={styles.answerActions} data-part="answer-actions">
      {buttons}
    </div>
  );
}

function JudgedFoot(props: { question: string; answer: Answer; judged: Judged | null; buttons: ReactNode }) {
  const { shown } = useSettings();
  const feedback = useFeedback(props.question, props.answer, props.judged);
  return (
    <>
      <div className={styles.answerFoot} data-part="answer-foot">
        <div className={styles.answerActions} data-part="answer-actions">
          {props.buttons}
          <Thumbs feedback={feedback} />
        </div>
        {shown.models && <AnswerDetails answer={props.answer} />}
      </div>
      <FeedbackForm feedback={feedback} />
    </>
  );
}

function FootButton(props: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      className="quiet-button"
      title={props.label}
      aria-label={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

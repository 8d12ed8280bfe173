import { useState } from "react";
import type { Answer, FeedbackReason, Judged } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { ThumbDownIcon, ThumbUpIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import styles from "./feedback.module.css";

type Judgement = { helpful: boolean; reason: FeedbackReason; comment: string };

/** The judgement of an answer, kept with it: seen, changed and withdrawn. */
export function useFeedback(question: string, answer: Answer, kept: Judged | null) {
  const { sendFeedback, withdrawFeedback } = useServices();
  const [form, setForm] = useState(false);
  const [given, setGiven] = useState<Judgement | null>(kept && judgementOf(kept));
  const [failed, setFailed] = useState<{ error: unknown; again: () => void } | null>(null);
  const attempt = (what: () => Promise<unknown>, then: Judgement | null) => {
    setFailed(null);
    what().then(
      () => {
        setGiven(then);
        setForm(false);
      },
      (error: unknown) => setFailed({ error, again: () => attempt(what, then) }),
    );
  };
  return {
    form,
    setForm,
    given,
    failed,
    refused: !answer.answered,
    send: (judgement: Judgement) =>
      attempt(() => sendFeedback({ question, answer, ...judgement }), judgement),
    /** null: it cannot be taken back, since the answer is not kept. */
    withdraw:
      answer.turn_id === null || answer.turn_id === undefined
        ? null
        : () => attempt(() => withdrawFeedback(answer.turn_id ?? ""), null),
  };
}

function judgementOf({ helpful, reason, comment }: Judged): Judgement {
  return { helpful, reason: reason as FeedbackReason, comment };
}

export type Feedback = ReturnType<typeof useFeedback>;

/** Pressed is what was said; pressing it again takes it back. */
export function Thumbs({ feedback }: { feedback: Feedback }) {
  const { feedback: texts } = useMessages();
  const { form, given, withdraw } = feedback;
  return (
    <>
      <button
        type="button"
        className={`quiet-button ${styles.thumb}`}
        data-part="thumb"
        aria-label={texts.helpful}
        title={texts.helpful}
        aria-pressed={given?.helpful === true}
        onClick={() =>
          given?.helpful === true ? withdraw?.() : feedback.send({ helpful: true, reason: "", comment: "" })
        }
      >
        <ThumbUpIcon />
      </button>
      <button
        type="button"
        className={`quiet-button ${styles.thumb}`}
        data-part="thumb"
        aria-label={texts.unhelpful}
        title={texts.unhelpful}
        aria-pressed={given?.helpful === false}
        aria-expanded={form}
        onClick={() => feedback.setForm(!form)}
      >
        <ThumbDownIcon />
      </button>
      <span className={styles.feedbackGiven} role="status">
        {given && texts.thanks}
      </span>
    </>
  );
}

/** What is wrong with the answer, asked for after a thumb down. */
export function FeedbackForm({ feedback }: { feedback: Feedback }) {
  const messages = useMessages();
  const { feedback: texts } = messages;
  const said = feedback.given?.helpful === false ? feedback.given : null;
  const [reason, setReason] = useState<FeedbackReason>(said?.reason ?? "");
  const [comment, setComment] = useState(said?.comment ?? "");
  if (feedback.failed) {
    return <ErrorNotice error={feedback.failed.error} retry={feedback.failed.again} />;
  }
  if (!feedback.form) return null;
  const reasons: Exclude<FeedbackReason, "">[] = feedback.refused
    ? ["should_answer", "other"]
    : ["wrong", "incomplete", "wrong_source", "should_refuse", "other"];
  return (
    <form
      className={styles.feedbackForm}
      data-part="feedback-form"
      onSubmit={(event) => {
        event.preventDefault();
        feedback.send({ helpful: false, reason, comment: comment.trim() });
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") feedback.setForm(false);
      }}
    >
      <fieldset>
        <legend>{texts.why}</legend>
        {reasons.map((value, at) => (
          <label key={value} className={styles.choice}>
            <input
              type="radio"
              name="feedback-reason"
              autoFocus={at === 0}
              checked={reason === value}
              onChange={() => setReason(value)}
            />
            {texts.reasons[value]}
          </label>
        ))}
      </fieldset>
      <textarea
        rows={2}
        maxLength={2000}
        aria-label={texts.comment}
        placeholder={texts.comment}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="dialog-actions">
        {said && feedback.withdraw && (
          <button type="button" className="button button-quiet" onClick={feedback.withdraw}>
            {texts.withdraw}
          </button>
        )}
        <button type="button" className="button button-quiet" onClick={() => feedback.setForm(false)}>
          {messages.app.cancel}
        </button>
        <button type="submit" className="button" disabled={reason === "" && comment.trim() === ""}>
          {texts.send}
        </button>
      </div>
    </form>
  );
}

import { useState } from "react";
import type { Answer, FeedbackReason } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { CheckIcon, ThumbDownIcon, ThumbUpIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useServices } from "../shell/services";
import "./feedback.css";

type Judgement = { helpful: boolean; reason: FeedbackReason; comment: string };

/** Judgements of an answer, stored with it: up at once, down with a reason and free text. */
export function useFeedback(question: string, answer: Answer) {
  const { sendFeedback } = useServices();
  const [form, setForm] = useState(false);
  const [given, setGiven] = useState<"up" | "down" | null>(null);
  const [failed, setFailed] = useState<{ error: unknown; judgement: Judgement } | null>(null);
  const send = (judgement: Judgement) => {
    setFailed(null);
    sendFeedback({ question, answer, ...judgement }).then(
      () => {
        setGiven(judgement.helpful ? "up" : "down");
        setForm(false);
      },
      (error: unknown) => setFailed({ error, judgement }),
    );
  };
  return { form, setForm, given, failed, send, refused: !answer.answered };
}

export type Feedback = ReturnType<typeof useFeedback>;

export function Thumbs({ feedback }: { feedback: Feedback }) {
  const { feedback: texts } = useMessages();
  const { form, given } = feedback;
  if (given) {
    return (
      <span className="feedback-given" role="status">
        <CheckIcon />
        {texts.thanks}
      </span>
    );
  }
  return (
    <>
      <button
        type="button"
        className="quiet-button"
        aria-label={texts.helpful}
        title={texts.helpful}
        onClick={() => feedback.send({ helpful: true, reason: "", comment: "" })}
      >
        <ThumbUpIcon />
      </button>
      <button
        type="button"
        className="quiet-button"
        aria-label={texts.unhelpful}
        title={texts.unhelpful}
        aria-expanded={form}
        onClick={() => feedback.setForm(!form)}
      >
        <ThumbDownIcon />
      </button>
    </>
  );
}

/** What is wrong with the answer, asked for after a thumb down. */
export function FeedbackForm({ feedback }: { feedback: Feedback }) {
  const messages = useMessages();
  const { feedback: texts } = messages;
  const [reason, setReason] = useState<FeedbackReason>("");
  const [comment, setComment] = useState("");
  if (feedback.failed) {
    const { error, judgement } = feedback.failed;
    return <ErrorNotice error={error} retry={() => feedback.send(judgement)} />;
  }
  if (!feedback.form) return null;
  const reasons: Exclude<FeedbackReason, "">[] = feedback.refused
    ? ["should_answer", "other"]
    : ["wrong", "incomplete", "wrong_source", "should_refuse", "other"];
  return (
    <form
      className="feedback-form"
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
          <label key={value} className="choice">
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
        <button
          type="button"
          className="button button-quiet"
          onClick={() => feedback.setForm(false)}
        >
          {messages.app.cancel}
        </button>
        <button type="submit" className="button" disabled={reason === "" && comment.trim() === ""}>
          {texts.send}
        </button>
      </div>
    </form>
  );
}

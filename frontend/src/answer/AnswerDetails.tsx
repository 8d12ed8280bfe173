import type { Answer } from "../api/types";
import { useMessages } from "../i18n/language";

/** Who answered, how long it took, and what was left out. */
export function AnswerDetails({ answer }: { answer: Answer }) {
  const { answer: texts } = useMessages();
  const { models, usage, timings_ms: timings } = answer;
  return (
    <p className="answer-details">
      <span>{texts.models(models.chat, models.embedding)}</span>
      <span>{texts.seconds((timings.total / 1000).toFixed(1))}</span>
      {usage.prompt_tokens !== null && usage.completion_tokens !== null && (
        <span>{texts.tokens(usage.prompt_tokens, usage.completion_tokens)}</span>
      )}
      <span title={texts.index}>{models.index}</span>
      {usage.dropped_chunks > 0 && <span>{texts.droppedChunks(usage.dropped_chunks)}</span>}
    </p>
  );
}

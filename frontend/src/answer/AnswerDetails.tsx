import type { Answer } from "../api/types";
import { useMessages } from "../i18n/language";
import styles from "./answer.module.css";

/** Who answered and how long it took; unfolded, with everything there is to know. */
export function AnswerDetails({ answer }: { answer: Answer }) {
  const { answer: texts } = useMessages();
  const { models, usage, timings_ms: timings } = answer;
  const time = texts.seconds((timings.total / 1000).toFixed(1));
  return (
    <div className={styles.answerDetails} data-part="answer-details">
      <details>
        <summary>
          {answer.kind === "written" && answer.answered
            ? texts.models(shortName(models.chat), shortName(models.embedding))
            : texts.foundBy(shortName(models.embedding))}{" "}
          · {time}
        </summary>
        <dl>
          <dt>{texts.chatModel}</dt>
          <dd>{models.chat}</dd>
          <dt>{texts.embeddingModel}</dt>
          <dd>{models.embedding}</dd>
          <dt>{texts.index}</dt>
          <dd>{models.index}</dd>
          {models.gate && (
            <>
              <dt>{texts.gate}</dt>
              <dd>{texts.gates[models.gate]}</dd>
            </>
          )}
          {usage.prompt_tokens !== null && usage.completion_tokens !== null && (
            <>
              <dt>{texts.tokensLabel}</dt>
              <dd>{texts.tokens(usage.prompt_tokens, usage.completion_tokens)}</dd>
            </>
          )}
        </dl>
      </details>
      {usage.dropped_chunks > 0 && <p>{texts.droppedChunks(usage.dropped_chunks)}</p>}
    </div>
  );
}

/** The last part of `provider/organisation/name`. */
function shortName(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1);
}

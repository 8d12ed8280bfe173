import type { Failure } from "../api/types";
import { Hint } from "../components/Hint";
import { WarningIcon } from "../components/icons";
import { sentences } from "../text/sentences";
import { useMessages } from "../i18n/language";
import styles from "./answer.module.css";

interface Props {
  failure: Failure;
  kept: boolean;
  retry: () => void;
}

/** Why an answer did not come to its end, and the offer to ask again. */
export function FailureNotice({ failure, kept, retry }: Props) {
  const messages = useMessages();
  const { message, hint } = textOf(failure, messages.failure);
  return (
    <div className="failure" data-part="failure" role="alert">
      <p className={styles.failureMessage}>
        <WarningIcon />
        <strong>{sentences(message)}</strong>
      </p>
      {hint !== "" && (
        <p>
          <Hint text={hint} />
        </p>
      )}
      {kept && <p>{messages.failure.kept}</p>}
      <button type="button" className="button" onClick={retry}>
        {messages.app.retry}
      </button>
    </div>
  );
}

function textOf(
  failure: Failure,
  texts: { connection: string; connectionHint: string; dropped: string; droppedHint: string },
): { message: string; hint: string } {
  switch (failure.kind) {
    case "server":
      return failure.error;
    case "connection":
      return { message: texts.connection, hint: texts.connectionHint };
    case "dropped":
      return { message: texts.dropped, hint: texts.droppedHint };
  }
}

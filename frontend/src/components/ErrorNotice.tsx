import { ApiError, Unreachable } from "../api/client";
import { useMessages } from "../i18n/language";
import { sentences } from "../text/sentences";
import { Hint } from "./Hint";

/** A failed load: what happened, what to do, and a way to try again. */
export function ErrorNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const messages = useMessages();
  const { message, hint } =
    error instanceof ApiError
      ? error.body
      : error instanceof Unreachable
        ? { message: messages.failure.connection, hint: messages.failure.connectionHint }
        : { message: messages.failure.unexpected, hint: messages.failure.unexpectedHint };
  return (
    <div className="failure" data-part="failure" role="alert">
      <p>
        <strong>{sentences(message)}</strong>
      </p>
      {hint !== "" && (
        <p>
          <Hint text={hint} />
        </p>
      )}
      <button type="button" className="button" onClick={retry}>
        {messages.app.retry}
      </button>
    </div>
  );
}

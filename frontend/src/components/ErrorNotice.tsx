import { ApiError, Unreachable } from "../api/client";
import { useMessages } from "../i18n/language";

/** A failed load: what happened, what to do, and a way to try again. */
export function ErrorNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const messages = useMessages();
  const { message, hint } =
    error instanceof ApiError
      ? error.body
      : error instanceof Unreachable
        ? { message: messages.failure.connection, hint: messages.failure.connectionHint }
        : { message: String(error), hint: "" };
  return (
    <div className="failure" role="alert">
      <p>
        <strong>{message}</strong>
      </p>
      {hint !== "" && <p>{hint}</p>}
      <button type="button" className="button" onClick={retry}>
        {messages.app.retry}
      </button>
    </div>
  );
}

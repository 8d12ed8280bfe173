import { useMessages } from "../i18n/language";

/** What was just removed, for as long as it can be taken back; `text` null: nothing. */
export function UndoToast({ text, undo }: { text: string | null; undo: () => void }) {
  const messages = useMessages();
  return (
    <div className="toast-place" role="status">
      {text !== null && (
        <div className="toast">
          <p>{text}</p>
          <button type="button" className="button" onClick={undo}>
            {messages.app.undo}
          </button>
        </div>
      )}
    </div>
  );
}

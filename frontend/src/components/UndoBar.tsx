import { ApiError } from "../api/client";
import { useMessages } from "../i18n/language";
import { IconButton } from "./IconButton";
import { CloseIcon } from "./icons";
import type { Undo } from "./useUndo";
import styles from "./undo.module.css";

/** Over all views: what was just removed, with the way back; or why something did not happen. */
export function UndoBar({ undo }: { undo: Undo }) {
  const { app, failure } = useMessages();
  const { offered, problem } = undo;
  const text =
    problem === null
      ? offered?.text
      : problem instanceof ApiError
        ? `${problem.body.message} ${problem.body.hint}`
        : failure.connection;
  return (
    <div className={styles.undoBar} data-part="undo-bar" role="status">
      {text !== undefined && (
        <div className={styles.toast} data-part="toast">
          <p>{text}</p>
          {problem === null && (
            <button type="button" className="button" onClick={undo.undo}>
              {app.undo}
            </button>
          )}
          <IconButton label={app.close} onClick={undo.dismiss}>
            <CloseIcon />
          </IconButton>
        </div>
      )}
    </div>
  );
}

import { IconButton } from "../components/IconButton";
import { CheckIcon, CloseIcon, RetryIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import type { Messages } from "../i18n/en";
import { isSettled, type Upload, type UploadFailure } from "../state/uploads";
import { sentences } from "../text/sentences";
import { formatSize } from "./format";
import type { Uploads } from "./useUploads";
import styles from "./uploads.module.css";

const SHOWN = 30; // a dropped folder may hold thousands

interface Props {
  uploads: Uploads;
  /** Documents whose failures are told elsewhere on the page. */
  elsewhere: string[];
}

/** The files on their way, each with how far it is or why it did not get in. */
export function UploadList({ uploads, elsewhere }: Props) {
  const { upload: texts } = useMessages();
  if (uploads.list.length === 0) return null;
  const of = (phase: Upload["phase"]) => uploads.list.filter((upload) => upload.phase === phase);
  const conflicts = of("conflict");
  // First what asks for something, last what is over.
  const order: Upload["phase"][] = ["conflict", "failed", "sending", "working", "waiting"];
  const sorted = [...order, "cancelled" as const, "done" as const].flatMap(of);
  const told = ({ phase, documentId }: Upload) =>
    phase === "failed" && documentId !== null && elsewhere.includes(documentId);
  const untold = (uploads.list.length > SHOWN ? sorted : uploads.list).filter((upload) => !told(upload));
  const shown = untold.slice(0, SHOWN);
  return (
    <section className={styles.uploads} aria-label={texts.title}>
      <div className={styles.uploadsHead}>
        <h3>{texts.title}</h3>
        <span className={styles.uploadsCount} role="status">
          {texts.summary(of("done").length, of("failed").length, uploads.list.length)}
        </span>
        {uploads.list.some(isSettled) && (
          <button type="button" className="link-button" onClick={uploads.clear}>
            {texts.clear}
          </button>
        )}
      </div>
      {conflicts.length > 1 && (
        <div className={styles.uploadsConflicts}>
          <p>{texts.conflicts(conflicts.length)}</p>
          <button
            type="button"
            className="button button-quiet"
            onClick={() => uploads.settle(conflicts, "keep_both")}
          >
            {texts.keepAll}
          </button>
          <button
            type="button"
            className="button button-quiet"
            onClick={() => uploads.settle(conflicts, "replace")}
          >
            {texts.replaceAll}
          </button>
          <button
            type="button"
            className="button button-quiet"
            onClick={() => conflicts.forEach(uploads.cancel)}
          >
            {texts.skipAll}
          </button>
        </div>
      )}
      {shown.length > 0 && (
        <ul>
          {shown.map((upload) => (
            <li key={upload.id} className={styles.upload} data-part="upload" data-phase={upload.phase}>
              <UploadRow upload={upload} uploads={uploads} />
            </li>
          ))}
        </ul>
      )}
      {shown.length < untold.length && (
        <p className={styles.uploadsCount}>{texts.more(untold.length - shown.length)}</p>
      )}
    </section>
  );
}

function UploadRow({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const messages = useMessages();
  const { upload: texts, locale } = messages;
  const again = upload.phase === "failed" || upload.phase === "cancelled";
  return (
    <>
      <div className={styles.uploadLine}>
        <span className={styles.uploadName}>{upload.name}</span>
        {upload.calledAs !== null && (
          <span className={styles.uploadSize}>{texts.renamed(upload.calledAs)}</span>
        )}
        {upload.size > 0 && <span className={styles.uploadSize}>{formatSize(upload.size, locale)}</span>}
        <span className={styles.uploadPhase}>
          {upload.phase === "done" && <CheckIcon />}
          {phaseText(upload, messages)}
        </span>
        {again && (
          <IconButton label={texts.retry(upload.name)} onClick={() => uploads.retry(upload)}>
            <RetryIcon />
          </IconButton>
        )}
        {!isSettled(upload) && !upload.cancelling && (
          <IconButton label={texts.cancel(upload.name)} onClick={() => uploads.cancel(upload)}>
            <CloseIcon />
          </IconButton>
        )}
      </div>
      {(upload.phase === "sending" || upload.phase === "working") && (
        <progress value={upload.progress} max={1} aria-label={texts.progress(upload.name)} />
      )}
      {upload.phase === "conflict" && (
        <div className={styles.uploadQuestion}>
          <p>{texts.conflict}</p>
          <button
            type="button"
            className="button"
            aria-label={texts.keepBothLabel(upload.name)}
            onClick={() => uploads.settle([upload], "keep_both")}
          >
            {texts.keepBoth}
          </button>
          <button
            type="button"
            className="button button-quiet"
            aria-label={texts.replaceLabel(upload.name)}
            onClick={() => uploads.settle([upload], "replace")}
          >
            {texts.replace}
          </button>
        </div>
      )}
      {upload.failure && <p className={styles.uploadReason}>{reasonText(upload.failure, messages)}</p>}
    </>
  );
}

function reasonText(failure: UploadFailure, { failure: texts }: Messages): string {
  return failure.kind === "server"
    ? sentences(failure.error.message, failure.error.hint)
    : sentences(texts.connection, texts.connectionHint);
}

function phaseText(upload: Upload, { upload: texts }: Messages): string {
  if (upload.phase === "done" && upload.unchanged) return texts.unchanged;
  if (upload.phase !== "working") return texts.phases[upload.phase];
  return upload.cancelling ? texts.cancelling : texts.stages[upload.stage];
}

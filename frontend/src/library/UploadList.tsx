import { CheckIcon, CloseIcon, RetryIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import type { Messages } from "../i18n/en";
import { isSettled, type Upload, type UploadFailure } from "../state/uploads";
import { formatSize } from "./format";
import type { Uploads } from "./useUploads";
import "./uploads.css";

/** The files on their way, each with how far it is or why it did not get in. */
export function UploadList({ uploads }: { uploads: Uploads }) {
  const { upload: texts } = useMessages();
  if (uploads.list.length === 0) return null;
  return (
    <section className="uploads" aria-label={texts.title}>
      <div className="uploads-head">
        <h3>{texts.title}</h3>
        {uploads.list.some(isSettled) && (
          <button type="button" className="link-button" onClick={uploads.clear}>
            {texts.clear}
          </button>
        )}
      </div>
      <ul>
        {uploads.list.map((upload) => (
          <li key={upload.id} className={`upload upload-${upload.phase}`}>
            <UploadRow upload={upload} uploads={uploads} />
          </li>
        ))}
      </ul>
      <p className="visually-hidden" role="status">
        {texts.summary(
          uploads.list.filter(({ phase }) => phase === "done").length,
          uploads.list.filter(({ phase }) => phase === "failed").length,
          uploads.list.length,
        )}
      </p>
    </section>
  );
}

function UploadRow({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const messages = useMessages();
  const { upload: texts, locale } = messages;
  const folder = upload.failure?.kind === "folder";
  const again = (upload.phase === "failed" && !folder) || upload.phase === "cancelled";
  return (
    <>
      <div className="upload-line">
        <span className="upload-name">{upload.name}</span>
        {!folder && <span className="upload-size">{formatSize(upload.size, locale)}</span>}
        <span className="upload-phase">
          {upload.phase === "done" && <CheckIcon />}
          {phaseText(upload, messages)}
        </span>
        {again && (
          <button
            type="button"
            className="icon-button"
            aria-label={texts.retry(upload.name)}
            title={texts.retry(upload.name)}
            onClick={() => uploads.retry(upload)}
          >
            <RetryIcon />
          </button>
        )}
        {!isSettled(upload) && !upload.cancelling && (
          <button
            type="button"
            className="icon-button"
            aria-label={texts.cancel(upload.name)}
            title={texts.cancel(upload.name)}
            onClick={() => uploads.cancel(upload)}
          >
            <CloseIcon />
          </button>
        )}
      </div>
      {(upload.phase === "sending" || upload.phase === "working") && (
        <progress
          value={upload.progress}
          max={1}
          aria-label={texts.progress(upload.name)}
        />
      )}
      {upload.failure && <p className="upload-reason">{reasonText(upload.failure, messages)}</p>}
    </>
  );
}

function reasonText(failure: UploadFailure, { upload, failure: texts }: Messages): string {
  switch (failure.kind) {
    case "server":
      return [failure.error.message, failure.error.hint].join(" ");
    case "connection":
      return [texts.connection, texts.connectionHint].join(" ");
    case "folder":
      return upload.folder;
  }
}

function phaseText(upload: Upload, { upload: texts }: Messages): string {
  if (upload.phase !== "working") return texts.phases[upload.phase];
  return upload.cancelling ? texts.cancelling : texts.stages[upload.stage];
}

import { useState } from "react";
import { useMay } from "../api/rights";
import type { DocumentBody, DocumentList } from "../api/types";
import { IconButton } from "../components/IconButton";
import { RetryIcon, TrashIcon, WarningIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { sentences } from "../text/sentences";
import { readableSource, shortSource } from "./format";
import { useRefresh } from "./useLibraryQueries";
import styles from "./library.module.css";

interface Props {
  /** Some of them, and how many there are. */
  failed: DocumentList;
  showAll: () => void;
  remove: (documents: DocumentBody[]) => void;
  fail: (error: unknown) => void;
}

/** The files that could not be read: apart from the documents, since nobody can ask about them. */
export function FailedTray({ failed, showAll, remove, fail }: Props) {
  const { library } = useMessages();
  if (failed.total === 0) return null;
  return (
    <section className={styles.failedTray} data-part="failed-tray" aria-labelledby="failed-title">
      <h3 id="failed-title">
        <WarningIcon />
        {library.failedTitle(failed.total)}
      </h3>
      <p className="sub">{library.failedNote}</p>
      <ul>
        {failed.documents.map((document) => (
          <FailedFile key={document.id} document={document} remove={() => remove([document])} fail={fail} />
        ))}
      </ul>
      {failed.total > failed.documents.length && (
        <button type="button" className="link-button" onClick={showAll}>
          {library.moreFailed(failed.total)}
        </button>
      )}
    </section>
  );
}

function FailedFile(props: { document: DocumentBody; remove: () => void; fail: (error: unknown) => void }) {
  const { document, remove, fail } = props;
  const { library: texts } = useMessages();
  const { library, jobs } = useServices();
  const may = useMay();
  const refresh = useRefresh();
  const [reading, setReading] = useState(false);
  const name = document.title || shortSource(document.source).split("/").at(-1) || document.source;
  const readAgain = async () => {
    setReading(true);
    try {
      const { job_id } = await library.readAgain(document.id);
      const watching = new AbortController();
      for await (const job of jobs.follow(job_id, watching.signal)) void job;
      await refresh();
    } catch (error) {
      fail(error);
    }
    setReading(false);
  };
  return (
    <li className={styles.failedFile} data-part="failed-file">
      <div>
        <strong title={readableSource(document.source)}>{name}</strong>
        <p>{sentences(document.failure?.message, document.failure?.hint)}</p>
      </div>
      {may("write") && (
        <div className={styles.failedActions}>
          <button
            type="button"
            className="button button-quiet button-icon"
            disabled={reading}
            aria-label={texts.readAgainLabel(name)}
            onClick={() => void readAgain()}
          >
            <RetryIcon />
            {reading ? texts.reading : texts.readAgain}
          </button>
          <IconButton label={texts.remove(name)} onClick={remove}>
            <TrashIcon />
          </IconButton>
        </div>
      )}
    </li>
  );
}

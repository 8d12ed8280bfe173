import { lazy, Suspense, useCallback } from "react";
import type { DocumentBody } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { PreviousIcon } from "../components/icons";
import { useLoaded } from "../components/useLoaded";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { useMe } from "../api/rights";
import styles from "./library.module.css";

const WhoReads = lazy(async () => ({ default: (await import("../people/RightsPart")).WhoReads }));

/** A document's passages exactly as the index has them. */
export function ChunksView({ document, back }: { document: DocumentBody; back: () => void }) {
  const messages = useMessages();
  const { library } = useServices();
  const load = useCallback(() => library.chunks(document.id), [library, document.id]);
  const [loaded, again] = useLoaded(load);
  const { data: me } = useMe();
  return (
    <div className={styles.library} data-part="library">
      <button type="button" className={`link-button ${styles.back}`} onClick={back}>
        <PreviousIcon />
        {messages.library.back}
      </button>
      <h2>{document.title}</h2>
      {me?.accounts && me.operator && (
        <Suspense>
          <WhoReads id={document.id} source={document.source} />
        </Suspense>
      )}
      <p className="sub">{messages.library.passages}</p>
      {loaded.state === "loading" && <p>{messages.app.loading}</p>}
      {loaded.state === "failed" && <ErrorNotice error={loaded.error} retry={again} />}
      {loaded.state === "ready" && (
        <ol className={styles.chunks} data-part="chunks">
          {loaded.value.chunks.map((chunk) => (
            <li key={chunk.id}>
              <p className={styles.chunkHead}>
                <span>#{chunk.ordinal + 1}</span>
                <span>
                  {chunk.start}–{chunk.end}
                </span>
                {chunk.page !== null && <span>{messages.evidence.page(chunk.page)}</span>}
                {chunk.section.length > 0 && <span>{chunk.section.join(" › ")}</span>}
              </p>
              <p className={styles.chunkText} lang={chunk.language === "zh" ? "zh-CN" : "en"}>
                {chunk.text}
              </p>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

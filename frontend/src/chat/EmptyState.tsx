import { useCallback } from "react";
import { useMay } from "../api/rights";
import { useLoaded } from "../components/useLoaded";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import styles from "./chat.module.css";

interface Props {
  documents: number | null;
  ask: (question: string) => void;
  openLibrary: () => void;
}

export function EmptyState({ documents, ask, openLibrary }: Props) {
  const { empty } = useMessages();
  const may = useMay();
  return (
    <div className={styles.empty} data-part="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      {documents !== null && documents > 0 && may("ask") && <Examples documents={documents} ask={ask} />}
      {documents !== null && (
        <p className={styles.emptyCount} data-part="empty-count">
          {documents === 0 ? empty.noDocuments : empty.count(documents)}{" "}
          <button type="button" className="link-button" onClick={openLibrary}>
            {empty.openLibrary}
          </button>
        </p>
      )}
    </div>
  );
}

/** Questions that the documents answer; without them the page is as good, so a failure is silent. */
function Examples({ documents, ask }: { documents: number; ask: (question: string) => void }) {
  const { empty, language } = useMessages();
  const { library, kb } = useServices();
  const load = useCallback(async () => {
    if (kb === null || documents === 0) return []; // other documents, other questions
    const own = await library.examples(kb, language);
    if (own.examples.length > 0) return own.examples;
    // Documents in other languages only.
    return (await library.examples(kb, null)).examples;
  }, [library, kb, language, documents]);
  const [loaded] = useLoaded(load);
  if (loaded.state !== "ready" || loaded.value.length === 0) return null;
  return (
    <ul className={styles.examples} aria-label={empty.examples}>
      {loaded.value.map((example) => (
        <li key={example.question}>
          <button
            type="button"
            className={styles.example}
            data-part="example"
            onClick={() => ask(example.question)}
          >
            <span>{example.question}</span>
            <span className={styles.exampleTitle}>{example.title}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

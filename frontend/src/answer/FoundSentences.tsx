import type { Citation, Passage } from "../api/types";
import { useMessages } from "../i18n/language";
import type { AnswerActions } from "./AnswerView";
import { passageOf } from "./CitationCard";
import { Place } from "./Place";
import { QuoteText } from "./QuoteText";
import styles from "./evidence.module.css";
import answerStyles from "./answer.module.css";

const SHOWN = 3; // best first; the others are in the list below the answer

interface Props {
  evidence: Citation[];
  retrieved: Passage[];
  open: AnswerActions["open"];
}

/** The sentences that were found for a question, while its answer is being written. */
export function FoundSentences({ evidence, retrieved, open }: Props) {
  const messages = useMessages();
  return (
    <section className={answerStyles.found} aria-label={messages.evidence.found}>
      <h3>{messages.evidence.found}</h3>
      <ol className={styles.evidenceList} data-part="evidence-list">
        {evidence.slice(0, SHOWN).map((sentence) => (
          <li key={`${sentence.chunk_id}:${sentence.start}`}>
            <button
              type="button"
              className={styles.evidenceItem}
              data-part="evidence-item"
              onClick={() => open(evidence, sentence)}
            >
              <span className={styles.evidenceHead}>
                <strong>{sentence.title}</strong>
                <Place
                  section={sentence.section}
                  page={sentence.page}
                  source={sentence.source}
                  kb={sentence.kb}
                />
              </span>
              <QuoteText citation={sentence} passage={passageOf(sentence, retrieved)} short />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

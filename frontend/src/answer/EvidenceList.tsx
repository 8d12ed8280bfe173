import type { Citation, Passage } from "../api/types";
import { useMessages } from "../i18n/language";
import { passageOf } from "./CitationCard";
import { Place } from "./Place";
import { QuoteText } from "./QuoteText";

interface Props {
  citations: Citation[];
  retrieved: Passage[];
  open: (citation: Citation) => void;
  openPassage: (passage: Passage) => void;
  /** A refusal shows what was looked at at once; an answer folds it away. */
  unfolded?: boolean;
}

/** What an answer stands on, cited first; what was only looked at is kept apart. */
export function EvidenceList({ citations, retrieved, open, openPassage, unfolded }: Props) {
  const messages = useMessages();
  const others = retrieved.filter((passage) => !passage.cited);
  return (
    <div className="evidence">
      {citations.length > 0 && (
        <>
          <h3>{messages.evidence.title}</h3>
          <ol className="evidence-list">
            {citations.map((citation) => (
              <li key={`${citation.marker}:${citation.chunk_id}:${citation.start}`}>
                <button type="button" className="evidence-item" onClick={() => open(citation)}>
                  <span className="evidence-head">
                    <span className="pill pill-still">{citation.marker}</span>
                    <strong>{citation.title}</strong>
                    <Place
                      section={citation.section}
                      page={citation.page}
                      source={citation.source}
                    />
                  </span>
                  <QuoteText citation={citation} passage={passageOf(citation, retrieved)} />
                </button>
              </li>
            ))}
          </ol>
        </>
      )}
      {others.length > 0 && (
        <details className="also" open={unfolded}>
          <summary>
            {unfolded ? messages.refusal.closest : messages.evidence.alsoLookedAt(others.length)}
          </summary>
          <ul className="evidence-list">
            {others.map((passage) => (
              <li key={passage.chunk_id}>
                <button
                  type="button"
                  className="evidence-item evidence-item-plain"
                  onClick={() => openPassage(passage)}
                >
                  <span className="evidence-head">
                    <strong>{passage.title}</strong>
                    <Place section={passage.section} page={passage.page} source={passage.source} />
                  </span>
                  <span className="quote-text quote-clamped">{passage.text}</span>
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

import type { Citation, Passage } from "../api/types";
import { useMessages } from "../i18n/language";
import { passageOf } from "./CitationCard";
import { Place } from "./Place";
import { QuoteText } from "./QuoteText";

const CLOSEST = 3; // passages that a refusal shows at once

interface Props {
  citations: Citation[];
  retrieved: Passage[];
  open: (citation: Citation) => void;
  openPassage: (passage: Passage) => void;
  refused: boolean;
}

/**
 * What an answer stands on; what was only looked at is kept apart and folded away. A refusal
 * stands on nothing, and offers the closest passages.
 */
export function EvidenceList({ citations, retrieved, open, openPassage, refused }: Props) {
  const messages = useMessages();
  const others = retrieved.filter((passage) => !passage.cited);
  const closest = refused ? others.slice(0, CLOSEST) : [];
  const folded = others.slice(closest.length);
  return (
    <div className="evidence">
      {citations.length > 0 && (
        <>
          <h3>{messages.evidence.title}</h3>
          <ol className="evidence-list">
            {citations.map((citation) => (
              <li key={`${citation.marker}:${citation.chunk_id}:${citation.start}`}>
                <CitationItem citation={citation} retrieved={retrieved} open={open} />
              </li>
            ))}
          </ol>
        </>
      )}
      {closest.length > 0 && (
        <>
          <h3>{messages.refusal.closest}</h3>
          <PassageItems passages={closest} open={openPassage} />
        </>
      )}
      {folded.length > 0 && (
        <details className="also">
          <summary>{messages.evidence.alsoLookedAt(folded.length)}</summary>
          <PassageItems passages={folded} open={openPassage} />
        </details>
      )}
    </div>
  );
}

function CitationItem(props: {
  citation: Citation;
  retrieved: Passage[];
  open: (citation: Citation) => void;
}) {
  const { citation, retrieved, open } = props;
  return (
    <button type="button" className="evidence-item" onClick={() => open(citation)}>
      <span className="evidence-head">
        <span className="pill pill-still">{citation.marker}</span>
        <strong>{citation.title}</strong>
        <Place section={citation.section} page={citation.page} source={citation.source} />
      </span>
      <QuoteText citation={citation} passage={passageOf(citation, retrieved)} />
    </button>
  );
}

function PassageItems(props: { passages: Passage[]; open: (passage: Passage) => void }) {
  return (
    <ul className="evidence-list">
      {props.passages.map((passage) => (
        <li key={passage.chunk_id}>
          <button
            type="button"
            className="evidence-item evidence-item-plain"
            onClick={() => props.open(passage)}
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
  );
}

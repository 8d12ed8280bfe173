import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { Citation, Passage } from "../api/types";
import { Place } from "./Place";
import { QuoteText } from "./QuoteText";
import styles from "./citation.module.css";

const MARGIN = 12; // px kept free at the edges of the window

interface Props {
  id: string;
  anchor: RefObject<HTMLButtonElement | null>;
  citations: Citation[];
  retrieved: Passage[];
}

/** The card of a pill: where the quote is from, and the quote between its neighbours. */
export function CitationCard({ id, anchor, citations, retrieved }: Props) {
  const card = useRef<HTMLSpanElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);

  useLayoutEffect(() => {
    if (!anchor.current || !card.current) return;
    const pill = anchor.current.getBoundingClientRect();
    const { width, height } = card.current.getBoundingClientRect();
    const left = Math.min(pill.left - 8, window.innerWidth - width - MARGIN);
    const above = pill.top - height - 6;
    const below = pill.bottom + 6;
    const fitsBelow = below + height <= window.innerHeight - MARGIN;
    setPlace({ left: Math.max(MARGIN, left), top: fitsBelow || above < MARGIN ? below : above });
  }, [anchor]);

  // Made of spans, since a pill stands inside a paragraph.
  return (
    <span
      ref={card}
      id={id}
      role="tooltip"
      className={styles.citationCard}
      data-part="citation-card"
      style={place ? { left: place.left, top: place.top } : { visibility: "hidden" }}
    >
      {citations.map((citation) => (
        <span key={`${citation.chunk_id}:${citation.start}`} className={styles.citationCardItem}>
          <strong>{citation.title}</strong>
          <Place section={citation.section} page={citation.page} source={citation.source} kb={citation.kb} />
          <QuoteText citation={citation} passage={passageOf(citation, retrieved)} />
        </span>
      ))}
    </span>
  );
}

export function passageOf(citation: Citation, retrieved: Passage[]): Passage | undefined {
  return retrieved.find((passage) => passage.chunk_id === citation.chunk_id);
}

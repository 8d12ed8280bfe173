import type { CSSProperties, ReactNode } from "react";
import type { Citation, Passage } from "../api/types";
import { useMessages } from "../i18n/language";
import { passageOf } from "./CitationCard";
import { Excerpt } from "./Excerpt";
import { Place } from "./Place";
import { useSettings } from "../state/settings";
import { QuoteText } from "./QuoteText";
import { cellsOf, columnsAt, isRow } from "../text/rows";
import styles from "./evidence.module.css";
import citationStyles from "./citation.module.css";

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
  const { shown } = useSettings();
  const others = retrieved.filter((passage) => !passage.cited);
  const closest = refused ? others.slice(0, CLOSEST) : [];
  const folded = others.slice(closest.length);
  return (
    <div className={styles.evidence} data-part="evidence">
      {citations.length > 0 && (
        <Foldable title={messages.evidence.title} folded={!shown.evidence}>
          <ol className={styles.evidenceList} data-part="evidence-list">
            {cardsOf(citations).map((card) => (
              <li key={card.key}>
                <CitationCardItem card={card.citations} retrieved={retrieved} open={open} />
              </li>
            ))}
          </ol>
        </Foldable>
      )}
      {closest.length > 0 && (
        <>
          <h3>{messages.refusal.closest}</h3>
          <PassageItems passages={closest} open={openPassage} />
        </>
      )}
      {folded.length > 0 && shown.lookedAt && (
        <details className={styles.also} data-part="also">
          <summary>{messages.evidence.alsoLookedAt(folded.length)}</summary>
          <PassageItems passages={folded} open={openPassage} />
        </details>
      )}
    </div>
  );
}

/** Below a heading, or, where somebody does not want to see it at once, to be unfolded. */
function Foldable(props: { title: string; folded: boolean; children: ReactNode }) {
  if (!props.folded) {
    return (
      <>
        <h3>{props.title}</h3>
        {props.children}
      </>
    );
  }
  return (
    <details className={styles.also} data-part="also">
      <summary>{props.title}</summary>
      {props.children}
    </details>
  );
}

/** The citations of one section of a document together, in the order of their first markers. */
function cardsOf(citations: Citation[]): { key: string; citations: Citation[] }[] {
  const cards = new Map<string, Citation[]>();
  for (const citation of citations) {
    const key = JSON.stringify([citation.document_id, citation.section, citation.page]);
    cards.set(key, [...(cards.get(key) ?? []), citation]);
  }
  return [...cards].map(([key, own]) => ({ key, citations: own }));
}

function CitationCardItem(props: {
  card: Citation[];
  retrieved: Passage[];
  open: (citation: Citation) => void;
}) {
  const { card, retrieved, open } = props;
  const [first, ...others] = card;
  if (!first) return null;
  const head = (
    <span className={styles.evidenceHead}>
      {others.length === 0 && (
        <span className={`${citationStyles.pill} ${citationStyles.pillStill}`} data-part="pill">
          {first.marker}
        </span>
      )}
      <strong>{first.title}</strong>
      <Place section={first.section} page={first.page} source={first.source} kb={first.kb} />
    </span>
  );
  if (others.length === 0) {
    return (
      <button
        type="button"
        className={styles.evidenceItem}
        data-part="evidence-item"
        onClick={() => open(first)}
      >
        {head}
        <QuoteText citation={first} passage={passageOf(first, retrieved)} />
      </button>
    );
  }
  return (
    <div className={styles.evidenceCard}>
      {head}
      {runsOf(card, retrieved).map(({ columns, citations }) => {
        const parts = citations.map((citation) => (
          <button
            key={keyOf(citation)}
            type="button"
            className={`${styles.evidenceItem} ${styles.evidencePart}`}
            data-part="evidence-item evidence-part"
            onClick={() => open(citation)}
          >
            <span className={`${citationStyles.pill} ${citationStyles.pillStill}`} data-part="pill">
              {citation.marker}
            </span>
            <QuoteText citation={citation} passage={passageOf(citation, retrieved)} />
          </button>
        ));
        if (columns === null || parts.length < 2) return parts;
        return (
          <div
            key={citations.map(keyOf).join()}
            className={styles.evidenceRows}
            data-part="evidence-rows"
            style={{ "--columns": columns.length } as CSSProperties}
          >
            {/* Each row names its cells by itself, for who cannot see where they stand. */}
            <div className={styles.evidenceNames} data-part="evidence-names" aria-hidden="true">
              {columns.map((name, at) => (
                <span key={at} className={styles.cellName} data-part="cell-name">
                  {name}
                </span>
              ))}
            </div>
            {parts}
          </div>
        );
      })}
    </div>
  );
}

const keyOf = ({ marker, chunk_id, start }: Citation) => `${marker}:${chunk_id}:${start}`;

/** Citations that follow each other and are rows of tables with the same columns (null: no rows). */
function runsOf(
  card: Citation[],
  retrieved: Passage[],
): { columns: string[] | null; citations: Citation[] }[] {
  const runs: { columns: string[] | null; citations: Citation[] }[] = [];
  for (const citation of card) {
    const columns = columnsOf(citation, retrieved);
    const last = runs.at(-1);
    if (last && last.columns?.join("|") === columns?.join("|")) last.citations.push(citation);
    else runs.push({ columns, citations: [citation] });
  }
  return runs;
}

/** The names of the columns of the row that is quoted; null: it is no single row, or they are not known. */
function columnsOf(citation: Citation, retrieved: Passage[]): string[] | null {
  const passage = passageOf(citation, retrieved);
  if (!passage || citation.quote.includes("\n") || !isRow(citation.quote)) return null;
  const columns = columnsAt(passage.text, citation.start - passage.start);
  return columns?.length === cellsOf(citation.quote).length ? columns : null;
}

function PassageItems(props: { passages: Passage[]; open: (passage: Passage) => void }) {
  return (
    <ul className={styles.evidenceList} data-part="evidence-list">
      {props.passages.map((passage) => (
        <li key={passage.chunk_id}>
          <button
            type="button"
            className={`${styles.evidenceItem} ${styles.evidenceItemPlain}`}
            data-part="evidence-item"
            onClick={() => props.open(passage)}
          >
            <span className={styles.evidenceHead}>
              <strong>{passage.title}</strong>
              <Place section={passage.section} page={passage.page} source={passage.source} kb={passage.kb} />
            </span>
            <Excerpt passage={passage} window={passage.best_window ?? null} />
          </button>
        </li>
      ))}
    </ul>
  );
}

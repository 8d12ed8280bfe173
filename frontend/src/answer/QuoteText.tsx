import type { Citation, Passage } from "../api/types";
import { quoteInContext } from "../text/neighbours";
import { columnsAt, isRow } from "../text/rows";
import { Quoted } from "./Quoted";
import styles from "./evidence.module.css";

interface Props {
  citation: Citation;
  passage: Passage | undefined;
  /** Without its neighbours, and no longer than a few lines. */
  short?: boolean;
}

/** A citation's quote between its neighbouring sentences, as far as its passage was sent. */
export function QuoteText({ citation, passage, short = false }: Props) {
  const [start, end] = passage ? [citation.start - passage.start, citation.end - passage.start] : [0, 0];
  const shown = passage ? quoteInContext(passage.text, start, end) : null;
  const known = shown?.quote === citation.quote;
  if (citation.quote.split("\n").some(isRow)) {
    return (
      <span className={styles.quoteText}>
        <Quoted text={citation.quote} columns={known && passage ? columnsAt(passage.text, start) : null} />
      </span>
    );
  }
  if (!known || short) {
    return (
      <span className={short ? `${styles.quoteText} ${styles.quoteClamped}` : styles.quoteText}>
        <mark>{citation.quote}</mark>
      </span>
    );
  }
  return (
    <span className={styles.quoteText}>
      {shown.cutBefore && "… "}
      {shown.before}
      <mark>{shown.quote}</mark>
      {shown.after}
      {shown.cutAfter && " …"}
    </span>
  );
}

import { splitAt } from "../text/codepoints";
import { columnsAt, isRow, withoutBars } from "../text/rows";
import { wordsIn } from "../text/words";
import { Quoted } from "./Quoted";
import styles from "./evidence.module.css";

const BEFORE = 30; // characters shown before the sentences that count

interface Props {
  passage: { text: string; start: number };
  /** What is nearest to the question, in code points of the document; null: not known. */
  window: { start: number; end: number } | null;
  /** Finds the words that were looked for, to be set off instead where there are any. */
  words?: RegExp | null;
}

/** A passage from just before its best sentences on, which are set off. */
export function Excerpt({ passage, window, words = null }: Props) {
  if (window === null) {
    return <span className={`${styles.quoteText} ${styles.quoteClamped}`}>{withoutBars(passage.text)}</span>;
  }
  const from = window.start - passage.start;
  const { before, inside, after } = splitAt(passage.text, from, window.end - passage.start);
  if (inside.split("\n").some(isRow)) {
    return (
      <span className={styles.quoteText}>
        <Quoted text={inside} columns={columnsAt(passage.text, from)} />
      </span>
    );
  }
  const points = [...withoutBars(before)];
  return (
    <span className={`${styles.quoteText} ${styles.quoteClamped}`}>
      {points.length > 2 * BEFORE ? `…${points.slice(-BEFORE).join("")}` : points.join("")}
      {words === null || inside.search(words) < 0 ? (
        <mark>{inside}</mark>
      ) : (
        <Marked text={inside} words={words} />
      )}
      {withoutBars(after)}
    </span>
  );
}

/** The words within the text that is nearest to the question. */
function Marked({ text, words }: { text: string; words: RegExp }) {
  return (
    <span className={styles.excerptWindow}>
      {wordsIn(text, words).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}
    </span>
  );
}

import { splitAt } from "../text/codepoints";

const BEFORE = 30; // characters shown before the sentences that count

interface Props {
  passage: { text: string; start: number };
  /** What is nearest to the question, in code points of the document; null: not known. */
  window: { start: number; end: number } | null;
}

/** A passage from just before its best sentences on, which are set off. */
export function Excerpt({ passage, window }: Props) {
  if (window === null) return <span className="quote-text quote-clamped">{passage.text}</span>;
  const { before, inside, after } = splitAt(
    passage.text,
    window.start - passage.start,
    window.end - passage.start,
  );
  const points = [...before];
  return (
    <span className="quote-text quote-clamped">
      {points.length > 2 * BEFORE ? `…${points.slice(-BEFORE).join("")}` : before}
      <mark>{inside}</mark>
      {after}
    </span>
  );
}

import { splitAt } from "../text/codepoints";

/** Where a quote stands in a text, in UTF-16 units. */
export type Located = { kind: "exact" | "moved"; from: number; to: number } | { kind: "gone" };

/**
 * The offsets count when the text there is the quote. Otherwise the document has changed since,
 * and the quote is where it is found verbatim, nearest to its old place, or nowhere. Without the
 * quote's words (an address has only offsets) it is what stands there.
 */
export function locate(text: string, quote: { text: string | null; start: number; end: number }): Located {
  const { inside, from, to } = splitAt(text, quote.start, quote.end);
  if (quote.text === null) return from < to ? { kind: "exact", from, to } : { kind: "gone" };
  if (inside === quote.text) return { kind: "exact", from, to };
  const before = text.lastIndexOf(quote.text, from);
  const after = text.indexOf(quote.text, from);
  if (before < 0 && after < 0) return { kind: "gone" };
  const nearest = after < 0 || (before >= 0 && from - before <= after - from) ? before : after;
  return { kind: "moved", from: nearest, to: nearest + quote.text.length };
}

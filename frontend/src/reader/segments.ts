/** A run of whole lines of a text: `text.slice(from, from + length)`. */
export interface Segment {
  from: number;
  text: string;
}

const LENGTH = 3000; // UTF-16 units; a few screens

/**
 * Cuts a text at line ends, so that the browser lays out only what is in view. Nothing is lost:
 * the segments joined are the text.
 */
export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  while (from < text.length) {
    const lineEnd = text.indexOf("\n", Math.min(from + LENGTH, text.length));
    const to = lineEnd < 0 ? text.length : lineEnd + 1;
    found.push({ from, text: text.slice(from, to) });
    from = to;
  }
  return found;
}

import type { Answer } from "../api/types";
import type { Span } from "../markdown/plugins";
import { utf16Index } from "../text/codepoints";

/** What of an answer's text to mark, with offsets turned from code points to UTF-16 units. */
export function spansOf(answer: Answer): Span[] {
  const span = (kind: Span["kind"], start: number, end: number): Span => ({
    kind,
    from: utf16Index(answer.answer, start),
    to: utf16Index(answer.answer, end),
  });
  return [
    ...answer.statements
      .filter((statement) => !statement.supported)
      .map((statement) => span("unsupported", statement.start, statement.end)),
    ...answer.unverified_quotes.map((quote) => span("unverified-quote", quote.start, quote.end)),
  ];
}

import type { Citation, Passage } from "../api/types";
import { quoteInContext } from "../text/neighbours";

/** A citation's quote between its neighbouring sentences, as far as its passage was sent. */
export function QuoteText(props: { citation: Citation; passage: Passage | undefined }) {
  const { citation, passage } = props;
  const shown = passage
    ? quoteInContext(passage.text, citation.start - passage.start, citation.end - passage.start)
    : null;
  if (shown?.quote !== citation.quote) {
    return (
      <span className="quote-text">
        <mark>{citation.quote}</mark>
      </span>
    );
  }
  return (
    <span className="quote-text">
      {shown.cutBefore && "… "}
      {shown.before}
      <mark>{shown.quote}</mark>
      {shown.after}
      {shown.cutAfter && " …"}
    </span>
  );
}

import { splitAt } from "./codepoints";

/** A quote with what stands around it: the rest of its own sentences and one sentence each side. */
export interface QuoteInContext {
  before: string;
  quote: string;
  after: string;
  cutBefore: boolean;
  cutAfter: boolean;
}

// A sentence ends at these, with any closing quotation mark or bracket, or at a line break.
const SENTENCE_END = /[。！？；…!?]+["'”’」』）)\]]*|[.;]+["'”’)\]]*(?=\s)|\n+/gu;
const LONGEST = 160; // characters on each side; a table row or log line can be a very long 'sentence'

/** `quote = passage[start:end]`; the offsets are code points of the passage. */
export function quoteInContext(passage: string, start: number, end: number): QuoteInContext {
  const { before, inside, after } = splitAt(passage, start, end);
  const left = withoutRows(lastSentences(before));
  const right = withoutRows(firstSentences(after, /[。！？；…!?.;]["'”’」』）)\]]*$/u.test(inside)));
  return {
    before: left.trimStart(),
    quote: inside,
    after: right.trimEnd(),
    cutBefore: left.trimStart().length < before.trimStart().length,
    cutAfter: right.trimEnd().length < after.trimEnd().length,
  };
}

/** A table's row beside a sentence is no sentence, and a row's neighbours are other rows. */
function withoutRows(text: string): string {
  return /^\s*\||\|\s*$/.test(text) ? "" : text;
}

/** The last whole sentence of `text`, and the begun one after it if there is one. */
function lastSentences(text: string): string {
  const kept = text.slice(sentenceEnds(text).at(-2) ?? 0);
  return kept.length > LONGEST ? [...kept].slice(-LONGEST).join("") : kept;
}

/** The rest of the quote's sentence (unless `ended`) and one more sentence. */
function firstSentences(text: string, ended: boolean): string {
  const wanted = ended && !text.startsWith("\n") ? 0 : 1;
  const kept = text.slice(0, sentenceEnds(text)[wanted] ?? text.length);
  return kept.length > LONGEST ? [...kept].slice(0, LONGEST).join("") : kept;
}

function sentenceEnds(text: string): number[] {
  return [...text.matchAll(SENTENCE_END)].map((match) => match.index + match[0].length);
}

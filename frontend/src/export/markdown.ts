import type { Citation } from "../api/types";
import type { AnswerState } from "../state/answer";
import type { Exchange } from "../state/chat";
import { withoutBars } from "../text/rows";

type Exported = Pick<Exchange, "question" | "answer">;

/** The words that an exported text needs. */
export interface ExportTexts {
  sources: string;
  page: (page: number) => string;
  unfinished: string;
}

/** A conversation as Markdown: each question with its answer and what it stands on. */
export function conversationText(exchanges: Exported[], texts: ExportTexts): string {
  return exchanges.map(({ question, answer }) => answerText(question, answer, texts)).join("\n\n---\n\n");
}

/** An answer as Markdown, with its question above and its citations below. */
export function answerText(question: string, state: AnswerState, texts: ExportTexts): string {
  const parts = [`## ${question.replaceAll(/\s*\n\s*/g, " ")}`, state.draft.trim()];
  if (state.phase !== "done") parts.push(`*${texts.unfinished}*`);
  if (state.citations.length > 0) {
    parts.push(`**${texts.sources}**`, state.citations.map((each) => source(each, texts)).join("\n"));
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Where a citation stands: document, headings, page. */
export function placeIn({ title, section, page }: Citation, texts: ExportTexts): string {
  const place = [title, ...section.filter((part) => part !== title)];
  if (page !== null) place.push(texts.page(page));
  return place.join(" › ");
}

function source(citation: Citation, texts: ExportTexts): string {
  const { marker, quote } = citation;
  return `- [${marker}] ${placeIn(citation, texts)}: “${withoutBars(quote).replaceAll(/\s*\n\s*/g, " ")}”`;
}

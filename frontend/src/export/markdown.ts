import type { Citation } from "../api/types";
import type { AnswerState } from "../state/answer";
import type { Exchange } from "../state/chat";
import { withoutBars } from "../text/rows";

/** The words that an exported text needs. */
export interface ExportTexts {
  sources: string;
  page: (page: number) => string;
  unfinished: string;
}

/** A conversation as Markdown: each question with its answer and what it stands on. */
export function conversationText(exchanges: Exchange[], texts: ExportTexts): string {
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

function source(citation: Citation, texts: ExportTexts): string {
  const { marker, title, section, page, quote } = citation;
  const place = [title, ...section.filter((part) => part !== title)];
  if (page !== null) place.push(texts.page(page));
  return `- [${marker}] ${place.join(" › ")}: “${withoutBars(quote).replaceAll(/\s*\n\s*/g, " ")}”`;
}

/** Saves a text as a file of that name. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  // What file systems refuse; and no longer than they take.
  link.download = name.replaceAll(/[\\/:*?"<>|\n\r\t]+/g, " ").trim().replace(/^(.{0,80}).*?(\.md)$/su, "$1$2");
  link.click();
  URL.revokeObjectURL(url);
}

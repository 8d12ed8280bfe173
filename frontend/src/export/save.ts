import type { Exchange } from "../state/chat";
import { conversationText, type ExportTexts } from "./markdown";

export type Format = "markdown" | "word";

/** Saves exchanges as a file that is named after the first question. */
export async function save(
  exchanges: Pick<Exchange, "question" | "answer">[],
  format: Format,
  texts: ExportTexts,
): Promise<void> {
  const name = exchanges[0]?.question ?? "";
  if (format === "word") {
    const { wordFile, WORD_TYPE } = await import("./docx"); // large, and seldom wanted
    download(name, "docx", new Blob([await wordFile(exchanges, texts)], { type: WORD_TYPE }));
  } else {
    const text = conversationText(exchanges, texts);
    download(name, "md", new Blob([text], { type: "text/markdown;charset=utf-8" }));
  }
}

function download(name: string, suffix: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  // What file systems refuse; and no longer than they take.
  const kept = [...name.replaceAll(/[\\/:*?"<>|\n\r\t]+/g, " ").trim()].slice(0, 80).join("").trim();
  link.download = `${kept || "groundkb"}.${suffix}`;
  link.click();
  URL.revokeObjectURL(url);
}

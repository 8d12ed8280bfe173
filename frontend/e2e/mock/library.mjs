// A small library for the stand-in server: three of the sample documents, text and files.
import { readFileSync } from "node:fs";

const samples = new URL("../../../samples/library/", import.meta.url);
const read = (name) => readFileSync(new URL(name, samples));

const licence = read("01-许可证选择.md").toString("utf8");
const sizes = read("02-model-sizes.md").toString("utf8");
const pdf = [
  "检索增强生成（RAG）让模型先查资料、再作答。",
  "🧪 拒答句是固定的一句话，任何改写都会被统一成这一句，方便程序判断。",
  "核对不通过的回答按拒答处理。宁可少答，不可错答。",
].join("\n");

/** id → { body, text, file } */
export const library = new Map(
  [
    ["d-licence", "许可证选择", "01-许可证选择.md", "text/markdown", licence, 6],
    ["d-sizes", "Model sizes", "02-model-sizes.md", "text/markdown", sizes, 9],
    ["d-rag", "检索增强实践", "06-检索增强实践.pdf", "application/pdf", pdf, 12],
  ].map(([id, title, name, mediaType, text, chunks]) => [
    id,
    {
      text,
      file: read(name),
      body: {
        id,
        kb: "default",
        source: `file:///library/${encodeURIComponent(name)}`,
        title,
        status: "ready",
        revision: `r-${id}`,
        media_type: mediaType,
        size: read(name).length,
        chunks,
        tags: [],
        failure: null,
        notes: [],
        added_at: "2026-05-04T09:12:00Z",
        updated_at: "2026-05-04T09:12:00Z",
      },
    },
  ]),
);

library.set("d-broken", {
  text: "",
  file: Buffer.from(""),
  body: {
    ...library.get("d-rag").body,
    id: "d-broken",
    title: "扫描件.pdf",
    source: "file:///library/扫描件.pdf",
    status: "failed",
    revision: null,
    chunks: 0,
    failure: {
      code: "no_text",
      message: "这份 PDF 没有文字层。",
      hint: "请先做 OCR，再重新同步。",
    },
  },
});

/** The blocks of a Markdown text as far as the tests look: its tables' rows and its paragraphs. */
export function blocksOf(text) {
  return [...text.matchAll(/[^\n]+(?:\n(?!\n)[^\n]+)*/g)].flatMap(({ 0: block, index }) => {
    const start = points(text.slice(0, index));
    const whole = { start, end: start + points(block), kind: "paragraph", level: 0, header: false };
    if (!block.startsWith("|")) return [whole];
    let at = start;
    return block.split("\n").map((line, number) => {
      const row = { ...whole, start: at, end: at + points(line), kind: "table_row", header: number === 0 };
      at = row.end + 1;
      return row;
    });
  });
}

const points = (text) => [...text].length;

/** A quote of a document as the API cites it; throws when the text does not hold it. */
export function cite(marker, id, quote, page = null, section = []) {
  const { text, body } = library.get(id);
  const at = text.indexOf(quote);
  if (at < 0) throw new Error(`no such quote in ${id}: ${quote}`);
  const start = points(text.slice(0, at));
  return {
    marker,
    document_id: id,
    revision: body.revision,
    chunk_id: `${id}:${start}`,
    title: body.title,
    source: body.source,
    quote,
    start,
    end: start + points(quote),
    page,
    section,
  };
}

/** The paragraphs around a citation, as a retrieved passage. */
export function passageAround(citation, cited, score) {
  const { text } = library.get(citation.document_id);
  const all = [...text];
  const before = all.slice(0, citation.start).join("").lastIndexOf("\n\n");
  const start = before < 0 ? 0 : points(text.slice(0, before + 2));
  const rest = all.slice(citation.end).join("").indexOf("\n");
  const end = rest < 0 ? all.length : citation.end + points(all.slice(citation.end).join("").slice(0, rest));
  const place = Object.fromEntries(
    Object.entries(citation).filter(([key]) => key !== "marker" && key !== "quote"),
  );
  return { ...place, start, end, text: all.slice(start, end).join(""), score, cited, shown: true };
}

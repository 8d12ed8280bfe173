import { describe, expect, it } from "vitest";
import type { TextBlock } from "../api/types";
import { groups, segments } from "./blocks";
import { locate } from "./locate";

const text = "标题😀\n第一句。𠮷野家的许可证是 MIT。\n第二句。";
const quote = { text: "𠮷野家的许可证是 MIT。", start: 8, end: 21 };

describe("locate", () => {
  it("takes the offsets when they hold, counting code points", () => {
    const found = locate(text, quote);
    expect(found.kind).toBe("exact");
    if (found.kind === "gone") return;
    expect(text.slice(found.from, found.to)).toBe(quote.text);
  });

  it("finds a quote that moved, at the nearest place", () => {
    const changed = `${quote.text} 新增的一段。${text}`;
    const found = locate(changed, { ...quote, start: 40, end: 53 });
    expect(found).toEqual({
      kind: "moved",
      from: changed.lastIndexOf(quote.text),
      to: changed.lastIndexOf(quote.text) + quote.text.length,
    });
  });

  it("says so when the quote is gone, however similar the text", () => {
    expect(locate(text.replace("MIT", "MPL"), quote)).toEqual({ kind: "gone" });
  });
});

describe("groups", () => {
  const table = "头😀\n\n- 一\n  - 二\n\n| 名 | 价 |\n| a\\|b | 1 |\n| 名 | 价 |\n| c | 2 |\n\n末段。";
  const points = [...table];
  const block = (words: string, kind: TextBlock["kind"], over: Partial<TextBlock> = {}): TextBlock => {
    const start = [...table.slice(0, table.indexOf(words))].length;
    return { start, end: start + [...words].length, kind, level: 0, header: false, ...over };
  };
  const again = { ...block("| 名 | 价 |", "table_row", { header: true }) };
  const second = points.join("").lastIndexOf("| 名");
  const shift = [...table.slice(0, second)].length - again.start;
  const blocks = [
    block("头😀", "heading", { level: 1 }),
    block("- 一", "list_item", { level: 1 }),
    block("- 二", "list_item", { level: 2 }),
    again,
    block("| a\\|b | 1 |", "table_row"),
    { ...again, start: again.start + shift, end: again.end + shift },
    block("| c | 2 |", "table_row"),
    block("末段。", "paragraph"),
  ];

  it("makes one list of items and one table of rows, its header once", () => {
    const found = groups(table, blocks);
    expect(found.map(({ kind }) => kind)).toEqual(["heading", "list", "table", "paragraph"]);
    const rows = found[2]?.kind === "table" ? found[2].rows : [];
    const cells = rows.map((row) => row.cells.map(({ from, to }) => table.slice(from, to)));
    expect(cells).toEqual([
      ["名", "价"],
      ["a\\|b", "1"],
      ["c", "2"],
    ]);
    const last = found.at(-1);
    expect(table.slice(last?.from, last?.to)).toBe("末段。");
  });

  it("cuts a long table, each part with its header", () => {
    const lines = ["| n | m |", ...Array.from({ length: 400 }, (_, n) => `| ${n} | x |`)];
    let start = 0;
    const rows = lines.map((line, at): TextBlock => {
      const row = { start, end: start + line.length, kind: "table_row" as const, level: 0, header: at === 0 };
      start = row.end + 1;
      return row;
    });
    const found = groups(lines.join("\n"), rows);
    expect(found.length).toBe(3);
    const all = found.flatMap((group) => (group.kind === "table" ? group.rows : []));
    expect(all.filter((row) => row.header)).toHaveLength(3);
    expect(all.filter((row) => !row.header)).toHaveLength(400);
    expect(segments(found, 1_000).flat()).toEqual(found);
  });
});

import { describe, expect, it } from "vitest";
import { locate } from "./locate";
import { segments } from "./segments";

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

describe("segments", () => {
  it("loses nothing and cuts at line ends", () => {
    const long = Array.from({ length: 900 }, (_, n) => `第 ${n} 行 😀 text`).join("\n");
    const cut = segments(long);
    expect(cut.length).toBeGreaterThan(3);
    expect(cut.map((segment) => segment.text).join("")).toBe(long);
    for (const segment of cut.slice(0, -1)) expect(segment.text.endsWith("\n")).toBe(true);
    for (const segment of cut) expect(long.startsWith(segment.text, segment.from)).toBe(true);
  });

  it("gives nothing for an empty text", () => {
    expect(segments("")).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { matchItems } from "./match";

const items = ["检索增强生成（RAG）先", "检索，再", "生成。", "The embed-", "ding model is ﬁne.", " End of page one"];

function texts(quote: string): string[] {
  return matchItems(items, quote).map(({ item, from, to }) => (items[item] ?? "").slice(from, to));
}

describe("matchItems", () => {
  it("finds a quote over several lines", () => {
    expect(texts("先检索，再生成。")).toEqual(["先", "检索，再", "生成。"]);
  });

  it("overlooks hyphens at line ends, blanks, full width and ligatures", () => {
    expect(texts("The embedding model is fine.")).toEqual(["The embed-".slice(0, 9), "ding model is ﬁne."]);
    expect(texts("(RAG)")).toEqual(["（RAG）"]);
  });

  it("finds the beginning of a quote that goes on overleaf", () => {
    expect(texts("End of page one and start of page two.")).toEqual(["End of page one"]);
  });

  it("finds nothing rather than something like it", () => {
    expect(texts("先检索，后生成。")).toEqual([]);
    expect(texts("")).toEqual([]);
  });
});

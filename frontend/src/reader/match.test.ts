import { describe, expect, it } from "vitest";
import { findAll, matchItems } from "./match";

const items = [
  "检索增强生成（RAG）先",
  "检索，再",
  "生成。",
  "The embed-",
  "ding model is ﬁne.",
  " End of page one",
];

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

describe("findAll", () => {
  it("finds every place, over line ends and whatever the case", () => {
    const found = findAll(["RAG 先检", "索，再检索；rag"], "检索");
    expect(found).toHaveLength(2);
    expect(found[0]?.map(({ item }) => item)).toEqual([0, 1]);
    expect(findAll(["RAG and rag"], "Rag")).toHaveLength(2);
    expect(findAll(["RAG"], " ")).toEqual([]);
  });
});

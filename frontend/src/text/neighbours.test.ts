import { describe, expect, it } from "vitest";
import { quoteInContext } from "./neighbours";

function around(passage: string, quote: string) {
  const points = [...passage];
  const from = [...passage.slice(0, passage.indexOf(quote))].length;
  expect(points.slice(from, from + [...quote].length).join("")).toBe(quote);
  return quoteInContext(passage, from, from + [...quote].length);
}

describe("a quote within its neighbours", () => {
  it("shows one Chinese sentence on each side", () => {
    const shown = around("甲。乙说：“好！”丙在这里😀。丁来了。戊走了。", "丙在这里😀。");
    expect(shown).toEqual({
      before: "乙说：“好！”",
      quote: "丙在这里😀。",
      after: "丁来了。",
      cutBefore: true,
      cutAfter: true,
    });
  });

  it("completes a sentence that the quote cuts", () => {
    const shown = around("One here. Two are more than one. Three. Four.", "are more");
    expect(shown.before).toBe("One here. Two ");
    expect(shown.after).toBe(" than one. Three.");
    expect(shown.cutBefore).toBe(false);
    expect(shown.cutAfter).toBe(true);
  });

  it("does not take a decimal point for a sentence end", () => {
    expect(around("It is 3.14 or so. Then 2.71 is next. End.", "Then 2.71 is next.").before).toBe(
      "It is 3.14 or so. ",
    );
  });

  it("bounds text without sentence ends", () => {
    const shown = around(`${"a".repeat(5000)}QUOTE${"b".repeat(5000)}`, "QUOTE");
    expect(shown.before.length).toBeLessThan(200);
    expect(shown.after.length).toBeLessThan(200);
    expect(shown.cutBefore && shown.cutAfter).toBe(true);
  });

  it("leaves the rows of a table out", () => {
    const shown = around("| a | 1 |\n| b | 2 |\n\nStart them in order. Then wait.", "Start them in order.");
    expect([shown.before, shown.after, shown.cutBefore]).toEqual(["", " Then wait.", true]);
    const row = around("| a | 1 |\n| b | 2 |\n| c | 3 |", "| b | 2 |");
    expect([row.before, row.after]).toEqual(["", ""]);
  });
});

import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { finished } from "../state/answer";
import { answer, citation } from "../state/test-data";
import { wordFile } from "./docx";

const texts = { sources: "来源", page: (page: number) => `第 ${page} 页`, unfinished: "未完成" };

async function documentOf(text: string, quote: string) {
  const state = finished(answer({ answer: text, citations: [citation({ quote, page: 3, title: "手册" })] }));
  const file = await wordFile([{ question: "许可证是什么？", answer: state }], texts);
  return strFromU8(unzipSync(new Uint8Array(file))["word/document.xml"] ?? new Uint8Array());
}

/** The texts of all elements of that name. */
const textsOf = (xml: string, name: string) =>
  [...new DOMParser().parseFromString(xml, "text/xml").getElementsByTagName(name)].map((element) =>
    [...element.getElementsByTagName("w:t")].map((text) => text.textContent).join(""),
  );

describe("an answer as a Word file", () => {
  it("keeps its form: headings, lists, tables, bold and code", async () => {
    const xml = await documentOf(
      "## 概述\n\n采用 **MIT** 许可证。[1]\n\n1. 一\n2. 二\n\n| 服务 | 端口 |\n| --- | --- |\n| API | 8000 |\n\n```\na = 1 < 2\n```\n",
      "代码采用 MIT 许可证。",
    );
    const paragraphs = textsOf(xml, "w:p");
    expect(paragraphs).toEqual(
      expect.arrayContaining([
        "许可证是什么？",
        "概述",
        "采用 MIT 许可证。[1]",
        "一",
        "二",
        "a = 1 < 2",
        "来源",
      ]),
    );
    expect(textsOf(xml, "w:tc")).toEqual(["服务", "端口", "API", "8000"]);
    expect(xml.match(/<w:numPr>/g)).toHaveLength(2);
    expect(xml).toMatch(/<w:b\/>[^]*?MIT/);
    expect(paragraphs).toContain("[1] 手册 › 法律 › 许可证 › 第 3 页");
    expect(paragraphs).toContain("代码采用 MIT 许可证。");
  });

  it("has a quoted row of a table as cells, and shows hostile text as text", async () => {
    const xml = await documentOf("<script>alert(1)</script> 好。[1]", "| API | 8000 |");
    expect(textsOf(xml, "w:tc")).toEqual(["API", "8000"]);
    expect(textsOf(xml, "w:p")[1]).toBe("<script>alert(1)</script> 好。[1]");
  });

  it("links to the web alone: a document may hold any address", async () => {
    const xml = await documentOf(
      "[a](javascript:alert) [b](file://host/share) [c](https://example.org) [1]",
      "好。",
    );
    expect(xml.match(/<w:hyperlink /g)).toHaveLength(1);
    expect(textsOf(xml, "w:p")[1]).toBe("a b c [1]");
  });
});

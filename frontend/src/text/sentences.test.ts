import { expect, test } from "vitest";
import { sentences } from "./sentences";

test("each text ends as a sentence of its language does", () => {
  expect(sentences("bad.docx cannot be parsed: not a .docx file", "Save it again.")).toBe(
    "bad.docx cannot be parsed: not a .docx file. Save it again.",
  );
  expect(sentences("无法解析 bad.docx：内容不符", "请重新保存。")).toBe(
    "无法解析 bad.docx：内容不符。 请重新保存。",
  );
  expect(sentences("Only this", "", undefined)).toBe("Only this.");
});

import { describe, expect, it } from "vitest";
import { codePointLength, splitAt, utf16Index } from "./codepoints";

const text = "前言😀：𠮷野家（𠀀）is a 👩‍👩‍👧 shop. 结束";

describe("code points", () => {
  it("agrees with the spread of the string at every offset", () => {
    const points = [...text];
    for (let offset = 0; offset <= points.length; offset += 1) {
      expect(utf16Index(text, offset)).toBe(points.slice(0, offset).join("").length);
    }
    expect(codePointLength(text)).toBe(points.length);
  });

  it("cuts a quote after emoji and astral Han exactly", () => {
    const points = [...text];
    const start = points.indexOf("𠮷");
    const quote = "𠮷野家（𠀀）";
    const cut = splitAt(text, start, start + [...quote].length);
    expect(cut.inside).toBe(quote);
    expect(cut.before + cut.inside + cut.after).toBe(text);
  });

  it("counts a lone surrogate as one, as Python does", () => {
    expect(codePointLength("a\ud83db")).toBe(3);
  });

  it("stops at the end of the text", () => {
    expect(splitAt("短文", 1, 99)).toMatchObject({ before: "短", inside: "文", after: "" });
    expect(splitAt("短文", 5, 9).inside).toBe("");
  });
});

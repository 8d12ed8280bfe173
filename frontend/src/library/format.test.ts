import { describe, expect, it } from "vitest";
import { folderOf, formatSize, readableSource, shortSource } from "./format";

describe("formatSize", () => {
  it("takes the unit that gives a number below a thousand", () => {
    expect([0, 999, 1000, 17_700, 3_200_000].map((bytes) => formatSize(bytes, "en"))).toEqual([
      "0 bytes",
      "999 bytes",
      "1 kB",
      "17.7 kB",
      "3.2 MB",
    ]);
  });
});

describe("sources", () => {
  it("read as paths", () => {
    expect(readableSource("file:///a/%E8%AE%B8%E5%8F%AF.md")).toBe("/a/许可.md");
    expect(readableSource("file:///a/100%.md")).toBe("/a/100%.md");
    expect(shortSource("file:///srv/data/a/b.md")).toBe("…/a/b.md");
    expect(shortSource("file:///a/b.md")).toBe("/a/b.md");
    expect(readableSource("upload:///b.md")).toBe("b.md");
  });

  it("have a folder, but at the top", () => {
    expect(folderOf("file:///srv/a b/c.md")).toBe("file:///srv/a b");
    expect(folderOf("https://example.org/docs/page")).toBe("https://example.org/docs");
    expect(folderOf("https://example.org")).toBe("");
    expect(folderOf("upload:///b.md")).toBe("");
  });
});

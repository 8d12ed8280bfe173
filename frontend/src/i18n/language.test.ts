import { describe, expect, it } from "vitest";
import { en } from "./en";
import { initialLanguage } from "./language";
import { zh } from "./zh";

describe("initialLanguage", () => {
  it("takes the choice, then the browser's first known language, then English", () => {
    expect(initialLanguage("zh", ["en-US"])).toBe("zh");
    expect(initialLanguage(null, ["fr-FR", "zh-Hans-CN", "en"])).toBe("zh");
    expect(initialLanguage("xx", ["de"])).toBe("en");
  });
});

describe("dictionaries", () => {
  const flat = (value: unknown, path = ""): [string, unknown][] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}.${key}`))
      : [[path, value]];

  it("say nothing twice in the same words", () => {
    // These are the same in both languages on purpose.
    const shared = [".app.name", ".export.formats.markdown"];
    const english = new Map(flat(en));
    const same = flat(zh)
      .filter(([path, text]) => typeof text === "string" && text === english.get(path))
      .map(([path]) => path);
    expect(same).toEqual(shared);
  });
});

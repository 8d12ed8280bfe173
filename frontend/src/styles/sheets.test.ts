import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const src = join(import.meta.dirname, "..");
const paths = readdirSync(src, { recursive: true, encoding: "utf8" });
const read = (path: string) => readFileSync(join(src, path), "utf8");
const bare = (path: string) => read(path).replaceAll(/\/\*[^]*?\*\//g, "");
const sheets = paths.filter((path) => path.endsWith(".css"));
const modules = sheets.filter((path) => path.endsWith(".module.css"));
const globals = sheets.filter((path) => !modules.includes(path));
const code = paths.filter((path) => /\.tsx?$/.test(path) && !/\.test\.|schema\.ts$/.test(path));

const COLOUR =
  /#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b(?=[\s;,)"'`])|\b(?:rgb|hsl|hwb|oklch|oklab|lab|lch|color|light-dark)a?\(|:\s*(?:black|white|gray|grey|silver|red|green|blue|yellow|orange|purple|navy|teal)\b/i;
const camel = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The classes that a sheet itself owns, as the code calls them. */
function classesOf(path: string): Set<string> {
  const own = bare(path)
    .replaceAll(/:global\([^)]*\)/g, "")
    .replaceAll(/\{[^{}]*\}/g, "{}");
  return new Set([...own.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = ""]) => camel(name)));
}

/** Without what stands in parentheses. */
function outside(selectors: string): string {
  const less = selectors.replaceAll(/\([^()]*\)/g, "");
  return less === selectors ? less : outside(less);
}

/** Of each module the classes that the code takes from it. */
const taken = new Map<string, Set<string>>(modules.map((path) => [path, new Set()]));
for (const path of code) {
  const text = read(path);
  for (const [, name, from = ""] of text.matchAll(/import (\w+) from "(\.[^"]+\.module\.css)"/g)) {
    const used = taken.get(normalize(join(dirname(path), from)));
    for (const [, own = ""] of text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, "g"))) used?.add(own);
  }
}

describe("the style sheets", () => {
  test("name a colour in the palette alone, and so does the code", () => {
    expect(COLOUR.test(read(join("styles", "tokens.css")))).toBe(true);
    const naming = [...sheets, ...code].filter((path) => COLOUR.test(bare(path)));
    expect(naming).toEqual([join("styles", "tokens.css")]);
  });

  test("are modules, but for the three that all parts share", () => {
    expect(globals.map((path) => basename(path)).sort()).toEqual(["base.css", "controls.css", "tokens.css"]);
  });

  test("that all share have each class that the code names", () => {
    const shared = globals.map(bare).join("\n");
    const named = code.flatMap((path) =>
      [...read(path).matchAll(/[cC]lassName=(?:"([^"]+)"|\{`([^`]+)`\})/g)].flatMap(([, plain, mixed]) =>
        (plain ?? mixed ?? "").replaceAll(/\S*\$\{[^}]*\}/g, "").split(/\s+/),
      ),
    );
    // What pdf.js styles by its own name is in no shared sheet.
    const lacking = named.filter((name) => !["", "textLayer"].includes(name) && !shared.includes(`.${name}`));
    expect(lacking).toEqual([]);
  });

  test.each(modules)("%s styles nothing beyond its own classes", (path) => {
    const rules = bare(path).matchAll(/(?:^|[{}])\s*([^{}@]+)\{/g);
    const loose = [...rules]
      // What pdf.js makes has the names that pdf.js gives.
      .map(([, selectors = ""]) => selectors.replaceAll(/:global\(\.(textLayer|hidden\w+)\)/g, ".$1"))
      .flatMap((selectors) => outside(selectors).split(","))
      .filter((selector) => !/\.[a-z]/i.test(selector));
    expect(loose).toEqual([]);
  });

  test.each(modules)("%s has the classes that are taken from it, and no others", (path) => {
    expect([...(taken.get(path) ?? [])].sort()).toEqual([...classesOf(path)].sort());
  });
});

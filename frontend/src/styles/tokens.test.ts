import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "..");
const sheets = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".css"),
);
const COLOUR = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch|color)a?\(/i;

test("the palette is the only sheet that names a colour", () => {
  expect(sheets.length).toBeGreaterThan(5);
  const naming = sheets.filter((path) => COLOUR.test(readFileSync(join(src, path), "utf8")));
  expect(naming).toEqual([join("styles", "tokens.css")]);
});

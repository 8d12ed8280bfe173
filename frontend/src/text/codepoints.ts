/**
 * The API counts characters (Unicode code points); JavaScript counts UTF-16 units. They part
 * ways at the first emoji or rare Han character, so every offset goes through here.
 */

/** The UTF-16 index of the code point at `offset`; past the end: the length of `text`. */
export function utf16Index(text: string, offset: number, from = { unit: 0, point: 0 }): number {
  let { unit, point } = from;
  while (point < offset && unit < text.length) {
    unit += isPair(text, unit) ? 2 : 1;
    point += 1;
  }
  return unit;
}

/** The part of `text` between two code point offsets, with what is before and after it. */
export function splitAt(
  text: string,
  start: number,
  end: number,
): { before: string; inside: string; after: string; from: number; to: number } {
  const from = utf16Index(text, start);
  const to = utf16Index(text, Math.max(start, end), { unit: from, point: start });
  return {
    before: text.slice(0, from),
    inside: text.slice(from, to),
    after: text.slice(to),
    from,
    to,
  };
}

/** The number of code points in `text`. */
export function codePointLength(text: string): number {
  let points = 0;
  for (let unit = 0; unit < text.length; unit += isPair(text, unit) ? 2 : 1) points += 1;
  return points;
}

function isPair(text: string, unit: number): boolean {
  const high = text.charCodeAt(unit);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(unit + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}

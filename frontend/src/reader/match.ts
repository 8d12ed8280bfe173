/** A part of one text item, in UTF-16 units of its string. */
export interface ItemRange {
  item: number;
  from: number;
  to: number;
}

interface Letter {
  letter: string;
  item: number;
  at: number; // UTF-16 index in the item's string
  length: number;
}

const LEAST = 8; // letters of a quote that must stand at a page's end to be taken for its beginning

/**
 * Finds a quote among the text items of a PDF page. Stored text and page differ in blanks, line
 * breaks, hyphens at line ends and compatibility characters, so letters alone are compared. Of
 * a quote that goes over the page's end the beginning is found. Empty: not on this page.
 */
export function matchItems(items: string[], quote: string): ItemRange[] {
  const page = items.flatMap((text, item) => letters(text, item));
  const wanted = letters(quote, 0).map((entry) => entry.letter);
  if (wanted.length === 0) return [];
  const found = find(page, wanted);
  if (found >= 0) return ranges(page.slice(found, found + wanted.length));
  for (let length = wanted.length - 1; length >= LEAST; length -= 1) {
    const start = page.length - length;
    if (start >= 0 && matches(page, start, wanted, length)) return ranges(page.slice(start));
  }
  return [];
}

/** All places of some words among the text items of a page, whatever their case. */
export function findAll(items: string[], words: string): ItemRange[][] {
  const page = items.flatMap((text, item) => letters(text, item));
  const wanted = letters(words, 0).map(({ letter }) => letter.toLowerCase());
  if (wanted.length === 0) return [];
  const folded = page.map((entry) => ({ ...entry, letter: entry.letter.toLowerCase() }));
  const found: ItemRange[][] = [];
  for (let start = 0; start + wanted.length <= folded.length; start += 1) {
    if (!matches(folded, start, wanted, wanted.length)) continue;
    found.push(ranges(page.slice(start, start + wanted.length)));
    start += wanted.length - 1;
  }
  return found;
}

function find(page: Letter[], wanted: string[]): number {
  for (let start = 0; start + wanted.length <= page.length; start += 1) {
    if (matches(page, start, wanted, wanted.length)) return start;
  }
  return -1;
}

function matches(page: Letter[], start: number, wanted: string[], length: number): boolean {
  for (let at = 0; at < length; at += 1) {
    if (page[start + at]?.letter !== wanted[at]) return false;
  }
  return true;
}

function letters(text: string, item: number): Letter[] {
  const found: Letter[] = [];
  let at = 0;
  for (const point of text) {
    for (const letter of point.normalize("NFKC")) {
      // Blanks, hyphens and invisible marks are where extraction tools differ.
      if (!/[\s\p{Cf}\u002d\u2010\u2011\ufffe]/u.test(letter)) {
        found.push({ letter, item, at, length: point.length });
      }
    }
    at += point.length;
  }
  return found;
}

function ranges(found: Letter[]): ItemRange[] {
  const result: ItemRange[] = [];
  for (const { item, at, length } of found) {
    const last = result.at(-1);
    if (last?.item === item) last.to = at + length;
    else result.push({ item, from: at, to: at + length });
  }
  return result;
}

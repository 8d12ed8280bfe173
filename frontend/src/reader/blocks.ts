import type { TextBlock } from "../api/types";

/** A part of a text in UTF-16 units. */
export interface Range {
  from: number;
  to: number;
}

export interface Row extends Range {
  header: boolean;
  cells: Range[];
}

/** What is shown as one thing: a table with its rows, a list with its items, or one block. */
export type Group =
  | (Range & { kind: "heading"; level: number })
  | (Range & { kind: "paragraph" | "code" })
  | (Range & { kind: "list"; items: (Range & { level: number })[] })
  | (Range & { kind: "table"; rows: Row[] });

const ROWS_AT_ONCE = 150; // longer tables are cut, so that the browser lays out what is in view

/** The blocks of a text as they are shown. `blocks` count code points, as the API does. */
export function groups(text: string, blocks: TextBlock[]): Group[] {
  const units = unitsOf(text);
  const found: Group[] = [];
  let before = -1; // where the last row ended: the next of its table follows at once
  for (const block of blocks) {
    const [from, to] = [units(block.start), units(block.end)];
    const last = found.at(-1);
    switch (block.kind) {
      case "heading":
        found.push({ kind: "heading", level: block.level, from, to });
        break;
      case "list_item": {
        const item = { from, to, level: block.level };
        if (last?.kind === "list") {
          last.items.push(item);
          last.to = to;
        } else found.push({ kind: "list", from, to, items: [item] });
        break;
      }
      case "table_row": {
        const row = { from, to, header: block.header, cells: cellsOf(text, from, to) };
        const follows = last?.kind === "table" && from === before + 1;
        before = to;
        if (!follows) found.push({ kind: "table", from, to, rows: [row] });
        else if (last.rows.length < ROWS_AT_ONCE) {
          // The header is printed again for passages; in a table that is seen whole once is enough.
          if (!row.header) last.rows.push(row);
          last.to = to;
        } else {
          const header = last.rows.find((first) => first.header);
          const rows = header && !row.header ? [header, row] : [row];
          found.push({ kind: "table", from, to, rows });
        }
        break;
      }
      default:
        found.push({ kind: block.kind, from, to });
    }
  }
  return found;
}

/** Groups of neighbours of about `length` UTF-16 units each, to be laid out as they come into view. */
export function segments(found: Group[], length = 3_000): Group[][] {
  const parts: Group[][] = [];
  let room = 0;
  for (const group of found) {
    if (room <= 0 || parts.length === 0) {
      parts.push([]);
      room = length;
    }
    parts.at(-1)?.push(group);
    room -= group.to - group.from;
  }
  return parts;
}

/** `| a | b \| c |` → the places of `a` and `b \| c`. */
function cellsOf(text: string, from: number, to: number): Range[] {
  const cells: Range[] = [];
  let start = from + 1;
  for (let at = start; at < to; at += 1) {
    if (text[at] !== "|" || text[at - 1] === "\\") continue;
    const cell = text.slice(start, at);
    const left = cell.length - cell.trimStart().length;
    const inner = cell.trim().length;
    cells.push({ from: start + left, to: start + left + inner });
    start = at + 1;
  }
  return cells;
}

/** From code points to UTF-16 units; asked in rising order, it walks the text once. */
function unitsOf(text: string): (point: number) => number {
  let [point, unit] = [0, 0];
  return (wanted) => {
    if (wanted < point) [point, unit] = [0, 0];
    while (point < wanted && unit < text.length) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
      point += 1;
    }
    return unit;
  };
}

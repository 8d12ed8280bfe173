import { utf16Index } from "./codepoints";

/** What is shown as one thing: running text, or rows of a table, each as its cells. */
export type Piece = { kind: "text"; text: string } | { kind: "rows"; rows: string[][] };

const ROW = /^\s*\||\|\s*$/; // a quote may begin or end within one

/** A text in which table rows are written `| a | b |`, in parts. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  for (const line of text.split("\n")) {
    const last = found.at(-1);
    if (isRow(line)) {
      const cells = cellsOf(line);
      if (last?.kind === "rows") last.rows.push(cells);
      else found.push({ kind: "rows", rows: [cells] });
    } else if (last?.kind === "text") last.text += `\n${line}`;
    else found.push({ kind: "text", text: line });
  }
  return found.filter((piece) => piece.kind === "rows" || piece.text.trim() !== "");
}

export function isRow(line: string): boolean {
  return ROW.test(line) && line.trim().length > 1;
}

/** `| a | b \| c |` → `a`, `b | c` */
export function cellsOf(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replaceAll("\\|", "|").trim());
}

/**
 * The names of the columns of the table whose row stands at `offset` (code points) of a passage:
 * its first row, which a long table prints again in each passage. null: no table.
 */
export function columnsAt(passage: string, offset: number): string[] | null {
  const at = utf16Index(passage, Math.max(offset, 0));
  const lines = passage.slice(0, at).split("\n");
  lines.pop(); // the row itself, as far as it goes before `offset`
  let first = isRow(passage.slice(at).split("\n")[0] ?? "") ? passage.slice(at) : null;
  while (isRow(lines.at(-1) ?? "")) first = lines.pop() ?? null;
  return first === null ? null : cellsOf(first.split("\n")[0] ?? "");
}

/** In one line of text, as where nothing but text can stand: `a · b`. */
export function withoutBars(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      isRow(line)
        ? cellsOf(line)
            .filter((cell) => cell !== "")
            .join(" · ")
        : line,
    )
    .join("\n");
}

import { describe, expect, it } from "vitest";
import { cellsOf, columnsAt, pieces, withoutBars } from "./rows";

const TABLE = "前言😀。\n| Service | Port |\n| Chat | 11434 |\n| Index \\| search | 6333 |\n\nAfter it.";
const offsetOf = (part: string) => [...TABLE.slice(0, TABLE.indexOf(part))].length;

describe("rows of a table in a text", () => {
  it("are told from what stands around them", () => {
    expect(pieces(TABLE)).toEqual([
      { kind: "text", text: "前言😀。" },
      {
        kind: "rows",
        rows: [
          ["Service", "Port"],
          ["Chat", "11434"],
          ["Index | search", "6333"],
        ],
      },
      { kind: "text", text: "\nAfter it." },
    ]);
    expect(pieces("a | b is no row")).toEqual([{ kind: "text", text: "a | b is no row" }]);
  });

  it("have their columns' names from the first row of their own table", () => {
    expect(columnsAt(TABLE, offsetOf("| Chat"))).toEqual(["Service", "Port"]);
    expect(columnsAt(TABLE, offsetOf("6333"))).toEqual(["Service", "Port"]);
    expect(columnsAt(TABLE, offsetOf("| Service"))).toEqual(["Service", "Port"]);
    expect(columnsAt(TABLE, offsetOf("After"))).toBeNull();
  });

  it("keep empty cells in place, and cells that a quote cut", () => {
    expect(cellsOf("| a |  | c |")).toEqual(["a", "", "c"]);
    expect(cellsOf("b | c |")).toEqual(["b", "c"]);
    expect(withoutBars("One.\n| a |  | c |")).toBe("One.\na · c");
  });
});

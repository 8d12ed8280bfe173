import { describe, expect, it } from "vitest";
import { conversationRow } from "../state/test-data";
import { byAge } from "./groups";

const now = new Date(2026, 4, 10, 0, 30); // half past midnight, local time
const used = (id: string, ...when: [number, number, number, number]) =>
  conversationRow({ id, updated_at: new Date(...when).toISOString() });

describe("byAge", () => {
  it("counts calendar days, not hours", () => {
    const groups = byAge(
      [
        used("a", 2026, 4, 10, 0),
        used("b", 2026, 4, 9, 23),
        used("c", 2026, 4, 9, 0),
        used("d", 2026, 4, 8, 23),
        used("e", 2026, 4, 3, 0),
        used("f", 2026, 4, 2, 23),
      ],
      now,
    );
    expect(groups.map(({ age, rows }) => [age, rows.map((row) => row.id).join("")])).toEqual([
      ["today", "a"],
      ["yesterday", "bc"],
      ["week", "de"],
      ["older", "f"],
    ]);
  });

  it("shows no empty group", () => {
    expect(byAge([], now)).toEqual([]);
  });
});

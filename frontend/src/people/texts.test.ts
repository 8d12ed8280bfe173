import { expect, test } from "vitest";
import { namesIn } from "./texts";

test("names stand between commas of either language, each once", () => {
  expect(namesIn(" 财务、board，  board, hr ;")).toEqual(["财务", "board", "hr"]);
  expect(namesIn(" , ")).toEqual([]);
});

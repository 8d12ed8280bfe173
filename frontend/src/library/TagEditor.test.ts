import { describe, expect, it } from "vitest";
import { merge } from "./TagEditor";

describe("tags that are typed", () => {
  it("are cut at the separators of both languages, and kept once", () => {
    expect(merge(["法务"], "合同，2026、法务, draft ;")).toEqual(["法务", "合同", "2026", "draft"]);
    expect(merge(["a"], "  ")).toEqual(["a"]);
  });

  it("may hold spaces", () => {
    expect(merge([], "to do")).toEqual(["to do"]);
  });
});

import { describe, expect, it } from "vitest";
import type { ScopeItem } from "./scope";
import { askAbout, formatRoute, home, parseRoute, type Route } from "./useRoute";

describe("the route in the address", () => {
  it("survives a round trip", () => {
    const place = {
      documentId: "d1",
      revision: "r1",
      quote: { start: 12, end: 34 },
      page: 3,
      kb: "法务",
    };
    const scope: ScopeItem[] = [
      { kind: "doc", value: "d1" },
      { kind: "tag", value: "合同, A&B" },
      { kind: "folder", value: "file:///srv/%E5%90%88%E5%90%8C" },
    ];
    const routes: Route[] = [
      home,
      { ...home, conversation: "0b0c3f1e-5a53-5b0f-9d2e-6f1b6c1f7a10", place },
      { ...home, view: "library", place: { ...place, revision: null, quote: null } },
      askAbout(scope, "compare"),
    ];
    for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it("is not taken from the target of a link", () => {
    expect(parseRoute("#question")).toBeNull();
    expect(parseRoute("#/c/../x")).toBeNull();
  });

  it("takes no place from numbers that are none", () => {
    expect(parseRoute("#/?read=d&from=9&to=3")?.place?.quote).toBeNull();
    expect(parseRoute("#/?read=d&from=-1&to=3&page=x")?.place).toMatchObject({
      quote: null,
      page: null,
    });
    expect(parseRoute("#/?from=1&to=3")?.place).toBeNull();
  });
});

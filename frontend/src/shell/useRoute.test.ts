import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute, type Route } from "./useRoute";

describe("the route in the address", () => {
  it("survives a round trip", () => {
    const routes: Route[] = [
      { view: "chat", conversation: null },
      { view: "chat", conversation: "0b0c3f1e-5a53-5b0f-9d2e-6f1b6c1f7a10" },
      { view: "library", conversation: null },
    ];
    for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it("is not taken from the target of a link", () => {
    expect(parseRoute("#question")).toBeNull();
    expect(parseRoute("#/c/../x")).toBeNull();
  });
});

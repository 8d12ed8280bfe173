import { expect, test } from "vitest";
import { may, type Need } from "./rights";
import type { Me } from "./types";

const NEEDS: Need[] = ["ask", "read", "write", "admin", "all", "operator"];
const local: Me = {
  name: "local",
  accounts: false,
  role: "admin",
  roles: {},
  groups: [],
  scopes: ["admin", "ask", "read", "write"],
  knowledge_bases: null,
  operator: false,
  signed_in: null,
  has_password: false,
};
const signedIn = (change: Partial<Me>): Me => ({ ...local, accounts: true, ...change });
const allowed = (me: Me, kb: string | null) => NEEDS.filter((need) => may(me, need, kb));

test("without accounts all is offered; the operator's key is asked for when it is needed", () => {
  expect(allowed(local, "default")).toEqual(NEEDS);
});

test("a reader asks and reads, an editor writes too, and an admin manages", () => {
  expect(allowed(signedIn({ role: "reader" }), "default")).toEqual(["ask", "read"]);
  expect(allowed(signedIn({ role: "editor" }), "default")).toEqual(["ask", "read", "write"]);
  expect(allowed(signedIn({ role: "admin", operator: true }), null)).toEqual(NEEDS);
});

test("a role in one knowledge base counts there only", () => {
  const reader = signedIn({ role: "reader", roles: { legal: "admin" } });
  expect(allowed(reader, "legal")).toEqual(["ask", "read", "write", "admin"]);
  expect(allowed(reader, "default")).toEqual(["ask", "read"]);
});

test("a key leaves what its scopes and knowledge bases say", () => {
  const key = signedIn({ role: "admin", scopes: ["read", "admin"], knowledge_bases: ["legal"] });
  expect(allowed(key, "legal")).toEqual(["read", "admin"]);
  expect(allowed(key, "default")).toEqual([]);
});

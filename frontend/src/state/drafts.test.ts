import { beforeEach, describe, expect, it } from "vitest";
import { emptyDraft, readDraft, writeDraft } from "./drafts";

describe("drafts", () => {
  beforeEach(() => localStorage.clear());

  it("belong to their conversation", () => {
    writeDraft(localStorage, "a", { text: "改写甲的问题", editing: "turn-0", scope: null });
    writeDraft(localStorage, "b", { text: "another", editing: null, scope: null });
    expect(readDraft(localStorage, "a")).toEqual({ text: "改写甲的问题", editing: "turn-0", scope: null });
    expect(readDraft(localStorage, "b")).toEqual({ text: "another", editing: null, scope: null });
    expect(readDraft(localStorage, null)).toEqual(emptyDraft);
  });

  it("leave nothing behind once they are empty", () => {
    writeDraft(localStorage, null, { text: "x", editing: null, scope: null });
    writeDraft(localStorage, null, emptyDraft);
    expect(localStorage.length).toBe(0);
  });

  it("are empty where something else was stored", () => {
    for (const kept of ["{", "null", "3", '{"text": 3, "editing": []}']) {
      localStorage.setItem("groundkb.draft.a", kept);
      expect(readDraft(localStorage, "a")).toEqual(emptyDraft);
    }
  });

  it("do without a storage that refuses", () => {
    const refusing = {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("full");
      },
      removeItem: () => {
        throw new Error("denied");
      },
    };
    writeDraft(refusing, "a", { text: "x", editing: null, scope: null });
    expect(readDraft(refusing, "a")).toEqual(emptyDraft);
  });
});

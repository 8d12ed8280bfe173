import { describe, expect, it } from "vitest";
import { before, chatReducer, emptyChat, historyOf, isAnswering, type ChatAction } from "./chat";
import { answer } from "./test-data";

function after(...actions: ChatAction[]) {
  return actions.reduce(chatReducer, emptyChat);
}
const ask = (id: string, replaces: string | null = null): ChatAction => ({
  type: "asked",
  id,
  question: `问题 ${id}`,
  replaces,
});
const done = (id: string): ChatAction => ({
  type: "event",
  id,
  event: { type: "done", answer: answer({ answer: `答 ${id}` }) },
});

describe("chatReducer", () => {
  it("sends events to the exchange they belong to", () => {
    const state = after(ask("a"), done("a"), ask("b"), {
      type: "event",
      id: "b",
      event: { type: "token", text: "x" },
    });
    expect(state.exchanges.map((exchange) => exchange.answer.draft)).toEqual(["答 a", "x"]);
    expect(isAnswering(state)).toBe(true);
    expect(isAnswering(chatReducer(state, done("b")))).toBe(false);
  });

  it("drops the edited question and all after it", () => {
    const state = after(ask("a"), done("a"), ask("b"), done("b"), ask("c"), ask("b2", "b"));
    expect(state.exchanges.map((exchange) => exchange.id)).toEqual(["a", "b2"]);
  });

  it("does not revive an exchange that was replaced", () => {
    const state = after(ask("a"), ask("a2", "a"), done("a"));
    expect(state.exchanges.map((exchange) => exchange.answer.phase)).toEqual(["retrieving"]);
  });

  it("builds the history of finished exchanges only", () => {
    const state = after(ask("a"), done("a"), ask("b"), {
      type: "event",
      id: "b",
      event: { type: "stopped" },
    });
    expect(historyOf(state.exchanges)).toEqual([
      { role: "user", content: "问题 a" },
      { role: "assistant", content: "答 a" },
    ]);
    expect(historyOf(before(state, "a"))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { chatReducer, emptyChat, isAnswering, replacedTurn, type ChatAction } from "./chat";
import { answer, conversation } from "./test-data";

function after(...actions: ChatAction[]) {
  return actions.reduce(chatReducer, emptyChat);
}
const ask = (id: string, replaces: string | null = null): ChatAction => ({
  type: "asked",
  id,
  question: `问题 ${id}`,
  scope: [],
  replaces,
});
const done = (id: string, position: number | null = null): ChatAction => ({
  type: "event",
  id,
  event: {
    type: "done",
    answer: answer({ answer: `答 ${id}`, conversation_id: "k", position, turn_id: `turn-${id}` }),
  },
});
const stopped = (id: string): ChatAction => ({ type: "event", id, event: { type: "stopped" } });

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

  it("learns from the first answer where the conversation is kept", () => {
    const kept = (conversation_id: string): ChatAction => ({
      type: "event",
      id: "a",
      event: { type: "done", answer: answer({ conversation_id, position: 0 }) },
    });
    expect(after(ask("a")).conversation).toBeNull();
    expect(after(ask("a"), kept("k")).conversation).toBe("k");
    expect(after(ask("a"), { type: "cleared" }, kept("k"))).toEqual(emptyChat);
  });

  it("opens a kept conversation with its answers in whole", () => {
    const kept = conversation("k", ["一", "二"]);
    const state = after(
      ask("a"),
      { type: "opening", conversation: "k" },
      { type: "opened", conversation: kept },
    );
    expect(state.conversation).toBe("k");
    expect(state.opening).toBeNull();
    expect(state.exchanges.map(({ question }) => question)).toEqual(["一", "二"]);
    expect(state.exchanges.map((exchange) => exchange.answer.phase)).toEqual(["done", "done"]);
  });

  it("shows why an answer cannot be read, and leaves the turn on the server", () => {
    const kept = conversation("k", ["许可证？", "大小？"]);
    const problem = { code: "kept_unreadable", message: "无法读取。", hint: "重新提问。" };
    const turns = kept.turns.map((turn) => (turn.position === 1 ? { ...turn, answer: null, problem } : turn));
    const state = after(
      { type: "opening", conversation: "k" },
      { type: "opened", conversation: { ...kept, turns } },
    );
    expect(state.exchanges[1]?.answer.failure).toEqual({ kind: "server", error: problem });
    expect(replacedTurn(state, null)).toBeNull();
    expect(replacedTurn(state, "k-1")).toBe(1);
  });

  it("drops a conversation that arrives after another was asked for", () => {
    const late = after(
      { type: "opening", conversation: "k" },
      { type: "opening", conversation: "l" },
      { type: "opened", conversation: conversation("k", ["一"]) },
      { type: "unopened", conversation: "k", error: "late" },
    );
    expect(late).toEqual({ ...emptyChat, conversation: "l", opening: { error: null } });
    const left = after(
      { type: "opening", conversation: "k" },
      { type: "cleared" },
      { type: "opened", conversation: conversation("k", ["一"]) },
    );
    expect(left).toEqual(emptyChat);
  });
});

describe("versions", () => {
  it("are counted from the question that is asked again, with its scope", () => {
    const scope = [{ kind: "tag" as const, value: "法务" }];
    const state = after(ask("a"), done("a", 0), { ...ask("b", "a"), scope } as ChatAction);
    expect(state.exchanges[0]?.versions).toEqual(["turn-a"]);
    const asked = { type: "asked" as const, conversation_id: "k", turn_id: "t2", position: 0, version: 2 };
    const told = chatReducer(state, { type: "event", id: "b", event: asked });
    expect(told.exchanges[0]).toMatchObject({ turn: "t2", versions: ["turn-a", "t2"], scope });
    expect(chatReducer(told, done("b", 0)).exchanges[0]?.versions).toHaveLength(3);
  });

  it("bring their own later turns with them", () => {
    const state = after(ask("a"), done("a", 0));
    const conversationThen = conversation("k", ["一", "二"]);
    const turned = chatReducer(state, { type: "turned", conversation: conversationThen });
    expect(turned.exchanges.map(({ id, turn }) => [id, turn])).toEqual([
      ["k-0", "k-0"],
      ["k-1", "k-1"],
    ]);
    const other = { type: "turned" as const, conversation: conversation("l", ["一"]) };
    expect(chatReducer(turned, other)).toBe(turned);
  });
});

describe("replacedTurn", () => {
  it("is none for a question that comes after all others", () => {
    expect(replacedTurn(emptyChat, null)).toBeNull();
    expect(replacedTurn(after(ask("a"), done("a", 0)), null)).toBeNull();
  });

  it("counts what the server keeps, which is finished answers", () => {
    const state = after(ask("a"), done("a", 0), ask("b"), stopped("b"), ask("c"), done("c", 1));
    expect(replacedTurn(state, "a")).toBe(0);
    expect(replacedTurn(state, "b")).toBe(1);
    expect(replacedTurn(state, "c")).toBe(1);
    const last = after(ask("a"), done("a", 0), ask("b"), stopped("b"));
    expect(replacedTurn(last, "b")).toBeNull();
  });

  it("remembers what a stopped new attempt has left on the server", () => {
    const state = after(ask("a"), done("a", 0), ask("b"), done("b", 1), ask("b2", "b"), stopped("b2"));
    expect(replacedTurn(state, null)).toBe(1);
    expect(replacedTurn(state, "b2")).toBe(1);
  });
});

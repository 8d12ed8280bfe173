import type { AnswerEvent } from "../api/types";
import { describe, expect, it } from "vitest";
import { answerReducer, askedNow, isUnderWay, type AnswerState } from "./answer";
import { answer, citation, passage } from "./test-data";

const stream: AnswerEvent[] = [
  { type: "retrieved", retrieved: [passage()], standalone_question: "代码的许可证是什么？" },
  { type: "thought", text: "看第一段" },
  { type: "token", text: "代码采用 " },
  { type: "token", text: "MIT[1]" },
  { type: "citations", citations: [citation()] },
  { type: "done", answer: answer() },
];

function after(events: AnswerEvent[]): AnswerState {
  return events.reduce(answerReducer, askedNow);
}

describe("answerReducer", () => {
  it("goes from retrieving over writing to done", () => {
    expect(stream.map((_, at) => after(stream.slice(0, at + 1)).phase)).toEqual([
      "writing",
      "writing",
      "writing",
      "writing",
      "writing",
      "done",
    ]);
    expect(askedNow.phase).toBe("retrieving");
  });

  it("gathers tokens, thoughts, passages and citations", () => {
    const state = after(stream.slice(0, 5));
    expect(state.draft).toBe("代码采用 MIT[1]");
    expect(state.thoughts).toBe("看第一段");
    expect(state.standaloneQuestion).toBe("代码的许可证是什么？");
    expect(state.citations).toEqual([citation()]);
    expect(state.answer).toBeNull();
  });

  it("tells place, stage and the sentences found before a word is written", () => {
    const queued = after([{ type: "queued", place: 2 }]);
    expect(queued.place).toBe(2);
    const reading = answerReducer(queued, { type: "stage", stage: "read" });
    expect([reading.place, reading.stage?.stage]).toEqual([null, "read"]);
    const found = answerReducer(reading, { type: "evidence", evidence: [citation()] });
    expect(found.evidence).toEqual([citation()]);
    expect([found.phase, found.draft, found.citations]).toEqual(["retrieving", "", []]);
    expect(answerReducer(found, { type: "done", answer: answer() }).stage).toBeNull();
  });

  it("lets the finished answer replace the draft", () => {
    const refused = answer({
      answer: "上下文未包含对此问题的答案",
      answered: false,
      refusal: { reason: "unverified", message: "上下文未包含对此问题的答案" },
      citations: [],
      statements: [],
    });
    const state = after([...stream.slice(0, 5), { type: "done", answer: refused }]);
    expect(state.draft).toBe("上下文未包含对此问题的答案");
    expect(state.citations).toEqual([]);
    expect(state.answer?.refusal?.reason).toBe("unverified");
  });

  const error = { code: "chat_interrupted", message: "m", hint: "h" };
  it.each<[AnswerEvent, AnswerState["phase"]]>([
    [{ type: "error", error }, "failed"],
    [{ type: "failed", failure: { kind: "dropped" } }, "failed"],
    [{ type: "stopped" }, "stopped"],
  ])("keeps what was received when the stream ends by %j", (end, phase) => {
    const received = after(stream.slice(0, 4));
    const state = answerReducer(received, end);
    expect(state.phase).toBe(phase);
    expect(state.draft).toBe("代码采用 MIT[1]");
    expect(state.retrieved).toEqual([passage()]);
    expect(isUnderWay(state)).toBe(false);
  });

  it("ignores whatever comes after the end", () => {
    for (const end of [{ type: "stopped" }, stream[5]] as AnswerEvent[]) {
      const ended = answerReducer(after(stream.slice(0, 4)), end);
      for (const late of [...stream, { type: "failed", failure: { kind: "dropped" } } as const]) {
        expect(answerReducer(ended, late)).toBe(ended);
      }
    }
  });
});

import { describe, expect, it } from "vitest";
import { finished } from "../state/answer";
import { answer, citation } from "../state/test-data";
import { answerText, conversationText } from "./markdown";

const texts = { sources: "Sources", page: (page: number) => `p. ${page}`, unfinished: "unfinished" };

describe("an exported answer", () => {
  it("has its question, its text and where each quote stands", () => {
    const state = finished(answer({ citations: [citation({ page: 3, title: "法律" })] }));
    expect(answerText("许可证是\n什么？", state, texts)).toBe(
      "## 许可证是 什么？\n\n代码采用 MIT 许可证。[1]\n\n**Sources**\n\n" +
        "- [1] 法律 › 许可证 › p. 3: “代码采用 MIT 许可证。”\n",
    );
  });

  it("says of one that is not whole that it is not", () => {
    const state = { ...finished(answer({ citations: [] })), citations: [], phase: "stopped" as const };
    expect(answerText("？", state, texts)).toContain("*unfinished*");
    const exchange = { question: "？", answer: state };
    const all = conversationText([exchange, exchange] as never, texts);
    expect(all.match(/^## /gm)).toHaveLength(2);
  });
});

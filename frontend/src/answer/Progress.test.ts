import { describe, expect, it } from "vitest";
import { en } from "../i18n/en";
import { zh } from "../i18n/zh";
import { askedNow, type AnswerState } from "../state/answer";
import { passage } from "../state/test-data";
import { progressOf } from "./Progress";

const told = (state: Partial<AnswerState>) => {
  const whole = { ...askedNow, ...state };
  return [progressOf(whole, en), progressOf(whole, zh)];
};

describe("progressOf", () => {
  it("says what is done now, in both languages", () => {
    expect(told({})).toEqual(["Searching the documents…", "正在检索文档…"]);
    expect(told({ stage: { stage: "read" } })).toEqual(["Reading what was found…", "正在阅读检索到的内容…"]);
    const retrieved = ["甲", "乙", "甲", "丙", "丁"].map((title) => passage({ title }));
    expect(told({ stage: { stage: "read" }, retrieved })).toEqual([
      "Reading “甲”, “乙”, “丙”…",
      "正在阅读《甲》、《乙》、《丙》…",
    ]);
    expect(told({ stage: { stage: "search_again", detail: "备份" } })).toEqual([
      "Searching once more: 备份",
      "正在再次检索：备份",
    ]);
  });

  it("tells the place while others are served, before anything else", () => {
    expect(told({ place: 3, stage: { stage: "search" } })[0]).toBe("Waiting: 3 answers come first…");
  });
});

import { describe, expect, it } from "vitest";
import { choiceOf, cronOf } from "./schedule";

describe("a schedule", () => {
  it("is what it was, read and written again", () => {
    for (const cron of [null, "0 * * * *", "5 23 * * *", "30 6 * * 1", "0 3 * * 1-5", "*/5 * * * *"]) {
      expect(cronOf(choiceOf(cron))).toBe(cron);
    }
    expect(choiceOf("5 23 * * *")).toMatchObject({ preset: "daily", time: "23:05" });
    expect(choiceOf("0 3 * * 1-5").preset).toBe("custom");
  });
});

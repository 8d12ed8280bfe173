import { describe, expect, it } from "vitest";
import { wordPattern, wordsIn } from "./words";

const marked = (question: string, text: string) => {
  const pattern = wordPattern(question);
  return pattern && wordsIn(text, pattern).filter((_, at) => at % 2 === 1);
};

describe("the words of a question in a text", () => {
  it("are those that say what is looked for, with any ending", () => {
    const text = "Nightly backups run at 2:00. The backup server is backed up, too; 'theatre' is not.";
    expect(marked("When does the nightly backups run?", text)).toEqual([
      "Nightly",
      "backups",
      "run",
      "backup",
    ]);
  });

  it("are runs of characters that stood beside each other where Chinese has no spaces", () => {
    const text = "许可证小组在三个工作日内答复，小心许可。";
    expect(marked("许可证小组几个工作日内答复？", text)).toEqual(["许可证小组", "工作日内答复", "许可"]);
  });

  it("are taken as they are written, whatever signs they hold", () => {
    expect(marked("c++ 1.5 (beta", "C++ 1.5 is in (beta)")).toEqual(["1.5", "beta"]);
    expect(wordPattern("what is the …?")).toBeNull();
  });
});

// The UI against a real `groundkb serve` with the real models and samples/library.
// BASE_URL names it; without it these tests are skipped, and say so.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, launch, openPage, shot, violations } from "./browser.mjs";

const base = process.env.BASE_URL;
const PATIENCE = 120_000; // ms for an answer of a model that runs on the CPU

/** Waits for the answer; an error of the server's is the test's own message. */
async function answeredWell(page) {
  await answered(page, PATIENCE);
  assert.deepEqual(await page.locator(".failure").allTextContents(), []);
}

// One question per format; each is answerable from the document named.
const questions = [
  ["Markdown", "许可证小组在几个工作日内答复？", /01-许可证选择\.md/, "zh-CN"],
  ["DOCX", "When is the nightly backup made?", /09-operations-runbook\.docx/, "en-GB"],
  ["PDF", "知识库每天什么时间自动同步共享文件夹？", /06-检索增强实践\.pdf/, "zh-CN"],
];

describe("the real server", { skip: base ? false : "BASE_URL is not set" }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  async function onPage(locale, body) {
    const opened = await openPage(browser, base.endsWith("/") ? base : `${base}/`, { locale });
    try {
      await body(opened.page);
      assert.deepEqual(opened.faults, []);
    } finally {
      await opened.close();
    }
  }

  for (const [format, question, file, locale] of questions) {
    it(`goes from a question to the highlighted sentence in ${format}`, () =>
      onPage(locale, async (page) => {
        await ask(page, question);
        await answeredWell(page);
        const item = page.locator(".evidence > .evidence-list .evidence-item", { hasText: file }).first();
        await item.waitFor();
        const quote = await item.locator("mark").textContent();
        assert.ok(quote.length > 3);
        const pill = page.locator(".markdown button.pill").first();
        await pill.hover();
        await page.locator(".citation-card mark").first().waitFor();
        await shot(page, `real-${format.toLowerCase()}-card`);
        await page.mouse.move(5, 500);
        await page.locator(".citation-card").waitFor({ state: "detached" });
        await item.click();
        const marks = page.locator(".text-view mark");
        await marks.first().waitFor();
        assert.equal((await marks.allTextContents()).join(""), quote);
        await page.waitForTimeout(300);
        await shot(page, `real-${format.toLowerCase()}`);
        if (format === "PDF") {
          await page.getByRole("button", { name: "页面" }).click();
          await page.locator(".pdf-mark").first().waitFor();
          const found = await page.locator(".pdf-marks").getAttribute("data-found");
          assert.equal(found.replaceAll(/\s/g, ""), quote.replaceAll(/\s/g, ""));
          await page.waitForTimeout(300);
          await shot(page, "real-pdf-page");
        }
        assert.deepEqual(await violations(page), []);
      }));
  }

  for (const [question, sentence, locale] of [
    ["澳大利亚的首都是哪里？", "上下文未包含对此问题的答案", "zh-CN"],
    ["What is the capital of Australia?", "The context does not contain an answer to this question.", "en-GB"],
  ]) {
    it(`refuses: ${question}`, () =>
      onPage(locale, async (page) => {
        await ask(page, question);
        await answeredWell(page);
        assert.ok((await page.locator(".refusal").textContent()).includes(sentence));
        assert.equal(await page.locator("button.pill").count(), 0);
        await shot(page, `real-refusal-${locale.slice(0, 2)}`);
      }));
  }

  it("stops the model when told to", () =>
    onPage("zh-CN", async (page) => {
      await ask(page, "请详细说明许可证的三种类别各自的要求。");
      await page.getByRole("button", { name: "停止" }).click();
      await page.getByText("已停止").first().waitFor();
      // The server is free again at once.
      await ask(page, "许可证小组在几个工作日内答复？");
      await answeredWell(page);
      assert.match(await page.locator(".exchange:last-child .answer").textContent(), /5 个工作日/);
    }));

  it("shows the library, a document's passages and the search", () =>
    onPage("en-GB", async (page) => {
      await page.getByRole("button", { name: "Library", exact: true }).click();
      await page.locator(".documents tbody tr").nth(11).waitFor();
      await shot(page, "real-library");
      await page.locator(".documents .number .link-button").first().click();
      await page.locator(".chunks li").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("nightly backup");
      await page.locator(".search-result").first().waitFor();
      await page.keyboard.press("Enter");
      await page.locator(".text-view mark").first().waitFor();
      assert.deepEqual(await violations(page), []);
    }));
});

// The UI against a real `groundkb serve` with the real models and samples/library. It is started
// and stopped here; BASE_URL names one that runs already, on a library of its own.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, launch, openPage, shot, violations } from "./browser.mjs";
import { samples, startServer, temporaryFolder } from "./server.mjs";

const PATIENCE = 120_000; // ms for an answer of a model that runs on the CPU
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const LICENCE = "许可证小组在几个工作日内答复？";

let browser;
let library;
before(async () => {
  browser = await launch();
  library = temporaryFolder();
});
after(async () => {
  await browser.close();
  library.remove();
});

/** Waits for the answer; an error of the server's is the test's own message. */
async function answeredWell(page) {
  await answered(page, PATIENCE);
  assert.deepEqual(await page.locator("[data-part=failure]").allTextContents(), []);
}

/** The marked text of the reader, once it is there. */
async function highlighted(page) {
  const marks = page.locator("[data-part=text-view] mark");
  await marks.first().waitFor();
  return (await marks.allTextContents()).join("");
}

// One question per format; each is answerable from the document named.
const questions = [
  ["Markdown", LICENCE, /01-许可证选择\.md/, "zh-CN"],
  ["DOCX", "When is the nightly backup made?", /09-operations-runbook\.docx/, "en-GB"],
  ["PDF", "知识库每天什么时间自动同步共享文件夹？", /06-检索增强实践\.pdf/, "zh-CN"],
];

describe("the real server", () => {
  let server;
  before(async () => {
    server = process.env.BASE_URL
      ? { url: process.env.BASE_URL, stop: () => undefined }
      : await startServer(library.path);
  });
  after(() => server?.stop());

  async function onPage(options, body) {
    const opened = await openPage(browser, server.url, options);
    try {
      await body(opened.page);
      assert.deepEqual(opened.faults, []);
    } finally {
      await opened.close();
    }
  }

  for (const [format, question, file, locale] of questions) {
    it(`goes from a question to the highlighted sentence in ${format}`, () =>
      onPage({ locale }, async (page) => {
        await ask(page, question);
        await answeredWell(page);
        assert.deepEqual(await page.locator("[data-part=refusal]").allTextContents(), []);
        const item = page
          .locator("[data-part=evidence] > [data-part=evidence-list] > li", { hasText: file })
          .locator("button")
          .first();
        await item.waitFor();
        const quote = await item.locator("mark").textContent();
        assert.ok(quote.length > 3);
        const pill = page.locator("[data-part=markdown] button[data-part=pill]").first();
        await pill.hover();
        await page.locator("[data-part=citation-card] mark").first().waitFor();
        await shot(page, `real-${format.toLowerCase()}-card`);
        await page.mouse.move(700, 5);
        await page.locator("[data-part=citation-card]").waitFor({ state: "detached" });
        await item.click();
        if (format === "PDF") {
          await page.locator("[data-part=pdf-mark]").first().waitFor();
          const found = await page
            .locator("[data-part=pdf-marks]:not([data-found=''])")
            .getAttribute("data-found");
          assert.equal(found.replaceAll(/\s/g, ""), quote.replaceAll(/\s/g, ""));
          await page.waitForTimeout(300);
          await shot(page, "real-pdf-page");
          assert.deepEqual(await violations(page), []);
          await page.getByRole("button", { name: "文本" }).click();
        }
        assert.equal(await highlighted(page), quote);
        await page.waitForTimeout(300);
        await shot(page, `real-${format.toLowerCase()}`);
        assert.deepEqual(await violations(page), []);
      }));
  }

  for (const [question, sentence, locale] of [
    ["澳大利亚的首都是哪里？", "上下文未包含对此问题的答案", "zh-CN"],
    [
      "What is the capital of Australia?",
      "The context does not contain an answer to this question.",
      "en-GB",
    ],
  ]) {
    it(`refuses: ${question}`, () =>
      onPage({ locale }, async (page) => {
        await ask(page, question);
        await answeredWell(page);
        assert.ok((await page.locator("[data-part=refusal]").textContent()).includes(sentence));
        assert.equal(await page.locator("button[data-part=pill]").count(), 0);
        await shot(page, `real-refusal-${locale.slice(0, 2)}`);
      }));
  }

  it("stops the model when told to", () =>
    onPage({}, async (page) => {
      await ask(page, "请详细说明许可证的三种类别各自的要求。");
      await page.getByRole("button", { name: "停止" }).click();
      await page.getByText("已停止").first().waitFor();
      // The server is free again at once, and what was stopped is told as such later, too.
      await ask(page, LICENCE);
      await answeredWell(page);
      assert.match(
        await page.locator("[data-part=exchange]:last-child [data-part=answer]").textContent(),
        /5 个工作日/,
      );
      await page.reload();
      await answeredWell(page);
      assert.equal(await page.locator("[data-part=exchange]").count(), 2);
      assert.match(
        await page.locator("[data-part=exchange]").first().locator("[data-part=answer]").textContent(),
        /已停止/,
      );
    }));

  it("finds the conversation after a reload, in the other language and theme, and on a phone", () =>
    onPage({}, async (page) => {
      const kept = page.locator("[data-part=conversation-title]", { hasText: LICENCE });
      await kept.first().click();
      await answeredWell(page);
      await page.reload();
      await answeredWell(page);
      assert.match(await page.locator("[data-part=question]").textContent(), new RegExp(LICENCE));
      const text = await page.locator("[data-part=markdown]").textContent();
      await page.getByRole("button", { name: "Switch to English" }).click();
      await page.getByRole("button", { name: "New chat" }).waitFor();
      await page.getByRole("button", { name: "Theme: system" }).click();
      await page.getByRole("button", { name: "Theme: light" }).click();
      assert.equal(await page.getAttribute("html", "data-theme"), "dark");
      assert.equal(await page.locator("[data-part=markdown]").textContent(), text);
      await page.locator("[data-part=markdown] button[data-part=pill]").first().click();
      await highlighted(page);
      await page.waitForTimeout(300);
      await shot(page, "real-dark");
      assert.deepEqual(await violations(page), []);
    }));

  it("fits a phone", () =>
    onPage(PHONE, async (page) => {
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
      await page.locator("[data-part=example]").first().waitFor();
      assert.ok(await fits());
      await shot(page, "real-phone-empty");
      await page.getByRole("button", { name: "对话列表" }).tap();
      await page.locator("[data-part=conversation-title]", { hasText: LICENCE }).first().tap();
      await answeredWell(page);
      assert.ok(await fits());
      await shot(page, "real-phone");
      await page.locator("[data-part=markdown] button[data-part=pill]").first().tap();
      await highlighted(page);
      assert.ok(await fits());
      assert.deepEqual(await violations(page), []);
      await shot(page, "real-phone-reader");
    }));

  it("takes in a file, and answers from it", () =>
    onPage({ locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Library", exact: true }).click();
      await page
        .locator("[data-part=pick-files]")
        .first()
        .setInputFiles([
          {
            name: "lighthouse.md",
            mimeType: "text/markdown",
            buffer: Buffer.from(
              "# Harbour office\n\nThe lighthouse keeper of Vardholm is called Ingrid Solberg. " +
                "She repainted the tower in 1987.\n",
            ),
          },
          { name: "empty.md", mimeType: "text/markdown", buffer: Buffer.from(" \n") },
        ]);
      await page
        .locator("[data-part=upload][data-phase=done]", { hasText: "lighthouse.md" })
        .waitFor({ timeout: PATIENCE });
      const failed = page.locator("[data-part=failed-file]", { hasText: "empty.md" });
      await failed.waitFor({ timeout: PATIENCE });
      assert.ok((await failed.textContent()).length > "empty.md".length + 10);
      await page.locator("[data-part=documents] tr", { hasText: "lighthouse.md" }).waitFor();
      await shot(page, "real-upload");
      await page.keyboard.press("/");
      await ask(page, "Who is the lighthouse keeper of Vardholm?");
      await answeredWell(page);
      assert.match(await page.locator("[data-part=markdown]").textContent(), /Ingrid Solberg/);
      await page.locator("[data-part=markdown] button[data-part=pill]").first().click();
      assert.match(await highlighted(page), /Ingrid Solberg/);
      await page.getByRole("button", { name: "Good answer", exact: true }).click();
      await page.getByText("Thank you").waitFor();
      const golden = await (await fetch(new URL("feedback/export", server.url))).text();
      assert.match(golden, /Who is the lighthouse keeper of Vardholm\?/);
    }));

  it("syncs a registered source and shows the report", { skip: Boolean(process.env.BASE_URL) }, () =>
    onPage({ locale: "en-GB" }, async (page) => {
      await server.groundkb("schedule", "add", samples, "--cron", "0 3 * * *", "--tz", "Asia/Shanghai");
      await page.getByRole("button", { name: "Library", exact: true }).click();
      await page.getByRole("button", { name: "Sources" }).click();
      const source = page.locator("[data-part=source]", { hasText: "samples/library" });
      assert.match(
        await source.textContent(),
        /every day at 03:00 \(Asia\/Shanghai\)Next run.*Last runnever/,
      );
      await source.getByRole("button", { name: /Sync now/ }).click();
      await source.getByText("0 added, 0 changed, 0 removed, 12 unchanged").waitFor({ timeout: PATIENCE });
      await shot(page, "real-sources");
    }),
  );

  it("shows the library, a document's passages and the search", () =>
    onPage({ locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Library", exact: true }).click();
      await page.locator("[data-part=documents] tbody tr").nth(11).waitFor();
      await shot(page, "real-library");
      const row = page.locator("[data-part=documents] tr", { hasText: "01-许可证选择.md" });
      await row.getByRole("button", { name: /Edit the tags/ }).click();
      await page.keyboard.type("legal");
      await page.getByRole("button", { name: "Save" }).click();
      await row.locator("[data-part=tag]", { hasText: "legal" }).click();
      await page.getByText("Tag: legal").waitFor();
      await page.locator("[data-part=documents] tbody tr").nth(1).waitFor({ state: "detached" }); // the server sorts it out
      assert.equal(await page.locator("[data-part=documents] tbody tr").count(), 1);
      await page.locator("[data-part=documents] td[data-part=number] button").first().click();
      await page.locator("[data-part=chunks] li").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").locator("input:focus").waitFor();
      await page.keyboard.type("nightly backup");
      await page.locator("[data-part=search-result]").first().waitFor();
      await page.keyboard.press("Enter");
      await page.locator("[data-part=text-view] mark").first().waitFor();
      assert.deepEqual(await violations(page), []);
    }));
});

describe("a server that is killed while it answers", { skip: Boolean(process.env.BASE_URL) }, () => {
  it("leaves what was written, says so, and is asked again only when told to", async () => {
    // With the full prompts the small model writes the list, which it would quote at once otherwise.
    const server = await startServer(library.path, { env: { GROUNDKB_PROMPT_SET: "full" } });
    const { page, close } = await openPage(browser, server.url);
    try {
      const asked = [];
      page.on("request", (request) => {
        if (request.method() === "POST" && request.url().endsWith("/ask")) asked.push(request);
      });
      await ask(page, "三类常见许可证分别是什么？请逐一说明。");
      await page.waitForFunction(
        () => (document.querySelector("[data-part=markdown]")?.textContent.length ?? 0) > 3,
        null,
        { timeout: PATIENCE },
      );
      assert.equal(await page.locator("[data-part=answer]").getAttribute("aria-busy"), "true");
      await server.kill();
      // The banner comes within 5 s, and the turn says by itself what became of it.
      await page
        .locator("[data-part=banner]", { hasText: "groundkb 服务器没有响应" })
        .waitFor({ timeout: 5_000 });
      assert.equal(await page.locator("[data-part=banner] code").textContent(), "groundkb serve");
      const failure = page.locator("[data-part=failure]");
      await failure.getByText("连接就断开了").waitFor();
      const kept = await page.locator("[data-part=markdown]").textContent();
      assert.ok(kept.length > 3);
      await page.waitForTimeout(4_000);
      assert.equal(asked.length, 1, "it asked again by itself");
      assert.equal(await page.locator("[data-part=markdown]").textContent(), kept);
      await shot(page, "real-killed");
      await failure.getByRole("button", { name: "重试" }).click();
      await failure.getByText("无法连接服务器").waitFor();
      assert.equal(asked.length, 2);

      // Started again, it knows the question, and what became of its answer.
      const again = await startServer(library.path, { chat: "none", sync: null });
      try {
        await page.goto(`${again.url}${new URL(page.url()).hash}`);
        await page.locator("[data-part=question]", { hasText: "三类常见许可证" }).waitFor();
        await page.locator("[data-part=failure]", { hasText: "服务在回答完成之前已停止" }).waitFor();
      } finally {
        await again.stop();
      }
    } finally {
      await close();
      await server.kill();
    }
  });
});

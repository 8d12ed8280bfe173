// The UI in a real browser against the stand-in server: what must hold whatever the models say.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, launch, openPage, shot, violations } from "./browser.mjs";
import { startMock } from "./mock/server.mjs";

const ZH = "DeepSeek-R1 使用什么许可证？";
const QUOTE = "DeepSeek-R1 的代码与权重采用 MIT 许可证，公司因此可以直接部署，也可以用它的输出训练自己的小模型。";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Runs `body` with a fresh server and page, and fails on whatever the page must not do. */
async function onPage(body, { server = {}, page: pageOptions = {}, expected = /^$/ } = {}) {
  const mock = await startMock(server);
  const opened = await openPage(browser, mock.url, pageOptions);
  try {
    await body(opened.page, mock);
    assert.deepEqual(opened.faults.filter((fault) => !expected.test(fault)), []);
  } finally {
    await opened.close();
    await mock.stop();
  }
}

describe("citations", () => {
  it("show a card on hover and on focus, and Esc takes it away", () =>
    onPage(async (page) => {
      await ask(page, ZH);
      await answered(page);
      const pill = page.locator("button.pill").first();
      await pill.hover();
      const card = page.locator(".citation-card");
      await card.waitFor();
      assert.equal(await card.locator("mark").textContent(), QUOTE);
      assert.match(await card.textContent(), /MIT 许可证最短.*三类常见许可证|三类常见许可证.*MIT 许可证最短/s);
      await shot(page, "zh-card");
      await page.mouse.move(5, 500);
      await card.waitFor({ state: "detached" });
      await pill.focus();
      await card.waitFor();
      assert.equal(await pill.getAttribute("aria-describedby"), await card.getAttribute("id"));
      await page.keyboard.press("Escape");
      await card.waitFor({ state: "detached" });
    }));

  it("open the reader at exactly the quote, step on, and give focus back", () =>
    onPage(async (page) => {
      await ask(page, ZH);
      await answered(page);
      const pill = page.locator("button.pill").first();
      await pill.focus();
      await page.keyboard.press("Enter");
      const mark = page.locator(".text-view mark");
      await mark.waitFor();
      assert.equal(await mark.textContent(), QUOTE);
      await page.waitForTimeout(200);
      assert.ok(await mark.isVisible());
      const box = await mark.boundingBox();
      assert.ok(box.y > 60 && box.y + box.height < 860, `mark at ${box.y}`);
      await shot(page, "zh-reader");
      await page.getByRole("button", { name: "下一处引用" }).click();
      await page.waitForFunction(() => document.querySelector(".text-view mark")?.textContent.startsWith("MIT 许可证最短"));
      await page.keyboard.press("Escape");
      await page.locator(".reader").waitFor({ state: "detached" });
      assert.equal(await page.evaluate(() => document.activeElement.className), "pill");
    }));

  it("count characters, not UTF-16 units, after an emoji", () =>
    onPage(async (page) => {
      await ask(page, "拒答句是什么？");
      await answered(page);
      await page.locator("button.pill").first().click();
      const mark = page.locator(".text-view mark");
      await mark.waitFor();
      assert.equal(await mark.textContent(), "拒答句是固定的一句话，任何改写都会被统一成这一句，方便程序判断。");
    }));

  it("highlight the quote on the page of a PDF", () =>
    onPage(async (page) => {
      await ask(page, "拒答句是什么？");
      await answered(page);
      await page.locator("button.pill").first().click();
      await page.getByRole("button", { name: "页面" }).click();
      await page.locator(".pdf-mark").first().waitFor();
      assert.equal(
        (await page.locator(".pdf-marks").getAttribute("data-found")).replaceAll(/\s/g, ""),
        "拒答句是固定的一句话，任何改写都会被统一成这一句，方便程序判断。",
      );
      await page.waitForTimeout(200);
      await shot(page, "zh-pdf");
      assert.deepEqual(await violations(page), []);
    }));

  it("keep what was only looked at folded away", () =>
    onPage(async (page) => {
      await ask(page, ZH);
      await answered(page);
      assert.equal(await page.locator(".evidence > .evidence-list > li").count(), 2);
      assert.equal(await page.locator(".also").getAttribute("open"), null);
      await page.locator(".also summary").click();
      await page.locator(".also .evidence-item").first().click();
      await page.locator(".text-view mark").waitFor();
    }));
});

describe("honesty", () => {
  it("marks a statement that the documents do not bear out", () =>
    onPage(async (page) => {
      await ask(page, ZH);
      await answered(page);
      assert.match(await page.locator(".unsupported").textContent(), /^它是业内最受欢迎的许可证。/);
      assert.ok(await page.getByText("点状下划线").isVisible());
    }));

  for (const [question, because] of [
    ["澳大利亚的首都在哪里？", "没有调用模型"],
    ["未核实的说法？", "不支持其核心说法"],
  ]) {
    it(`shows a refusal apart, with its reason: ${because}`, () =>
      onPage(async (page) => {
        await ask(page, question);
        await answered(page);
        const refusal = page.locator(".refusal");
        assert.match(await refusal.textContent(), /上下文未包含对此问题的答案/);
        assert.ok((await refusal.textContent()).includes(because));
        assert.equal(await page.locator("button.pill").count(), 0);
        assert.ok(await page.locator(".evidence > .evidence-list .evidence-item").first().isVisible());
        await refusal.getByRole("button", { name: "换一种问法" }).click();
        assert.equal(await page.locator("#question").inputValue(), question);
      }));
  }

  it("shows what is down with its remedy, and takes it away when it is up", () =>
    onPage(
      async (page, mock) => {
        mock.state.down = true;
        await page.reload();
        const banner = page.locator(".banner");
        await banner.waitFor();
        assert.match(await banner.textContent(), /GROUNDKB_CHAT=embedded/);
        mock.state.down = false;
        await banner.getByRole("button").click();
        await banner.waitFor({ state: "detached" });
      },
      { expected: /503/ },
    ));
});

describe("asking", () => {
  it("stops, keeping what was written", () =>
    onPage(async (page, mock) => {
      await ask(page, `${ZH} slow`);
      await page.locator(".markdown").waitFor();
      await page.waitForTimeout(900);
      await page.getByRole("button", { name: "停止" }).click();
      await page.getByText("已停止").first().waitFor();
      const kept = await page.locator(".markdown").textContent();
      assert.ok(kept.length > 3);
      await page.waitForTimeout(900);
      assert.equal(await page.locator(".markdown").textContent(), kept);
      assert.equal(mock.state.asked.length, 1);
    }));

  for (const [what, word, message] of [
    ["a dropped connection", "drop", "连接就断开了"],
    ["an error", "error", "The chat model broke off."],
  ]) {
    it(`keeps what came before ${what}, and asks again only when told to`, () =>
      onPage(
        async (page, mock) => {
          await ask(page, `${ZH} ${word}`);
          const failure = page.locator(".failure");
          await failure.waitFor();
          assert.ok((await failure.textContent()).includes(message));
          assert.match(await page.locator(".markdown").textContent(), /^DeepSeek-R1 的代码/);
          await page.waitForTimeout(1500);
          assert.equal(mock.state.asked.length, 1);
          await failure.getByRole("button", { name: "重试" }).click();
          await failure.waitFor();
          assert.equal(mock.state.asked.length, 2);
          assert.equal(await page.locator(".exchange").count(), 1);
        },
        { expected: /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION/ },
      ));
  }

  it("edits the last question with the arrow key and replaces it", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await ask(page, "它的依据呢？");
      await answered(page);
      assert.ok(await page.getByText("理解为").isVisible());
      await page.locator("#question").press("ArrowUp");
      assert.equal(await page.locator("#question").inputValue(), "它的依据呢？");
      await ask(page, "拒答句是什么？");
      await answered(page);
      assert.equal(await page.locator(".exchange").count(), 2);
      assert.deepEqual(
        mock.state.asked.map((body) => body.messages.length),
        [0, 2, 2],
      );
      assert.equal(mock.state.asked[2].messages[0].content, ZH);
    }));

  it("does not send while an input method composes", () =>
    onPage(async (page, mock) => {
      const box = page.locator("#question");
      await box.focus();
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Input.imeSetComposition", { text: "xu ke", selectionStart: 5, selectionEnd: 5 });
      const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
      await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
      await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
      assert.equal(mock.state.asked.length, 0);
      await devtools.send("Input.insertText", { text: "许可" });
      assert.equal(await box.inputValue(), "许可");
      await box.press("Shift+Enter");
      assert.equal(mock.state.asked.length, 0);
      await box.press("Enter");
      await answered(page);
      assert.equal(mock.state.asked.length, 1);
    }));

  it("folds thoughts away", () =>
    onPage(async (page) => {
      await ask(page, "请思考：许可证？");
      await answered(page);
      assert.equal(await page.locator(".thoughts").getAttribute("open"), null);
      await page.locator(".thoughts summary").click();
      assert.ok(await page.getByText("其中写明了许可证").isVisible());
      assert.ok(!(await page.locator(".markdown").textContent()).includes("先看第 1 段"));
    }));

  it("renders tables, code and maths, and nothing that a document could smuggle in", () =>
    onPage(async (page) => {
      await ask(page, "Which licence does it use?");
      await answered(page);
      await page.locator(".markdown math").waitFor();
      assert.equal(await page.locator(".markdown table").count(), 1);
      assert.match(await page.locator(".code-block pre").textContent(), /size = 7\.6/);
      assert.match(await page.locator(".markdown").textContent(), /\$5 to \$10/);
      await ask(page, "hostile");
      await answered(page);
      const last = page.locator(".exchange:last-child .markdown");
      assert.equal(await last.locator("img, script, iframe").count(), 0);
      assert.match(await last.textContent(), /<img src=x/);
      assert.equal(await last.getByText("click").evaluate((node) => node.closest("a")), null);
      assert.equal(await last.locator("a").first().getAttribute("rel"), "noopener noreferrer nofollow");
      assert.match(await last.textContent(), /1: https:\/\/evil\.example\/hidden/);
      assert.equal(await page.title(), "groundkb");
    }));
});

describe("the page", () => {
  it("searches with Ctrl+K and opens what was chosen by keyboard; / goes to the question", () =>
    onPage(async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("MIT");
      await page.locator(".search-result").nth(1).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.locator(".text-view mark").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("/");
      assert.equal(await page.evaluate(() => document.activeElement.id), "question");
      await page.keyboard.type("a/b");
      assert.equal(await page.locator("#question").inputValue(), "a/b");
    }));

  it("speaks the browser's language, switches every text, and remembers", () =>
    onPage(
      async (page) => {
        await ask(page, "Which licence?");
        await answered(page);
        assert.equal(await page.getAttribute("html", "lang"), "en");
        await page.getByRole("button", { name: "切换到中文" }).click();
        assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
        assert.ok(await page.getByRole("button", { name: "新对话" }).isVisible());
        assert.equal(await page.locator(".exchange").count(), 1, "the conversation stays");
        await page.getByRole("button", { name: "主题：跟随系统" }).click();
        await page.getByRole("button", { name: "主题：浅色" }).click();
        await page.reload();
        assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
        assert.equal(await page.getAttribute("html", "data-theme"), "dark");
      },
      { page: { locale: "en-GB" } },
    ));

  it("asks for the key once, keeps it in this tab only, and says when it is wrong", () =>
    onPage(
      async (page, mock) => {
        const field = page.getByLabel("API 密钥");
        await field.fill("wrong");
        await page.keyboard.press("Enter");
        await page.getByText("密钥未被接受").waitFor();
        assert.deepEqual(await violations(page), []);
        await field.fill("secret");
        await page.keyboard.press("Enter");
        await page.locator(".empty-count").waitFor();
        await ask(page, ZH);
        await answered(page);
        assert.equal(mock.state.asked.length, 1);
        const stored = await page.evaluate(() => [JSON.stringify(localStorage), JSON.stringify(sessionStorage)]);
        assert.ok(!stored[0].includes("secret") && stored[1].includes("secret"));
      },
      { server: { apiKey: "secret" }, expected: /401/ },
    ));

  it("works behind a path prefix", () =>
    onPage(
      async (page) => {
        await ask(page, "拒答句是什么？");
        await answered(page);
        await page.locator("button.pill").first().click();
        await page.getByRole("button", { name: "页面" }).click();
        await page.locator(".pdf-mark").first().waitFor();
      },
      { server: { prefix: "/tools/kb" } },
    ));

  it("removes a document, and takes it back when told to in time", () =>
    onPage(async (page) => {
      await page.getByRole("button", { name: "文档库" }).first().click();
      const row = page.locator(".documents tr", { hasText: "扫描件" });
      await row.getByRole("button", { name: /移除/ }).click();
      await row.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "撤销" }).click();
      await row.waitFor();
      const sent = page.waitForRequest((request) => request.method() === "DELETE");
      await row.getByRole("button", { name: /移除/ }).click();
      assert.match((await sent).url(), /documents\/d-broken$/);
      await page.locator(".toast").waitFor({ state: "detached" });
    }));

  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  it("fits a phone", () =>
    onPage(
      async (page) => {
        const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
        assert.ok(await fits());
        await ask(page, "Which licence does it use?");
        await answered(page);
        assert.ok(await fits());
        await shot(page, "phone");
        await page.locator("button.pill").first().tap();
        await page.locator(".text-view mark").waitFor();
        assert.equal(await page.locator(".citation-card").count(), 0, "a tap opens the reader at once");
        assert.ok(await fits());
        await shot(page, "phone-reader");
        assert.deepEqual(await violations(page), []);
        await page.getByRole("button", { name: "关闭" }).tap();
        await page.getByRole("button", { name: "文档库" }).first().tap();
        await page.locator(".documents").waitFor();
        assert.ok(await fits());
        assert.deepEqual(await violations(page), []);
      },
      { page: phone },
    ));

  for (const colorScheme of ["light", "dark"]) {
    for (const locale of ["zh-CN", "en-GB"]) {
      it(`has no accessibility violation in any state (${colorScheme}, ${locale})`, () =>
        onPage(
          async (page) => {
            const name = `${locale.slice(0, 2)}-${colorScheme}`;
            const check = async (state) => {
              assert.deepEqual(await violations(page), [], state);
              await shot(page, `${name}-${state}`);
            };
            await page.locator(".empty-count").waitFor();
            await check("empty");
            await ask(page, locale === "zh-CN" ? ZH : "Which licence does DeepSeek-R1 use?");
            await answered(page);
            await page.locator("button.pill").first().focus();
            await page.locator(".citation-card").waitFor();
            await check("answer");
            await page.locator("button.pill").first().click();
            await page.locator(".text-view mark").waitFor();
            await page.waitForTimeout(200);
            await check("reader");
            await ask(page, locale === "zh-CN" ? "澳大利亚的首都？" : "The capital of Australia?");
            await answered(page);
            await check("refusal");
            await page.keyboard.press("Control+k");
            await page.keyboard.type("MIT");
            await page.locator(".search-result").first().waitFor();
            await check("search");
            await page.keyboard.press("Escape");
            await page.locator(".reader .icon-button").first().click();
            await page.locator(".header-button").nth(2).click();
            await page.locator(".documents").waitFor();
            await check("library");
            await page.locator(".documents .number .link-button").first().click();
            await page.locator(".chunks").waitFor();
            await check("chunks");
          },
          { page: { locale, colorScheme } },
        ));
    }
  }
});

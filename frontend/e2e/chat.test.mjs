// Asking and reading answers in a real browser, against the stand-in server.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, shot, violations } from "./browser.mjs";
import { QUOTE, ZH, withBrowser } from "./mock/page.mjs";

const { onPage } = withBrowser({ before, after });

describe("citations", () => {
  it("show a card on hover and on focus, and Esc takes it away", () =>
    onPage(async (page) => {
      await ask(page, ZH);
      await answered(page);
      const pill = page.locator("button[data-part=pill]").first();
      await pill.hover();
      const card = page.locator("[data-part=citation-card]");
      await card.waitFor();
      assert.equal(await card.locator("mark").textContent(), QUOTE);
      assert.match(
        await card.textContent(),
        /MIT 许可证最短.*三类常见许可证|三类常见许可证.*MIT 许可证最短/s,
      );
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
      const pill = page.locator("button[data-part=pill]").first();
      await pill.focus();
      await page.keyboard.press("Enter");
      const mark = page.locator("[data-part=text-view] mark");
      await mark.waitFor();
      assert.equal(await mark.textContent(), QUOTE);
      await page.waitForTimeout(200);
      assert.ok(await mark.isVisible());
      const box = await mark.boundingBox();
      assert.ok(box.y > 60 && box.y + box.height < 860, `mark at ${box.y}`);
      await shot(page, "zh-reader");
      await page.getByRole("button", { name: "下一处引用" }).click();
      await page.waitForFunction(() =>
        document.querySelector("[data-part=text-view] mark")?.textContent.startsWith("MIT 许可证最短"),
      );
      await page.keyboard.press("Escape");
      await page.locator("[data-part=reader]").waitFor({ state: "detached" });
      assert.equal(await page.evaluate(() => document.activeElement.dataset.part), "pill");
    }));

  it("count characters, not UTF-16 units, after an emoji", () =>
    onPage(async (page) => {
      await ask(page, "拒答句是什么？");
      await answered(page);
      await page.locator("button[data-part=pill]").first().click();
      await page.getByRole("button", { name: "文本" }).click();
      const mark = page.locator("[data-part=text-view] mark");
      await mark.waitFor();
      assert.equal(
        await mark.textContent(),
        "拒答句是固定的一句话，任何改写都会被统一成这一句，方便程序判断。",
      );
    }));

  it("highlight the quote on the page of a PDF", () =>
    onPage(async (page) => {
      await ask(page, "拒答句是什么？");
      await answered(page);
      await page.locator("button[data-part=pill]").first().click();
      await page.locator("[data-part=pdf-mark]").first().waitFor();
      assert.equal(
        (
          await page.locator("[data-part=pdf-marks]:not([data-found=''])").getAttribute("data-found")
        ).replaceAll(/\s/g, ""),
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
      // Two citations of one section are one card.
      assert.equal(await page.locator("[data-part=evidence] > [data-part=evidence-list] > li").count(), 1);
      assert.equal(
        await page
          .locator("[data-part=evidence] > [data-part=evidence-list] [data-part~=evidence-part]")
          .count(),
        2,
      );
      assert.equal(await page.locator("[data-part=also]").getAttribute("open"), null);
      await page.locator("[data-part=also] summary").click();
      await page.locator("[data-part=also] [data-part~=evidence-item]").first().click();
      await page.locator("[data-part=text-view] mark").waitFor();
    }));
});

describe("honesty", () => {
  it("marks a statement that the documents do not bear out", () =>
    onPage(async (page) => {
      await ask(page, ZH);
      await answered(page);
      assert.match(
        await page.locator("[data-part=unsupported]").textContent(),
        /^它是业内最受欢迎的许可证。/,
      );
      assert.ok(await page.getByText("点状下划线").isVisible());
    }));

  for (const [question, because] of [
    ["澳大利亚的首都在哪里？", "都没有回答这个问题"],
    ["未核实的说法？", "不足以证明它回答了这个问题"],
  ]) {
    it(`shows a refusal apart, with its reason: ${because}`, () =>
      onPage(async (page) => {
        await ask(page, question);
        await answered(page);
        const refusal = page.locator("[data-part=refusal]");
        assert.match(await refusal.textContent(), /上下文未包含对此问题的答案/);
        assert.ok((await refusal.textContent()).includes(because));
        assert.equal(await page.locator("button[data-part=pill]").count(), 0);
        assert.ok(
          await page
            .locator("[data-part=evidence] > [data-part=evidence-list] [data-part~=evidence-item]")
            .first()
            .isVisible(),
        );
        await refusal.getByRole("button", { name: "换一种问法" }).click();
        assert.equal(await page.locator("#question").inputValue(), question);
      }));
  }

  it("shows what is down with its remedy, and takes it away when it is up", () =>
    onPage(
      async (page, mock) => {
        await page.locator("[data-part=empty-count]").waitFor();
        const banner = page.locator("[data-part=banner]");
        assert.equal(await banner.count(), 0);
        mock.state.down = true;
        await banner.waitFor({ timeout: 5_000 });
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
      await page.locator("[data-part=markdown]").waitFor();
      await page.waitForTimeout(900);
      await page.getByRole("button", { name: "停止" }).click();
      await page.getByText("已停止").first().waitFor();
      const kept = await page.locator("[data-part=markdown]").textContent();
      assert.ok(kept.length > 3);
      await page.waitForTimeout(900);
      assert.equal(await page.locator("[data-part=markdown]").textContent(), kept);
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
          const failure = page.locator("[data-part=failure]");
          await failure.waitFor();
          assert.ok((await failure.textContent()).includes(message));
          assert.match(await page.locator("[data-part=markdown]").textContent(), /^DeepSeek-R1 的代码/);
          await page.waitForTimeout(1500);
          assert.equal(mock.state.asked.length, 1);
          await failure.getByRole("button", { name: "重试" }).click();
          await failure.waitFor();
          assert.equal(mock.state.asked.length, 2);
          assert.equal(await page.locator("[data-part=exchange]").count(), 1);
        },
        { expected: /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION|ERR_EMPTY_RESPONSE/ },
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
      assert.equal(await page.locator("[data-part=exchange]").count(), 2);
      assert.deepEqual(
        mock.state.asked.map((body) => [body.conversation_id, body.position]),
        [
          ["new", null],
          ["conversation-1", null],
          ["conversation-1", 1],
        ],
      );
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
      assert.equal(await page.locator("[data-part=thoughts]").getAttribute("open"), null);
      await page.locator("[data-part=thoughts] summary").click();
      assert.ok(await page.getByText("其中写明了许可证").isVisible());
      assert.ok(!(await page.locator("[data-part=markdown]").textContent()).includes("先看第 1 段"));
    }));

  it("renders tables, code and maths, and nothing that a document could smuggle in", () =>
    onPage(async (page) => {
      await ask(page, "Which licence does it use?");
      await answered(page);
      await page.locator("[data-part=markdown] math").waitFor();
      assert.equal(await page.locator("[data-part=markdown] table").count(), 1);
      assert.match(await page.locator("[data-part=code-block] pre").textContent(), /size = 7\.6/);
      assert.match(await page.locator("[data-part=markdown]").textContent(), /\$5 to \$10/);
      await ask(page, "hostile");
      await answered(page);
      const last = page.locator("[data-part=exchange]:last-child [data-part=markdown]");
      assert.equal(await last.locator("img, script, iframe").count(), 0);
      assert.match(await last.textContent(), /<img src=x/);
      assert.equal(await last.getByText("click").evaluate((node) => node.closest("a")), null);
      assert.equal(await last.locator("a").first().getAttribute("rel"), "noopener noreferrer nofollow");
      assert.match(await last.textContent(), /1: https:\/\/evil\.example\/hidden/);
      assert.equal(await page.title(), "Which licence does it use? – groundkb", "no script gave it another");
    }));
});

// What must never be lost, and what must be reachable: journeys through the page against a real
// `groundkb serve`. BASE_URL names one that runs already (with quotes or with a chat model).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { answered, ask, colours, contrast, launch, openPage, shot, violations } from "./browser.mjs";
import { startServer, temporaryFolder } from "./server.mjs";

const PATIENCE = 120_000; // ms for an answer
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
const NARROW = { viewport: { width: 320, height: 640 } };
const LICENCE = "许可证小组在几个工作日内答复？";
const SYNC = "知识库每天什么时间自动同步共享文件夹？";
const PORT = "What port does the chat model server use?";
const EN = { locale: "en-GB" };
const OPERATOR = "the-operators-key";

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
  for (const { stop, library } of servers.values()) {
    await stop();
    library.remove();
  }
  ollama.close();
});

/** Ollama, as far as fetching a model goes: `let go` ends what it holds back at one half. */
const ollama = (() => {
  const half = { digest: "sha256:0123456789abcdef", total: 4_000_000_000 };
  let pulling = null;
  const server = createServer((request, response) => {
    if (request.url !== "/api/pull") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(`${JSON.stringify({ status: "pulling", ...half, completed: half.total / 2 })}\n`);
    pulling = response;
  });
  return {
    listen: async () => {
      if (!server.listening) await new Promise((done) => server.listen(0, "127.0.0.1", done));
      return `http://127.0.0.1:${server.address().port}`;
    },
    letGo: () => pulling.end(`${JSON.stringify({ status: "success" })}\n`),
    close: () => server.close(),
  };
})();

/** One server for all blocks that ask for the same chat model. */
const servers = new Map();
function withServer(chat) {
  let server = null;
  before(async () => {
    if (process.env.BASE_URL) server = { url: process.env.BASE_URL };
    else {
      if (!servers.has(chat)) {
        const library = temporaryFolder();
        const env = { GROUNDKB_OLLAMA_URL: await ollama.listen(), GROUNDKB_OPERATOR_KEYS: OPERATOR };
        servers.set(chat, { library, ...(await startServer(library.path, { chat, env })) });
      }
      server = servers.get(chat);
    }
  });
  const open = (options = {}, path = "") => openPage(browser, `${server.url}${path}`, options);
  return {
    open,
    onPage: async (options, body, path = "", expected = null) => {
      const opened = await open(options, path);
      try {
        await body(opened.page);
        assert.deepEqual(
          opened.faults.filter((fault) => !expected?.test(fault)),
          [],
        );
      } finally {
        await opened.close();
      }
    },
  };
}

async function asked(page, ...questions) {
  for (const question of questions) {
    await ask(page, question);
    await answered(page, PATIENCE);
  }
}

const questionsOf = async (page) =>
  (await page.locator("[data-part=question]").allTextContents()).map((text) =>
    text.replace(/^[^:：]+[:：]\s*/, ""),
  );
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
const focusIsSomewhere = (page) => page.evaluate(() => document.activeElement !== document.body);

describe("nothing is lost", () => {
  const { onPage } = withServer("none");

  it("asks again on turn 1 of 3, and keeps the other two in their version", () =>
    onPage({}, async (page) => {
      await asked(page, LICENCE, SYNC, "拒答句是什么？");
      const [first] = await page.locator("[data-part=exchange]").all();
      await first.getByRole("button", { name: "重新回答" }).click();
      await answered(page, PATIENCE);
      assert.deepEqual(await questionsOf(page), [LICENCE]);
      await page.locator("[data-part=versions]", { hasText: "2/2" }).waitFor({ timeout: PATIENCE });
      await page.getByRole("button", { name: "较早的版本" }).click();
      await page.locator("[data-part=exchange]").nth(2).waitFor();
      assert.deepEqual(await questionsOf(page), [LICENCE, SYNC, "拒答句是什么？"]);
      assert.match(await page.locator("[data-part=versions]").textContent(), /1\/2/);
      await page.reload();
      await page.locator("[data-part=exchange]").nth(2).waitFor();
      // What is asked now belongs to the version that is shown.
      await asked(page, "知识库每天几点同步？");
      await page.getByRole("button", { name: "较新的版本" }).click();
      await page.locator("[data-part=exchange]").nth(1).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "较早的版本" }).click();
      await page.locator("[data-part=exchange]").nth(3).waitFor();
      assert.deepEqual(await violations(page), []);
    }));

  it("sends an edit to the conversation that it belongs to", () =>
    onPage({}, async (page) => {
      await asked(page, LICENCE, SYNC);
      const one = new URL(page.url()).hash;
      await page.locator("#question").press("ArrowUp");
      await page.locator("#question").fill("改了一半的问题");
      await page.getByRole("button", { name: "新对话" }).first().click();
      await page.locator("[data-part=empty]").waitFor();
      assert.equal(await page.locator("#question").inputValue(), "");
      await asked(page, "拒答句是什么？");
      const other = new URL(page.url()).hash;
      assert.notEqual(other, one);
      await page.goBack();
      await page.locator("[data-part=question]", { hasText: LICENCE }).waitFor();
      assert.equal(await page.locator("#question").inputValue(), "改了一半的问题");
      await page.reload();
      await page.locator("[data-part=question]", { hasText: LICENCE }).waitFor();
      assert.equal(await page.locator("#question").inputValue(), "改了一半的问题");
      await page.getByText("将成为另一个版本").waitFor();
      await asked(page, SYNC);
      assert.deepEqual(await questionsOf(page), [LICENCE, SYNC]);
      assert.match(await page.locator("[data-part=versions]").textContent(), /2\/2/);
    }));

  it("brings back a question and a conversation that were deleted, also from another view", () =>
    onPage(EN, async (page) => {
      await asked(page, PORT, "When is the nightly backup made?");
      const last = page.locator("[data-part=exchange]").nth(1);
      await last.getByRole("button", { name: "Delete this question" }).click();
      await last.waitFor({ state: "detached" });
      assert.ok(await focusIsSomewhere(page));
      await page.getByRole("button", { name: "Library", exact: true }).click();
      await page.getByRole("button", { name: "Undo" }).click();
      await page.locator("[data-part=undo-bar] [data-part=toast]").waitFor({ state: "detached" });
      await page.goBack();
      await page.locator("[data-part=exchange]").nth(1).waitFor();

      const { hash } = new URL(page.url());
      const row = page.locator("[data-part=conversation]:has([aria-current])");
      await row.hover();
      await row.getByRole("button", { name: /^Delete/ }).click();
      await page.locator("[data-part=empty]").waitFor();
      assert.ok(await focusIsSomewhere(page));
      await page.getByRole("button", { name: "Library", exact: true }).click();
      const restored = page.waitForResponse((response) => response.url().endsWith("/restore"));
      await page.getByRole("button", { name: "Undo" }).click();
      await page.locator("[data-part=undo-bar] [data-part=toast]").waitFor({ state: "detached" });
      await restored; // before that its address leads nowhere
      await page.evaluate((address) => (window.location.hash = address), hash);
      await page.locator("[data-part=exchange]").nth(1).waitFor();
    }));

  it("shows what was thought of an answer, and takes it back", () =>
    onPage(EN, async (page) => {
      await asked(page, PORT);
      const good = page.getByRole("button", { name: "Good answer", exact: true });
      await good.click();
      await page.getByText("Thank you").waitFor();
      await page.reload();
      await answered(page, PATIENCE);
      assert.equal(await good.getAttribute("aria-pressed"), "true");
      await good.click();
      await page.locator('[data-part=thumb][aria-pressed="true"]').waitFor({ state: "detached" });
      await page.reload();
      await answered(page, PATIENCE);
      assert.equal(await good.getAttribute("aria-pressed"), "false");
    }));
});

describe("a scope", () => {
  const { onPage } = withServer("none");

  it("of two documents is chosen with the keyboard, kept by a reload, and limits the answer", () =>
    onPage(EN, async (page) => {
      await page.locator("#question").focus();
      for (const words of ["operations", "model sizes"]) {
        await page.keyboard.type("@");
        await page.locator("[data-part=scope-option]").first().waitFor();
        await page.keyboard.type(words);
        await page
          .locator("[data-part=scope-option]", { hasText: new RegExp(words, "i") })
          .first()
          .waitFor();
        await page.waitForFunction(
          (wanted) =>
            new RegExp(wanted, "i").test(
              document.querySelector('[data-part=scope-option][aria-selected="true"]')?.textContent ?? "",
            ),
          words,
        );
        await page.keyboard.press("Enter");
        await page.locator("[data-part=scope-picker]").waitFor({ state: "detached" });
      }
      const chips = page.locator("[data-part=composer] [data-part=scope-chip]");
      assert.equal(await chips.count(), 2);
      await shot(page, "real-scope");
      assert.deepEqual(await violations(page), []);
      await page.keyboard.type(PORT);
      const sent = page.waitForRequest((request) => request.url().endsWith("/ask"));
      await page.keyboard.press("Enter");
      assert.equal((await sent).postDataJSON().filter.scope.document_ids.length, 2);
      await answered(page, PATIENCE);
      assert.match(await page.locator("[data-part=markdown]").textContent(), /11434/);
      assert.equal(await page.locator("[data-part=asked] [data-part=scope-chip]").count(), 2);
      await page.reload();
      await answered(page, PATIENCE);
      assert.equal(await chips.count(), 2);
      // Outside of it nothing is found, and the way out is offered.
      await asked(page, "What is the capital of Australia?");
      const limited = page.locator("[data-part=refusal]").getByText("Only what you had chosen was searched.");
      await limited.waitFor({ timeout: PATIENCE });
      await shot(page, "real-refusal-scope");
      await page.getByRole("button", { name: "Ask about all documents" }).click();
      await page.locator("[data-part=versions]", { hasText: "2 of 2" }).waitFor({ timeout: PATIENCE });
      assert.equal(await limited.count(), 0);
      assert.equal(await page.locator("[data-part=exchange]:last-child [data-part=scope-chip]").count(), 0);
    }));

  it("comes with an address, and its task is asked at once", async () => {
    let id = null;
    await onPage(EN, async (page) => {
      const { documents } = await page.evaluate(async () => (await fetch("documents?q=operations")).json());
      id = documents[0].id;
    });
    await onPage(
      EN,
      async (page) => {
        await answered(page, PATIENCE);
        assert.match((await questionsOf(page))[0], /Operations runbook/);
        assert.equal(await page.locator("[data-part=refusal]").count(), 0);
        assert.doesNotMatch(page.url(), /doc=/);
        await page.reload();
        await answered(page, PATIENCE);
        assert.equal(
          await page.locator("[data-part=exchange]").count(),
          1,
          "asked once, whatever is reloaded",
        );
      },
      `#/?doc=${id}&ask=summarise`,
    );
  });
});

describe("the reader", () => {
  const { onPage, open } = withServer("none");

  it("marks the cited row of a table in a DOCX, and has an address for it", () =>
    onPage(EN, async (page) => {
      await asked(page, PORT);
      await page
        .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
        .first()
        .click();
      const row = page.locator("[data-part=text-view] tr[data-part=cited-row]", { hasText: "11434" });
      await row.waitFor();
      assert.match(await row.textContent(), /Chat model server.*11434/);
      assert.ok((await page.locator("[data-part=text-view] h4").count()) > 2, "headings are headings");
      assert.deepEqual(await page.locator("[data-part=text-view] thead th").first().textContent(), "Service");
      await page.waitForTimeout(300);
      await shot(page, "real-docx-table");
      assert.deepEqual(await violations(page), []);
      const { hash } = new URL(page.url());
      assert.match(hash, /read=.*from=\d+&to=\d+/);

      const other = await open(EN, hash.replace(/^#\/c\/[\w-]+/, "#/"));
      await other.page.locator("[data-part=text-view] tr[data-part=cited-row]").first().waitFor();
      assert.match(await other.page.locator("[data-part=reader] h2").textContent(), /Operations runbook/);
      assert.deepEqual(other.faults, []);
      await other.close();
      await page.reload();
      await row.waitFor();
      await page.goBack();
      await page.locator("[data-part=reader]").waitFor({ state: "detached" });
      await page.goForward();
      await row.waitFor();
      await page.keyboard.press("Escape");
      await page.locator("[data-part=reader]").waitFor({ state: "detached" });
    }));

  it("shows a PDF page below page, zooms and finds", () =>
    onPage({}, async (page) => {
      await asked(page, SYNC);
      await page
        .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
        .first()
        .click();
      await page.locator("[data-part=pdf-mark]").first().waitFor();
      await page.waitForTimeout(300);
      await shot(page, "real-pdf");
      const width = () =>
        page
          .locator("[data-part=pdf-page]")
          .first()
          .evaluate((sheet) => sheet.offsetWidth);
      const before = await width();
      await page.getByRole("button", { name: "放大" }).click();
      await page.waitForFunction(
        (least) => document.querySelector("[data-part=pdf-page]").offsetWidth > least * 1.2,
        before,
      );
      await page.getByRole("searchbox", { name: "在文档中查找" }).fill("检索");
      await page.locator("[data-part=pdf-found-current]").waitFor();
      assert.match(await page.locator("[data-part=pdf-find]").textContent(), /1\/\d+/);
      await page.getByRole("searchbox", { name: "在文档中查找" }).press("Enter");
      await page.getByText(/2\/\d+/).waitFor();
      assert.ok((await page.locator("[data-part=pdf-page]").count()) > 1);
      assert.deepEqual(await violations(page), []);
    }));

  it("is left by 'back' on a phone, and the answer is there again", () =>
    onPage(PHONE, async (page) => {
      await asked(page, LICENCE);
      await page
        .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
        .first()
        .tap();
      await page.locator("[data-part=text-view] mark").first().waitFor();
      assert.ok(!(await page.locator("[data-part=markdown]").first().isVisible()));
      assert.ok(await fits(page));
      await shot(page, "real-phone-reader");
      await page.goBack();
      await page.locator("[data-part=reader]").waitFor({ state: "detached" });
      assert.ok(await page.locator("[data-part=question]").isVisible());
      assert.ok(await focusIsSomewhere(page));
      await shot(page, "real-phone-answer");
    }));

  for (const colorScheme of ["light", "dark"])
    it(`keeps the quoted sentence visible in forced colours, ${colorScheme}`, () =>
      onPage({ forcedColors: "active", colorScheme }, async (page) => {
        await asked(page, LICENCE);
        await page
          .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
          .first()
          .click();
        const mark = page.locator("[data-part=text-view] mark").first();
        await mark.waitFor();
        await page.waitForTimeout(300);
        await shot(page, "real-forced-colours");
        const quoted = await colours(page, mark);
        const around = await colours(page, page.locator("[data-part=reader] h2").first());
        assert.ok(contrast(quoted.ink, quoted.ground) >= 4.5, "it can be read");
        const [ground, edge] = [quoted.ground, quoted.edge].map((own) => contrast(own, around.ground));
        assert.ok(Math.max(ground, edge) >= 3, `it stands out: ${ground} by its ground, ${edge} by its edge`);
        assert.deepEqual(await violations(page), []);
      }));
});

describe("any room and any hand", () => {
  const { onPage } = withServer("none");

  it("needs no sideways scroll at 320 px, with a table, a reader and a scope", () =>
    onPage({ ...EN, ...NARROW }, async (page) => {
      assert.ok(await fits(page));
      await asked(page, "List all services with their machine, port and restart time.");
      assert.ok(await fits(page));
      await shot(page, "real-320");
      await page.locator("#question").pressSequentially("@oper");
      await page.locator("[data-part=scope-option]").first().waitFor();
      assert.ok(await fits(page));
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("#question").inputValue(), "@oper");
      await page
        .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
        .first()
        .click();
      await page.locator("[data-part=text-view] mark").first().waitFor();
      assert.ok(await fits(page));
      await shot(page, "real-320-reader");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("nightly backup");
      await page.locator("[data-part=search-result]").first().waitFor();
      assert.ok(await fits(page));
    }));

  it("fits all widths, and a zoom of 400 %, in each of its views", () =>
    onPage({}, async (page) => {
      const everywhere = async (view) => {
        // The last is 1280 × 1024 at 400 %.
        for (const [width, height] of [
          [1440, 900],
          [1024, 768],
          [390, 780],
          [320, 256],
        ]) {
          await page.setViewportSize({ width, height });
          assert.ok(await fits(page), `${view} at ${width}`);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
      };
      await page.locator("[data-part=example]").first().waitFor();
      await everywhere("the first visit");
      await asked(page, "三类常见许可证分别是什么？请逐一说明。");
      await everywhere("an answer");
      await page
        .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
        .first()
        .click();
      await page.locator("[data-part=text-view] mark").first().waitFor();
      await everywhere("the reader");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.locator("[data-part=search-input]").fill("许可证");
      await page.locator("[data-part=search-result]").first().waitFor();
      await everywhere("the search");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "设置" }).click();
      await page.getByRole("dialog").waitFor();
      await everywhere("the settings");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "文档库", exact: true }).click();
      await page.locator("[data-part=documents]").waitFor();
      for (const [at, view] of ["documents", "sources", "knowledge bases"].entries()) {
        await page.locator("[data-part=library] [data-part=views] button").nth(at).click();
        await everywhere(view);
      }
    }));

  it("goes from a question to its source and back with the keyboard only", () =>
    onPage(EN, async (page) => {
      await page.keyboard.press("/");
      await page.keyboard.type(PORT);
      await page.keyboard.press("Enter");
      await answered(page, PATIENCE);
      const onPill = () =>
        page.evaluate(() =>
          document.activeElement.matches("button[data-part=pill], [data-part~=evidence-item]"),
        );
      for (let presses = 0; presses < 60 && !(await onPill()); presses += 1)
        await page.keyboard.press("Shift+Tab");
      assert.ok(await onPill());
      await page.keyboard.press("Enter");
      await page.locator("[data-part=text-view] mark").first().waitFor();
      assert.equal(
        await page.evaluate(() => document.activeElement.closest("[data-part=reader]") !== null),
        true,
      );
      await page.keyboard.press("Escape");
      await page.locator("[data-part=reader]").waitFor({ state: "detached" });
      assert.ok(await onPill(), "the focus is where it was");
    }));

  for (const colorScheme of ["light", "dark"]) {
    it(`has no fault that axe finds, in the ${colorScheme} theme`, () =>
      onPage({ ...EN, colorScheme }, async (page) => {
        await page.locator("[data-part=example]").first().waitFor();
        assert.deepEqual(await violations(page), []);
        await asked(page, "List all services with their machine, port and restart time.");
        await page.waitForTimeout(300);
        await shot(page, `real-list-${colorScheme}`);
        await page
          .locator("[data-part=markdown] button[data-part=pill], [data-part~=evidence-item]")
          .first()
          .click();
        await page.locator("[data-part=text-view] mark").first().waitFor();
        assert.deepEqual(await violations(page), []);
      }));
  }

  it("prints and saves the answer with what it stands on, and nothing of the page around it", () =>
    onPage(EN, async (page) => {
      await asked(page, PORT);
      await page.emulateMedia({ media: "print" });
      for (const hidden of [
        "[data-part=header]",
        "[data-part=composer]",
        "[data-part=answer-foot]",
        "[data-part=side-bar]",
      ]) {
        assert.ok(!(await page.locator(hidden).first().isVisible()), hidden);
      }
      assert.ok(await page.locator("[data-part=evidence] mark").first().isVisible());
      assert.ok((await page.pdf()).length > 5_000);
      await page.emulateMedia({ media: "screen" });
      for (const [format, begins, suffix] of [
        ["Markdown", "## What port", "md"],
        ["Word (DOCX)", "PK", "docx"],
      ]) {
        await page.getByRole("button", { name: "Save the answer" }).click();
        const coming = page.waitForEvent("download");
        await page.getByRole("button", { name: format, exact: true }).click();
        const file = await coming;
        assert.equal(file.suggestedFilename(), `What port does the chat model server use.${suffix}`);
        assert.ok(
          readFileSync(await file.path())
            .toString("latin1")
            .startsWith(begins),
          format,
        );
      }
    }));
});

describe("an answer under way", () => {
  const { onPage, open } = withServer("embedded");
  const LONG = "请详细说明许可证的三种类别各自的要求。";
  const begun = (page) => page.waitForURL(/#\/c\//, { timeout: PATIENCE });

  it("is found again by a reload, and ends once", () =>
    onPage({}, async (page) => {
      await ask(page, LONG);
      await page.waitForTimeout(1_000);
      await shot(page, "real-waiting");
      await begun(page);
      await page.reload();
      await page.locator("[data-part=question]", { hasText: LONG }).waitFor();
      await answered(page, PATIENCE);
      assert.equal(await page.locator("[data-part=exchange]").count(), 1);
      assert.deepEqual(await page.locator("[data-part=failure]").allTextContents(), []);
      assert.ok((await page.locator("[data-part=answer]").textContent()).length > 20);
    }));

  it("is one answer in two tabs", () =>
    onPage({}, async (page) => {
      await ask(page, LONG);
      await begun(page);
      const other = await open({}, new URL(page.url()).hash);
      await answered(page, PATIENCE);
      await answered(other.page, PATIENCE);
      const textOf = (tab) =>
        tab.locator("[data-part=answer] [data-part=markdown], [data-part=refusal]").first().textContent();
      assert.equal(await textOf(other.page), await textOf(page));
      assert.equal(await other.page.locator("[data-part=exchange]").count(), 1);
      await other.close();
    }));
});

describe("what an owner improves", { skip: Boolean(process.env.BASE_URL) }, () => {
  const { onPage } = withServer("none");
  const MISSING = "When does the gym open?";
  const PURCHASES = "Whose signature do purchases above 5,000 need?";
  const TEXTS = {
    en: {
      library: "Library",
      improve: "Improve",
      parts: ["What is missing", "Answers of your own", "Model tests", "Models"],
    },
    zh: { library: "文档库", improve: "改进", parts: ["缺少什么", "自己写的答案", "模型测试", "模型"] },
  };

  async function openImprove(page, texts) {
    await page.getByRole("button", { name: texts.library, exact: true }).click();
    await page
      .locator("[data-part=library] [data-part=views]")
      .first()
      .getByRole("button", { name: texts.improve })
      .click();
    await page.locator("[data-part=improve]").waitFor();
  }
  const part = (page, name) =>
    page.locator("[data-part=improve] [data-part=views]").getByRole("button", { name, exact: true });

  it("goes from what is missing to an answer of one's own, which is given", () =>
    onPage(EN, async (page) => {
      await asked(page, MISSING);
      await page.locator("[data-part=refusal]").waitFor();
      await openImprove(page, TEXTS.en);
      const topic = page.locator("[data-part=improve] [data-part=source]", { hasText: MISSING });
      assert.match(await topic.locator("h3").textContent(), /gym/);
      assert.match(await topic.textContent(), /documents on it seem to be missing/);
      await shot(page, "improve-gaps");
      await topic.getByRole("button", { name: `Write an answer to: ${MISSING}` }).click();
      const dialog = page.getByRole("dialog");
      assert.equal(await dialog.getByLabel("Question").inputValue(), MISSING);
      await dialog.getByLabel("Question").fill(PURCHASES);
      await dialog.getByLabel("Answer", { exact: true }).fill("Both heads sign, of platform and of finance.");
      await dialog.getByRole("button", { name: "Find passages" }).click();
      await dialog.getByRole("button", { name: "Quote this from Cost and energy" }).first().click();
      await shot(page, "improve-write");
      assert.deepEqual(await violations(page), []);
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.waitFor({ state: "detached" });
      const written = page.locator("[data-part=improve] [data-part=source]", { hasText: PURCHASES });
      assert.match(await written.textContent(), /given.*Both heads sign/s);
      await shot(page, "improve-curated");

      await page.getByRole("button", { name: "New chat" }).first().click();
      await asked(page, "Whose signature do purchases over 5000 need?");
      await page.getByText("Written by the owner of this knowledge base").waitFor();
      assert.match(await page.locator("[data-part=markdown]").last().textContent(), /Both heads sign/);
      await shot(page, "improve-given");
      await openImprove(page, TEXTS.en);
      await part(page, "Answers of your own").click();
      await page.getByRole("button", { name: `Delete the answer to: ${PURCHASES}` }).click();
      await page.getByText("None yet.").waitFor();
    }));

  it("proposes models with their reasons, and fetches one", () =>
    onPage(
      EN,
      async (page) => {
        await openImprove(page, TEXTS.en);
        await part(page, "Models").click();
        const first = page.locator("[data-part=improve] [data-part=source]").first();
        await first.waitFor();
        assert.match(
          await first.textContent(),
          /Chat: .*needs .* of .* GB.*tokens a second.*groundkb models pull/s,
        );
        await shot(page, "improve-models");
        await first.getByRole("button", { name: /^Fetch / }).click();
        const progress = page.locator("[data-part=improve] progress");
        await page.getByLabel("Key", { exact: true }).fill(OPERATOR);
        await page.getByRole("button", { name: "Continue" }).click();
        await page.waitForFunction(
          () => document.querySelector("[data-part=improve] progress")?.value === 0.5,
        );
        assert.ok(await first.getByRole("button", { name: /^Fetch / }).isDisabled());
        ollama.letGo();
        await progress.waitFor({ state: "detached" });
        await page.locator("[data-part=improve] [data-part=pull]", { hasText: " is here." }).waitFor();
      },
      "",
      /403/,
    ));

  for (const [language, locale] of [
    ["zh", "zh-CN"],
    ["en", "en-GB"],
  ]) {
    it(`fits a narrow page and all can use it, in each of its parts (${language})`, () =>
      onPage({ locale }, async (page) => {
        const texts = TEXTS[language];
        await openImprove(page, texts);
        for (const name of texts.parts) {
          await part(page, name).click();
          await page.locator("[data-part=improve] [data-part=views] ~ *").first().waitFor();
          await page.waitForLoadState("networkidle");
          assert.deepEqual(await violations(page), [], name);
          await shot(page, `improve-${language}-${texts.parts.indexOf(name)}`);
          await page.setViewportSize({ width: 320, height: 640 });
          assert.ok(await fits(page), name);
          await page.setViewportSize({ width: 1360, height: 860 });
        }
      }));
  }
});

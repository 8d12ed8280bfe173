// The page as a whole, against the stand-in server: keys, language, key, prefix, phone, accessibility.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, shot, violations, violationsInAllLooks } from "./browser.mjs";
import { PHONE, ZH, aFile, withBrowser } from "./mock/page.mjs";

const { onPage } = withBrowser({ before, after });

describe("the page", () => {
  it("begins with questions that the documents answer", () =>
    onPage(async (page, mock) => {
      await page.locator("[data-part=example]", { hasText: ZH }).click();
      await answered(page);
      assert.equal(mock.state.asked[0].question, ZH);
    }));

  it("searches with Ctrl+K and opens what was chosen by keyboard; / goes to the question", () =>
    onPage(async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").locator("input:focus").waitFor();
      await page.keyboard.type("MIT");
      await page.locator("[data-part=search-result]").nth(1).waitFor();
      assert.ok((await page.locator("[data-part=search-result] mark").allTextContents()).includes("MIT"));
      await page.locator("[data-part=search-input]").fill("zzz");
      await page.getByText("没有找到").waitFor();
      await page.locator("[data-part=search-input]").fill("MIT");
      await page.locator("[data-part=search-result]").nth(1).waitFor();
      await page.setViewportSize({ width: 1360, height: 480 });
      const inView = () =>
        page.evaluate(() => {
          const [list, chosen] = [
            "[data-part=search-results]",
            '[data-part=search-result][aria-selected="true"]',
          ].map((each) => document.querySelector(each).getBoundingClientRect());
          return chosen.top >= list.top - 1 && chosen.bottom <= list.bottom + 1;
        });
      for (let steps = 0; steps < 3; steps += 1) {
        await page.keyboard.press("ArrowDown");
        assert.ok(await inView(), "it scrolls with what is chosen");
      }
      for (let steps = 0; steps < 2; steps += 1) await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Enter");
      await page.locator("[data-part=text-view] mark").waitFor();
      await page.keyboard.press("Escape");
      // What had the focus is gone with the dialog: it must not fall to the body.
      await page.waitForFunction(() => document.activeElement.id === "question");
      await page.locator("[data-part=brand]").focus();
      await page.keyboard.press("/");
      // The box may be hidden until the view has changed: it is focused a moment later.
      await page.waitForFunction(() => document.activeElement.id === "question");
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
        assert.equal(await page.locator("[data-part=exchange]").count(), 1, "the conversation stays");
        await page.getByRole("button", { name: "主题：跟随系统" }).click();
        await page.getByRole("button", { name: "主题：浅色" }).click();
        await page.reload();
        assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
        assert.equal(await page.getAttribute("html", "data-theme"), "dark");
      },
      { page: { locale: "en-GB" } },
    ));

  it("keeps what a person sets: language, theme, and what is shown with an answer", () =>
    onPage(async (page, mock) => {
      mock.state.me = { ...mock.state.me, name: "李雷", accounts: true, role: "editor", groups: ["finance"] };
      await page.reload(); // who one is, the page asks when it opens
      await ask(page, ZH);
      await answered(page);
      await page.getByText("草稿中有 2 句没有文档依据").waitFor();
      await page.getByRole("button", { name: "设置" }).click();
      const dialog = page.getByRole("dialog");
      for (const part of ["展开的依据", "另外查阅的内容", "核对时略去了多少草稿", "模型、索引和用时"]) {
        await dialog.getByLabel(part).uncheck();
      }
      await dialog.getByText("李雷").waitFor();
      await dialog.getByText("编辑者").waitFor();
      await dialog.getByText("所属组：finance").waitFor();
      await dialog.getByLabel("深色").check();
      await shot(page, "settings");
      assert.deepEqual(await violationsInAllLooks(page), []);
      await dialog.getByLabel("English").check();
      await dialog.getByRole("button", { name: "Close" }).click();
      for (const reloaded of [false, true]) {
        if (reloaded) await page.reload();
        await answered(page);
        await page.locator("summary", { hasText: "Evidence" }).waitFor();
        assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
        assert.equal(await page.locator("[data-part~=evidence-item]").first().isVisible(), false);
        assert.equal(await page.locator("[data-part=also]").count(), 1);
        assert.equal(await page.locator("[data-part=answer-details]").count(), 0);
        assert.equal(await page.getByText("of the draft were left out").count(), 0);
      }
      await page.locator("summary", { hasText: "Evidence" }).click();
      assert.ok(await page.locator("[data-part~=evidence-item]").first().isVisible());
    }));

  it("asks for the key once, keeps it in this tab only, and says when it is wrong", () =>
    onPage(
      async (page, mock) => {
        const field = page.getByLabel("密钥", { exact: true });
        await field.fill("wrong");
        await page.keyboard.press("Enter");
        await page.getByText("密钥未被接受").waitFor();
        assert.deepEqual(await violationsInAllLooks(page), []);
        await field.fill("secret");
        await page.keyboard.press("Enter");
        await page.locator("[data-part=empty-count]").waitFor();
        await ask(page, ZH);
        await answered(page);
        assert.equal(mock.state.asked.length, 1);
        const stored = await page.evaluate(() => [
          JSON.stringify(localStorage),
          JSON.stringify(sessionStorage),
        ]);
        assert.ok(!stored[0].includes("secret") && stored[1].includes("secret"));
      },
      { server: { apiKey: "secret" }, expected: /401/ },
    ));

  it("offers to each what he may do, and no more", () =>
    onPage(async (page, mock) => {
      const as = async (change) => {
        mock.state.me = { ...mock.state.me, accounts: true, operator: false, ...change };
        await page.goto(`${mock.url}#/library`);
        await page.reload();
        await page.locator("[data-part=documents]").waitFor();
      };
      const named = (name) => page.getByRole("button", { name, exact: typeof name === "string" });
      const count = async (...names) =>
        Object.fromEntries(
          await Promise.all(names.map(async (name) => [name, (await named(name).count()) > 0])),
        );
      const ASK = /^就《/;
      const DELETE = /^删除《/;
      const parts = ["添加文件", ASK, DELETE, "来源", "知识库"];

      await as({ role: "reader", scopes: ["ask", "read"] });
      const reader = { 添加文件: false, [ASK]: true, [DELETE]: false, 来源: false, 知识库: true };
      assert.deepEqual(await count(...parts), reader);
      const files = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["# 手册"], "dropped.md", { type: "text/markdown" }));
        return transfer;
      });
      await page.dispatchEvent("[data-part=library]", "dragenter", { dataTransfer: files });
      await page.getByText("但不能添加文件").waitFor();
      await page.dispatchEvent("[data-part=library]", "drop", { dataTransfer: files });
      await page.locator("[data-part=drop-over]").waitFor({ state: "detached" });
      assert.equal(mock.state.jobs.size, 0);
      await named("知识库").click();
      assert.deepEqual(await count("新建知识库"), { 新建知识库: false });

      await as({ role: "editor", scopes: ["ask", "read", "write"] });
      assert.deepEqual(await count(...parts), { ...reader, 添加文件: true, [DELETE]: true });
      await as({ role: "reader", roles: { default: "editor" } });
      assert.deepEqual(await count("添加文件"), { 添加文件: true }, "his role here");

      await as({ role: "admin", roles: {}, scopes: ["ask", "read", "write", "admin"] });
      await named("来源").click();
      await page.locator("[data-part=source]").first().waitFor();
      assert.deepEqual(await count(/立即同步/, "添加来源"), { [/立即同步/]: true, 添加来源: false });

      await as({ role: "editor", scopes: ["read"] });
      assert.deepEqual(await count(...parts, "搜索（Ctrl+K）"), {
        ...reader,
        [ASK]: false,
        "搜索（Ctrl+K）": false,
      });
      await page.getByRole("button", { name: "groundkb" }).click();
      assert.ok(await page.locator("#question").isDisabled());
      await page.getByPlaceholder("此密钥可以阅读，但不能提问").waitFor();
      // Nor does the list of conversations show a refusal, or a button for what he may not.
      await page.getByText("因此这里没有对话").waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
      assert.deepEqual(await count("新对话"), { 新对话: false });
      assert.deepEqual(await violations(page), []);
    }));

  it("works behind a path prefix", () =>
    onPage(
      async (page) => {
        await ask(page, "拒答句是什么？");
        await answered(page);
        await page.locator("button[data-part=pill]").first().click();
        await page.getByRole("button", { name: "页面" }).click();
        await page.locator("[data-part=pdf-mark]").first().waitFor();
      },
      { server: { prefix: "/tools/kb" } },
    ));

  it("deletes a document, and takes it back from another view", () =>
    onPage(async (page, mock) => {
      const library = page.getByRole("button", { name: "文档库", exact: true });
      await library.click();
      const row = page.locator("[data-part=documents] tr", { hasText: "Model sizes" });
      await row.getByRole("button", { name: /删除/ }).click();
      await row.waitFor({ state: "detached" });
      assert.ok(mock.state.removed.has("d-sizes"));
      await library.click();
      await page.locator("[data-part=empty]").waitFor();
      await page.getByRole("button", { name: "撤销" }).click();
      await library.click();
      await row.waitFor();
      assert.ok(!mock.state.removed.has("d-sizes"));
    }));

  it("keeps a file that failed apart from the documents", () =>
    onPage(async (page) => {
      await page.getByRole("button", { name: "文档库", exact: true }).click();
      const tray = page.locator("[data-part=failed-tray]");
      await tray.getByText("1 个文件无法读取").waitFor();
      await tray.getByText("这份 PDF 没有文字层").waitFor();
      assert.equal(await page.locator("[data-part=documents]", { hasText: "扫描件" }).count(), 0);
    }));

  it("fits a phone", () =>
    onPage(
      async (page) => {
        const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
        assert.ok(await fits());
        await ask(page, "Which licence does it use?");
        await answered(page);
        assert.ok(await fits());
        await shot(page, "phone");
        await page.locator("button[data-part=pill]").first().tap();
        await page.locator("[data-part=text-view] mark").waitFor();
        assert.equal(
          await page.locator("[data-part=citation-card]").count(),
          0,
          "a tap opens the reader at once",
        );
        assert.ok(await fits());
        await shot(page, "phone-reader");
        assert.deepEqual(await violations(page), []);
        await page.getByRole("button", { name: "关闭" }).tap();
        await page.getByRole("button", { name: "文档库" }).first().tap();
        await page.locator("[data-part=documents]").waitFor();
        assert.ok(await fits());
        assert.deepEqual(await violations(page), []);
      },
      { page: PHONE },
    ));

  for (const [colorScheme, locale] of [
    ["light", "zh-CN"],
    ["dark", "en-GB"],
  ]) {
    it(`has no accessibility violation in any state and any look (${locale})`, () =>
      onPage(
        async (page) => {
          const name = `${locale.slice(0, 2)}-${colorScheme}`;
          const check = async (state) => {
            assert.deepEqual(await violationsInAllLooks(page), [], state);
            await shot(page, `${name}-${state}`);
          };
          await page.locator("[data-part=example]").first().waitFor();
          await check("empty");
          await ask(page, locale === "zh-CN" ? ZH : "Which licence does DeepSeek-R1 use?");
          await answered(page);
          await page.locator("button[data-part=pill]").first().focus();
          await page.locator("[data-part=citation-card]").waitFor();
          await check("answer");
          await page.locator("button[data-part=pill]").first().click();
          await page.locator("[data-part=text-view] mark").waitFor();
          await page.waitForTimeout(200);
          await check("reader");
          await ask(page, locale === "zh-CN" ? "澳大利亚的首都？" : "The capital of Australia?");
          await answered(page);
          await check("refusal");
          await page.locator("[data-part=exchange]:last-child [data-part=thumb]").last().click();
          await page.locator("[data-part=feedback-form]").waitFor();
          await check("feedback");
          await page.keyboard.press("Control+k");
          await page.getByRole("dialog").locator("input:focus").waitFor();
          await page.keyboard.type("MIT");
          await page.locator("[data-part=search-result]").first().waitFor();
          await check("search");
          await page.keyboard.press("Escape");
          await page.locator("[data-part=reader] header button").first().click();
          await page
            .getByRole("button", { name: locale === "zh-CN" ? "文档库" : "Library", exact: true })
            .click();
          await page.locator("[data-part=documents]").waitFor();
          await page
            .locator("[data-part=pick-files]")
            .setInputFiles([aFile("handbook.md"), aFile("broken.pdf")]);
          await page.locator("[data-part=upload][data-phase=done]").waitFor();
          await page.locator("[data-part=upload][data-phase=failed]").waitFor();
          await check("library");
          await page.locator("[data-part=views] button").nth(1).click();
          await page.locator("[data-part=source]").first().waitFor();
          await page.locator("[data-part=source] details summary").first().click();
          await check("sources");
          const add = page.getByRole("button", { name: locale === "zh-CN" ? "添加来源" : "Add a source" });
          await add.click();
          await page.getByRole("dialog").waitFor();
          await check("source-form");
          await page.keyboard.press("Escape");
          await page.locator("[data-part=views] button").nth(2).click();
          await page.locator("[data-part=bases] [data-part=source]").first().waitFor();
          await check("bases");
          await page
            .getByRole("button", { name: locale === "zh-CN" ? "新建知识库" : "New knowledge base" })
            .click();
          await page.getByRole("dialog").waitFor();
          await check("base-form");
          await page.keyboard.press("Escape");
          await page.getByRole("button", { name: locale === "zh-CN" ? "设置" : "Settings" }).click();
          await page.getByRole("dialog").waitFor();
          await check("settings");
          await page.keyboard.press("Escape");
          await page.locator("[data-part=views] button").first().click();
          await page.locator("[data-part=documents] td[data-part=number] button").first().click();
          await page.locator("[data-part=chunks]").waitFor();
          await check("chunks");
        },
        { page: { locale, colorScheme } },
      ));
  }
});

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

/** A file as the browser's picker gives it. */
const aFile = (name) => ({ name, mimeType: "text/markdown", buffer: Buffer.from("# Handbook\n") });

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

describe("conversations", () => {
  const rows = (page) => page.locator(".conversation-title");

  it("are kept: a reload, another browser and the back button find them", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await rows(page).first().waitFor();
      assert.match(new URL(page.url()).hash, /^#\/c\/conversation-1$/);
      await page.reload();
      await answered(page);
      assert.equal(await page.locator(".question").textContent(), `您: ${ZH}`);
      assert.equal(await page.locator("button.pill").count(), 2);
      await page.locator("button.pill").first().click();
      assert.equal(await page.locator(".text-view mark").textContent(), QUOTE);
      await page.getByRole("button", { name: "新对话" }).click();
      await ask(page, "拒答句是什么？");
      await answered(page);
      assert.deepEqual(await rows(page).allTextContents(), ["拒答句是什么？", ZH]);
      await page.goBack();
      await page.locator(".question", { hasText: ZH }).waitFor();
      await ask(page, "它的依据呢？");
      await answered(page);
      assert.equal(mock.state.conversations.get("conversation-1").turns.length, 2);
      const other = await openPage(browser, mock.url);
      await rows(other.page).filter({ hasText: ZH }).click();
      await answered(other.page);
      assert.equal(await other.page.locator(".exchange").count(), 2);
      await other.close();
    }));

  it("are searched, renamed, and removed unless it is undone", () =>
    onPage(async (page, mock) => {
      for (const question of [ZH, "拒答句是什么？"]) {
        await page.getByRole("button", { name: "新对话" }).click();
        await ask(page, question);
        await answered(page);
        await rows(page).filter({ hasText: question }).waitFor();
      }
      await page.getByRole("searchbox", { name: "搜索对话" }).fill("DeepSeek");
      await rows(page).nth(1).waitFor({ state: "detached" });
      assert.deepEqual(await rows(page).allTextContents(), [ZH]);
      await page.getByRole("searchbox", { name: "搜索对话" }).fill("");
      await rows(page).nth(1).waitFor();

      await page.getByRole("button", { name: `重命名“${ZH}”` }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.type("许可证一事");
      await page.keyboard.press("Enter");
      await rows(page).filter({ hasText: "许可证一事" }).waitFor();
      assert.equal(mock.state.conversations.get("conversation-1").title, "许可证一事");
      await page.getByRole("button", { name: "重命名“许可证一事”" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.type("不要");
      await page.keyboard.press("Escape");
      assert.equal(await rows(page).nth(1).textContent(), "许可证一事");

      await page.getByRole("button", { name: "删除“拒答句是什么？”" }).click();
      await page.locator(".empty").waitFor();
      assert.equal(await rows(page).count(), 1);
      await page.getByRole("button", { name: "撤销" }).click();
      await rows(page).nth(1).waitFor();
      const sent = page.waitForRequest((request) => request.method() === "DELETE");
      await page.getByRole("button", { name: "删除“许可证一事”" }).focus();
      await page.keyboard.press("Enter");
      await sent;
      await rows(page).nth(1).waitFor({ state: "detached" });
      assert.deepEqual([...mock.state.conversations.keys()], ["conversation-2"]);
    }));

  it("send a stopped second attempt's successor to the turn that is shown", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await ask(page, "它的依据呢？");
      await answered(page);
      await page.locator("#question").press("ArrowUp");
      await ask(page, "它的依据呢？slow");
      await page.locator(".exchange:last-child .markdown").waitFor();
      await page.keyboard.press("Escape");
      await page.getByText("已停止").first().waitFor();
      await ask(page, "拒答句是什么？");
      await answered(page);
      assert.equal(mock.state.asked.at(-1).position, 1);
      await page.reload();
      await answered(page);
      assert.equal(await page.locator(".exchange").count(), 2);
    }));

  it("say so when one is gone", () =>
    onPage(
      async (page, mock) => {
        await page.goto(`${mock.url}#/c/no-such`);
        await page.reload();
        await page.getByText("这个对话已不存在").waitFor();
        await ask(page, ZH);
        await answered(page);
        assert.equal(mock.state.asked[0].conversation_id, "new");
      },
      { expected: /404/ },
    ));

  it("lie in a drawer on a phone", () =>
    onPage(
      async (page) => {
        await ask(page, ZH);
        await answered(page);
        assert.equal(await rows(page).count(), 0);
        await page.getByRole("button", { name: "对话列表" }).tap();
        await rows(page).first().waitFor();
        await page.waitForTimeout(200);
        await shot(page, "phone-drawer");
        assert.deepEqual(await violations(page), []);
        await page.locator(".drawer").getByRole("button", { name: "新对话" }).tap();
        await page.locator(".empty").waitFor();
        assert.equal(await page.locator(".drawer").count(), 0);
      },
      { page: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } },
    ));
});

describe("feedback", () => {
  it("takes a thumb up at once", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await page.getByRole("button", { name: "回答得好", exact: true }).click();
      await page.getByText("感谢反馈").waitFor();
      const [given] = mock.state.feedback;
      assert.deepEqual([given.question, given.helpful, given.reason], [ZH, true, ""]);
      assert.equal(given.answer.citations[0].quote, QUOTE);
      assert.ok(given.answer.models.index);
    }));

  it("asks after a thumb down why, by keyboard", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await page.getByRole("button", { name: "回答得不好" }).focus();
      await page.keyboard.press("Enter");
      assert.ok(await page.getByRole("button", { name: "提交" }).isDisabled());
      await page.keyboard.press("ArrowDown");
      await page.getByRole("radio", { name: "内容不完整" }).check();
      await page.getByPlaceholder("正确的回答应该是什么？").fill("还有署名要求。");
      await page.getByRole("button", { name: "提交" }).click();
      await page.getByText("感谢反馈").waitFor();
      const [{ helpful, reason, comment, kb }] = mock.state.feedback;
      assert.deepEqual([helpful, reason, comment, kb], [false, "incomplete", "还有署名要求。", "default"]);
    }));
});

describe("the library", () => {
  const open = (page) => page.getByRole("button", { name: "文档库", exact: true }).click();

  it("takes files, each with its progress, its reason, a cancel and a retry", () =>
    onPage(async (page, mock) => {
      await open(page);
      const files = ["手册.md", "broken.pdf", "slow.docx"].map(aFile);
      await page.locator("input[type=file]").setInputFiles(files);
      const row = (name) => page.locator(".upload", { hasText: name });
      await row("手册.md").getByText("已加入文档库").waitFor();
      await page.locator(".documents tr", { hasText: "手册.md" }).waitFor();
      await row("broken.pdf").getByText("没有可读的文字").waitFor();
      await row("broken.pdf").getByText("请先做 OCR").waitFor();
      await row("slow.docx").getByRole("progressbar").waitFor();
      await row("slow.docx").getByRole("button", { name: /取消/ }).click();
      await row("slow.docx").getByText("已取消").waitFor();
      assert.equal([...mock.state.jobs.values()].find((job) => job.source === "slow.docx").status, "cancelled");
      await row("slow.docx").getByRole("button", { name: /重新上传/ }).click();
      await row("slow.docx").getByText("已加入文档库").waitFor();
      await page.getByRole("button", { name: "清除已结束的" }).click();
      assert.equal(await page.locator(".upload").count(), 0);
    }));

  it("takes files that are dropped on the chat", () =>
    onPage(async (page) => {
      const files = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["# 手册"], "dropped.md", { type: "text/markdown" }));
        return transfer;
      });
      await page.dispatchEvent("#question", "dragenter", { dataTransfer: files });
      await page.locator(".drop-over").waitFor();
      await page.dispatchEvent("#question", "drop", { dataTransfer: files });
      await page.locator(".upload-done", { hasText: "dropped.md" }).waitFor();
      assert.equal(await page.locator(".drop-over").count(), 0);
    }));

  it("edits tags", () =>
    onPage(async (page, mock) => {
      await open(page);
      const row = page.locator(".documents tr", { hasText: "许可证选择" });
      await row.getByRole("button", { name: /标签/ }).click();
      await page.keyboard.type("法务，合同");
      await page.keyboard.press("Enter");
      assert.deepEqual(await violations(page), []);
      await page.getByRole("button", { name: "移除标签“法务”" }).click();
      await page.getByRole("button", { name: "保存" }).click();
      await row.locator(".tag", { hasText: "合同" }).waitFor();
      assert.deepEqual(mock.state.tags.get("d-licence"), ["合同"]);
    }));

  it("shows sources with schedule and last report, and syncs one now", () =>
    onPage(async (page) => {
      await open(page);
      await page.getByRole("button", { name: "来源" }).click();
      const [share, wiki] = [page.locator(".source").first(), page.locator(".source").nth(1)];
      await share.getByText("0 3 * * *").waitFor();
      assert.match(await share.textContent(), /Asia\/Shanghai.*新增 2，变更 1，移除 0，未变 9/s);
      await share.getByText("1 份文档失败").click();
      assert.ok(await share.getByText("这份 PDF 没有文字层。").isVisible());
      assert.match(await wiki.textContent(), /仅手动.*从未运行/s);
      await wiki.getByRole("button", { name: /立即同步/ }).click();
      await wiki.getByText("正在同步").waitFor();
      await wiki.getByText("新增 1，变更 0，移除 0，未变 11").waitFor();
    }));

  it("switches between knowledge bases", () =>
    onPage(async (page, mock) => {
      mock.state.knowledgeBases = { knowledge_bases: ["default", "legal"], default: "default" };
      await page.reload();
      await ask(page, ZH);
      await answered(page);
      await page.getByLabel("知识库").selectOption("legal");
      await page.locator(".empty").waitFor();
      await ask(page, ZH);
      await answered(page);
      assert.deepEqual(mock.state.asked.map(({ kb }) => kb), ["default", "legal"]);
      await page.reload();
      assert.equal(await page.getByLabel("知识库").inputValue(), "legal");
    }));
});

describe("the page", () => {
  it("begins with questions that the documents answer", () =>
    onPage(async (page, mock) => {
      await page.locator(".example", { hasText: ZH }).click();
      await answered(page);
      assert.equal(mock.state.asked[0].question, ZH);
    }));

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
      assert.match((await sent).url(), /documents\/d-broken\?/);
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
            await page.locator(".example").first().waitFor();
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
            await page.locator(".exchange:last-child .answer-actions .quiet-button").last().click();
            await page.locator(".feedback-form").waitFor();
            await check("feedback");
            await page.keyboard.press("Control+k");
            await page.keyboard.type("MIT");
            await page.locator(".search-result").first().waitFor();
            await check("search");
            await page.keyboard.press("Escape");
            await page.locator(".reader .icon-button").first().click();
            await page.getByRole("button", { name: locale === "zh-CN" ? "文档库" : "Library", exact: true }).click();
            await page.locator(".documents").waitFor();
            await page.locator("input[type=file]").setInputFiles([aFile("handbook.md"), aFile("broken.pdf")]);
            await page.locator(".upload-done").waitFor();
            await page.locator(".upload-failed").waitFor();
            await check("library");
            await page.locator(".views button").nth(1).click();
            await page.locator(".source").first().waitFor();
            await page.locator(".source details summary").click();
            await check("sources");
            await page.locator(".views button").first().click();
            await page.locator(".documents .number .link-button").first().click();
            await page.locator(".chunks").waitFor();
            await check("chunks");
          },
          { page: { locale, colorScheme } },
        ));
    }
  }
});

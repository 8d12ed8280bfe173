// What stays: conversations, feedback and the library, against the stand-in server.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, shot, violations } from "./browser.mjs";
import { PHONE, QUOTE, ZH, aFile, withBrowser } from "./mock/page.mjs";

const { onPage, open } = withBrowser({ before, after });

describe("conversations", () => {
  const rows = (page) => page.locator("[data-part=conversation-title]");

  it("are kept: a reload, another browser and the back button find them", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await rows(page).first().waitFor();
      assert.match(new URL(page.url()).hash, /^#\/c\/conversation-1$/);
      await page.reload();
      await answered(page);
      assert.equal(await page.locator("[data-part=question]").textContent(), `您: ${ZH}`);
      assert.equal(await page.locator("button[data-part=pill]").count(), 2);
      await page.locator("button[data-part=pill]").first().click();
      assert.equal(await page.locator("[data-part=text-view] mark").textContent(), QUOTE);
      await page.getByRole("button", { name: "新对话" }).click();
      await ask(page, "拒答句是什么？");
      await answered(page);
      assert.deepEqual(await rows(page).allTextContents(), ["拒答句是什么？", ZH]);
      await page.goBack();
      await page.locator("[data-part=question]", { hasText: ZH }).waitFor();
      await ask(page, "它的依据呢？");
      await answered(page);
      assert.equal(mock.state.conversations.get("conversation-1").all.length, 2);
      const other = await open(mock.url);
      await rows(other.page).filter({ hasText: ZH }).click();
      await answered(other.page);
      assert.equal(await other.page.locator("[data-part=exchange]").count(), 2);
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

      await rows(page).first().hover(); // what can be done with it shows up
      await page.getByRole("button", { name: "删除“拒答句是什么？”" }).click();
      await page.locator("[data-part=empty]").waitFor();
      assert.equal(await rows(page).count(), 1);
      await page.getByRole("button", { name: "撤销" }).click();
      await rows(page).nth(1).waitFor();
      const sent = page.waitForRequest((request) => request.method() === "DELETE");
      await page.getByRole("button", { name: "删除“许可证一事”" }).focus();
      await page.keyboard.press("Enter");
      await sent;
      await rows(page).nth(1).waitFor({ state: "detached" });
      const kept = [...mock.state.conversations.values()].filter(({ deleted }) => !deleted);
      assert.deepEqual(
        kept.map(({ id }) => id),
        ["conversation-2"],
      );
      // Undone from another view, too.
      await page.getByRole("button", { name: "文档库", exact: true }).click();
      await page.getByRole("button", { name: "撤销" }).click();
      await rows(page).filter({ hasText: "许可证一事" }).waitFor();
      assert.equal(mock.state.conversations.get("conversation-1").deleted, false);
    }));

  it("send a stopped second attempt's successor to the turn that is shown", () =>
    onPage(async (page, mock) => {
      await ask(page, ZH);
      await answered(page);
      await ask(page, "它的依据呢？");
      await answered(page);
      await page.locator("#question").press("ArrowUp");
      await ask(page, "它的依据呢？slow");
      await page.locator("[data-part=exchange]:last-child [data-part=markdown]").waitFor();
      await page.keyboard.press("Escape");
      await page.getByText("已停止").first().waitFor();
      await ask(page, "拒答句是什么？");
      await answered(page);
      // What was stopped is kept, as version 2; what is asked now comes after it.
      assert.equal(mock.state.asked.at(-1).position, null);
      await page.reload();
      await answered(page);
      assert.equal(await page.locator("[data-part=exchange]").count(), 3);
      assert.match(await page.locator("[data-part=versions]").textContent(), /2\/2/);
      await page.getByRole("button", { name: "较早的版本" }).click();
      await page.locator("[data-part=exchange]").nth(2).waitFor({ state: "detached" });
      assert.equal(await page.locator("[data-part=exchange]").count(), 2);
    }));

  it("keep what is stopped or left before the server has said where it is kept", () =>
    onPage(async (page, mock) => {
      await ask(page, `${ZH} late slow`);
      await page.keyboard.press("Escape");
      await page.getByText("已停止").first().waitFor();
      await ask(page, "拒答句是什么？");
      await answered(page);
      const turns = mock.state.conversations.get("conversation-1").all;
      assert.deepEqual(
        turns.map(({ status }) => status),
        ["stopped", "done"],
      );
      assert.deepEqual(
        mock.state.asked.map(({ conversation_id: id }) => id),
        ["new", "conversation-1"],
      );
      await page.reload();
      await page.locator("[data-part=exchange]").nth(1).waitFor();
      assert.match(
        await page.locator("[data-part=exchange]").first().locator("[data-part=answer]").textContent(),
        /已停止/,
      );

      await page.getByRole("button", { name: "新对话" }).click();
      await ask(page, `${ZH} late`);
      await page.getByRole("button", { name: "新对话" }).click();
      await rows(page).filter({ hasText: "late" }).nth(1).waitFor();
      assert.equal(await page.locator("[data-part=exchange]").count(), 0);
      assert.ok(!new URL(page.url()).hash.includes("/c/"));
    }));

  it("lose no question that did not reach the server", () =>
    onPage(
      async (page, mock) => {
        await ask(page, ZH);
        await answered(page);
        const refuse = (route) => route.abort();
        await page.route("**/ask", refuse);
        await ask(page, "它的依据呢？");
        await page.locator("[data-part=failure]").waitFor();
        assert.equal(await page.locator("#question").inputValue(), "");
        await page.reload();
        await answered(page);
        assert.equal(await page.locator("#question").inputValue(), "它的依据呢？");
        await page.unroute("**/ask", refuse);
        await page.locator("#question").press("Enter");
        await page.locator("[data-part=exchange]").nth(1).waitFor();
        await answered(page);
        await page.reload();
        await answered(page);
        assert.equal(await page.locator("#question").inputValue(), "");
        assert.equal(mock.state.conversations.get("conversation-1").all.length, 2);
      },
      { expected: /ERR_FAILED/ },
    ));

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
        await page.locator("[data-part=drawer]").getByRole("button", { name: "新对话" }).tap();
        await page.locator("[data-part=empty]").waitFor();
        assert.equal(await page.locator("[data-part=drawer]").count(), 0);
      },
      { page: PHONE },
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
  const openLibrary = (page) => page.getByRole("button", { name: "文档库", exact: true }).click();

  it("takes files, each with its progress, its reason, a cancel and a retry", () =>
    onPage(async (page, mock) => {
      await openLibrary(page);
      const files = ["手册.md", "broken.pdf", "slow.docx"].map(aFile);
      await page.locator("[data-part=pick-files]").setInputFiles(files);
      const row = (name) => page.locator("[data-part=upload]", { hasText: name });
      await row("手册.md").getByText("已加入文档库").waitFor();
      await page.locator("[data-part=documents] tr", { hasText: "手册.md" }).waitFor();
      await row("broken.pdf").getByText("没有可读的文字").waitFor();
      await row("broken.pdf").getByText("请先做 OCR").waitFor();
      await row("slow.docx").getByRole("progressbar").waitFor();
      await row("slow.docx").getByRole("button", { name: /取消/ }).click();
      await row("slow.docx").getByText("已取消").waitFor();
      assert.equal(
        [...mock.state.jobs.values()].find((job) => job.source === "slow.docx").status,
        "cancelled",
      );
      await row("slow.docx")
        .getByRole("button", { name: /重新上传/ })
        .click();
      await row("slow.docx").getByText("已加入文档库").waitFor();
      await page.getByRole("button", { name: "清除已结束的" }).click();
      assert.equal(await page.locator("[data-part=upload]").count(), 0);
    }));

  it("takes files that are dropped on the chat", () =>
    onPage(async (page) => {
      const files = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["# 手册"], "dropped.md", { type: "text/markdown" }));
        return transfer;
      });
      await page.dispatchEvent("#question", "dragenter", { dataTransfer: files });
      await page.locator("[data-part=drop-over]").waitFor();
      await page.dispatchEvent("#question", "drop", { dataTransfer: files });
      await page.locator("[data-part=upload][data-phase=done]", { hasText: "dropped.md" }).waitFor();
      assert.equal(await page.locator("[data-part=drop-over]").count(), 0);
    }));

  it("takes a folder that is dropped, with what lies in it, but not what is hidden", () =>
    onPage(async (page, mock) => {
      const files = await page.evaluateHandle(() => {
        // Only a person's hand can drop a real folder.
        const file = (name) => ({
          isDirectory: false,
          name,
          file: (take) => take(new File(["# Text"], name, { type: "text/markdown" })),
        });
        const folder = (name, inside) => ({
          isDirectory: true,
          name,
          createReader: () => {
            const rest = [inside, []];
            return { readEntries: (take) => take(rest.shift()) };
          },
        });
        const dropped = folder("handbook", [
          file("rules.md"),
          file(".DS_Store"),
          folder("inner", [file("notes.md")]),
        ]);
        DataTransferItem.prototype.webkitGetAsEntry = () => dropped;
        const transfer = new DataTransfer();
        transfer.items.add(new File([""], "handbook"));
        return transfer;
      });
      await page.dispatchEvent("#question", "drop", { dataTransfer: files });
      await page.locator("[data-part=upload][data-phase=done]", { hasText: "handbook/rules.md" }).waitFor();
      await page
        .locator("[data-part=upload][data-phase=done]", { hasText: "handbook/inner/notes.md" })
        .waitFor();
      assert.equal(await page.locator("[data-part=upload]").count(), 2);
      assert.equal(mock.state.jobs.size, 2);
    }));

  it("edits tags", () =>
    onPage(async (page, mock) => {
      await openLibrary(page);
      const row = page.locator("[data-part=documents] tr", { hasText: "许可证选择" });
      await row.getByRole("button", { name: /编辑.*标签/ }).click();
      await page.keyboard.type("法务，合同");
      await page.keyboard.press("Enter");
      assert.deepEqual(await violations(page), []);
      await page.getByRole("button", { name: "移除标签“法务”" }).click();
      await page.getByRole("button", { name: "保存" }).click();
      await row.locator("[data-part=tag]", { hasText: "合同" }).waitFor();
      assert.deepEqual(mock.state.tags.get("d-licence"), ["合同"]);
    }));

  it("shows sources with schedule and last report, and syncs one now", () =>
    onPage(async (page) => {
      await openLibrary(page);
      await page.getByRole("button", { name: "来源", exact: true }).click();
      const [share, wiki] = [
        page.locator("[data-part=source]").first(),
        page.locator("[data-part=source]").nth(1),
      ];
      await share.getByText("每天 03:00").waitFor();
      await share.getByText("完成，但有失败").waitFor();
      assert.match(await share.textContent(), /Asia\/Shanghai.*新增 2，变更 1，移除 0，未变 9/s);
      await share.getByText("1 份文档失败").click();
      assert.ok(await share.getByText("这份 PDF 没有文字层。").isVisible());
      assert.match(await share.textContent(), /移动或改名 3，仅属性变更 1/);
      assert.ok(await share.getByText("无法查看 /srv/share/annex。").isVisible());
      await share.getByText("2 个文件不是文档").click();
      assert.ok(await share.getByText("backup.zip 压缩包").isVisible());
      await share.getByText("还有 1 个").waitFor();
      await share.getByText("1 组内容相同的文件被移动").click();
      await shot(page, "sources-report");
      assert.deepEqual(await violations(page), []);
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
      await page.locator("[data-part=empty]").waitFor();
      await ask(page, ZH);
      await answered(page);
      assert.deepEqual(
        mock.state.asked.map(({ kb }) => kb),
        ["default", "legal"],
      );
      await page.reload();
      assert.equal(await page.getByLabel("知识库").inputValue(), "legal");
    }));
});

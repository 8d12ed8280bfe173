// People and rights against a real `groundkb serve` with accounts: signing in, one's own account, others,
// limits, what was noted, and a conversation that is shared.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { answered, ask, launch, shot, violationsInAllLooks } from "./browser.mjs";
import { samples, startServer, temporaryFolder } from "./server.mjs";

const PASSWORD = "一个足够长的密码 ok";
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

describe("people and rights", () => {
  let browser, library, server;
  before(async () => {
    browser = await launch();
    library = temporaryFolder();
    const env = { GROUNDKB_ACCOUNTS: "on", GROUNDKB_AUDIT_DAYS: "9" };
    server = await startServer(library.path, { chat: "none", sync: samples, env });
    await server.groundkb("users", "add", "Ann", "--role", "admin");
    await server.groundkb("users", "add", "Bo", "--group", "staff");
  });
  after(async () => {
    await server?.stop();
    await browser.close();
    library.remove();
  });

  /** A browser in which somebody has chosen a password by a link. */
  async function signedIn(name, options = {}) {
    const { stdout } = await server.groundkb("users", "invite", name, "--url", server.url);
    const context = await browser.newContext({
      locale: "en-GB",
      viewport: { width: 1360, height: 860 },
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(stdout.replace(/\s/g, ""));
    await page.getByLabel(/Password|密码/).fill(PASSWORD);
    await page.getByRole("button", { name: /Sign in|登录/ }).click();
    await page.locator("#question").waitFor({ state: "attached" });
    return { page, context };
  }

  async function openPeople(page) {
    await page.getByRole("button", { name: /^(Settings|设置)$/ }).click();
    await page.getByRole("button", { name: /people and rights|用户与权限/ }).click();
    await page.getByRole("dialog", { name: /Account and people|账号与用户/ }).waitFor();
  }

  it("lets an admin do by keyboard what the command line does", async () => {
    const { page, context } = await signedIn("Ann");
    const faults = [];
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await openPeople(page);
    const dialog = page.getByRole("dialog", { name: "Account and people" });

    // A key of one's own: shown once, revoked after a question.
    await dialog.getByLabel("What it is for").fill("laptop");
    await page.keyboard.press("Enter");
    const key = await dialog.locator("[data-part=people-secret] code").textContent();
    assert.match(key, /^gkb_/);
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "people-account");
    await dialog.getByRole("button", { name: "Revoke the key laptop" }).click();
    await page.keyboard.press("Enter"); // the answer 'revoke' has the focus
    await dialog
      .getByText(/revoked /)
      .first()
      .waitFor();

    // Others: added, invited, given groups.
    await dialog.getByRole("button", { name: "People", exact: true }).click();
    await dialog.getByRole("button", { name: "Add person" }).click();
    await page.keyboard.type("李雷");
    await dialog.getByLabel("Groups").fill("财务、board");
    await page.keyboard.press("Enter");
    await dialog.getByText("财务, board").or(dialog.getByText("board, 财务")).first().waitFor();
    await dialog.getByRole("button", { name: "Link for a password of 李雷" }).click();
    assert.match(await dialog.locator("[data-part=people-secret] code").textContent(), /sign-in#link=/);
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "people-people");

    // Limits, and the audit.
    await dialog.getByRole("button", { name: "Who may read what" }).click();
    await dialog.getByRole("button", { name: "Limit a folder or source" }).click();
    await dialog.getByLabel("Address").fill("upload://");
    await dialog.getByLabel("Only these groups").fill("board");
    await page.keyboard.press("Enter");
    await dialog.getByText("only board").waitFor();
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "people-rights");
    await dialog.getByRole("button", { name: "Who did what" }).click();
    await dialog.getByRole("cell", { name: "set who may read" }).first().waitFor();
    await dialog.getByRole("combobox").selectOption("granted");
    await dialog.getByRole("cell", { name: "changed people or keys" }).first().waitFor();
    await dialog.getByRole("cell", { name: "set who may read" }).first().waitFor({ state: "detached" });
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "people-audit");
    const broken = (route) => route.abort();
    await page.route("**/audit?*format=csv*", broken);
    await dialog.getByRole("button", { name: "Download as CSV" }).click();
    await dialog.getByRole("alert").getByText("The server cannot be reached.").waitFor();
    await page.unroute("**/audit?*format=csv*", broken);
    const coming = page.waitForEvent("download");
    await dialog.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    assert.equal((await coming).suggestedFilename(), "audit.csv");
    await dialog.getByRole("alert").waitFor({ state: "detached" });
    assert.deepEqual(
      faults.filter((fault) => !fault.includes("ERR_FAILED")),
      [],
    );
    await context.close();
  });

  it("shows an owner what is missing, what is given, what is tried and what could answer", async () => {
    const { page, context } = await signedIn("Ann");
    await ask(page, "What is the capital of Australia?");
    await answered(page, 60_000);
    await page.getByRole("button", { name: "Library", exact: true }).click();
    await page.getByRole("button", { name: "Improve" }).click();
    await page.getByRole("button", { name: /^Write an answer to: What is the capital/ }).waitFor();
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "owner-gaps");
    await page.getByRole("button", { name: "Answers of your own" }).click();
    await page.getByRole("button", { name: "Write an answer", exact: true }).click();
    const form = page.getByRole("dialog");
    await form.getByRole("textbox").first().fill("When is the nightly backup made?");
    await form.getByRole("button", { name: "Find passages" }).click();
    await form
      .getByRole("button", { name: /^Quote this from/ })
      .first()
      .waitFor();
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "owner-form");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Model tests" }).click();
    await page.getByText("groundkb shadow start").waitFor();
    assert.deepEqual(await violationsInAllLooks(page), []);
    await page.getByRole("button", { name: "Models", exact: true }).click();
    await page.getByText("Answers are quotes now, without a chat model.").waitFor();
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "owner-models");
    await context.close();
  });

  it("leads back to where one was, with what one typed, when the session has ended", async () => {
    const { page, context } = await signedIn("Bo", { locale: "zh-CN" });
    await ask(page, "许可证小组在几个工作日内答复？");
    await answered(page, 60_000);
    const { hash } = new URL(page.url());
    await page.locator("#question").fill("知识库每天几点同步？");
    await context.clearCookies();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "登录已失效" });
    await dialog.waitFor();
    assert.equal(await page.getByLabel("密钥").count(), 0, "nobody here has a key to give");
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "people-signed-out");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sign-in/);
    assert.deepEqual(await violationsInAllLooks(page), []);
    await shot(page, "people-sign-in");
    await page.getByLabel("用户名").fill("Bo");
    await page.getByLabel("密码").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator("[data-part=question]", { hasText: "许可证小组" }).waitFor();
    assert.equal(new URL(page.url()).hash, hash);
    assert.equal(await page.locator("#question").inputValue(), "知识库每天几点同步？");
    await context.close();
  });

  it("shares a conversation with whoever may read it", async () => {
    const ann = await signedIn("Ann");
    await ask(ann.page, "许可证小组在几个工作日内答复？");
    await answered(ann.page, 60_000);
    await ann.page
      .getByRole("button", { name: /^Share/ })
      .first()
      .focus();
    await ann.page.keyboard.press("Enter");
    await ann.page.getByRole("button", { name: "Make a link" }).click();
    const link = await ann.page.locator("[data-part=people-secret] code").textContent();
    assert.deepEqual(await violationsInAllLooks(ann.page), []);
    const bo = await signedIn("Bo", { locale: "zh-CN", ...PHONE });
    await bo.page.goto(link);
    await bo.page.reload();
    const shared = bo.page.getByRole("dialog", { name: "分享的对话" });
    await shared
      .getByRole("heading", { name: /许可证小组/ })
      .first()
      .waitFor();
    assert.deepEqual(await violationsInAllLooks(bo.page), []);
    await shot(bo.page, "people-shared");
    await ann.page.getByRole("button", { name: "Share no more" }).click();
    await bo.page.reload();
    await bo.page.getByRole("alert").getByText("没有").first().waitFor();

    // His own account, and nothing of others.
    await bo.page.getByRole("button", { name: "关闭", exact: true }).click();
    await bo.page.getByRole("button", { name: "对话列表", exact: true }).click();
    await bo.page.getByRole("button", { name: "设置", exact: true }).click();
    await bo.page.getByRole("button", { name: "账号与密钥…" }).click();
    const dialog = bo.page.getByRole("dialog", { name: "账号与用户" });
    await dialog.getByLabel("旧密码").fill(PASSWORD);
    await dialog.getByLabel(/新密码/).fill("另一个足够长的新密码");
    await dialog.getByRole("button", { name: "保存" }).click();
    await dialog.getByText("密码已修改，其他会话均已结束。").waitFor();
    assert.equal(await dialog.getByRole("button", { name: "用户", exact: true }).count(), 0);
    assert.deepEqual(await violationsInAllLooks(bo.page), []);
    await shot(bo.page, "people-own-phone");
    await dialog.getByRole("button", { name: "退出登录" }).click();
    await bo.page.waitForURL(/\/sign-in/);
    await ann.context.close();
    await bo.context.close();
  });
});

// The library page against a real `groundkb serve`: what goes in, what fails, what is removed and
// comes back. Answers play no part, so no chat model is loaded.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { launch, openPage, shot, violationsInAllLooks } from "./browser.mjs";
import { startServer, temporaryFolder } from "./server.mjs";

const PATIENCE = 120_000; // ms until a file is in the index
const OPERATOR = "the-operators-key";
const MANY = 210;
const EN = { locale: "en-GB" };
const TOUCH = { ...EN, viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };

let [browser, server, data, files] = [];
before(async () => {
  browser = await launch();
  [data, files] = [temporaryFolder(), temporaryFolder()];
  const env = { GROUNDKB_OPERATOR_KEYS: OPERATOR };
  server = await startServer(data.path, { chat: "none", sync: null, env });
});
after(async () => {
  await server?.stop();
  await browser.close();
  data.remove();
  files.remove();
});

/** A page at the library; what the browser says of a refused request is no fault here. */
async function onLibrary(options, body, expected = /40[39]/) {
  const { page, faults, close } = await openPage(browser, server.url, options);
  try {
    await page.goto(`${server.url}#/library`);
    await body(page);
    assert.deepEqual(
      faults.filter((fault) => !expected.test(fault)),
      [],
    );
  } finally {
    await close();
  }
}

const markdown = (name, text) => ({ name, mimeType: "text/markdown", buffer: Buffer.from(text) });
const row = (page, name) => page.locator("[data-part=documents] tbody tr", { hasText: name });
const upload = (page, name) => page.locator("[data-part=upload]", { hasText: name });
const filter = (page) => page.getByRole("searchbox", { name: "Filter by title or path" });
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
const button = (page, name, exact = true) => page.getByRole("button", { name, exact });
const waitFor = (locator, state = "visible") => locator.waitFor({ state, timeout: PATIENCE });

describe("the library", () => {
  it("begins with a place to drop things on, and an example", () =>
    onLibrary(EN, async (page) => {
      await page.getByText("Put your first documents in").waitFor();
      await shot(page, "library-first");
      assert.deepEqual(await violationsInAllLooks(page), []);
      await button(page, "Or try it with an example").click();
      await waitFor(row(page, "House rules of a reading room"));
    }));

  it("asks what is to become of a second file of one name", () =>
    onLibrary(EN, async (page) => {
      await waitFor(page.locator("[data-part=documents]"));
      const send = (text) =>
        page.locator("[data-part=pick-files]").setInputFiles([markdown("note.md", text)]);
      await send("# Note\n\nThe ladder is 4 m long.");
      await waitFor(upload(page, "note.md").getByText("In the library"));
      await send("# Note\n\nThe ladder is 6 m long.");
      await button(page, "Keep both files named note.md").click();
      await waitFor(row(page, "note (2).md"));
      await send("# Note\n\nThe ladder is 8 m long.");
      await button(page, "Replace note.md by the new file").click();
      await waitFor(page.locator("[data-part=upload][data-phase=done]").nth(2));
      assert.equal(await row(page, "note").count(), 2);
      await send("# Note\n\nThe ladder is 8 m long.");
      await waitFor(page.getByText("Already there, unchanged"));
    }));

  it("takes a folder", () =>
    onLibrary(EN, async (page) => {
      const folder = join(files.path, "handbook");
      mkdirSync(join(folder, "inner"), { recursive: true });
      writeFileSync(join(folder, "rules.md"), "# Rules\n\nVisitors sign in at the desk.");
      writeFileSync(join(folder, "inner", "desk.md"), "# Desk\n\nThe desk is open until noon.");
      writeFileSync(join(folder, ".hidden.md"), "# Hidden");
      await page.locator("[data-part=pick-folder]").first().setInputFiles(folder);
      await waitFor(row(page, "rules.md"));
      await waitFor(row(page, "desk.md"));
      await waitFor(row(page, "rules.md").getByRole("button", { name: "handbook" }));
      await waitFor(row(page, "desk.md").getByRole("button", { name: "inner" }));
      assert.equal(await page.locator("[data-part=upload]").count(), 2);
    }));

  it("keeps what failed apart, with its reason, a retry and a way out", () =>
    onLibrary(EN, async (page) => {
      await waitFor(page.locator("[data-part=documents]"));
      await page.locator("[data-part=pick-files]").setInputFiles([markdown("empty.md", " \n")]);
      const tray = page.locator("[data-part=failed-tray]");
      await waitFor(tray.getByText("1 file could not be read"));
      await waitFor(page.getByText("0 of 1 uploads done, 1 failed."));
      // Told once: in the tray, and no more among the uploads.
      await page.waitForFunction(() => document.querySelectorAll("[data-part=upload]").length === 0);
      assert.equal(await row(page, "empty.md").count(), 0);
      await shot(page, "library-failed");
      assert.deepEqual(await violationsInAllLooks(page), []);
      await tray.getByRole("button", { name: /^Try again/ }).click();
      await waitFor(tray.getByText("Try again"));
      await tray.getByRole("button", { name: /Delete/ }).click();
      await waitFor(tray, "detached");
    }));

  it("has sources added, paused, resumed, removed and brought back", () =>
    onLibrary(EN, async (page) => {
      const folder = join(files.path, "many");
      mkdirSync(folder);
      for (let n = 0; n < MANY; n += 1) {
        const name = String(n).padStart(3, "0");
        writeFileSync(join(folder, `item-${name}.txt`), `Item ${name} stands on shelf ${n % 7}.`);
      }
      await button(page, "Sources").click();
      await button(page, "Add a source").click();
      await page.getByLabel("Folder or address").fill(folder);
      await button(page, "Add and sync now").click();
      await page.getByLabel("Key", { exact: true }).fill(OPERATOR);
      await button(page, "Continue").click();
      const source = page.locator("[data-part=source]", { hasText: "many" });
      await waitFor(source.getByText(`${MANY} added`, { exact: false }));
      await shot(page, "library-sources");
      assert.deepEqual(await violationsInAllLooks(page), []);
      await source.getByRole("button", { name: /^Pause/ }).click();
      await waitFor(source.getByText("paused"));
      await source.getByRole("button", { name: /^Resume/ }).click();
      await waitFor(source.getByText("Next run"));
      await source.getByRole("button", { name: /^Change/ }).click();
      await page.getByLabel("When is it looked at?").selectOption("hourly");
      await button(page, "Save").click();
      await waitFor(source.getByText("every hour"));
      await source.getByRole("button", { name: /^Remove/ }).click();
      await waitFor(source, "detached");
      await button(page, "Undo").click();
      await waitFor(source);
    }));

  it("turns pages, sorts and filters on the server", () =>
    onLibrary(EN, async (page) => {
      await page.getByText(/^1–50 of 21\d$/).waitFor();
      assert.equal(await page.locator("[data-part=documents] tbody tr").count(), 50);
      await button(page, "Next").click();
      await page.getByText(/^51–100 of 21\d$/).waitFor();
      await filter(page).fill("item-20");
      await page.getByText("10 documents").waitFor();
      await filter(page).fill("item-");
      await row(page, "item-000").waitFor();
      await page.getByTitle("Sort by Document").click();
      await row(page, `item-${MANY - 1}`).waitFor();
      await filter(page).fill("");
      await page
        .getByLabel("Folder", { exact: true })
        .selectOption({ label: `${join(files.path, "many")} (${MANY})` });
      await page.getByText(`${MANY} documents`).waitFor();
      await button(page, "Ask about these").click();
      await page.waitForURL((url) => !url.hash.includes("library"));
    }));

  it("deletes several, and brings them back from another view", () =>
    onLibrary(EN, async (page) => {
      await filter(page).fill("item-00");
      await page.getByText("10 documents").waitFor();
      await page.getByLabel("Select all on this page").check();
      await button(page, "Add tags").click();
      await page.keyboard.type("shelf");
      await button(page, "Save").click();
      await waitFor(page.locator("[data-part=documents] [data-part=tag]").nth(9));
      await button(page, "Delete").click();
      await waitFor(page.getByText("No document matches."));
      await button(page, "Library").click();
      await button(page, "Undo").click();
      await button(page, "Library").click();
      await filter(page).fill("item-00");
      await page.getByText("10 documents").waitFor();
      await page.locator("[data-part=documents] [data-part=tag]").first().click();
      await page.getByText("Tag: shelf").waitFor();
    }));

  it("makes, renames and uses a knowledge base", () =>
    onLibrary(EN, async (page) => {
      await button(page, "Knowledge bases").click();
      await button(page, "New knowledge base").click();
      await page.getByLabel("Name", { exact: true }).fill("legal");
      await button(page, "Create").click();
      const base = page.locator("[data-part=bases] [data-part=source]", { hasText: "legal" });
      await base.getByRole("button", { name: "Rename legal" }).click();
      await page.getByLabel("Title", { exact: true }).fill("Contracts");
      await button(page, "Save").click();
      await base.getByText("Contracts").waitFor();
      assert.equal(await page.getByRole("button", { name: "Delete default" }).count(), 0);
      await base.getByRole("button", { name: "Use Contracts" }).click();
      await page.goto(`${server.url}#/library`);
      await page.getByText("Put your first documents in").waitFor();
      const lease = "# Lease\n\nThe lease of the reading room ends in March 2031.";
      await page
        .locator("[data-part=pick-files]")
        .first()
        .setInputFiles([markdown("lease.md", lease)]);
      await waitFor(row(page, "lease.md"));
    }));

  it("asks two knowledge bases at once, and opens what the other one holds", () =>
    onLibrary(EN, async (page) => {
      await page.goto(`${server.url}#/`);
      const question = "When does the lease of the reading room end?";
      await page.locator("#question").press("@");
      for (const name of ["default", "Contracts"]) {
        await page.locator("[data-part=scope-option]", { hasText: name }).click();
        if (name === "default") await page.locator("#question").press("@");
      }
      assert.equal(await page.locator("[data-part=composer] [data-part=scope-chip]").count(), 2);
      await page.locator("#question").fill(question);
      await page.keyboard.press("Enter");
      await waitFor(
        page.locator("[data-part=evidence] [data-part=place-base]", { hasText: "Contracts" }).first(),
      );
      assert.match(await page.locator("[data-part=markdown]").textContent(), /March 2031/);
      await page.locator("[data-part~=evidence-item]").first().click();
      await page.locator("[data-part=text-view] mark", { hasText: "March 2031" }).waitFor();
      assert.equal(await page.getByLabel("Knowledge base").inputValue(), "default");
      await shot(page, "library-two-bases");
      assert.deepEqual(await violationsInAllLooks(page), []);
      await page.reload(); // the address says where the document is, the turn what was asked
      await page.locator("[data-part=text-view] mark", { hasText: "March 2031" }).waitFor();
      const asked = page.locator("[data-part=asked] [data-part=scope-chip]");
      await asked.nth(1).waitFor(); // the conversation may come after the document
      assert.equal(await asked.count(), 2);
    }));

  it("deletes a knowledge base once its name is typed", () =>
    onLibrary(EN, async (page) => {
      await button(page, "Knowledge bases").click();
      await page.getByRole("button", { name: "Delete Contracts" }).click();
      const confirm = page.getByRole("dialog").getByRole("button", { name: "Delete" });
      await page.keyboard.type("Contracts");
      assert.ok(await confirm.isDisabled());
      await page.getByLabel("Its name").fill("legal");
      assert.deepEqual(await violationsInAllLooks(page), []);
      await shot(page, "library-delete-base");
      await confirm.click();
      await page.getByLabel("Key", { exact: true }).fill(OPERATOR);
      await button(page, "Continue").click();
      await waitFor(page.locator("[data-part=bases] [data-part=source]", { hasText: "legal" }), "detached");
      assert.equal(await page.getByRole("dialog").count(), 0);
    }));

  it("can be worked by keyboard alone", () =>
    onLibrary(EN, async (page) => {
      await filter(page).focus();
      await page.keyboard.type("item-005");
      await page.getByText("1 document", { exact: true }).waitFor();
      await page.getByLabel(/^Select item-005/).focus();
      await page.keyboard.press("Space");
      await page.getByText("1 selected").waitFor();
      await page.getByRole("button", { name: /^Delete item-005/ }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("No document matches.").waitFor();
      await button(page, "Undo").focus();
      await page.keyboard.press("Enter");
      await row(page, "item-005").waitFor();
    }));

  for (const [name, options] of [
    ["a narrow touch screen", TOUCH],
    ["a dark one in Chinese", { ...TOUCH, locale: "zh-CN", colorScheme: "dark" }],
    ["forced colours", { ...EN, forcedColors: "active" }],
  ]) {
    it(`fits ${name}, and all can use it`, () =>
      onLibrary(options, async (page) => {
        await page.locator("[data-part=documents]").waitFor();
        assert.ok(await fits(page));
        await shot(page, `library-${name.replaceAll(" ", "-")}`);
        assert.deepEqual(await violationsInAllLooks(page), []);
        await page.locator("[data-part=views] button").nth(1).click();
        await page.locator("[data-part=source]").first().waitFor();
        assert.ok(await fits(page));
        assert.deepEqual(await violationsInAllLooks(page), []);
      }));
  }
});

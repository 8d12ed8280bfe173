// Debian's Chromium under Playwright, and what every browser test needs.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = new URL("screenshots/", import.meta.url);
mkdirSync(shots, { recursive: true });

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });

/** A page that notes what must not happen: other hosts, console errors, CSP violations. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    locale: "zh-CN",
    viewport: { width: 1360, height: 860 },
    ...options,
  });
  const page = await context.newPage();
  const faults = [];
  const host = new URL(url).host;
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (/^(https?|wss?):$/.test(target.protocol) && target.host !== host)
      faults.push(`other host: ${request.url()}`);
  });
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  await page.locator("#question").waitFor({ state: "attached" });
  return { page, faults, close: () => context.close() };
}

export async function ask(page, question) {
  const box = page.locator("#question");
  await box.fill(question);
  await box.press("Enter");
}

/** Waits until the last answer is there in whole. */
export async function answered(page, timeout = 15_000) {
  await page.locator(".exchange:last-child .answer[aria-busy=false]").waitFor({ timeout });
}

/** The accessibility violations that axe finds, one line each. */
export async function violations(page) {
  // Evaluated, not added as a tag: the page's own policy refuses inline scripts, and rightly.
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return result.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
}

export const shot = (page, name) =>
  page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, shots)), animations: "disabled" });

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
  await page
    .locator("[data-part=exchange]:last-child [data-part=answer][aria-busy=false]")
    .waitFor({ timeout });
}

/** The accessibility violations that axe finds, one line each. */
export async function violations(page) {
  // Evaluated, not added as a tag: the page's own policy refuses inline scripts, and rightly.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return result.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
}

const LOOKS = ["light", "dark"].flatMap((colorScheme) =>
  ["none", "active"].map((forcedColors) => ({ colorScheme, forcedColors })),
);

/** The same in both themes, with and without forced colours. */
export async function violationsInAllLooks(page) {
  const found = [];
  for (const look of LOOKS) {
    await page.emulateMedia(look);
    const name = look.forcedColors === "active" ? `${look.colorScheme}, forced` : look.colorScheme;
    found.push(...(await violations(page)).map((line) => `${name}: ${line}`));
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
  return found;
}

/**
 * The colours that a screenshot of an element's first line shows: of its ground (the commonest), of
 * what stands out most on it, and of the line of pixels around it.
 */
export async function colours(page, locator) {
  const box = await locator.evaluate((element) => {
    const { x, y, width, height } = element.getClientRects()[0];
    return { x: x - 1, y: y - 1, width: width + 2, height: height + 2 };
  });
  const png = await page.screenshot({ clip: box, animations: "disabled" });
  const [ground, ink, edge] = await page.evaluate(
    async (address) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      const pixels = (...area) => {
        const { data } = canvas.getImageData(...area);
        const counts = new Map();
        for (let at = 0; at < data.length; at += 4) {
          const colour = data.slice(at, at + 3).join(" ");
          counts.set(colour, (counts.get(colour) ?? 0) + 1);
        }
        return [...counts].sort((one, other) => other[1] - one[1]).map(([colour]) => colour);
      };
      const [first, ...others] = pixels(0, 0, image.width, image.height);
      const light = (colour) => colour.split(" ").reduce((sum, part) => sum + Number(part), 0);
      const far = (colour) => Math.abs(light(colour) - light(first));
      const [furthest = first] = others.sort((one, other) => far(other) - far(one));
      return [first, furthest, pixels(0, 0, image.width, 1)[0]];
    },
    `data:image/png;base64,${png.toString("base64")}`,
  );
  return { ground, ink, edge };
}

/** The contrast of two colours as WCAG 2 counts it, 1 to 21. */
export function contrast(one, other) {
  const [low, high] = [one, other]
    .map((colour) => {
      const [red, green, blue] = colour.split(" ").map((part) => {
        const share = Number(part) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

export const shot = (page, name) =>
  page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, shots)), animations: "disabled" });

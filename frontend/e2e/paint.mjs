// How soon a first visit shows something, and takes a question, over a slow line: Chromium at
// 1.6 Mb/s and 400 ms, nothing cached. `npm run paint URL`; exits 1 over the budget.
import { launch } from "./browser.mjs";

const [url = "http://127.0.0.1:8000/"] = process.argv.slice(2);
const LATENCY = 400; // ms
const THROUGHPUT = 1_600_000 / 8; // bytes a second
const BUDGET = 1_500; // ms until the first paint
const RUNS = 5;

const browser = await launch();
const paints = [];
const ready = [];
for (let run = 0; run < RUNS; run += 1) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY,
    downloadThroughput: THROUGHPUT,
    uploadThroughput: THROUGHPUT,
  });
  await page.goto(url, { waitUntil: "commit" });
  await page.locator("#question").waitFor();
  ready.push(await page.evaluate(() => performance.now()));
  paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
  await context.close();
}
await browser.close();
const median = (values) => Math.round(values.sort((a, b) => a - b)[RUNS >> 1]);
console.log(
  `first paint ${median(paints)} ms of ${BUDGET}, question box ${median(ready)} ms (medians of ${RUNS})`,
);
if (median(paints) > BUDGET) process.exit(1);

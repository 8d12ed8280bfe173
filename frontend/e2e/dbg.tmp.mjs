import { answered, ask, launch, openPage } from "./browser.mjs";
const b = await launch();
{
const { page } = await openPage(b, "http://127.0.0.1:23512/");
await page.locator(".conversation-title").first().click();
await page.locator(".question").first().waitFor();
await page.locator("#question").press("ArrowUp");
await page.locator("#question").fill("改了一半的问题");
await page.getByRole("button", { name: "新对话" }).first().click();
await page.locator(".empty").waitFor();
await ask(page, "拒答句是什么？"); await answered(page, 60000);
console.log(2, page.url(), await page.evaluate(() => JSON.stringify(localStorage)));
await page.goBack();
await page.waitForTimeout(1500);
console.log(3, page.url(), await page.locator("#question").inputValue(), await page.evaluate(() => JSON.stringify(localStorage)));
await page.goBack();
await page.waitForTimeout(1500);
console.log(4, page.url(), await page.locator("#question").inputValue());
}
await b.close();

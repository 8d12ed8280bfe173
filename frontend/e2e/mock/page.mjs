// What every test against the stand-in server begins with.
import assert from "node:assert/strict";
import { launch, openPage } from "../browser.mjs";
import { startMock } from "./server.mjs";

export const ZH = "DeepSeek-R1 使用什么许可证？";
export const QUOTE =
  "DeepSeek-R1 的代码与权重采用 MIT 许可证，公司因此可以直接部署，也可以用它的输出训练自己的小模型。";
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** A file as the browser's picker gives it. */
export const aFile = (name) => ({ name, mimeType: "text/markdown", buffer: Buffer.from("# Handbook\n") });

/** A browser for the tests of one file. */
export function withBrowser({ before, after }) {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  return {
    /** Another page on the same server. */
    open: (url) => openPage(browser, url),

    /** Runs `body` with a fresh server and page, and fails on whatever the page must not do. */
    onPage: async (body, { server = {}, page: pageOptions = {}, expected = /^$/ } = {}) => {
      const mock = await startMock(server);
      const opened = await openPage(browser, mock.url, pageOptions);
      try {
        await body(opened.page, mock);
        assert.deepEqual(
          opened.faults.filter((fault) => !expected.test(fault)),
          [],
        );
      } finally {
        await opened.close();
        await mock.stop();
      }
    },
  };
}

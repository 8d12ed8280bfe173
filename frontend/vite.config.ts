import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { pdfjsAssets } from "./scripts/pdfjs-assets.ts";

// Where the API runs while developing (`npm run dev`).
const api = process.env["GROUNDKB_API"] ?? "http://127.0.0.1:8000";

const apiPaths = [
  "ask",
  "search",
  "documents",
  "conversations",
  "knowledge-bases",
  "feedback",
  "jobs",
  "sources",
  "scopes",
  "me",
  "readyz",
  "openapi.json",
];

export default defineConfig({
  // Relative, so that the same build works behind any path prefix.
  base: "./",
  plugins: [react(), pdfjsAssets()],
  server: {
    proxy: Object.fromEntries(apiPaths.map((path) => [`/${path}`, { target: api }])),
  },
  // `.quote-text` of a sheet is `styles.quoteText` in the code; src/styles/sheets.test.ts compares the two.
  css: { modules: { localsConvention: "camelCaseOnly" } },
  build: {
    // The inlined data: URLs would need a wider content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    // The licences of what is bundled have to go along with it.
    license: { fileName: "licenses.md" },
  },
  test: {
    environment: "jsdom",
    testTimeout: 30_000, // a machine that does other work beside is no fault of a test
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    setupFiles: ["src/testing/setup.ts"],
  },
});

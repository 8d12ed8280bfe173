import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

// Character maps, fonts and decoders that pdf.js fetches when a document needs them.
const FOLDERS = ["cmaps", "standard_fonts", "wasm", "iccs"];

/** Puts pdf.js's data files into the build, under `pdfjs/`. */
export function pdfjsAssets(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  return {
    name: "pdfjs-assets",
    apply: "build",
    generateBundle() {
      for (const folder of FOLDERS) {
        for (const name of readdirSync(join(root, folder))) {
          if (name.endsWith(".wasm")) continue; // switched off, see src/reader/pdf.ts
          const source = readFileSync(join(root, folder, name));
          this.emitFile({ type: "asset", fileName: `pdfjs/${folder}/${name}`, source });
        }
      }
    },
  };
}

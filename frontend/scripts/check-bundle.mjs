// What a first visit loads, code and sheets, must stay within its budget. Prints the sum, exits 1 over it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 200 * 1024; // bytes, gzipped
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const first = new Set();
const visit = (key) => {
  if (first.has(key)) return;
  first.add(key);
  for (const imported of manifest[key].imports ?? []) visit(imported);
};
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);

let sum = 0;
const files = [...first].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]);
for (const file of new Set(files)) {
  if (!/\.(js|css)$/.test(file)) continue;
  const size = gzipSync(readFileSync(new URL(file, dist))).length;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${file}`);
  sum += size;
}
console.log(`${(sum / 1024).toFixed(1).padStart(7)} KB  first load, of ${BUDGET / 1024} KB`);
if (sum === 0 || sum > BUDGET) process.exit(1);

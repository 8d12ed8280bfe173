// Beside each text file of the build its forms for browsers that take brotli or gzip, made once here
// so that the server has nothing to compress.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(js|mjs|css|svg|html)$/;
const SMALL = 1024; // bytes: below, the headers weigh more than what is saved
const dist = fileURLToPath(new URL("../dist/", import.meta.url));

for (const name of readdirSync(dist, { recursive: true })) {
  if (!TEXT.test(name)) continue;
  const bytes = readFileSync(dist + name);
  if (bytes.length < SMALL) continue;
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${dist}${name}.br`, brotliCompressSync(bytes, { params: quality }));
  writeFileSync(`${dist}${name}.gz`, gzipSync(bytes, { level: 9 }));
}

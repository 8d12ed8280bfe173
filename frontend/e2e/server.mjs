// A real `groundkb serve` for the browser tests: its own process, port and library.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
export const samples = join(root, "samples/library");
const command = process.env.GROUNDKB_COMMAND ?? join(root, ".venv/bin/groundkb");
const READY_WITHIN = 240_000; // ms: loads two models and takes in the sample library
const STOP_WITHIN = 15_000;

/** A folder for a library that lasts as long as the test. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "groundkb-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Starts over the library in `data`, filled with the samples first; resolves when it is ready.
 * `chat`: who writes the answers; "none" is quick, since they are quotes then. `sync`: another
 * folder to fill it with, null for none. `env`: further settings.
 */
export async function startServer(data, { chat = "embedded", sync = samples, env = {} } = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const own = Object.entries(process.env).filter(
    ([name]) => name === "GROUNDKB_MODELS" || !/^(GROUNDKB|QDRANT)_/.test(name),
  );
  const options = {
    cwd: data, // not the repository: no .env of the developer's is read
    env: { ...Object.fromEntries(own), GROUNDKB_DATA: data, GROUNDKB_CHAT: chat, ...env },
  };
  const serve = ["serve", "--host", "127.0.0.1", "--port", String(port)];
  if (sync !== null) serve.push("--sync", sync);
  const child = spawn(command, serve, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (log = (log + text).slice(-8_000)));
  }
  const gone = once(child, "exit");
  const end = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await Promise.race([gone, wait(STOP_WITHIN, null, { ref: false }).then(() => child.kill("SIGKILL"))]);
    await gone;
  };
  try {
    await ready(url, child, () => log);
  } catch (problem) {
    await end("SIGKILL");
    throw problem;
  }
  return {
    url,
    /** Runs another `groundkb` command on the same library. */
    groundkb: (...args) => run(command, args, options),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

async function ready(url, child, log) {
  const until = Date.now() + READY_WITHIN;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`groundkb serve ended:\n${log()}`);
    if (Date.now() > until) throw new Error(`groundkb serve is not ready:\n${log()}`);
    // It can be asked before the folder is taken in; it names its address once that is done.
    if (/^groundkb +http/m.test(log())) {
      const response = await fetch(new URL("readyz", url)).catch(() => null);
      if (response?.ok) return;
    }
    await wait(500);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// A stand-in for `groundkb serve`: the same routes, headers and stream, with scripted answers.
// For working on the UI and for what a real server does not do on demand (errors, dropped streams).
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { answerTo, retrieved, whole } from "./answers.mjs";
import { library } from "./library.mjs";

const dist = new URL("../../dist/", import.meta.url);
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const CSP =
  "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; " +
  "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const error = (code, message, hint) => ({ error: { code, message, hint } });

/** Starts on a free port of loopback. `state` may be changed while it runs. */
export async function startMock({ prefix = "", port = 0, apiKey = null } = {}) {
  const state = { down: false, asked: [], apiKey };
  const server = createServer((request, response) => {
    response.setHeader("Content-Security-Policy", CSP);
    route(request, response, state, prefix).catch((problem) => {
      response.destroy();
      throw problem;
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${prefix}/`,
    state,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function route(request, response, state, prefix) {
  const url = new URL(request.url, "http://mock");
  if (!url.pathname.startsWith(`${prefix}/`)) return json(response, 404, error("not_found", "Not here.", ""));
  const path = decodeURIComponent(url.pathname.slice(prefix.length + 1));
  const [first, id, part] = path.split("/");
  if (path === "readyz") return readyz(response, state);
  const api = ["ask", "search", "documents", "knowledge-bases"].includes(first);
  if (!api) return file(response, path || "index.html");
  if (state.apiKey && request.headers.authorization !== `Bearer ${state.apiKey}`) {
    return json(response, 401, error("api_key_wrong", "Wrong key.", "Give one."));
  }
  if (path === "ask") return ask(request, response, state);
  if (path === "search") return search(request, response);
  if (path === "knowledge-bases") return json(response, 200, { knowledge_bases: ["default"], default: "default" });
  if (id === undefined) return documents(response, url.searchParams.get("q") ?? "");
  const entry = library.get(id);
  if (!entry) return json(response, 404, error("document_not_found", "No such document.", ""));
  if (request.method === "DELETE") {
    library.delete(id);
    return response.writeHead(204).end();
  }
  if (part === undefined) return json(response, 200, entry.body);
  if (part === "text") {
    return json(response, 200, { document_id: id, revision: entry.body.revision, text: entry.text });
  }
  if (part === "chunks") {
    const chunks = script("许可证").filter((passage) => passage.document_id === id).map(chunkOf);
    return json(response, 200, { document_id: id, revision: entry.body.revision, chunks });
  }
  response.writeHead(200, { "Content-Type": entry.body.media_type }).end(entry.file);
}

async function ask(request, response, state) {
  const body = await bodyOf(request);
  state.asked.push(body);
  const chosen = answerTo(body.question);
  const standalone = body.messages.length > 0 ? `${body.question}（DeepSeek-R1）` : null;
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  await wait(60);
  send("retrieved", { retrieved: retrieved(chosen).map((passage) => ({ ...passage, cited: false })), standalone_question: standalone });
  for (const text of chosen.thoughts ?? []) send("thought", { text });
  for (const piece of chosen.pieces) {
    for (const text of piece.match(/[\s\S]{1,6}/gu) ?? []) {
      if (response.destroyed) return;
      send("token", { text });
      await wait(chosen.wait ?? 8);
    }
    if (chosen.fails === "drop") return response.destroy();
    if (chosen.fails === "error") {
      send("error", error("chat_interrupted", "The chat model broke off.", "Ask again."));
      return response.end();
    }
  }
  const answer = whole(chosen, standalone);
  send("citations", { citations: answer.citations });
  send("done", answer);
  response.end();
}

async function search(request, response) {
  const { question } = await bodyOf(request);
  const passages = /zzz/.test(question)
    ? []
    : script("许可证").map((passage, ordinal) => ({
        ...omit(passage, ["cited", "shown"]),
        ordinal,
        best_window: { start: passage.start, end: Math.min(passage.start + 30, passage.end) },
        language: "zh",
        tags: [],
      }));
  json(response, 200, { passages, index: "kb_default@3f9a", timings_ms: { total: 12 } });
}

function script(question) {
  return retrieved(answerTo(question));
}

function chunkOf(passage, ordinal) {
  const { chunk_id: id, text, start, end, page, section } = passage;
  return { id, ordinal, text, start, end, page, section, windows: [{ start, end }], language: "zh" };
}

function documents(response, q) {
  const found = [...library.values()].map(({ body }) => body).filter((body) => body.title.includes(q));
  json(response, 200, { documents: found, total: found.length });
}

function readyz(response, state) {
  const failure = state.down
    ? error("chat_server_down", "The chat server at http://127.0.0.1:11434 does not answer.", "Start it, or set GROUNDKB_CHAT=embedded.").error
    : null;
  const checks = ["chat", "index", "library", "embedding"].map((name) => ({
    part: name,
    ok: !(state.down && name === "chat"),
    ms: 1,
    error: name === "chat" ? failure : null,
  }));
  json(response, state.down ? 503 : 200, {
    status: state.down ? "not_ready" : "ready",
    checks,
    chat: { provider: "embedded", model: "qwen2.5", reason: "" },
    embedding: "intfloat/multilingual-e5-small",
    error: failure,
  });
}

function file(response, path) {
  const target = new URL(path, dist);
  if (!target.href.startsWith(dist.href)) return response.writeHead(404).end();
  try {
    const content = readFileSync(target);
    const type = types[extname(path)] ?? "application/octet-stream";
    return response.writeHead(200, { "Content-Type": type }).end(content);
  } catch {
    return response.writeHead(404).end();
  }
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function omit(object, keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: 8300 });
  console.log(mock.url);
}

// A stand-in for `groundkb serve`: the same routes, headers and stream, with scripted answers.
// For working on the UI and for what a real server does not do on demand (errors, dropped streams).
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { answerTo, retrieved, whole } from "./answers.mjs";
import { checkEvent, checkRequest, checkResponse } from "./contract.mjs";
import { begin, conversations, judge, place, versions } from "./conversations.mjs";
import { jobEvents, sources, syncSource, upload } from "./jobs.mjs";
import { blocksOf, library } from "./library.mjs";

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
  const state = {
    down: false,
    asked: [], // the bodies of /ask
    feedback: [],
    conversations: new Map(),
    jobs: new Map(),
    uploaded: new Map(),
    removed: new Set(),
    tags: new Map(),
    sources: sources(),
    knowledgeBases: { knowledge_bases: ["default"], default: "default" },
    me: {
      name: "local",
      accounts: false,
      role: "admin",
      roles: {},
      groups: [],
      scopes: ["ask", "read", "write", "admin"],
      knowledge_bases: null,
      operator: true,
      signed_in: null,
      has_password: false,
    },
    apiKey,
  };
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

const API = new Set([
  "ask",
  "search",
  "documents",
  "knowledge-bases",
  "conversations",
  "feedback",
  "scopes",
  "me",
  "jobs",
  "sources",
]);

async function route(request, response, state, prefix) {
  const url = new URL(request.url, "http://mock");
  if (!url.pathname.startsWith(`${prefix}/`)) return response.writeHead(404).end();
  const path = decodeURIComponent(url.pathname.slice(prefix.length + 1));
  const [first, id, part, ...rest] = path.split("/");
  const { method } = request;
  response.asked = { method, path };
  if (path === "readyz") return readyz(response, state);
  if (!API.has(first)) return file(response, path || "index.html");
  if (state.apiKey && request.headers.authorization !== `Bearer ${state.apiKey}`) {
    return json(response, 401, error("api_key_wrong", "Wrong key.", "Give one."));
  }
  // As the server: conversations, search and judgements are for those who may ask.
  if (["ask", "search", "conversations", "feedback"].includes(first) && !state.me.scopes.includes("ask"))
    return json(response, 403, error("not_allowed", "You may not.", "Ask an administrator."));
  const body = method === "GET" || method === "DELETE" ? "" : await textOf(request);
  if (body && request.headers["content-type"] === "application/json")
    checkRequest(method, path, JSON.parse(body));
  switch (first) {
    case "ask":
      return ask(response, state, JSON.parse(body));
    case "me":
      return json(response, 200, state.me);
    case "search":
      return search(response, JSON.parse(body));
    case "knowledge-bases":
      if (id === undefined) return json(response, 200, state.knowledgeBases);
      if (part === "examples") return json(response, 200, examples(url.searchParams.get("language")));
      return json(response, 200, { name: id, title: id, refusals: {} });
    case "conversations":
      if (rest[1] === "events") return follow(response, state, id, rest[0]);
      return json(
        response,
        ...conversations(state, method, [id, part, ...rest], url.searchParams, body && JSON.parse(body)),
      );
    case "scopes":
      return json(response, 200, scopes(state, url.searchParams.get("q") ?? ""));
    case "feedback": {
      if (method === "DELETE") {
        judge(state, id, null);
        return response.writeHead(204).end();
      }
      const { helpful, reason = "", comment = "", ...judged } = JSON.parse(body);
      state.feedback.push({ helpful, reason, comment, ...judged });
      judge(state, judged.answer.turn_id, { helpful, reason, comment });
      return json(response, 201, { id: judged.answer.turn_id ?? `f-${state.feedback.length}` });
    }
    case "sources": {
      if (id === undefined) return json(response, 200, { sources: state.sources });
      const job = syncSource(
        state,
        state.sources.find((source) => source.id === id),
      );
      return json(response, 202, { job_id: job.id });
    }
    case "jobs": {
      const job = state.jobs.get(id);
      if (part === "events") return jobEvents(response, job);
      if (part === "cancel") job.status = "cancelled";
      return json(response, 200, job);
    }
    default:
      return documents(response, state, { method, id, part, body, search: url.searchParams });
  }
}

function documents(response, state, { method, id, part, body, search }) {
  const all = new Map([...library, ...state.uploaded]);
  if (id === undefined) {
    if (method === "POST") return json(response, 202, { jobs: upload(state, body) });
    const found = [...all.values()]
      .map((entry) => shown(state, entry))
      .filter((each) => each.title.includes(search.get("q") ?? "") && !state.removed.has(each.id))
      .filter((each) => (search.get("status") ?? each.status) === each.status)
      .filter((each) => search.get("searchable") !== "true" || each.revision !== null);
    return json(response, 200, { documents: found, total: found.length });
  }
  if (method === "POST" && (id === "delete" || id === "restore")) {
    const { document_ids: ids } = JSON.parse(body);
    for (const each of ids) state.removed[id === "delete" ? "add" : "delete"](each);
    if (id === "delete") return response.writeHead(204).end();
    const documents = ids.map((each) => shown(state, all.get(each)));
    return json(response, 200, { documents, total: documents.length });
  }
  const entry = all.get(id);
  if (!entry || state.removed.has(id))
    return json(response, 404, error("document_not_found", "No such document.", ""));
  switch (part) {
    case "tags":
      state.tags.set(id, JSON.parse(body).tags);
      return json(response, 200, shown(state, entry));
    case "text":
      return json(response, 200, {
        document_id: id,
        revision: entry.body.revision,
        text: entry.text,
        blocks: blocksOf(entry.text),
      });
    case "chunks": {
      const chunks = script("许可证")
        .filter((passage) => passage.document_id === id)
        .map(chunkOf);
      return json(response, 200, { document_id: id, revision: entry.body.revision, chunks });
    }
    case "original":
      return response.writeHead(200, { "Content-Type": entry.body.media_type }).end(entry.file);
    default:
      return json(response, 200, shown(state, entry));
  }
}

const shown = (state, { body }) => ({ ...body, tags: state.tags.get(body.id) ?? body.tags });

function examples(language) {
  const of = (question, title) => ({ question, language, document_id: "d-licence", title });
  const found =
    language === "zh"
      ? [of("DeepSeek-R1 使用什么许可证？", "许可证选择"), of("拒答句是什么？", "检索增强实践")]
      : [
          of("Which licence does DeepSeek-R1 use?", "许可证选择"),
          of("How large is a 7B model?", "Model sizes"),
        ];
  return { examples: found };
}

async function ask(response, state, body) {
  if (/late/.test(body.question)) {
    await wait(1_500);
    if (response.destroyed) return undefined; // its asker left before it was read
  }
  state.asked.push(body);
  const chosen = answerTo(body.question);
  const own = begin(state, body);
  const { kept, turn } = own;
  const standalone = turn.position > 0 ? `${body.question}（DeepSeek-R1）` : null;
  const send = stream(response);
  send("asked", { ...place(own), version: versions(kept, turn).length });
  await wait(60);
  send("retrieved", {
    retrieved: retrieved(chosen).map((passage) => ({ ...passage, cited: false })),
    standalone_question: standalone,
  });
  for (const text of chosen.thoughts ?? []) send("thought", { text });
  for (const piece of chosen.pieces) {
    for (const text of piece.match(/[\s\S]{1,6}/gu) ?? []) {
      if (response.destroyed || turn.status === "stopped") return response.end();
      send("token", { text });
      await wait(chosen.wait ?? 8);
    }
    if (chosen.fails === "drop") {
      await wait(300); // what was sent is to arrive
      return response.destroy();
    }
    if (chosen.fails === "error") {
      const failure = error("chat_interrupted", "The chat model broke off.", "Ask again.");
      Object.assign(turn, { status: "failed", problem: failure.error });
      send("error", failure);
      return response.end();
    }
  }
  const answer = { ...whole(chosen, standalone), ...place(own) };
  Object.assign(turn, { status: "done", answer });
  send("citations", { citations: answer.citations });
  send("done", answer);
  response.end();
}

/** Of an answer that has ended, `done` or `error`; of another the connection breaks off again. */
function follow(response, state, id, turnId) {
  const turn = state.conversations.get(id)?.all.find((each) => each.id === turnId);
  if (!turn) return json(response, 404, error("turn_not_found", "No such turn.", ""));
  if (turn.status === "running") return response.destroy();
  const send = stream(response);
  if (turn.answer) send("done", turn.answer);
  else send("error", { error: turn.problem ?? error("answer_stopped", "Stopped.", "").error });
  response.end();
}

function stream(response) {
  let number = 0;
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  return (event, data) => {
    checkEvent(event, data);
    response.write(`id: ${(number += 1)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
}

function scopes(state, q) {
  const shownNow = [...library.values()]
    .map((entry) => shown(state, entry))
    .filter(({ revision }) => revision);
  const count = new Map();
  for (const { tags } of shownNow) for (const tag of tags) count.set(tag, (count.get(tag) ?? 0) + 1);
  const groups = [...count].map(([name, documents]) => ({ name, documents }));
  const folders = [{ name: "file:///library", documents: shownNow.length }];
  const named = (text) => text.toLowerCase().includes(q.toLowerCase());
  return {
    documents: shownNow
      .filter(({ title }) => named(title))
      .map(({ id, title, source }) => ({ id, title, source })),
    tags: groups.filter(({ name }) => named(name)),
    folders: folders.filter(({ name }) => named(name)),
  };
}

function search(response, { question }) {
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

function readyz(response, state) {
  const failure = state.down
    ? error(
        "chat_server_down",
        "The chat server at http://127.0.0.1:11434 does not answer.",
        "Start it, or set GROUNDKB_CHAT=embedded.",
      ).error
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

async function textOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

function json(response, status, body) {
  const { method, path } = response.asked;
  if (path !== "readyz") checkResponse(method, path, status, body);
  response.writeHead(status, { "Content-Type": "application/json" }).end(body && JSON.stringify(body));
}

function omit(object, keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: 8300 });
  console.log(mock.url);
}

import type { AnswerEvent } from "./types";
import { describe, expect, it, vi } from "vitest";
import { answer } from "../state/test-data";
import { ask } from "./ask";
import { ApiError, createClient } from "./client";

function clientWith(responses: (Response | Error)[], keys: (string | null)[] = []) {
  let key: string | null = null;
  const fetch = vi.fn<typeof globalThis.fetch>(async () => {
    const next = responses.shift();
    if (!next || next instanceof Error) throw next ?? new Error("asked once too often");
    return next;
  });
  vi.stubGlobal("fetch", fetch);
  const askKey = async () => (key = keys.shift() ?? null);
  return { fetch, client: createClient({ key: () => key, askKey, language: () => "zh" }) };
}

const unauthorized = () =>
  new Response('{"error":{"code":"api_key_wrong","message":"m","hint":"h"}}', { status: 401 });
const stream = (text: string) => new Response(text, { status: 200 });
const body = { question: "q", messages: [], kb: null };

async function events(client: ReturnType<typeof createClient>, signal = new AbortController().signal) {
  const seen: AnswerEvent[] = [];
  for await (const event of ask(client, body, signal)) seen.push(event);
  return seen;
}

describe("createClient", () => {
  it("asks for a key after a 401 and repeats the request with it", async () => {
    const { fetch, client } = clientWith(
      [unauthorized(), unauthorized(), new Response("{}")],
      ["bad", "good"],
    );
    await client.json("documents");
    const sent = fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get("authorization"));
    expect(sent).toEqual([null, "Bearer bad", "Bearer good"]);
  });

  it("asks for the operator's key where only he may, and says when it was not his", async () => {
    const forbidden = () =>
      new Response('{"error":{"code":"operator_only","message":"m","hint":"h"}}', { status: 403 });
    const asked: unknown[] = [];
    const keys = ["a reader's", "the operator's"];
    let key: string | null = null;
    const responses = [forbidden(), forbidden(), new Response("{}")];
    vi.stubGlobal("fetch", async () => responses.shift());
    const client = createClient({
      key: () => key,
      askKey: async (kind, wrong) => {
        asked.push([kind, wrong]);
        return (key = keys.shift() ?? null);
      },
      language: () => "zh",
    });
    await client.json("sources");
    expect(asked).toEqual([
      ["operator", false],
      ["operator", true],
    ]);
  });

  it.each([
    ["sign_in_needed", ["session"]],
    ["api_key_wrong", ["caller"]],
    ["password_wrong", []], // of the form that sent it, which says so
  ])("asks after %s for what is lacking", async (code, wanted) => {
    const asked: string[] = [];
    vi.stubGlobal(
      "fetch",
      async () => new Response(JSON.stringify({ error: { code, message: "m", hint: "h" } }), { status: 401 }),
    );
    const client = createClient({
      key: () => null,
      askKey: async (kind) => {
        asked.push(kind);
        return null;
      },
      language: () => "zh",
    });
    await expect(client.json("me")).rejects.toMatchObject({ body: { code } });
    expect(asked).toEqual(wanted);
  });

  it("gives up with the server's error when no key is given", async () => {
    const { client } = clientWith([unauthorized()]);
    await expect(client.json("documents")).rejects.toMatchObject({
      status: 401,
      body: { code: "api_key_wrong" },
    });
  });

  it("makes an error of a proxy's page too", async () => {
    const { client } = clientWith([new Response("<h1>Bad gateway</h1>", { status: 502 })]);
    await expect(client.json("documents")).rejects.toBeInstanceOf(ApiError);
  });
});

describe("ask", () => {
  const token = 'event: token\ndata: {"text":"甲"}\n\n';

  it("ends with done and reads nothing after it", async () => {
    const { client } = clientWith([
      stream(`${token}event: done\ndata: ${JSON.stringify(answer())}\n\n${token}`),
    ]);
    expect((await events(client)).map((event) => event.type)).toEqual(["token", "done"]);
  });

  it("tells a stream that broke off from one that ended, and asks no second time", async () => {
    const { client, fetch } = clientWith([stream(token)]);
    expect((await events(client)).at(-1)).toEqual({ type: "failed", failure: { kind: "dropped" } });
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("names a server that cannot be reached", async () => {
    const { client, fetch } = clientWith([new TypeError("fetch failed")]);
    expect(await events(client)).toEqual([{ type: "failed", failure: { kind: "connection" } }]);
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("passes on an error that the server names, before the stream or in it", async () => {
    const error = { code: "chat_server_down", message: "m", hint: "h" };
    const wire = JSON.stringify({ error });
    const { client } = clientWith([
      new Response(wire, { status: 503 }),
      stream(`event: error\ndata: ${wire}\n\n`),
    ]);
    expect(await events(client)).toEqual([{ type: "failed", failure: { kind: "server", error } }]);
    expect(await events(client)).toEqual([{ type: "error", error }]);
  });

  it("skips events that it does not know", async () => {
    const { client } = clientWith([stream(`event: news\ndata: {}\n\n${token}`)]);
    expect((await events(client)).map((event) => event.type)).toEqual(["token", "failed"]);
  });

  it("is stopped, not failed, when aborted", async () => {
    const controller = new AbortController();
    controller.abort();
    const { client } = clientWith([new DOMException("aborted", "AbortError")]);
    expect(await events(client, controller.signal)).toEqual([{ type: "stopped" }]);
  });
});

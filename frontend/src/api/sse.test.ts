import { describe, expect, it } from "vitest";
import { readEvents, type SseMessage } from "./sse";

async function read(wire: string, cut: number): Promise<SseMessage[]> {
  const bytes = new TextEncoder().encode(wire);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += cut) controller.enqueue(bytes.slice(at, at + cut));
      controller.close();
    },
  });
  const messages = [];
  for await (const message of readEvents(stream)) messages.push(message);
  return messages;
}

describe("readEvents", () => {
  const expected = [
    { id: "7", event: "token", data: '{"text":"采用 😀"}' },
    { id: "7", event: "message", data: "one\ntwo" },
  ];

  it.each(["\n", "\r\n"])("gives the same events however the bytes are cut (%j)", async (eol) => {
    const wire = [
      ": ping",
      "id: 7",
      "event: token",
      'data: {"text":"采用 😀"}',
      "",
      "data: one",
      "data:two",
      "",
      "",
    ].join(eol);
    for (const cut of [1, 2, 3, 5, 7, 1000]) expect(await read(wire, cut)).toEqual(expected);
  });

  it("drops an event that was cut off", async () => {
    expect(await read("event: token\ndata: a\n\nevent: done\ndata: {", 4)).toEqual([
      { id: null, event: "token", data: "a" },
    ]);
  });
});

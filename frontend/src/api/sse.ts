/** One server-sent event as it came over the wire. */
export interface SseMessage {
  /** Of the last event that had one; null: none had. */
  id: string | null;
  event: string;
  data: string;
}

/**
 * Reads a text/event-stream (the WHATWG format) piece by piece. EventSource can neither POST
 * nor send a key, and it reconnects by itself, which would ask the model twice.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SseMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  let message = empty();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      buffer += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = buffer.split(/\r\n|\n|\r(?!$)/);
      buffer = lines.pop() ?? "";
      for (const line of lines) {
        if (line !== "") {
          take(line, message);
        } else {
          const { id, event, data } = message;
          if (data.length > 0) yield { id, event, data: data.join("\n") };
          message = { ...empty(), id };
        }
      }
      // An event without its closing blank line was cut off: the format says to drop it.
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

interface Pending {
  id: string | null;
  event: string;
  data: string[];
}

function empty(): Pending {
  return { id: null, event: "message", data: [] };
}

function take(line: string, message: Pending): void {
  if (line.startsWith(":")) return;
  const colon = line.indexOf(":");
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (field === "id") message.id = value;
  if (field === "event") message.event = value;
  if (field === "data") message.data.push(value);
}

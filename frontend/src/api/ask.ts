import type { AnswerEvent, Failure } from "../state/answer";
import { ApiError, Unreachable, type Client } from "./client";
import { readEvents } from "./sse";
import type { Answer, AskRequest, StreamEvent } from "./types";

/**
 * Asks, and yields the events of the answer; the last one is always `done`, `error`, `failed`
 * or `stopped`. Sends one request, whatever happens: asking again is the person's decision.
 */
export async function* ask(
  client: Client,
  body: AskRequest,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  try {
    const init = client.post(body, { headers: { Accept: "text/event-stream" }, signal });
    yield* events(await client.request("ask", init));
  } catch (error) {
    if (signal.aborted) yield { type: "stopped" };
    else yield { type: "failed", failure: toFailure(error) };
  }
}

/** The events of an answer that is under way already, from the first on; ends as `ask` does. */
export async function* follow(
  client: Client,
  conversation: string,
  turn: string,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  try {
    const init = { headers: { Accept: "text/event-stream" }, signal };
    yield* events(await client.request(`${turnPath(conversation, turn)}/events`, init));
  } catch (error) {
    if (signal.aborted) yield { type: "stopped" };
    else yield { type: "failed", failure: toFailure(error) };
  }
}

/** Ends the answer on the server; what was said is kept there. */
export function stopAnswer(client: Client, conversation: string, turn: string): Promise<unknown> {
  return client.request(`${turnPath(conversation, turn)}/stop`, { method: "POST" });
}

function turnPath(conversation: string, turn: string): string {
  return `conversations/${encodeURIComponent(conversation)}/turns/${encodeURIComponent(turn)}`;
}

async function* events(response: Response): AsyncGenerator<AnswerEvent> {
  if (response.body) {
    for await (const message of readEvents(response.body)) {
      const event = toEvent(message.event, message.data);
      if (event) yield event;
      if (event?.type === "done" || event?.type === "error") return;
    }
  }
  yield { type: "failed", failure: { kind: "dropped" } };
}

/** An event of the stream; null for one that this version of the UI does not know. */
function toEvent(name: string, data: string): StreamEvent | null {
  const body: unknown = JSON.parse(data);
  switch (name) {
    case "done":
      return { type: "done", answer: body as Answer };
    case "asked":
    case "queued":
    case "stage":
    case "retrieved":
    case "evidence":
    case "thought":
    case "token":
    case "citations":
    case "error":
      return { type: name, ...(body as object) } as StreamEvent;
    default:
      return null;
  }
}

function toFailure(error: unknown): Failure {
  if (error instanceof ApiError) return { kind: "server", error: error.body };
  if (error instanceof Unreachable) return { kind: "connection" };
  return { kind: "dropped" };
}

import { ApiError, Unreachable, type Client } from "./client";
import { readEvents } from "./sse";
import type { Answer, AnswerEvent, AskRequest, Failure, StreamEvent } from "./types";

// How long to wait before each attempt to take up a stream that broke off, ms.
const AGAIN_AFTER = [500, 1_500, 3_000];

interface TurnPlace {
  conversation: string;
  turn: string;
}

/**
 * Asks, and yields the events of the answer; the last one is always `done`, `error`, `failed`
 * or `stopped`. Asks once, whatever happens: asking again is the person's decision. A stream that
 * breaks off is taken up where it ended, as long as the server keeps the turn.
 */
export async function* ask(
  client: Client,
  body: AskRequest,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const init = client.post(body, { headers: { Accept: "text/event-stream" }, signal });
  yield* whole(client, () => client.request("ask", init), null, signal);
}

/** The events of an answer that is under way already, from the first on; ends as `ask` does. */
export async function* follow(
  client: Client,
  conversation: string,
  turn: string,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const place = { conversation, turn };
  yield* whole(client, () => request(client, place, null, signal), place, signal);
}

/** Ends the answer on the server; what was said is kept there. */
export function stopAnswer(client: Client, conversation: string, turn: string): Promise<unknown> {
  return client.request(`${turnPath({ conversation, turn })}/stop`, { method: "POST" });
}

async function* whole(
  client: Client,
  begin: () => Promise<Response>,
  known: TurnPlace | null,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  let place = known;
  let last: string | null = null; // the id of the last event that came
  let begun: Promise<Response> | null = null;
  let failure: Failure = { kind: "dropped" };
  for (const wait of [0, ...AGAIN_AFTER]) {
    if (wait > 0) await pause(wait, signal);
    try {
      const response: Response = await (begun === null || place === null
        ? (begun = begin())
        : request(client, place, last, signal));
      for await (const { id, event } of events(response)) {
        last = id ?? last;
        if (event.type === "asked") {
          place = { conversation: event.conversation_id, turn: event.turn_id };
        }
        yield event;
        if (event.type === "done" || event.type === "error") return;
      }
      failure = { kind: "dropped" };
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof ApiError || last === null) failure = toFailure(error);
      if (error instanceof ApiError) break; // it was refused: the same would come again
    }
    if (place === null || signal.aborted) break;
  }
  yield signal.aborted ? { type: "stopped" } : { type: "failed", failure };
}

function request(
  client: Client,
  place: TurnPlace,
  last: string | null,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (last !== null) headers["Last-Event-ID"] = last;
  return client.request(`${turnPath(place)}/events`, { headers, signal });
}

function turnPath({ conversation, turn }: TurnPlace): string {
  return `conversations/${encodeURIComponent(conversation)}/turns/${encodeURIComponent(turn)}`;
}

async function* events(response: Response): AsyncGenerator<{ id: string | null; event: StreamEvent }> {
  if (!response.body) return;
  for await (const message of readEvents(response.body)) {
    const event = toEvent(message.event, message.data);
    if (event) yield { id: message.id, event };
  }
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

/** Resolves early when it is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}

import { describe, expect, it, vi } from "vitest";
import { job } from "../state/test-data";
import { createClient } from "./client";
import { jobCalls } from "./jobs";

const client = createClient({ key: () => null, askKey: async () => null, language: () => "en" });

/** A stream that sends these events, and then ends. */
function stream(...events: [name: string, data: unknown][]): Response {
  const text = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  return new Response(text.join(""));
}

async function states(signal = new AbortController().signal): Promise<string[]> {
  const seen: string[] = [];
  for await (const state of jobCalls(client).follow("j", signal)) seen.push(state.status);
  return seen;
}

describe("following a job", () => {
  it("takes it up again after the connection dropped, until it is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const fetched = vi
      .spyOn(globalThis, "fetch")
      .mockResolvedValueOnce(stream(["job", job({ status: "running" })]))
      .mockRejectedValueOnce(new TypeError("network"))
      .mockResolvedValueOnce(stream(["job", job({ status: "done" })]));
    const followed = states();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await followed).toEqual(["running", "done"]);
    expect(fetched).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });

  it("ends with an error that the server names", async () => {
    const error = { code: "job_not_found", message: "gone", hint: "" };
    vi.spyOn(globalThis, "fetch").mockResolvedValueOnce(stream(["error", { error }]));
    await expect(states()).rejects.toMatchObject({ body: error });
  });

  it("ends when it is no longer wanted", async () => {
    const controller = new AbortController();
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      controller.abort();
      return stream(["job", job({ status: "running" })]);
    });
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const followed = states(controller.signal);
    const ended = expect(followed).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(10_000);
    await ended;
    vi.useRealTimers();
  });
});

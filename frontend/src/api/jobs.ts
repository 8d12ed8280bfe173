import { ApiError, Unreachable, type Client } from "./client";
import { readEvents } from "./sse";
import type { ErrorBody, Job } from "./types";

const AGAIN_AFTER = 2000; // ms

export function jobCalls(client: Client) {
  const of = (id: string) => `jobs/${encodeURIComponent(id)}`;

  /** One connection's worth of states; ends when the server or the network ends it. */
  async function* listen(id: string, signal: AbortSignal): AsyncGenerator<Job> {
    const response = await client.request(`${of(id)}/events`, {
      headers: { Accept: "text/event-stream" },
      signal,
    });
    if (!response.body) return;
    for await (const message of readEvents(response.body)) {
      const data: unknown = JSON.parse(message.data);
      if (message.event === "error") throw new ApiError(response.status, (data as ErrorBody).error);
      yield data as Job;
    }
  }

  /**
   * The states of a job until it is over. Watching costs the server nothing, so unlike a
   * question it is taken up again when the connection drops. Throws ApiError.
   */
  async function* follow(id: string, signal: AbortSignal): AsyncGenerator<Job> {
    for (;;) {
      try {
        for await (const job of listen(id, signal)) {
          yield job;
          if (isOver(job)) return;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Unreachable || error instanceof TypeError)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER));
      signal.throwIfAborted();
    }
  }
  return {
    follow,
    cancel: (id: string) => client.request(`${of(id)}/cancel`, { method: "POST" }),
  };
}

export type JobCalls = ReturnType<typeof jobCalls>;

export function isOver(job: Job): boolean {
  return job.status === "done" || job.status === "failed" || job.status === "cancelled";
}

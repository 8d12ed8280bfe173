import { describe, expect, it } from "vitest";
import type { Job } from "../api/types";
import { job as jobOf } from "./test-data";
import { uploadsReducer, type UploadAction } from "./uploads";

function after(...actions: UploadAction[]) {
  return actions.reduce(uploadsReducer, []);
}
const added: UploadAction = { type: "added", uploads: [{ id: "a", name: "a.md", size: 3 }] };
const job = (over: Partial<Job>): UploadAction => ({ type: "job", id: "a", job: jobOf(over) });
const accepted: UploadAction = { type: "accepted", id: "a", job: "j" };

describe("uploadsReducer", () => {
  it("goes from the sending to the job, each with its own progress", () => {
    const sending = after(added, { type: "sent", id: "a", part: 0.7 });
    expect(sending).toMatchObject([{ phase: "sending", progress: 0.7 }]);
    expect(uploadsReducer(sending, accepted)).toMatchObject([{ phase: "working", progress: 0, job: "j" }]);
    expect(after(added, accepted, job({}))).toMatchObject([
      { phase: "working", progress: 0.5, stage: "embedding" },
    ]);
    expect(after(added, accepted, job({ status: "done", document_id: "d" }))).toMatchObject([
      { phase: "done", documentId: "d" },
    ]);
  });

  it("keeps the server's reason of a failure, until it is tried again", () => {
    const error = { code: "no_text", message: "没有文字层", hint: "先做 OCR" };
    const failed = after(added, accepted, job({ status: "failed", error }));
    expect(failed).toMatchObject([{ phase: "failed", failure: { kind: "server", error } }]);
    expect(uploadsReducer(failed, { type: "retried", ids: ["a"] })).toMatchObject([
      { phase: "waiting", failure: null, job: null },
    ]);
  });

  it("waits for a word where a name is taken, and goes on with it", () => {
    const taken = after(added, { type: "sent", id: "a", part: 1 }, { type: "taken", id: "a" });
    expect(taken).toMatchObject([{ phase: "conflict" }]);
    expect(uploadsReducer(taken, { type: "cleared" })).toEqual(taken);
    const again = uploadsReducer(taken, { type: "retried", ids: ["a"] });
    expect(again).toMatchObject([{ phase: "waiting" }]);
    const named: UploadAction = { ...accepted, name: "a (2).md" };
    expect(uploadsReducer(again, named)).toMatchObject([{ calledAs: "a (2).md" }]);
    expect(uploadsReducer(again, { ...accepted, name: "a.md", unchanged: true })).toMatchObject([
      { calledAs: null, unchanged: true },
    ]);
  });

  it("lets nothing that comes late change a settled upload", () => {
    const cancelled = after(added, accepted, { type: "cancelled", id: "a" });
    expect(uploadsReducer(cancelled, job({ status: "done" }))).toEqual(cancelled);
    expect(uploadsReducer(cancelled, accepted)).toEqual(cancelled);
  });

  it("leaves it to the server whether a job ended before it was cancelled", () => {
    const asked = after(added, accepted, { type: "cancelling", id: "a" });
    expect(asked).toMatchObject([{ phase: "working", cancelling: true }]);
    expect(uploadsReducer(asked, job({ status: "cancelled" }))).toMatchObject([{ phase: "cancelled" }]);
    expect(uploadsReducer(asked, job({ status: "done" }))).toMatchObject([{ phase: "done" }]);
  });

  it("clears the settled ones only", () => {
    const two = after(
      added,
      { type: "added", uploads: [{ id: "b", name: "b.md", size: 1 }] },
      { type: "cancelled", id: "a" },
      { type: "cleared" },
    );
    expect(two.map((upload) => upload.id)).toEqual(["b"]);
  });
});

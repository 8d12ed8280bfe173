import type { ApiErrorBody, Job } from "../api/types";

/** One file on its way into the library, as the view shows it. */
export interface Upload {
  id: string;
  name: string;
  size: number; // bytes
  /**
   * `waiting` for its turn, `sending` to the server, `working` there; `conflict`: it waits for a
   * person's word, since another document has its name; the others are final.
   */
  phase: "waiting" | "sending" | "working" | "conflict" | "done" | "failed" | "cancelled";
  /** Of the phase, 0 to 1. */
  progress: number;
  stage: Job["stage"];
  /** It was asked to end; the server says whether it did so in time. */
  cancelling: boolean;
  job: string | null;
  documentId: string | null;
  /** What the document is called, where that is not its own name. */
  calledAs: string | null;
  /** The document had these very bytes already. */
  unchanged: boolean;
  failure: UploadFailure | null;
}

export type UploadFailure = { kind: "server"; error: ApiErrorBody } | { kind: "connection" };

export type UploadAction =
  | { type: "added"; uploads: Pick<Upload, "id" | "name" | "size">[] }
  | { type: "sent"; id: string; part: number }
  | { type: "accepted"; id: string; job: string; name?: string; unchanged?: boolean | undefined }
  | { type: "taken"; id: string }
  | { type: "job"; id: string; job: Job }
  | { type: "failed"; id: string; failure: UploadFailure }
  | { type: "cancelled"; id: string }
  | { type: "cancelling"; id: string }
  | { type: "retried"; ids: string[] }
  | { type: "cleared" };

export function uploadsReducer(state: Upload[], action: UploadAction): Upload[] {
  switch (action.type) {
    case "added":
      return [...state, ...action.uploads.map((upload) => ({ ...upload, ...untouched }))];
    case "cleared":
      return state.filter((upload) => !isSettled(upload));
    case "retried":
      return state.map((upload) => (action.ids.includes(upload.id) ? { ...upload, ...untouched } : upload));
    default:
      // Nothing that comes late brings a settled upload back to life.
      return state.map((upload) =>
        upload.id !== action.id || isSettled(upload) ? upload : advance(upload, action),
      );
  }
}

const untouched = {
  phase: "waiting",
  progress: 0,
  stage: "waiting",
  cancelling: false,
  job: null,
  documentId: null,
  calledAs: null,
  unchanged: false,
  failure: null,
} as const;

type Advance = Exclude<UploadAction, { type: "added" | "cleared" | "retried" }>;

function advance(upload: Upload, action: Advance): Upload {
  switch (action.type) {
    case "sent":
      return { ...upload, phase: "sending", progress: action.part };
    case "accepted": {
      const { job, name = upload.name, unchanged = false } = action;
      const calledAs = name === upload.name ? null : name;
      return { ...upload, phase: "working", progress: 0, job, calledAs, unchanged };
    }
    case "taken":
      return { ...upload, phase: "conflict" };
    case "failed":
      return { ...upload, phase: "failed", failure: action.failure };
    case "cancelled":
      return { ...upload, phase: "cancelled" };
    case "cancelling":
      return { ...upload, cancelling: true };
    case "job":
      return ofJob(upload, action.job);
  }
}

function ofJob(upload: Upload, job: Job): Upload {
  const now = { ...upload, progress: job.progress, stage: job.stage, documentId: job.document_id };
  switch (job.status) {
    case "queued":
    case "running":
      return { ...now, phase: "working" };
    case "failed": {
      const error = job.error ?? { code: "", message: "", hint: "" };
      return { ...now, phase: "failed", failure: { kind: "server", error } };
    }
    case "done":
    case "cancelled":
      return { ...now, phase: job.status };
  }
}

/** Over, until somebody begins it anew. */
export function isSettled(upload: Upload): boolean {
  return upload.phase === "done" || upload.phase === "failed" || upload.phase === "cancelled";
}

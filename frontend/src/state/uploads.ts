import type { ApiErrorBody, Job } from "../api/types";

/** One file on its way into the library, as the view shows it. */
export interface Upload {
  id: string;
  name: string;
  size: number; // bytes
  /** `waiting` for its turn, `sending` to the server, `working` there; the others are final. */
  phase: "waiting" | "sending" | "working" | "done" | "failed" | "cancelled";
  /** Of the phase, 0 to 1. */
  progress: number;
  stage: Job["stage"];
  /** It was asked to end; the server says whether it did so in time. */
  cancelling: boolean;
  job: string | null;
  documentId: string | null;
  failure: UploadFailure | null;
}

/** `folder`: no file at all; what lies in it would have to be registered as a source. */
export type UploadFailure =
  | { kind: "server"; error: ApiErrorBody }
  | { kind: "connection" }
  | { kind: "folder" };

export type UploadAction =
  | { type: "added"; uploads: Pick<Upload, "id" | "name" | "size">[] }
  | { type: "folders"; folders: Pick<Upload, "id" | "name">[] }
  | { type: "sent"; id: string; part: number }
  | { type: "accepted"; id: string; job: string }
  | { type: "job"; id: string; job: Job }
  | { type: "failed"; id: string; failure: UploadFailure }
  | { type: "cancelled"; id: string }
  | { type: "cancelling"; id: string }
  | { type: "retried"; id: string }
  | { type: "cleared" };

export function uploadsReducer(state: Upload[], action: UploadAction): Upload[] {
  switch (action.type) {
    case "added":
      return [...state, ...action.uploads.map((upload) => ({ ...upload, ...untouched }))];
    case "folders":
      return [
        ...state,
        ...action.folders.map((folder) => ({
          ...folder,
          ...untouched,
          size: 0,
          phase: "failed" as const,
          failure: { kind: "folder" as const },
        })),
      ];
    case "cleared":
      return state.filter((upload) => !isSettled(upload));
    case "retried":
      return change(state, action.id, (upload) => ({ ...upload, ...untouched }));
    default:
      // Nothing that comes late brings a settled upload back to life.
      return change(state, action.id, (upload) =>
        isSettled(upload) ? upload : advance(upload, action),
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
  failure: null,
} as const;

type Advance = Exclude<UploadAction, { type: "added" | "folders" | "cleared" | "retried" }>;

function advance(upload: Upload, action: Advance): Upload {
  switch (action.type) {
    case "sent":
      return { ...upload, phase: "sending", progress: action.part };
    case "accepted":
      return { ...upload, phase: "working", progress: 0, job: action.job };
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

function change(state: Upload[], id: string, to: (upload: Upload) => Upload): Upload[] {
  return state.map((upload) => (upload.id === id ? to(upload) : upload));
}

export function isSettled(upload: Upload): boolean {
  return upload.phase === "done" || upload.phase === "failed" || upload.phase === "cancelled";
}

import { useCallback, useEffect, useReducer, useRef } from "react";
import { ApiError } from "../api/client";
import type { JobCalls } from "../api/jobs";
import type { LibraryCalls, OnConflict } from "../api/library";
import { isSettled, uploadsReducer, type Upload, type UploadFailure } from "../state/uploads";
import type { Gathered } from "./walk";

const AT_ONCE = 2;

export interface Uploads {
  list: Upload[];
  add: (files: Gathered[]) => void;
  cancel: (upload: Upload) => void;
  retry: (upload: Upload) => void;
  /** What is to become of those whose names are taken. */
  settle: (uploads: Upload[], onConflict: Exclude<OnConflict, "refuse">) => void;
  /** Takes the settled ones off the list. */
  clear: () => void;
}

/** What a started upload needs; `library` is that of the knowledge base it was dropped on. */
interface Run {
  file: File;
  path: string;
  library: LibraryCalls;
  onConflict: OnConflict;
  abort: AbortController | null;
}

/** Sends files a few at a time and follows each until it is in the index. */
export function useUploads(library: LibraryCalls, jobs: JobCalls, onDone: () => void): Uploads {
  const [list, dispatch] = useReducer(uploadsReducer, []);
  const runs = useRef(new Map<string, Run>());
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });

  const run = useCallback(
    async (id: string, { file, path, library: into, onConflict }: Run, signal: AbortSignal) => {
      try {
        dispatch({ type: "sent", id, part: 0 });
        const sent = (part: number) => dispatch({ type: "sent", id, part });
        const begun = (await into.upload(file, path, onConflict, sent, signal)).jobs;
        if (begun.length === 0) throw new Error("the server began no job");
        // The files of an archive are uploads of their own from here on; to try one again is to send
        // the archive again.
        const rows = begun.map((accepted, place) => ({ ...accepted, id: place === 0 ? id : newId() }));
        for (const { id: row } of rows.slice(1)) {
          runs.current.set(row, { file, path, library: into, onConflict, abort: null });
        }
        const further = rows.slice(1).map(({ id: row, name }) => ({ id: row, name, size: 0 }));
        if (further.length > 0) dispatch({ type: "added", uploads: further });
        for (const { id: row, job_id: job, name, unchanged } of rows) {
          dispatch({ type: "accepted", id: row, job, name, unchanged });
        }
        for (const { id: row, job_id } of rows) {
          try {
            for await (const state of jobs.follow(job_id, signal)) {
              dispatch({ type: "job", id: row, job: state });
              if (state.status === "done" || state.status === "failed") done.current();
            }
          } catch (error) {
            if (signal.aborted) return;
            // Of this file alone: the others go on, and are followed.
            dispatch({ type: "failed", id: row, failure: toFailure(error) });
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.body.code === "name_taken") {
          dispatch({ type: "taken", id });
        } else {
          dispatch({ type: "failed", id, failure: toFailure(error) });
        }
      }
    },
    [jobs],
  );

  useEffect(() => {
    const active = list.filter(({ phase }) => phase === "sending" || phase === "working").length;
    const next = list.filter(({ phase }) => phase === "waiting").slice(0, Math.max(AT_ONCE - active, 0));
    for (const { id } of next) {
      const entry = runs.current.get(id);
      if (!entry || (entry.abort && !entry.abort.signal.aborted)) continue;
      entry.abort = new AbortController();
      void run(id, entry, entry.abort.signal);
    }
    for (const upload of list) {
      // What has come to its end may be run again, and only then.
      const entry = runs.current.get(upload.id);
      if (entry && (isSettled(upload) || upload.phase === "conflict")) entry.abort = null;
    }
  }, [list, run]);

  const add = useCallback(
    (files: Gathered[]) => {
      const uploads = files.map(({ file, path }) => {
        const id = newId();
        runs.current.set(id, { file, path, library, onConflict: "refuse", abort: null });
        return { id, name: path, size: file.size };
      });
      dispatch({ type: "added", uploads });
    },
    [library],
  );
  const cancel = useCallback(
    (upload: Upload) => {
      if (upload.job === null) {
        dispatch({ type: "cancelled", id: upload.id });
        runs.current.get(upload.id)?.abort?.abort();
      } else {
        dispatch({ type: "cancelling", id: upload.id });
        jobs.cancel(upload.job).catch(() => undefined); // it goes on, and shows that it does
      }
    },
    [jobs],
  );
  const retry = useCallback((upload: Upload) => dispatch({ type: "retried", ids: [upload.id] }), []);
  const settle = useCallback((uploads: Upload[], onConflict: Exclude<OnConflict, "refuse">) => {
    for (const { id } of uploads) {
      const entry = runs.current.get(id);
      if (entry) entry.onConflict = onConflict;
    }
    dispatch({ type: "retried", ids: uploads.map(({ id }) => id) });
  }, []);
  const clear = useCallback(() => dispatch({ type: "cleared" }), []);
  return { list, add, cancel, retry, settle, clear };
}

function newId(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}

function toFailure(error: unknown): UploadFailure {
  return error instanceof ApiError ? { kind: "server", error: error.body } : { kind: "connection" };
}

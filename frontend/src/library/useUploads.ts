import { useCallback, useEffect, useReducer, useRef } from "react";
import { ApiError } from "../api/client";
import type { JobCalls } from "../api/jobs";
import type { LibraryCalls } from "../api/library";
import { isSettled, uploadsReducer, type Upload, type UploadFailure } from "../state/uploads";

const AT_ONCE = 2;

export interface Uploads {
  list: Upload[];
  /** `folders`: names of what was dropped but cannot be sent. */
  add: (files: File[], folders?: string[]) => void;
  cancel: (upload: Upload) => void;
  retry: (upload: Upload) => void;
  /** Takes the settled ones off the list. */
  clear: () => void;
}

/** What a started upload needs; `library` is that of the knowledge base it was dropped on. */
interface Run {
  file: File;
  library: LibraryCalls;
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
    async (id: string, { file, library: into }: Run, signal: AbortSignal) => {
      try {
        dispatch({ type: "sent", id, part: 0 });
        const sent = (part: number) => dispatch({ type: "sent", id, part });
        const accepted = await into.upload(file, sent, signal);
        const job = accepted.jobs[0]?.job_id;
        if (job === undefined) throw new Error("the server began no job");
        dispatch({ type: "accepted", id, job });
        for await (const state of jobs.follow(job, signal)) {
          dispatch({ type: "job", id, job: state });
          if (state.status === "done") done.current();
        }
      } catch (error) {
        if (!signal.aborted) dispatch({ type: "failed", id, failure: toFailure(error) });
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
      if (entry && isSettled(upload)) entry.abort = null;
    }
  }, [list, run]);

  const add = useCallback(
    (files: File[], folders: string[] = []) => {
      const uploads = files.map((file) => {
        const id = newId();
        runs.current.set(id, { file, library, abort: null });
        return { id, name: file.name, size: file.size };
      });
      dispatch({ type: "added", uploads });
      dispatch({ type: "folders", folders: folders.map((name) => ({ id: newId(), name })) });
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
  const retry = useCallback((upload: Upload) => dispatch({ type: "retried", id: upload.id }), []);
  const clear = useCallback(() => dispatch({ type: "cleared" }), []);
  return { list, add, cancel, retry, clear };
}

function newId(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}

function toFailure(error: unknown): UploadFailure {
  return error instanceof ApiError
    ? { kind: "server", error: error.body }
    : { kind: "connection" };
}

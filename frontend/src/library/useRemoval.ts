import { useCallback, useEffect, useRef, useState } from "react";
import type { LibraryCalls } from "../api/library";
import type { DocumentBody } from "../api/types";

const UNDO_FOR = 7000; // ms

export interface Removal {
  /** Removed as far as the person can see, but not yet on the server. */
  pending: DocumentBody | null;
  hidden: ReadonlySet<string>;
  error: unknown;
  remove: (document: DocumentBody) => void;
  undo: () => void;
}

/** Removal that can be taken back: the server is told only once the time to undo has passed. */
export function useRemoval(library: LibraryCalls): Removal {
  const [pending, setPending] = useState<DocumentBody | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<unknown>(null);
  const waiting = useRef<{ timer: number; run: () => void } | null>(null);

  const show = useCallback((id: string) => {
    setHidden((ids) => new Set([...ids].filter((other) => other !== id)));
  }, []);
  const runNow = useCallback(() => {
    const now = waiting.current;
    waiting.current = null;
    if (!now) return;
    window.clearTimeout(now.timer);
    now.run();
  }, []);
  const remove = useCallback(
    (document: DocumentBody) => {
      runNow();
      setError(null);
      setHidden((ids) => new Set([...ids, document.id]));
      setPending(document);
      const run = () => {
        setPending(null);
        library.remove(document.id).catch((problem: unknown) => {
          setError(problem);
          show(document.id);
        });
      };
      waiting.current = { run, timer: window.setTimeout(runNow, UNDO_FOR) };
    },
    [library, runNow, show],
  );
  const undo = useCallback(() => {
    window.clearTimeout(waiting.current?.timer);
    waiting.current = null;
    if (pending) show(pending.id);
    setPending(null);
  }, [pending, show]);

  // Leaving is no undo: what was removed is removed.
  useEffect(() => {
    window.addEventListener("pagehide", runNow);
    return () => {
      window.removeEventListener("pagehide", runNow);
      runNow();
    };
  }, [runNow]);
  return { pending, hidden, error, remove, undo };
}

import { useCallback, useEffect, useRef, useState } from "react";

const UNDO_FOR = 7000; // ms

export interface Removal<T> {
  /** Removed as far as the person can see, but not yet on the server. */
  pending: T | null;
  hidden: ReadonlySet<string>;
  error: unknown;
  remove: (item: T) => void;
  undo: () => void;
}

/** Removal that can be taken back: the server is told only once the time to undo has passed. */
export function useRemoval<T extends { id: string }>(
  removeNow: (id: string) => Promise<unknown>,
): Removal<T> {
  const [pending, setPending] = useState<T | null>(null);
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
    (item: T) => {
      runNow();
      setError(null);
      setHidden((ids) => new Set([...ids, item.id]));
      setPending(item);
      const run = () => {
        setPending(null);
        removeNow(item.id).catch((problem: unknown) => {
          setError(problem);
          show(item.id);
        });
      };
      waiting.current = { run, timer: window.setTimeout(runNow, UNDO_FOR) };
    },
    [removeNow, runNow, show],
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

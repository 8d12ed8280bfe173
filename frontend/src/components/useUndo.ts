import { useCallback, useEffect, useMemo, useState } from "react";

const SHOWN_FOR = 15_000; // ms

/** What was just removed, in words, and how to bring it back. */
export interface Undoable {
  text: string;
  undo: () => Promise<void>;
}

export interface Undo {
  offered: Undoable | null;
  /** What did not happen, until something else does. */
  problem: unknown;
  offer: (removed: Undoable) => void;
  fail: (error: unknown) => void;
  undo: () => void;
  dismiss: () => void;
}

/**
 * Undo for what is removed on the server at once and can be restored there: it belongs to the
 * whole page, so that it is still offered in another view.
 */
export function useUndo(): Undo {
  const [offered, setOffered] = useState<Undoable | null>(null);
  const [problem, fail] = useState<unknown>(null);
  useEffect(() => {
    if (offered === null) return;
    const timer = window.setTimeout(() => setOffered(null), SHOWN_FOR);
    return () => window.clearTimeout(timer);
  }, [offered]);
  const offer = useCallback((removed: Undoable) => {
    fail(null);
    setOffered(removed);
  }, []);
  const undo = useCallback(() => {
    offered?.undo().catch(fail);
    setOffered(null);
  }, [offered]);
  const dismiss = useCallback(() => {
    fail(null);
    setOffered(null);
  }, []);
  return useMemo(
    () => ({ offered, problem, offer, fail, undo, dismiss }),
    [offered, problem, offer, undo, dismiss],
  );
}

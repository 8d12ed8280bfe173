import { useCallback, useEffect, useState } from "react";

export type Loaded<T> =
  { state: "loading" } | { state: "ready"; value: T } | { state: "failed"; error: unknown };

/** Loads when `load` changes; `load` must be stable (useCallback). A late result is dropped. */
export function useLoaded<T>(load: () => Promise<T>): [Loaded<T>, () => void] {
  const [result, setResult] = useState<{ of: unknown; loaded: Loaded<T> }>({
    of: null,
    loaded: { state: "loading" },
  });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (value) => current && setResult({ of: load, loaded: { state: "ready", value } }),
      (error: unknown) => current && setResult({ of: load, loaded: { state: "failed", error } }),
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return [result.of === load ? result.loaded : { state: "loading" }, again];
}

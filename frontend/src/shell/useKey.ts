import { useCallback, useMemo, useRef, useState } from "react";
import type { Wanted } from "../api/client";

const STORED = "groundkb.key";

export interface KeyPrompt {
  kind: Wanted;
  /** A key was sent and not accepted. */
  wrong: boolean;
  /** `keep`: beyond this tab's end. */
  give: (key: string, keep: boolean) => void;
  cancel: () => void;
}

/** The key in use: of this tab, else of this browser. */
function stored(): string | null {
  return sessionStorage.getItem(STORED) ?? localStorage.getItem(STORED);
}

/**
 * The API key, and the question for it: `prompt` is set while a request waits for one. `signIns`
 * counts the keys that were given or forgotten: what was loaded before is loaded anew.
 */
export function useKey() {
  const waiting = useRef<((key: string | null) => void)[]>([]);
  const declined = useRef(false);
  const [asking, setAsking] = useState<{ kind: Wanted; wrong: boolean } | null>(null);
  const [signIns, setSignIns] = useState(0);

  const askKey = useCallback((kind: Wanted, wrong: boolean) => {
    setAsking((now) => now ?? { kind, wrong });
    // Requests that fail at the same time share one question.
    return new Promise<string | null>((resolve) => waiting.current.push(resolve));
  }, []);
  const forget = useCallback(() => {
    sessionStorage.removeItem(STORED);
    localStorage.removeItem(STORED);
    setSignIns((count) => count + 1);
  }, []);
  const prompt = useMemo<KeyPrompt | null>(() => {
    if (!asking) return null;
    const settle = (answer: string | null) => {
      setAsking(null);
      for (const resolve of waiting.current.splice(0)) resolve(answer);
    };
    return {
      ...asking,
      give: (given, keep) => {
        sessionStorage.setItem(STORED, given);
        if (keep) localStorage.setItem(STORED, given);
        settle(given);
        // What waited goes on by itself; what had failed before has to be told.
        if (declined.current) setSignIns((count) => count + 1);
        declined.current = false;
      },
      cancel: () => {
        if (asking.kind === "caller") {
          sessionStorage.removeItem(STORED);
          localStorage.removeItem(STORED);
          declined.current = true;
        }
        settle(null);
      },
    };
  }, [asking]);
  return { key: stored, askKey, prompt, signIns, forget };
}

import { useCallback, useMemo, useRef, useState } from "react";

const STORED = "groundkb.key"; // in sessionStorage: gone with the tab

export interface KeyPrompt {
  /** A key was sent and not accepted. */
  wrong: boolean;
  give: (key: string) => void;
  cancel: () => void;
}

/** The API key, and the question for it: `prompt` is set while a request waits for one. */
export function useKey() {
  const waiting = useRef<((key: string | null) => void)[]>([]);
  const [asking, setAsking] = useState<{ wrong: boolean } | null>(null);

  const key = useCallback(() => sessionStorage.getItem(STORED), []);
  const askKey = useCallback(() => {
    setAsking((now) => now ?? { wrong: sessionStorage.getItem(STORED) !== null });
    // Requests that fail at the same time share one question.
    return new Promise<string | null>((resolve) => waiting.current.push(resolve));
  }, []);
  const prompt = useMemo<KeyPrompt | null>(() => {
    if (!asking) return null;
    const settle = (answer: string | null) => {
      setAsking(null);
      for (const resolve of waiting.current.splice(0)) resolve(answer);
    };
    return {
      wrong: asking.wrong,
      give: (given) => {
        sessionStorage.setItem(STORED, given);
        settle(given);
      },
      cancel: () => {
        sessionStorage.removeItem(STORED);
        settle(null);
      },
    };
  }, [asking]);
  return { key, askKey, prompt };
}

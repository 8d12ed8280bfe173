import { useCallback, useEffect, useState } from "react";
import type { Client } from "../api/client";
import { readiness } from "../api/library";
import type { Ready } from "../api/types";

// ms; a failure is to be seen within 5 s. The server asks its parts once a second at most.
const EVERY = 3_000;

export type Health = { state: "unknown" } | { state: "unreachable" } | { state: "known"; ready: Ready };

/** What /readyz says, asked again while the page is in view. */
export function useHealth(client: Client): { health: Health; check: () => void } {
  const [health, setHealth] = useState<Health>({ state: "unknown" });
  const check = useCallback(() => {
    readiness(client).then(
      (ready) => setHealth({ state: "known", ready }),
      () => setHealth({ state: "unreachable" }),
    );
  }, [client]);
  useEffect(() => {
    check();
    const onVisible = () => document.visibilityState === "visible" && check();
    const timer = window.setInterval(onVisible, EVERY);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [check]);
  return { health, check };
}

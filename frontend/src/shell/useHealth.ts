import { useCallback, useEffect, useState } from "react";
import type { Client } from "../api/client";
import { readiness } from "../api/library";
import type { Ready } from "../api/types";

const EVERY = 10_000; // ms while something is down
const EVERY_WELL = 60_000;

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
  const well = health.state === "known" && health.ready.status === "ready";
  useEffect(() => {
    check();
    const onVisible = () => document.visibilityState === "visible" && check();
    const timer = window.setInterval(onVisible, well ? EVERY_WELL : EVERY);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [check, well]);
  return { health, check };
}

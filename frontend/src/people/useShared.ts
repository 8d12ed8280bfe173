import { useSyncExternalStore } from "react";

const LINK = /^#\/shared\/([\w-]+)$/;

/** What the link to a shared conversation holds, while it is what the address says; and an end of it. */
export function useShared(): [string | null, () => void] {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return [LINK.exec(hash)?.[1] ?? null, leave];
}

function leave(): void {
  window.history.replaceState(null, "", "#/");
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  return () => window.removeEventListener("popstate", changed);
}

import { useCallback, useSyncExternalStore } from "react";

/** What the page shows; kept in the address, so that a reload and 'back' find it again. */
export interface Route {
  view: "chat" | "library";
  conversation: string | null;
}

/** The route of a URL fragment; null for a fragment that is none (the target of a link). */
export function parseRoute(hash: string): Route | null {
  if (hash === "" || hash === "#" || hash === "#/") return { view: "chat", conversation: null };
  if (hash === "#/library") return { view: "library", conversation: null };
  const conversation = /^#\/c\/([\w-]+)$/.exec(hash)?.[1];
  return conversation === undefined ? null : { view: "chat", conversation };
}

export function formatRoute(route: Route): string {
  if (route.view === "library") return "#/library";
  return route.conversation === null ? "#/" : `#/c/${route.conversation}`;
}

/** The route and how to go to another; `replace` leaves no step for 'back'. */
export function useRoute(): [Route, (route: Route, replace?: boolean) => void] {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  const go = useCallback((route: Route, replace = false) => {
    const target = formatRoute(route);
    if (target === window.location.hash) return;
    if (replace) window.history.replaceState(null, "", target);
    else window.history.pushState(null, "", target);
    window.dispatchEvent(new PopStateEvent("popstate")); // neither of the two tells anyone
  }, []);
  const route = parseRoute(hash) ?? { view: "chat", conversation: null };
  return [route, go];
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  return () => window.removeEventListener("popstate", changed);
}

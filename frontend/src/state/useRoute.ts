import { useCallback, useMemo, useSyncExternalStore } from "react";
import { readScope, TASKS, writeScope, type ScopeItem, type Task } from "./scope";
import { readPlace, writePlace, type RoutePlace } from "./address";

/** What the page shows; kept in the address, so that a reload and 'back' find it again. */
export interface Route {
  view: "chat" | "library";
  conversation: string | null;
  /** What a new conversation is to be about; taken up by the question box. */
  scope: ScopeItem[];
  /** What is asked about the scope at once. */
  task: Task | null;
  /** The place in a document that is open beside the view; its address can be sent to others. */
  place: RoutePlace | null;
}

export const home: Route = {
  view: "chat",
  conversation: null,
  scope: [],
  task: null,
  place: null,
};

/** A new conversation about these; with a task its question is asked at once. */
export function askAbout(scope: ScopeItem[], task: Task | null = null): Route {
  return { ...home, scope, task };
}

/** The route of a URL fragment; null for a fragment that is none (the target of a link). */
export function parseRoute(hash: string): Route | null {
  const [path = "", search = ""] = hash.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const place = readPlace(query);
  if (path === "" || path === "#" || path === "#/") {
    const task = TASKS.find((known) => known === query.get("ask")) ?? null;
    return { ...home, scope: readScope(query), task, place };
  }
  if (path === "#/library") return { ...home, view: "library", place };
  const conversation = /^#\/c\/([\w-]+)$/.exec(path)?.[1];
  return conversation === undefined ? null : { ...home, conversation, place };
}

export function formatRoute({ view, conversation, scope, task, place }: Route): string {
  const query = new URLSearchParams();
  writeScope(query, scope);
  if (task !== null) query.set("ask", task);
  if (place !== null) writePlace(query, place);
  const search = query.size > 0 ? `?${query}` : "";
  if (view === "library") return `#/library${search}`;
  return (conversation === null ? "#/" : `#/c/${conversation}`) + search;
}

interface Step {
  /** Leaves no step for 'back'. */
  replace?: boolean;
  /** What belongs to this step beyond its address; kept by a reload, not by a link. */
  state?: unknown;
}

export type Go = (route: Partial<Route>, step?: Step) => void;

/** The route and how to go to another: what is not named of it is as on the first page. */
export function useRoute(): [Route, Go] {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  const go = useCallback<Go>((route, { replace = false, state = null } = {}) => {
    const target = formatRoute({ ...home, ...route });
    if (target === (window.location.hash || "#/") && state === null) return;
    if (replace) window.history.replaceState(state, "", target);
    else window.history.pushState(state, "", target);
    window.dispatchEvent(new PopStateEvent("popstate")); // neither of the two tells anyone
  }, []);
  const route = useMemo(() => parseRoute(hash) ?? home, [hash]);
  return [route, go];
}

/** What was given with the step that is shown. */
export function useStepState(): unknown {
  return useSyncExternalStore(subscribe, () => window.history.state as unknown);
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  return () => window.removeEventListener("popstate", changed);
}

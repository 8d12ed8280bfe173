import { useCallback, useState } from "react";
import type { Client } from "../api/client";
import type { KnowledgeBases } from "../api/types";
import { useLoaded } from "../components/useLoaded";

const STORED = "groundkb.kb";

export interface KbChoice {
  names: string[];
  /** The server's default one. */
  standard: string | null;
  /** null: the default one. */
  chosen: string | null;
  choose: (name: string) => void;
}

/** The knowledge bases there are, and the one in use; a remembered one that is gone is dropped. */
export function useKnowledgeBases(client: Client): KbChoice {
  const [remembered, setRemembered] = useState(() => localStorage.getItem(STORED));
  const load = useCallback(
    () => client.json<KnowledgeBases>("knowledge-bases"),
    [client],
  );
  const [loaded] = useLoaded(load);
  const choose = useCallback((name: string) => {
    localStorage.setItem(STORED, name);
    setRemembered(name);
  }, []);
  const known = loaded.state === "ready" ? loaded.value : null;
  const chosen =
    remembered !== null && known && !known.knowledge_bases.includes(remembered) ? null : remembered;
  return {
    names: known?.knowledge_bases ?? [],
    standard: known?.default ?? null,
    chosen,
    choose,
  };
}

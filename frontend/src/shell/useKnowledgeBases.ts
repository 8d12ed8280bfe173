import { useCallback, useState } from "react";
import type { Client } from "../api/client";
import type { KnowledgeBases } from "../api/types";
import { useLoaded } from "../components/useLoaded";

const STORED = "groundkb.kb";

export interface KbChoice {
  names: string[];
  /** The one in use; null until the server has told which there are. */
  kb: string | null;
  choose: (name: string) => void;
  reload: () => void;
}

/** The knowledge bases there are, and the one in use; a remembered one that is gone is dropped. */
export function useKnowledgeBases(client: Client): KbChoice {
  const [remembered, setRemembered] = useState(() => localStorage.getItem(STORED));
  const load = useCallback(
    () => client.json<KnowledgeBases>("knowledge-bases"),
    [client],
  );
  const [loaded, reload] = useLoaded(load);
  const choose = useCallback((name: string) => {
    localStorage.setItem(STORED, name);
    setRemembered(name);
  }, []);
  const known = loaded.state === "ready" ? loaded.value : null;
  const names = known?.knowledge_bases ?? [];
  const kb = names.find((name) => name === remembered) ?? known?.default ?? null;
  return { names, kb, choose, reload };
}

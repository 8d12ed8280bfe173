import { useQueries } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { Client } from "../api/client";
import { dataOf, typedClient } from "../api/typed";
import type { KnowledgeBases } from "../api/types";
import { useLoaded } from "./useLoaded";
import { useServices } from "../api/services";

const STORED = "groundkb.kb";
const NONE_YET: string[] = [];

export interface KbChoice {
  names: string[];
  /** The one in use; null until the server has told which there are. */
  kb: string | null;
  /** The one that is asked where none is named. */
  byDefault: string | null;
  choose: (name: string) => void;
  reload: () => void;
}

/** The knowledge bases there are, and the one in use; a remembered one that is gone is dropped. */
export function useKnowledgeBases(client: Client): KbChoice {
  const [remembered, setRemembered] = useState(() => localStorage.getItem(STORED));
  const load = useCallback(() => client.json<KnowledgeBases>("knowledge-bases"), [client]);
  const [loaded, reload] = useLoaded(load);
  const choose = useCallback((name: string) => {
    localStorage.setItem(STORED, name);
    setRemembered(name);
  }, []);
  const known = loaded.state === "ready" ? loaded.value : null;
  const names = known?.knowledge_bases ?? NONE_YET;
  const kb = names.find((name) => name === remembered) ?? known?.default ?? null;
  return { names, kb, byDefault: known?.default ?? null, choose, reload };
}

/** All keys of what is loaded of one begin so. */
export const KNOWLEDGE_BASE = "knowledge-base";

/** What people call the knowledge bases of these names; the name itself until that is known. */
export function useBaseTitles(names: string[]): (name: string) => string {
  const { client } = useServices();
  const titles = useQueries({
    queries: names.map((name) => ({
      queryKey: [KNOWLEDGE_BASE, name],
      queryFn: () =>
        dataOf(typedClient(client).GET("/knowledge-bases/{kb}", { params: { path: { kb: name } } })),
    })),
  });
  return (name) => titles[names.indexOf(name)]?.data?.title ?? name;
}

import { useQuery } from "@tanstack/react-query";
import type { Client } from "./client";
import { useServices } from "./services";
import { dataOf, typedClient } from "./typed";
import type { Me } from "./types";

type Role = Me["role"];
type Scope = Me["scopes"][number];

/** `all`: an admin's, by no key for single knowledge bases; `operator`: who runs the server. */
export type Need = Scope | "all" | "operator";

/** What each role may do, as the server has it. */
const OF_ROLE: Record<Role, Scope[]> = {
  reader: ["ask", "read"],
  editor: ["ask", "read", "write"],
  admin: ["ask", "read", "write", "admin"],
};

/**
 * Whether the server would let him, in `kb` or, for null, everywhere. Without accounts the operator
 * is whoever has his key, which is asked for when it is needed.
 */
export function may(me: Me, need: Need, kb: string | null): boolean {
  if (need === "operator") return me.operator || !me.accounts;
  if (need === "all") return me.knowledge_bases === null && may(me, "admin", null);
  if (kb !== null && me.knowledge_bases !== null && !me.knowledge_bases.includes(kb)) return false;
  const role = (kb === null ? undefined : me.roles[kb]) ?? me.role;
  return me.scopes.includes(need) && OF_ROLE[role].includes(need);
}

/** Who the server takes the person for. */
export function useMe() {
  return useMeOf(useServices().client);
}

/** The same, above where the services are provided. */
export function useMeOf(client: Client) {
  return useQuery({
    queryKey: ["me"],
    queryFn: () => dataOf(typedClient(client).GET("/me")),
    staleTime: 60_000,
  });
}

/**
 * What may be offered: in the knowledge base in use where none is named. Until it is known what most
 * may; where that failed everything, since the server refuses by itself.
 */
export function useMay(): (need: Need, kb?: string | null) => boolean {
  const { kb: inUse } = useServices();
  const { data, isError } = useMe();
  return (need, kb = inUse) => {
    if (data === undefined) return isError || OF_ROLE.reader.some((scope) => scope === need);
    return may(data, need, kb);
  };
}

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { DocumentQuery } from "../api/library";
import { useServices } from "../api/services";

/** All keys of what is loaded of a knowledge base begin so. */
export const LIBRARY = "library";

/** One page of the documents; the page before stays while the next is loaded. */
export function useDocuments(query: DocumentQuery) {
  const { library, kb } = useServices();
  return useQuery({
    queryKey: [LIBRARY, kb, "documents", query],
    queryFn: ({ signal }) => library.documents(query, signal),
    placeholderData: keepPreviousData,
  });
}

/** The tags and folders there are, most documents first. */
export function useScopes() {
  const { library, kb } = useServices();
  return useQuery({
    queryKey: [LIBRARY, kb, "scopes"],
    queryFn: ({ signal }) => library.scopes("", signal, 100),
  });
}

export function useSources() {
  const { library, kb } = useServices();
  return useQuery({ queryKey: [LIBRARY, kb, "sources"], queryFn: () => library.sources() });
}

/** Has all that is shown of the library loaded anew. */
export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ queryKey: [LIBRARY] }), [queries]);
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useServices } from "../api/services";
import { typedClient } from "../api/typed";

const PEOPLE = "people";

/** The API with its types. */
export function useApi() {
  const { client } = useServices();
  return typedClient(client);
}

/** Something of people or rights, loaded anew when one of them was changed. */
export function usePart<T>(key: readonly unknown[], load: () => Promise<T>) {
  return useQuery({ queryKey: [PEOPLE, ...key], queryFn: load });
}

/** A change of people or rights: what is shown of them is loaded anew. */
export function useChange<V, T>(change: (value: V) => Promise<T>, done?: (result: T) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (result) => {
      void queries.invalidateQueries({ queryKey: [PEOPLE] });
      done?.(result);
    },
  });
}

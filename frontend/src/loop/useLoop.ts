import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useServices } from "../api/services";
import type { components } from "../api/schema";
import { dataOf, typedClient } from "../api/typed";

type Schemas = components["schemas"];
export type Topic = Schemas["GapTopic"];
export type Curated = Schemas["CuratedBody"];
export type CuratedIn = Schemas["CuratedIn"];
export type Interval = Schemas["IntervalBody"];
export type Report = Schemas["ShadowReportBody"];
export type Proposal = Schemas["ProposalBody"];
export type PullStatus = Schemas["PullStatus"];

const LOOP = "loop";
/** ms between two looks at a model that is being fetched. */
const LOOK = 1000;

/** The knowledge base in use, as routes have it that want its name in their path. */
function useKb(): string {
  return useServices().kb ?? "default";
}

function useApi() {
  return typedClient(useServices().client);
}

export function useGaps() {
  const { client } = useServices();
  const kb = useKb();
  return useQuery({
    queryKey: [LOOP, "gaps", kb],
    // Not by the typed client: as the route also gives CSV, it takes what comes for either.
    queryFn: async () => {
      const response = await client.request(`gaps?${new URLSearchParams({ kb })}`);
      return (await response.json()) as Schemas["Gaps"];
    },
  });
}

export function useCurated() {
  const api = useApi();
  const kb = useKb();
  return useQuery({
    queryKey: [LOOP, "curated", kb],
    queryFn: () => dataOf(api.GET("/knowledge-bases/{kb}/curated-answers", { params: { path: { kb } } })),
  });
}

export function useAddCurated(added: () => void) {
  const api = useApi();
  const kb = useKb();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: CuratedIn) =>
      dataOf(api.POST("/knowledge-bases/{kb}/curated-answers", { params: { path: { kb } }, body })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: [LOOP, "curated", kb] });
      added();
    },
  });
}

export function useRemoveCurated() {
  const api = useApi();
  const kb = useKb();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      dataOf(
        api.DELETE("/knowledge-bases/{kb}/curated-answers/{answer_id}", {
          params: { path: { kb, answer_id: id } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: [LOOP, "curated", kb] }),
  });
}

export function useShadow() {
  const api = useApi();
  return useQuery({ queryKey: [LOOP, "shadow"], queryFn: () => dataOf(api.GET("/shadow")) });
}

export function useAdvice() {
  const api = useApi();
  return useQuery({
    queryKey: [LOOP, "advice"],
    queryFn: () => dataOf(api.GET("/models/advice")),
  });
}

/** The latest fetch, looked at again while it runs. */
export function usePull() {
  const api = useApi();
  return useQuery({
    queryKey: [LOOP, "pull"],
    queryFn: () => dataOf(api.GET("/models/pull")),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? LOOK : false),
  });
}

export function useStartPull() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (model: string) => dataOf(api.POST("/models/pull", { body: { model } })),
    onSettled: () => queries.invalidateQueries({ queryKey: [LOOP, "pull"] }),
  });
}

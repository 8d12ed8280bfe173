import { isGone, type Client } from "./client";
import type {
  ChunkList,
  DocumentBody,
  DocumentList,
  DocumentText,
  Examples,
  Ready,
  Scopes,
  SearchRequest,
  SearchResult,
  SourceList,
  UploadAccepted,
} from "./types";
import { withProgress } from "./upload";

/** The calls about documents; `kb` null: the server's default knowledge base. */
export function libraryCalls(client: Client, kb: string | null) {
  const query = (values: Record<string, string | number | null>): string => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ kb, ...values })) {
      if (value !== null && value !== "") search.set(name, String(value));
    }
    return search.size > 0 ? `?${search}` : "";
  };
  const of = (id: string) => `documents/${encodeURIComponent(id)}`;
  return {
    documents: (q: string, limit: number, signal?: AbortSignal) =>
      client.json<DocumentList>(`documents${query({ q, limit })}`, signal ? { signal } : {}),
    /** What a question can be asked about: documents, tags and folders with `q` in their names. */
    scopes: (q: string, signal: AbortSignal) =>
      client.json<Scopes>(`scopes${query({ q })}`, { signal }),
    document: (id: string) => client.json<DocumentBody>(of(id) + query({})),
    chunks: (id: string) => client.json<ChunkList>(`${of(id)}/chunks${query({})}`),
    remove: (id: string) =>
      client.request(of(id) + query({}), {
        method: "DELETE",
        keepalive: true, // it may be sent as the page is left
      }),
    setTags: (id: string, tags: string[]) =>
      client.json<DocumentBody>(`${of(id)}/tags${query({})}`, {
        ...client.post({ tags }),
        method: "PUT",
      }),
    /** Sends a file; `onSent` is told the part that is on the server, 0 to 1. */
    upload: async (file: File, onSent: (part: number) => void, signal: AbortSignal) => {
      const body = new FormData();
      body.append("files", file);
      const init = { method: "POST", body, signal };
      const response = await client.request(`documents${query({})}`, init, withProgress(onSent));
      return (await response.json()) as UploadAccepted;
    },
    /** `language` null: that of the documents. */
    examples: (of: string, language: string | null) =>
      client.json<Examples>(
        `knowledge-bases/${encodeURIComponent(of)}/examples${language ? `?language=${language}` : ""}`,
      ),
    sources: () => client.json<SourceList>(`sources${query({})}`),
    syncSource: (id: string) =>
      client.json<{ job_id: string }>(`sources/${encodeURIComponent(id)}/sync`, client.post({})),
    /** The text of that revision; of the current one if that revision is no longer kept. */
    text: async (id: string, revision: string | null): Promise<DocumentText> => {
      try {
        return await client.json<DocumentText>(`${of(id)}/text${query({ revision })}`);
      } catch (error) {
        if (revision === null || !isGone(error)) throw error;
        return client.json<DocumentText>(`${of(id)}/text${query({})}`);
      }
    },
    original: (id: string) => new URL(`${of(id)}/original${query({})}`, document.baseURI).href,
    search: (question: string, limit: number, signal: AbortSignal) =>
      client.json<SearchResult>(
        "search",
        client.post({ question, kb, limit } satisfies SearchRequest, { signal }),
      ),
  };
}

export type LibraryCalls = ReturnType<typeof libraryCalls>;

/** What /readyz says; it answers 503 with the same body when something is down. */
export async function readiness(client: Client): Promise<Ready> {
  const response = await client.raw("readyz");
  return (await response.json()) as Ready;
}

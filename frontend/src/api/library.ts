import { isGone, type Client } from "./client";
import type { paths } from "./schema";
import { dataOf, typedClient } from "./typed";
import type { DocumentText, NewSource, Ready, SourceChanges, UploadAccepted } from "./types";
import { withProgress } from "./upload";

/** Which documents, in what order; see GET /documents. */
export type DocumentQuery = Omit<NonNullable<paths["/documents"]["get"]["parameters"]["query"]>, "kb">;
/** What becomes of an upload whose name another document has. */
export type OnConflict = NonNullable<
  NonNullable<paths["/documents"]["post"]["parameters"]["query"]>["on_conflict"]
>;

/** The calls about documents; `kb` null: the server's default knowledge base. */
export function libraryCalls(client: Client, kb: string | null) {
  const api = typedClient(client);
  const inKb = { params: { query: { kb } } };
  const ofDocument = (id: string) => ({ params: { path: { document_id: id }, query: { kb } } });
  const ofSource = (id: string) => ({ params: { path: { source_id: id } } });
  const abortable = (signal?: AbortSignal) => (signal ? { signal } : {});
  const text = (id: string, revision: string | null) =>
    dataOf(
      api.GET("/documents/{document_id}/text", {
        params: { path: { document_id: id }, query: { kb, revision } },
      }),
    );
  return {
    documents: (query: DocumentQuery, signal?: AbortSignal) =>
      dataOf(api.GET("/documents", { params: { query: { kb, ...query } }, ...abortable(signal) })),
    document: (id: string) => dataOf(api.GET("/documents/{document_id}", ofDocument(id))),
    chunks: (id: string) => dataOf(api.GET("/documents/{document_id}/chunks", ofDocument(id))),
    remove: (ids: string[]) =>
      dataOf(api.POST("/documents/delete", { ...inKb, body: { document_ids: ids } })),
    restore: (ids: string[]) =>
      dataOf(api.POST("/documents/restore", { ...inKb, body: { document_ids: ids } })),
    setTags: (id: string, tags: string[]) =>
      dataOf(api.PUT("/documents/{document_id}/tags", { ...ofDocument(id), body: { tags } })),
    addTags: (ids: string[], add: string[]) =>
      dataOf(api.POST("/documents/tags", { ...inKb, body: { document_ids: ids, add, remove: [] } })),
    readAgain: (id: string) => dataOf(api.POST("/documents/{document_id}/retry", ofDocument(id))),
    /** Sends a file, called `path`: its name, with its folders where it has some; `onSent` is told the part that is on the server, 0 to 1. */
    upload: async (
      file: File,
      path: string,
      onConflict: OnConflict,
      onSent: (part: number) => void,
      signal: AbortSignal,
    ) => {
      const body = new FormData();
      body.append("files", file, path);
      const query = new URLSearchParams({ on_conflict: onConflict, ...(kb ? { kb } : {}) });
      const init = { method: "POST", body, signal };
      const response = await client.request(`documents?${query}`, init, withProgress(onSent));
      return (await response.json()) as UploadAccepted;
    },
    /** `language` null: that of the documents. */
    examples: (of: string, language: "zh" | "en" | null) =>
      dataOf(
        api.GET("/knowledge-bases/{kb}/examples", {
          params: { path: { kb: of }, query: { language } },
        }),
      ),
    /** Documents, tags and folders with `q` in their names. */
    scopes: (q: string, signal?: AbortSignal, limit = 8) =>
      dataOf(api.GET("/scopes", { params: { query: { kb, q, limit } }, ...abortable(signal) })),
    sources: () => dataOf(api.GET("/sources", inKb)),
    addSource: (body: NewSource) => dataOf(api.POST("/sources", { body: { ...body, kb } })),
    changeSource: (id: string, body: SourceChanges) =>
      dataOf(api.PATCH("/sources/{source_id}", { ...ofSource(id), body })),
    removeSource: (id: string) => dataOf(api.DELETE("/sources/{source_id}", ofSource(id))),
    restoreSource: (id: string) => dataOf(api.POST("/sources/{source_id}/restore", ofSource(id))),
    syncSource: (id: string) => dataOf(api.POST("/sources/{source_id}/sync", ofSource(id))),
    /** The text of that revision; of the current one if that revision is no longer kept. */
    text: async (id: string, revision: string | null): Promise<DocumentText> => {
      try {
        return await text(id, revision);
      } catch (error) {
        if (revision === null || !isGone(error)) throw error;
        return text(id, null);
      }
    },
    original: (id: string) => {
      const query = kb === null ? "" : `?${new URLSearchParams({ kb })}`;
      return new URL(`documents/${encodeURIComponent(id)}/original${query}`, document.baseURI).href;
    },
    search: (question: string, limit: number, signal: AbortSignal) =>
      dataOf(api.POST("/search", { body: { question, kb, limit }, signal })),
  };
}

export type LibraryCalls = ReturnType<typeof libraryCalls>;

/** What /readyz says; it answers 503 with the same body when something is down. */
export async function readiness(client: Client): Promise<Ready> {
  const response = await client.raw("readyz");
  return (await response.json()) as Ready;
}

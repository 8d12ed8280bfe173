import type { Client } from "./client";
import type { Conversation, ConversationList, ConversationRow } from "./types";

/** The calls about conversations, which the server keeps; `kb` null: the default knowledge base. */
export function conversationCalls(client: Client, kb: string | null) {
  const of = (id: string) => `conversations/${encodeURIComponent(id)}`;
  return {
    /** The latest used first; `q` is looked for in titles and questions. */
    find: (q: string, limit: number) => {
      const query = new URLSearchParams({ limit: String(limit) });
      if (kb !== null) query.set("kb", kb);
      if (q !== "") query.set("q", q);
      return client.json<ConversationList>(`conversations?${query}`);
    },
    get: (id: string) => client.json<Conversation>(of(id)),
    rename: (id: string, title: string) =>
      client.json<ConversationRow>(of(id), { ...client.post({ title }), method: "PATCH" }),
    remove: (id: string) =>
      client.request(of(id), {
        method: "DELETE",
        keepalive: true, // it may be sent as the page is left
      }),
  };
}

export type ConversationCalls = ReturnType<typeof conversationCalls>;

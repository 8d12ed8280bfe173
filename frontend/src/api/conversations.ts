import type { Client } from "./client";
import type { Conversation, ConversationList, ConversationRow } from "./types";

/** The calls about conversations, which the server keeps; `kb` null: the default knowledge base. */
export function conversationCalls(client: Client, kb: string | null) {
  const of = (id: string) => `conversations/${encodeURIComponent(id)}`;
  const turnOf = (id: string, turn: string) => `${of(id)}/turns/${encodeURIComponent(turn)}`;
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
    remove: (id: string) => client.request(of(id), { method: "DELETE" }),
    restore: (id: string) => client.json<ConversationRow>(`${of(id)}/restore`, { method: "POST" }),
    /** Shows a version of a turn, with what was asked after it. */
    showTurn: (id: string, turn: string) =>
      client.json<Conversation>(`${turnOf(id, turn)}/show`, { method: "POST" }),
    removeTurn: (id: string, turn: string) => client.request(turnOf(id, turn), { method: "DELETE" }),
    restoreTurn: (id: string, turn: string) =>
      client.json<Conversation>(`${turnOf(id, turn)}/restore`, { method: "POST" }),
  };
}

export type ConversationCalls = ReturnType<typeof conversationCalls>;

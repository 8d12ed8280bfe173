import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { createClient } from "../api/client";
import { conversationCalls } from "../api/conversations";
import { jobCalls } from "../api/jobs";
import { libraryCalls } from "../api/library";
import { useLanguage } from "../i18n/language";
import type { Services } from "../api/services";
import { useKey } from "./useKey";
import { useKnowledgeBases } from "../components/useKnowledgeBases";

/** The calls to the server, with the key, the language and the knowledge base in use. */
export function useConnection() {
  const { language } = useLanguage();
  const { key, askKey, prompt, signIns, forget } = useKey();
  const client = useMemo(
    () => createClient({ key, askKey, language: () => language }),
    // Another client, so that all that hangs on it is loaded anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key, askKey, language, signIns],
  );
  const queries = useQueryClient();
  useEffect(() => {
    if (signIns > 0) void queries.resetQueries();
  }, [queries, signIns]);
  const kbs = useKnowledgeBases(client);
  const { kb, names } = kbs;
  const services = useMemo<Services>(
    () => ({
      client,
      kb,
      bases: names,
      library: libraryCalls(client, kb),
      jobs: jobCalls(client),
      sendFeedback: (feedback) => client.request("feedback", client.post({ kb, ...feedback })),
      withdrawFeedback: (turn) =>
        client.request(`feedback/${encodeURIComponent(turn)}`, { method: "DELETE" }),
      headers: () => {
        const sent = key();
        return sent === null ? {} : { Authorization: `Bearer ${sent}` };
      },
    }),
    [client, key, kb, names],
  );
  const conversations = useMemo(() => conversationCalls(client, kb), [client, kb]);
  return { services, conversationCalls: conversations, kbs, prompt, forget };
}

import { act, renderHook, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import type { ConversationCalls } from "../api/conversations";
import { conversationRow } from "../state/test-data";
import { useConversations } from "./useConversations";

it("brings older conversations for as long as there are some", async () => {
  const all = Array.from({ length: 450 }, (_, at) => conversationRow({ id: `c${at}` }));
  const calls = {
    find: (_: string, limit: number) =>
      Promise.resolve({ conversations: all.slice(0, limit), total: all.length }),
  } as unknown as ConversationCalls;
  const { result } = renderHook(() => useConversations(calls, "default", () => undefined));
  for (const shown of [200, 400]) {
    await waitFor(() => expect(result.current.rows).toHaveLength(shown));
    act(() => result.current.more?.());
  }
  await waitFor(() => expect(result.current.rows).toHaveLength(450));
  expect(result.current.more).toBeNull();
});

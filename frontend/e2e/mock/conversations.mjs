// Kept conversations of the stand-in server: as `groundkb serve` keeps them, in memory.

/** Adds a turn to `id`, or to a new conversation for "new"; returns the answer with its place. */
export function keep(state, { conversation_id: id, position, question, kb }, answer) {
  if (!id) return answer;
  const now = new Date().toISOString();
  let kept = state.conversations.get(id);
  if (id === "new") {
    kept = { id: `conversation-${state.conversations.size + 1}`, kb: kb ?? "default", title: question, turns: [], created_at: now };
    state.conversations.set(kept.id, kept);
  }
  kept.turns.length = position ?? kept.turns.length;
  const placed = { ...answer, conversation_id: kept.id, position: kept.turns.length };
  kept.turns.push({ position: placed.position, question, answer: placed, created_at: now });
  kept.updated_at = now;
  return placed;
}

const row = ({ turns, ...kept }) => ({ ...kept, turn_count: turns.length });

/** Answers a request under /conversations: [status, body]. */
export function conversations(state, method, id, query, body) {
  if (id === undefined) {
    const q = query.get("q") ?? "";
    const found = [...state.conversations.values()]
      .filter((kept) => kept.title.includes(q) || kept.turns.some((turn) => turn.question.includes(q)))
      .sort((one, other) => (one.updated_at < other.updated_at ? 1 : -1));
    return [200, { conversations: found.map(row) }];
  }
  const kept = state.conversations.get(id);
  if (!kept) {
    return [404, { error: { code: "conversation_not_found", message: "No such conversation.", hint: "" } }];
  }
  if (method === "PATCH") kept.title = body.title;
  if (method === "DELETE") {
    state.conversations.delete(id);
    return [204, null];
  }
  return [200, method === "GET" ? { ...row(kept), turns: kept.turns } : row(kept)];
}

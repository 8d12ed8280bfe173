// Kept conversations of the stand-in server: a tree of turns, as `groundkb serve` keeps them.

const NO_FILTER = {
  document_ids: [],
  tags: [],
  languages: [],
  properties: {},
  scope: { document_ids: [], tags: [], folders: [], knowledge_bases: [] },
};
const missing = (what) => [
  404,
  { error: { code: `${what}_not_found`, message: "No such thing.", hint: "" } },
];

/** Stores a question in `id`, or in a new conversation for "new"; returns its turn. */
export function begin(state, { conversation_id: id, position, question, kb, filter }) {
  const now = new Date().toISOString();
  let kept = state.conversations.get(id);
  if (id === "new") {
    const number = state.conversations.size + 1;
    kept = {
      id: `conversation-${number}`,
      kb: kb ?? "default",
      title: question,
      all: [],
      head: null,
      created_at: now,
    };
    state.conversations.set(kept.id, kept);
  }
  const path = turns(kept);
  const before = path[(position ?? path.length) - 1];
  const turn = {
    id: `${kept.id}-turn-${kept.all.length + 1}`,
    parent: before?.id ?? null,
    position: before ? before.position + 1 : 0,
    question,
    status: "running",
    answer: null,
    problem: null,
    filter: { ...NO_FILTER, ...filter, scope: { ...NO_FILTER.scope, ...filter?.scope } },
    feedback: null,
    created_at: now,
    deleted: false,
  };
  kept.all.push(turn);
  kept.head = turn.id;
  kept.updated_at = now;
  return { kept, turn };
}

/** Where an answer is kept, as the answer says it. */
export const place = ({ kept, turn }) => ({
  conversation_id: kept.id,
  position: turn.position,
  turn_id: turn.id,
});

export const versions = (kept, turn) =>
  kept.all.filter((other) => other.parent === turn.parent && !other.deleted).map(({ id }) => id);

/** The turns that are shown, from the first to the head. */
export function turns(kept) {
  const byId = new Map(kept.all.map((turn) => [turn.id, turn]));
  const path = [];
  for (let turn = byId.get(kept.head); turn; turn = byId.get(turn.parent)) path.unshift(turn);
  return path;
}

function leaf(kept, turn) {
  for (;;) {
    const next = kept.all.findLast((other) => other.parent === turn.id && !other.deleted);
    if (!next) return turn.id;
    turn = next;
  }
}

const row = (kept) => ({
  id: kept.id,
  kb: kept.kb,
  title: kept.title,
  turn_count: turns(kept).length,
  shared: kept.shared ?? false,
  created_at: kept.created_at,
  updated_at: kept.updated_at,
});

const told = (
  kept,
  { id, position, question, status, answer, problem, filter, feedback, created_at },
  turn,
) => ({
  id,
  position,
  question,
  status,
  answer,
  problem,
  filter,
  feedback,
  created_at,
  versions: versions(kept, turn),
});

const whole = (kept) => ({ ...row(kept), turns: turns(kept).map((turn) => told(kept, turn, turn)) });

/** Answers a request under /conversations: [status, body]. */
export function conversations(state, method, [id, part, turnId, act], query, body) {
  if (id === undefined) {
    const q = query.get("q") ?? "";
    const found = [...state.conversations.values()]
      .filter((kept) => !kept.deleted)
      .filter((kept) => kept.title.includes(q) || turns(kept).some((turn) => turn.question.includes(q)))
      .sort((one, other) => (one.updated_at < other.updated_at ? 1 : -1));
    return [200, { conversations: found.map(row), total: found.length }];
  }
  const kept = state.conversations.get(id);
  if (!kept || (kept.deleted && part !== "restore")) return missing("conversation");
  if (part === "restore") {
    kept.deleted = false;
    return [200, row(kept)];
  }
  if (part === "turns") return turnOf(kept, method, turnId, act);
  if (method === "PATCH") kept.title = body.title;
  if (method === "DELETE") {
    kept.deleted = true;
    return [204, null];
  }
  return [200, method === "GET" ? whole(kept) : row(kept)];
}

function turnOf(kept, method, turnId, act) {
  const turn = kept.all.find(({ id }) => id === turnId);
  if (!turn || turn.deleted !== (act === "restore")) return missing("turn");
  if (method === "DELETE") {
    turn.deleted = true;
    const others = versions(kept, turn);
    kept.head =
      others.length > 0
        ? leaf(
            kept,
            kept.all.find(({ id }) => id === others.at(-1)),
          )
        : turn.parent;
    return [204, null];
  }
  if (act === "restore") turn.deleted = false;
  if (act === "restore" || act === "show") {
    kept.head = leaf(kept, turn);
    return [200, whole(kept)];
  }
  if (act === "stop" && turn.status === "running") turn.status = "stopped";
  return [200, told(kept, turn, turn)];
}

/** Notes what was thought of a turn; null takes it back. */
export function judge(state, turnId, feedback) {
  for (const { all } of state.conversations.values()) {
    for (const turn of all) if (turn.id === turnId) turn.feedback = feedback;
  }
}

import type { ConversationRow } from "../api/types";

export type Age = "today" | "yesterday" | "week" | "older";

const DAY = 86_400_000; // ms

/** The rows by how long ago they were used, in calendar days of the person's own time. */
export function byAge(rows: ConversationRow[], now: Date): { age: Age; rows: ConversationRow[] }[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const ageOf = (row: ConversationRow): Age => {
    const used = Date.parse(row.updated_at);
    if (used >= midnight) return "today";
    if (used >= midnight - DAY) return "yesterday";
    return used >= midnight - 7 * DAY ? "week" : "older";
  };
  const ages: Age[] = ["today", "yesterday", "week", "older"];
  return ages
    .map((age) => ({ age, rows: rows.filter((row) => ageOf(row) === age) }))
    .filter((group) => group.rows.length > 0);
}

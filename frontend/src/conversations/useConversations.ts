import { useCallback, useDeferredValue, useEffect, useState } from "react";
import type { ConversationCalls } from "../api/conversations";
import type { ConversationRow } from "../api/types";

const PAGE = 200;
const MOST = 1_000; // that the server lists at once

export interface Conversations {
  search: string;
  setSearch: (search: string) => void;
  /** null: not loaded yet. Stays what it was while a new search runs. */
  rows: ConversationRow[] | null;
  error: unknown;
  /** Brings older ones, too; null: there are none, or only a search finds them. */
  more: (() => void) | null;
  reload: () => void;
  rename: (row: ConversationRow, title: string) => void;
  /** Removed on the server at once; `onRemoved` is given the way back. */
  remove: (row: ConversationRow) => void;
}

/** The conversations that the server keeps, the latest used first. */
export function useConversations(
  calls: ConversationCalls,
  kb: string | null,
  onRemoved: (row: ConversationRow, undo: () => Promise<void>) => void,
): Conversations {
  const [search, setSearch] = useState("");
  const [rows, setRows] = useState<ConversationRow[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const [limit, setLimit] = useState(PAGE);
  const [total, setTotal] = useState(0);
  const sought = useDeferredValue(search.trim());

  useEffect(() => {
    if (kb === null) return; // else those of all knowledge bases would show for a moment
    let current = true;
    calls.find(sought, limit).then(
      (list) => {
        if (!current) return;
        setRows(list.conversations);
        setTotal(list.total);
        setError(null);
      },
      (problem: unknown) => current && setError(problem),
    );
    return () => {
      current = false;
    };
  }, [calls, kb, sought, limit, attempt]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const rename = useCallback(
    (row: ConversationRow, title: string) => {
      // Shown at once; a refusal of the server's brings the old title back with the reload.
      const titled = (other: ConversationRow) => (other.id === row.id ? { ...row, title } : other);
      setRows((now) => now && now.map(titled));
      calls.rename(row.id, title).catch(setError).finally(reload);
    },
    [calls, reload],
  );
  const remove = useCallback(
    (row: ConversationRow) => {
      setRows((now) => now && now.filter(({ id }) => id !== row.id));
      calls
        .remove(row.id)
        .then(() => onRemoved(row, () => calls.restore(row.id).then(reload)), setError)
        .finally(reload);
    },
    [calls, onRemoved, reload],
  );
  return {
    search,
    setSearch,
    // One whose first question never came to an answer holds nothing to return to.
    rows: rows && rows.filter((row) => row.turn_count > 0),
    error,
    more: total > limit && limit < MOST ? () => setLimit(Math.min(limit + PAGE, MOST)) : null,
    reload,
    rename,
    remove,
  };
}

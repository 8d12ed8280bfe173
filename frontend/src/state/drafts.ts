import { isScopeItem, type ScopeItem } from "./scope";

/**
 * What stands in the question box, for each conversation, so that a reload or a look at another
 * conversation loses none of it. Kept in this browser only.
 */
export interface Draft {
  text: string;
  /** The exchange whose question is being edited; it is one of this conversation. */
  editing: string | null;
  /** What it is asked about; null: the same as the question before. */
  scope: ScopeItem[] | null;
}

export const emptyDraft: Draft = { text: "", editing: null, scope: null };

const PREFIX = "groundkb.draft.";
const NEW = "new"; // of the conversation that has not begun; no server's id is that

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function readDraft(store: Store, conversation: string | null): Draft {
  try {
    const kept: unknown = JSON.parse(store.getItem(keyOf(conversation)) ?? "null");
    if (typeof kept !== "object" || kept === null) return emptyDraft;
    const { text, editing, scope } = kept as Partial<Draft>;
    return {
      text: typeof text === "string" ? text : "",
      editing: typeof editing === "string" ? editing : null,
      scope: Array.isArray(scope) ? scope.filter(isScopeItem) : null,
    };
  } catch {
    return emptyDraft; // not ours, or no storage: a draft is a convenience
  }
}

export function writeDraft(store: Store, conversation: string | null, draft: Draft): void {
  try {
    if (draft.text === "" && draft.editing === null && draft.scope === null)
      store.removeItem(keyOf(conversation));
    else store.setItem(keyOf(conversation), JSON.stringify(draft));
  } catch {
    // Storage that is full or switched off.
  }
}

function keyOf(conversation: string | null): string {
  return PREFIX + (conversation ?? NEW);
}

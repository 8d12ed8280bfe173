import { useCallback, useState } from "react";
import { emptyDraft, readDraft, writeDraft, type Draft } from "../state/drafts";

/**
 * The draft of the conversation that is shown; another conversation has another. `begun`: its
 * first question has been asked here, so that the id it gets with the answer names the same box.
 */
export function useDraft(conversation: string | null, begun: boolean) {
  const [shown, setShown] = useState(() => ({
    conversation,
    draft: readDraft(localStorage, conversation),
  }));
  let current = shown;
  if (shown.conversation !== conversation) {
    const same = begun && shown.conversation === null;
    current = { conversation, draft: same ? shown.draft : readDraft(localStorage, conversation) };
    if (same) {
      writeDraft(localStorage, null, emptyDraft);
      writeDraft(localStorage, conversation, shown.draft);
    }
    setShown(current);
  }
  const change = useCallback(
    (draft: Draft) => {
      writeDraft(localStorage, conversation, draft);
      setShown({ conversation, draft });
    },
    [conversation],
  );
  return { draft: current.draft, change };
}

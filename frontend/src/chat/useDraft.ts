import { useCallback, useRef, useState } from "react";
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
  // Whose question is on its way: kept here until it is kept there, so that it outlasts a server
  // that does not answer, a session that has ended, and a reload.
  const sent = useRef<{ conversation: string | null } | null>(null);
  const change = useCallback(
    (draft: Draft) => {
      sent.current = null;
      writeDraft(localStorage, conversation, draft);
      setShown({ conversation, draft });
    },
    [conversation],
  );
  /** The box is empty again; what stood in it is kept until `arrived`. */
  const send = useCallback(() => {
    sent.current = { conversation };
    setShown({ conversation, draft: emptyDraft });
  }, [conversation]);
  const arrived = useCallback(() => {
    if (sent.current) writeDraft(localStorage, sent.current.conversation, emptyDraft);
    sent.current = null;
  }, []);
  return { draft: current.draft, change, send, arrived };
}

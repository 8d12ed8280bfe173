import { lazy, Suspense, useState } from "react";
import type { ConversationRow } from "../api/types";
import { EditIcon, LinkIcon, TrashIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import styles from "./conversations.module.css";

const ShareDialog = lazy(async () => ({
  default: (await import("../people/ShareDialog")).ShareDialog,
}));

interface Props {
  row: ConversationRow;
  current: boolean;
  open: () => void;
  rename: (title: string) => void;
  remove: () => void;
  /** Null: nobody else is here to share it with. */
  shared: (() => void) | null;
}

export function ConversationItem({ row, current, open, rename, remove, shared }: Props) {
  const { conversations } = useMessages();
  const [editing, setEditing] = useState(false);
  const [sharing, setSharing] = useState(false);
  if (editing) {
    return (
      <TitleField
        title={row.title}
        done={(title) => {
          setEditing(false);
          if (title !== null && title !== row.title) rename(title);
        }}
      />
    );
  }
  return (
    <div
      data-part="conversation"
      className={current ? `${styles.conversation} ${styles.conversationCurrent}` : styles.conversation}
    >
      <button
        type="button"
        className={styles.conversationTitle}
        data-part="conversation-title"
        aria-current={current ? "page" : undefined}
        title={row.title}
        onClick={open}
      >
        {row.title}
      </button>
      <span className={styles.conversationActions}>
        <button
          type="button"
          className="icon-button"
          aria-label={conversations.rename(row.title)}
          title={conversations.renameShort}
          onClick={() => setEditing(true)}
        >
          <EditIcon />
        </button>
        {shared && (
          <button
            type="button"
            className="icon-button"
            aria-label={conversations.share(row.title)}
            title={conversations.shareShort}
            onClick={() => setSharing(true)}
          >
            <LinkIcon />
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={conversations.remove(row.title)}
          title={conversations.removeShort}
          onClick={remove}
        >
          <TrashIcon />
        </button>
      </span>
      {shared && sharing && (
        <Suspense>
          <ShareDialog row={row} changed={shared} close={() => setSharing(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** Enter and leaving keep the new title, Esc the old one. */
function TitleField({ title, done }: { title: string; done: (title: string | null) => void }) {
  const { conversations } = useMessages();
  const [text, setText] = useState(title);
  const finish = () => done(text.trim() === "" ? null : text.trim());
  return (
    <input
      className={styles.conversationField}
      aria-label={conversations.newTitle}
      autoFocus
      maxLength={200}
      value={text}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") finish();
        if (event.key === "Escape") {
          event.stopPropagation();
          event.preventDefault(); // or it closes the drawer too
          done(null);
        }
      }}
    />
  );
}

import { useState } from "react";
import type { ConversationRow } from "../api/types";
import { EditIcon, TrashIcon } from "../components/icons";
import { useMessages } from "../i18n/language";

interface Props {
  row: ConversationRow;
  current: boolean;
  open: () => void;
  rename: (title: string) => void;
  remove: () => void;
}

export function ConversationItem({ row, current, open, rename, remove }: Props) {
  const { conversations } = useMessages();
  const [editing, setEditing] = useState(false);
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
    <div className={current ? "conversation conversation-current" : "conversation"}>
      <button
        type="button"
        className="conversation-title"
        aria-current={current ? "page" : undefined}
        title={row.title}
        onClick={open}
      >
        {row.title}
      </button>
      <span className="conversation-actions">
        <button
          type="button"
          className="icon-button"
          aria-label={conversations.rename(row.title)}
          title={conversations.renameShort}
          onClick={() => setEditing(true)}
        >
          <EditIcon />
        </button>
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
      className="conversation-field"
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

import { useRef } from "react";
import { useMay, useMe } from "../api/rights";
import { ErrorNotice } from "../components/ErrorNotice";
import { NewChatIcon, SettingsIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { ConversationItem } from "./ConversationItem";
import { byAge } from "./groups";
import type { Conversations } from "./useConversations";
import styles from "./conversations.module.css";

export interface PanelProps {
  list: Conversations;
  /** The id of the one that is shown. */
  current: string | null;
  open: (id: string) => void;
  /** Begins a new one. */
  begin: () => void;
  /** The one that is shown was removed. */
  leave: () => void;
  settings: () => void;
}

/** The side bar: earlier conversations, to be found, opened, renamed and removed. */
export function ConversationPanel({ list, current, open, begin, leave, settings }: PanelProps) {
  const { conversations: texts, app } = useMessages();
  const { rows, search } = list;
  const { data: me } = useMe();
  const asks = useMay()("ask");
  const searchField = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.conversations}>
      {asks && (
        <button type="button" className={`button button-quiet ${styles.conversationsNew}`} onClick={begin}>
          <NewChatIcon />
          {app.newChat}
        </button>
      )}
      <input
        ref={searchField}
        type="search"
        className={styles.conversationsSearch}
        aria-label={texts.search}
        placeholder={texts.search}
        value={search}
        onChange={(event) => list.setSearch(event.target.value)}
      />
      <div className={styles.conversationsList}>
        {!asks && <p className={styles.conversationsNone}>{texts.notAllowed}</p>}
        {list.error !== null && <ErrorNotice error={list.error} retry={list.reload} />}
        {rows?.length === 0 && (
          <p className={styles.conversationsNone}>{search.trim() === "" ? texts.empty : texts.none}</p>
        )}
        {byAge(rows ?? [], new Date()).map((group) => (
          <section key={group.age} aria-label={texts.ages[group.age]}>
            <h2>{texts.ages[group.age]}</h2>
            <ul>
              {group.rows.map((row) => (
                <li key={row.id}>
                  <ConversationItem
                    row={row}
                    current={row.id === current}
                    open={() => open(row.id)}
                    shared={me?.accounts ? list.reload : null}
                    rename={(title) => list.rename(row, title)}
                    remove={() => {
                      list.remove(row);
                      // Its own button goes with it.
                      searchField.current?.focus();
                      if (row.id === current) leave();
                    }}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {list.more && (
          <button type="button" className="link-button" onClick={list.more}>
            {texts.more}
          </button>
        )}
      </div>
      <button type="button" className={`link-button ${styles.conversationsSettings}`} onClick={settings}>
        <SettingsIcon />
        {app.settings}
      </button>
    </div>
  );
}

import { useState } from "react";
import type { DocumentBody } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { CloseIcon } from "../components/icons";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import styles from "./library.module.css";

const SEPARATORS = /[,，、;；\n]/;

interface Props {
  /** One, whose tags are edited; or several, which get more. */
  documents: DocumentBody[];
  saved: () => void;
  close: () => void;
}

/** Adds and takes away the tags of a document, or adds some to several; nothing is changed until they are saved. */
export function TagEditor({ documents, saved, close }: Props) {
  const messages = useMessages();
  const one = documents.length === 1 ? documents[0] : undefined;
  const ids = documents.map(({ id }) => id);
  const { tags: texts } = messages;
  const { library } = useServices();
  const [tags, setTags] = useState(one ? one.tags : []);
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>(null);

  const title = one ? texts.title(one.title) : texts.several(ids.length);
  const withTyped = () => merge(tags, text);
  const take = () => {
    setTags(withTyped());
    setText("");
  };
  const save = () => {
    const all = withTyped();
    (one ? library.setTags(one.id, all) : library.addTags(ids, all)).then(saved, setError);
  };
  return (
    <Modal label={title} className="form-dialog" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === "") save();
          else take();
        }}
      >
        <h2>{title}</h2>
        <ul className={styles.tagList}>
          {tags.map((tag) => (
            <li key={tag} className="tag" data-part="tag">
              {tag}
              <button
                type="button"
                aria-label={texts.remove(tag)}
                title={texts.remove(tag)}
                onClick={() => setTags(tags.filter((other) => other !== tag))}
              >
                <CloseIcon />
              </button>
            </li>
          ))}
          {tags.length === 0 && <li className={styles.tagNone}>{texts.none}</li>}
        </ul>
        <label htmlFor="new-tag">{texts.add}</label>
        <input
          id="new-tag"
          autoFocus
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing || !SEPARATORS.test(event.key)) return;
            event.preventDefault();
            take();
          }}
        />
        <p className="field-hint">{texts.hint}</p>
        {error !== null && <ErrorNotice error={error} retry={save} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {messages.app.cancel}
          </button>
          <button type="button" className="button" onClick={save}>
            {messages.app.save}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** `tags` with those that are typed, each once. */
export function merge(tags: string[], typed: string): string[] {
  const added = typed.split(SEPARATORS).map((tag) => tag.trim());
  return [...new Set([...tags, ...added.filter((tag) => tag !== "")])];
}

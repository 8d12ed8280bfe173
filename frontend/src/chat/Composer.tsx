import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { AtIcon, SendIcon, StopIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { ScopeChips } from "../scope/ScopeChips";
import { ScopePicker } from "../scope/ScopePicker";
import { isSeveral, TASKS, without, type ScopeItem, type Task } from "../state/scope";
import { codePointLength } from "../text/codepoints";
import styles from "./composer.module.css";

const LONGEST = 4000; // code points; the server's default limit

interface Props {
  /** The person may ask. */
  allowed: boolean;
  scope: ScopeItem[];
  setScope: (scope: ScopeItem[]) => void;
  /** Asks one of the usual questions about the scope. */
  askTask: (task: Task) => void;
  input: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText: (text: string) => void;
  answering: boolean;
  /** The exchange whose question is being edited. */
  editing: string | null;
  send: () => void;
  stop: () => void;
  cancelEdit: () => void;
  editLast: () => void;
}

/** The question box. Enter sends, except to an input method that is composing (Chinese!). */
export function Composer(props: Props) {
  const { composer } = useMessages();
  const { input, text, setText, answering, editing } = props;
  const { scope: texts } = useMessages();
  const { scope, setScope } = props;
  // Where in the text an '@' opened the list; 'button': it stands nowhere.
  const [picking, setPicking] = useState<number | "button" | null>(null);
  const composing = useRef(false);
  const over = codePointLength(text) - LONGEST;
  const sendable = text.trim() !== "" && over <= 0 && props.allowed;

  useLayoutEffect(() => {
    if (input.current) fitHeight(input.current);
  }, [input, text]);

  useEffect(() => {
    if (editing !== null) input.current?.focus();
  }, [input, editing]);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Safari ends the composition before the keydown of the Enter that ended it: keyCode 229.
    if (composing.current || event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (sendable && !answering) props.send();
    } else if (event.key === "Escape") {
      if (answering) props.stop();
      else if (editing !== null) props.cancelEdit();
    } else if (event.key === "ArrowUp" && text === "" && !answering) {
      event.preventDefault();
      props.editLast();
    }
  };

  const typed = (next: string, caret: number) => {
    const added = next.length === text.length + 1 && next[caret - 1] === "@";
    const before = next.slice(0, caret - 1);
    if (!added || composing.current || !/(^|\s)$/.test(before)) return setText(next);
    setText(before + next.slice(caret));
    setPicking(caret - 1);
  };
  const picked = (item: ScopeItem) => {
    setPicking(null);
    setScope([...scope, item]);
    input.current?.focus();
  };
  const unpicked = (looked: string) => {
    // An '@' that was meant as such comes back, with what was typed after it.
    if (typeof picking === "number" && looked !== "") {
      setText(`${text.slice(0, picking)}@${looked}${text.slice(picking)}`);
    }
    setPicking(null);
    input.current?.focus();
  };
  const tasks = TASKS.filter((task) => task !== "compare" || isSeveral(scope));

  return (
    <form
      className={styles.composer}
      data-part="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (sendable && !answering) props.send();
      }}
    >
      {editing !== null && (
        <p className={styles.composerEditing}>
          {composer.editing}{" "}
          <button type="button" className="link-button" onClick={props.cancelEdit}>
            {composer.cancelEdit}
          </button>
        </p>
      )}
      {picking !== null && (
        <ScopePicker chosen={scope} choose={picked} cancel={unpicked} leave={() => setPicking(null)} />
      )}
      <div className={styles.composerBox}>
        {scope.length > 0 && (
          <div className={styles.composerScope}>
            <ScopeChips
              scope={scope}
              remove={(item) => {
                setScope(without(scope, item));
                input.current?.focus();
              }}
            />
            {text === "" && !answering && (
              <div className={styles.scopeTasks} role="group" aria-label={texts.tasksLabel}>
                {tasks.map((task) => (
                  <button
                    key={task}
                    type="button"
                    className={styles.scopeTask}
                    onClick={() => {
                      props.askTask(task);
                      input.current?.focus();
                    }}
                  >
                    {texts.tasks[task]}
                  </button>
                ))}
              </div>
            )}
          </div>
        )}
        <button
          type="button"
          className={`icon-button ${styles.composerAt}`}
          aria-label={texts.add}
          aria-haspopup="dialog"
          disabled={!props.allowed}
          aria-expanded={picking !== null}
          title={texts.addHint}
          onClick={() => setPicking("button")}
        >
          <AtIcon />
        </button>
        <textarea
          ref={input}
          id="question"
          rows={1}
          value={text}
          aria-label={composer.label}
          aria-describedby="composer-keys"
          aria-invalid={over > 0}
          placeholder={props.allowed ? composer.placeholder : composer.notAllowed}
          disabled={!props.allowed}
          onChange={(event) => typed(event.target.value, event.target.selectionStart)}
          onCompositionStart={() => (composing.current = true)}
          onCompositionEnd={() => (composing.current = false)}
          onKeyDown={onKeyDown}
        />
        {answering ? (
          <button
            type="button"
            className={styles.sendButton}
            aria-label={composer.stop}
            title={composer.stop}
            onClick={props.stop}
          >
            <StopIcon />
          </button>
        ) : (
          <button
            type="submit"
            className={styles.sendButton}
            aria-label={composer.send}
            title={composer.send}
            disabled={!sendable}
          >
            <SendIcon />
          </button>
        )}
      </div>
      <p className={styles.composerKeys} id="composer-keys">
        {over > 0 ? <strong>{composer.tooLong(over)}</strong> : composer.keys}
      </p>
    </form>
  );
}

/** As high as its text, up to the limit in the style sheet. */
function fitHeight(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

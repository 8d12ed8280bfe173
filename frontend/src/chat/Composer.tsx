import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type RefObject } from "react";
import { SendIcon, StopIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { codePointLength } from "../text/codepoints";
import "./composer.css";

const LONGEST = 4000; // code points; the server's default limit

interface Props {
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
  const composing = useRef(false);
  const over = codePointLength(text) - LONGEST;
  const sendable = text.trim() !== "" && over <= 0;

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

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (sendable && !answering) props.send();
      }}
    >
      {editing !== null && (
        <p className="composer-editing">
          {composer.editing}{" "}
          <button type="button" className="link-button" onClick={props.cancelEdit}>
            {composer.cancelEdit}
          </button>
        </p>
      )}
      <div className="composer-box">
        <textarea
          ref={input}
          id="question"
          rows={1}
          value={text}
          aria-label={composer.label}
          aria-describedby="composer-keys"
          aria-invalid={over > 0}
          placeholder={composer.placeholder}
          onChange={(event) => setText(event.target.value)}
          onCompositionStart={() => (composing.current = true)}
          onCompositionEnd={() => (composing.current = false)}
          onKeyDown={onKeyDown}
        />
        {answering ? (
          <button
            type="button"
            className="send-button"
            aria-label={composer.stop}
            title={composer.stop}
            onClick={props.stop}
          >
            <StopIcon />
          </button>
        ) : (
          <button
            type="submit"
            className="send-button"
            aria-label={composer.send}
            title={composer.send}
            disabled={!sendable}
          >
            <SendIcon />
          </button>
        )}
      </div>
      <p className="composer-keys" id="composer-keys">
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

import { useState } from "react";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import type { KeyPrompt } from "./useKey";

export function KeyDialog({ prompt }: { prompt: KeyPrompt }) {
  const { key, app } = useMessages();
  const [text, setText] = useState("");
  const [keep, setKeep] = useState(false);
  const operator = prompt.kind === "operator";
  const title = operator ? key.operatorTitle : key.title;
  return (
    <Modal label={title} className="form-dialog" close={prompt.cancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") prompt.give(text.trim(), keep);
        }}
      >
        <h2>{title}</h2>
        {operator && <p>{key.operatorText}</p>}
        <label htmlFor="api-key">{key.label}</label>
        <input
          id="api-key"
          type="password"
          autoComplete="off"
          autoFocus
          value={text}
          aria-describedby={prompt.wrong ? "key-wrong" : undefined}
          aria-invalid={prompt.wrong}
          onChange={(event) => setText(event.target.value)}
        />
        {prompt.wrong && (
          <p id="key-wrong" className="field-error">
            {key.wrong}
          </p>
        )}
        <label className="check-line">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
          {key.keep}
        </label>
        <p className="field-hint">{key.text}</p>
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={prompt.cancel}>
            {app.cancel}
          </button>
          <button type="submit" className="button">
            {key.submit}
          </button>
        </div>
      </form>
    </Modal>
  );
}

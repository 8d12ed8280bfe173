import { useEffect, useRef, useState } from "react";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { keepPlace } from "../state/place";
import type { KeyPrompt } from "./useKey";

/** What a request lacked: a key, or somebody who is signed in. */
export function KeyDialog({ prompt }: { prompt: KeyPrompt }) {
  return prompt.kind === "session" ? <SignedOut stay={prompt.cancel} /> : <AskKey prompt={prompt} />;
}

/** The session has ended: what stands on the page stays until one goes to sign in. */
function SignedOut({ stay }: { stay: () => void }) {
  const { key, app } = useMessages();
  // Once the dialog is shown, which gives the focus to the first button in it.
  const go = useRef<HTMLButtonElement>(null);
  useEffect(() => go.current?.focus(), []);
  return (
    <Modal label={key.signedOut} className="form-dialog" close={stay}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keepPlace();
          window.location.assign(new URL("sign-in", document.baseURI));
        }}
      >
        <h2>{key.signedOut}</h2>
        <p>{key.signedOutText}</p>
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={stay}>
            {app.cancel}
          </button>
          <button ref={go} type="submit" className="button">
            {key.signIn}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function AskKey({ prompt }: { prompt: KeyPrompt }) {
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

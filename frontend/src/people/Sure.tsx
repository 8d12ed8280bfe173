import { useState } from "react";
import { useMessages } from "../i18n/language";
import styles from "./people.module.css";

interface Props {
  label: string;
  word: string;
  question: string;
  act: () => void;
}

/** A button for what cannot be undone: it asks first. */
export function Sure({ label, word, question, act }: Props) {
  const { app } = useMessages();
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <button type="button" className="button button-quiet" aria-label={label} onClick={() => setAsked(true)}>
        {word}
      </button>
    );
  }
  return (
    <span className={styles.peopleSure} role="alert">
      {question}{" "}
      <button type="button" className="button" autoFocus onClick={act}>
        {word}
      </button>{" "}
      <button type="button" className="button button-quiet" onClick={() => setAsked(false)}>
        {app.cancel}
      </button>
    </span>
  );
}

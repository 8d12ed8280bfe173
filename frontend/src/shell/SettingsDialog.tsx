import { lazy, Suspense, useState } from "react";
import { useMe } from "../api/rights";
import { Modal } from "../components/Modal";
import { useLanguage } from "../i18n/language";
import { PARTS, useSettings } from "../state/settings";
import { THEMES } from "../state/theme";
import styles from "./shell.module.css";

const PeopleDialog = lazy(async () => ({
  default: (await import("../people/PeopleDialog")).PeopleDialog,
}));

const LANGUAGES = [
  ["zh", "中文", "zh-CN"],
  ["en", "English", "en"],
] as const;

interface Props {
  close: () => void;
  /** Ends the use of a key; null: none is in use. */
  forget: (() => void) | null;
}

/** What a person sets for himself; it holds at once, and stays in this browser. */
export function SettingsDialog({ close, forget }: Props) {
  const { language, messages, setLanguage } = useLanguage();
  const { settings: texts, app } = messages;
  const { theme, chooseTheme, shown, show } = useSettings();
  const [managing, setManaging] = useState(false);
  // In its place, not over it: one dialog at a time.
  if (managing) {
    return (
      <Suspense>
        <PeopleDialog close={close} />
      </Suspense>
    );
  }
  return (
    <Modal label={texts.title} className={styles.settingsDialog} close={close}>
      <h2>{texts.title}</h2>
      <Account forget={forget} manage={() => setManaging(true)} />
      <fieldset className="choices">
        <legend>{texts.language}</legend>
        {LANGUAGES.map(([value, name, tag]) => (
          <label key={value}>
            <input
              type="radio"
              name="language"
              checked={language === value}
              onChange={() => setLanguage(value)}
            />
            <span lang={tag}>{name}</span>
          </label>
        ))}
      </fieldset>
      <fieldset className="choices">
        <legend>{texts.theme}</legend>
        {THEMES.map((value) => (
          <label key={value}>
            <input type="radio" name="theme" checked={theme === value} onChange={() => chooseTheme(value)} />
            {texts.themes[value]}
          </label>
        ))}
      </fieldset>
      <fieldset className="choices choices-column">
        <legend>{texts.shown}</legend>
        {PARTS.map((part) => (
          <label key={part}>
            <input
              type="checkbox"
              checked={shown[part]}
              onChange={(event) => show(part, event.target.checked)}
            />
            {texts.parts[part]}
          </label>
        ))}
      </fieldset>
      <p className="field-hint">{texts.kept}</p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          {app.close}
        </button>
      </div>
    </Modal>
  );
}

/** Who one is here, where the server knows people. */
function Account({ forget, manage }: { forget: (() => void) | null; manage: () => void }) {
  const { settings: texts } = useLanguage().messages;
  const { data: me } = useMe();
  if (!me?.accounts) return null;
  return (
    <section className={styles.account}>
      <p>
        {texts.signedIn} <strong>{me.name}</strong> · {texts.roles[me.role]}
      </p>
      {me.groups.length > 0 && <p className="field-hint">{texts.groups(me.groups)}</p>}
      <div className="dialog-actions">
        {forget && (
          <button type="button" className="button button-quiet" onClick={forget}>
            {texts.signOut}
          </button>
        )}
        <button type="button" className="button button-quiet" onClick={manage}>
          {me.operator ? texts.people : texts.account}
        </button>
      </div>
    </section>
  );
}

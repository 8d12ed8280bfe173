import { useState } from "react";
import type { Source } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { choiceOf, cronOf, type Preset } from "./schedule";

const PRESETS: Preset[] = ["none", "hourly", "daily", "weekly", "custom"];

interface Props {
  /** null: a new one. */
  source: Source | null;
  save: (source: { location: string; schedule: string | null; time_zone: string }) => Promise<void>;
  close: () => void;
}

/** A place and how often it is looked at. */
export function SourceForm({ source, save, close }: Props) {
  const { sources: texts, app } = useMessages();
  const [location, setLocation] = useState(source?.location ?? "");
  const [choice, setChoice] = useState(() => choiceOf(source ? source.schedule : "0 3 * * *"));
  const [zone, setZone] = useState(source?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [error, setError] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const title = source ? texts.editTitle : texts.addTitle;
  const submit = () => {
    setSaving(true);
    save({ location: location.trim(), schedule: cronOf(choice), time_zone: zone }).then(
      close,
      (problem: unknown) => {
        setError(problem);
        setSaving(false);
      },
    );
  };
  return (
    <Modal label={title} className="form-dialog" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (location.trim() !== "") submit();
        }}
      >
        <h2>{title}</h2>
        <label htmlFor="source-location">{texts.location}</label>
        <input
          id="source-location"
          autoFocus={source === null}
          autoComplete="off"
          spellCheck={false}
          required
          readOnly={source !== null}
          aria-describedby="source-location-hint"
          value={location}
          onChange={(event) => setLocation(event.target.value)}
        />
        {source === null && (
          <p id="source-location-hint" className="field-hint">
            {texts.locationHint}
          </p>
        )}
        <label htmlFor="source-when">{texts.when}</label>
        <select
          id="source-when"
          value={choice.preset}
          onChange={(event) => setChoice({ ...choice, preset: event.target.value as Preset })}
        >
          {PRESETS.map((preset) => (
            <option key={preset} value={preset}>
              {texts.presets[preset]}
            </option>
          ))}
        </select>
        {(choice.preset === "daily" || choice.preset === "weekly") && (
          <>
            <label htmlFor="source-time">{texts.time}</label>
            <input
              id="source-time"
              type="time"
              required
              value={choice.time}
              onChange={(event) => setChoice({ ...choice, time: event.target.value })}
            />
          </>
        )}
        {choice.preset === "custom" && (
          <>
            <label htmlFor="source-cron">{texts.cron}</label>
            <input
              id="source-cron"
              required
              autoComplete="off"
              aria-describedby="source-cron-hint"
              value={choice.cron}
              onChange={(event) => setChoice({ ...choice, cron: event.target.value })}
            />
            <p id="source-cron-hint" className="field-hint">
              {texts.cronHint}
            </p>
          </>
        )}
        {choice.preset !== "none" && choice.preset !== "hourly" && (
          <>
            <label htmlFor="source-zone">{texts.zone}</label>
            <input
              id="source-zone"
              required
              autoComplete="off"
              value={zone}
              onChange={(event) => setZone(event.target.value)}
            />
          </>
        )}
        {error !== null && <ErrorNotice error={error} retry={submit} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {app.cancel}
          </button>
          <button type="submit" className="button" disabled={saving}>
            {source ? app.save : texts.addAndSync}
          </button>
        </div>
      </form>
    </Modal>
  );
}

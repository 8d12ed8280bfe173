import { useEffect, useRef, useState } from "react";
import type { Format } from "./save";
import { useMessages } from "../i18n/language";
import { DownloadIcon } from "../components/icons";
import styles from "./save.module.css";

const FORMATS = ["markdown", "word"] as const;

interface Props {
  label: string;
  save: (format: Format) => Promise<void>;
  /** The menu ends where the button does: it stands at the right edge. */
  end?: boolean;
}

/** A button that asks in what form something is to be saved. */
export function SaveMenu({ label, save, end = false }: Props) {
  const { export: texts } = useMessages();
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  const menu = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, [open]);
  return (
    <span
      className={styles.saveMenu}
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        type="button"
        ref={button}
        className="quiet-button"
        title={label}
        aria-label={label}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <DownloadIcon />
      </button>
      {failed && (
        <span className="field-error" role="alert">
          {texts.failed}
        </span>
      )}
      {open && (
        <span className={end ? `${styles.saveFormats} ${styles.saveFormatsEnd}` : styles.saveFormats}>
          {FORMATS.map((format) => (
            <button
              key={format}
              type="button"
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                setFailed(false);
                save(format).catch(() => setFailed(true));
              }}
            >
              {texts.formats[format]}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}

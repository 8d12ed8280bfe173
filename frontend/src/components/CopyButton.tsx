import { useEffect, useState, type ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { CheckIcon, CopyIcon } from "./icons";

interface Props {
  /** Made when it is asked for, where it is a function. */
  text: string | (() => string);
  label: string;
  icon?: ReactNode;
}

export function CopyButton({ text, label, icon = <CopyIcon /> }: Props) {
  const messages = useMessages();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 2000);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className="quiet-button"
      title={copied ? messages.answer.copied : label}
      onClick={() => void copy(typeof text === "string" ? text : text()).then(() => setCopied(true))}
    >
      {copied ? <CheckIcon /> : icon}
      <span className="visually-hidden" aria-live="polite">
        {copied ? messages.answer.copied : label}
      </span>
    </button>
  );
}

/** The clipboard API needs HTTPS or localhost; a groundkb on the office network has neither. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // Not there, or not allowed.
  }
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
}

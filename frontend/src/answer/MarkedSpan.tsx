import type { ReactNode } from "react";
import { useMessages } from "../i18n/language";
import type { Span } from "../markdown/plugins";
import styles from "./answer.module.css";

/** Text of an answer that the documents do not bear out, marked for eye and ear. */
export function MarkedSpan(props: { kind: Span["kind"]; last: boolean; children: ReactNode }) {
  const { answer } = useMessages();
  const note = props.kind === "unsupported" ? answer.unsupported : answer.unverifiedQuote;
  return (
    <span
      className={props.kind === "unsupported" ? styles.unsupported : styles.unverifiedQuote}
      data-part={props.kind}
      title={note}
    >
      {props.children}
      {props.last && <span className="visually-hidden"> ({note})</span>}
    </span>
  );
}

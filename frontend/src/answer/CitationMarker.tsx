import { useId, useRef, useState } from "react";
import { useMessages } from "../i18n/language";
import { CitationCard } from "./CitationCard";
import { useAnswerContext } from "./context";
import styles from "./citation.module.css";

const OPEN_AFTER = 120; // ms; crossing a line of pills with the mouse opens none
const CLOSE_AFTER = 200; // ms to get from the pill onto its card

/** `[n]` in an answer: a pill that shows its card on hover and focus, and opens the source. */
export function CitationMarker({ marker }: { marker: number }) {
  const messages = useMessages();
  const { citations, retrieved, pending, open } = useAnswerContext();
  const [shown, setShown] = useState(false);
  const timer = useRef<number>(undefined);
  const pill = useRef<HTMLButtonElement>(null);
  const cardId = useId();

  const own = citations.filter((citation) => citation.marker === marker);
  const first = own[0];
  if (!first) {
    return pending ? (
      <span
        className={`${styles.pill} ${styles.pillPending}`}
        data-part="pill-pending"
        aria-label={messages.evidence.pending(marker)}
        role="img"
      >
        {marker}
      </span>
    ) : (
      <span>[{marker}]</span>
    );
  }

  const show = (after: number, to: boolean) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setShown(to), after);
  };
  return (
    <span
      className={styles.pillAnchor}
      onPointerEnter={(event) => event.pointerType === "mouse" && show(OPEN_AFTER, true)}
      onPointerLeave={() => show(CLOSE_AFTER, false)}
    >
      <button
        ref={pill}
        type="button"
        className={styles.pill}
        data-part="pill"
        aria-label={messages.evidence.pill(marker, first.title)}
        aria-describedby={shown ? cardId : undefined}
        // Not when a finger's tap or 'back' brings the focus: there the card would lie over the text.
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && show(0, true)}
        onBlur={() => show(0, false)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !shown) return;
          event.stopPropagation();
          show(0, false);
        }}
        onClick={() => {
          show(0, false);
          open(first);
        }}
      >
        {marker}
      </button>
      {shown && <CitationCard id={cardId} anchor={pill} citations={own} retrieved={retrieved} />}
    </span>
  );
}

import { useMessages } from "../i18n/language";
import type { Exchange } from "../state/chat";

/** Tells a screen reader how the last answer goes, without reading out every token. */
export function Announcer({ exchange }: { exchange: Exchange | undefined }) {
  const messages = useMessages();
  const state = exchange?.answer;
  const text = () => {
    switch (state?.phase) {
      case "retrieving":
        return messages.answer.retrieving;
      case "writing":
        return messages.answer.writing;
      case "done":
        return state.answer?.refusal
          ? messages.answer.announceRefused
          : messages.answer.announceDone(state.citations.length);
      case "stopped":
        return messages.answer.stopped;
      default:
        return ""; // a failure is announced by its own alert
    }
  };
  return (
    <p className="visually-hidden" role="status">
      {text()}
    </p>
  );
}

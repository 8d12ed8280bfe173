import type { Refusal } from "../api/types";
import { EmptyIcon } from "../components/icons";
import { useMessages } from "../i18n/language";

interface Props {
  refusal: Refusal;
  hasPassages: boolean;
  rephrase: () => void;
  openLibrary: () => void;
}

/** An honest 'no': looks unlike an answer, says why, and what to do next. */
export function RefusalNotice({ refusal, hasPassages, rephrase, openLibrary }: Props) {
  const messages = useMessages();
  return (
    <div className="refusal">
      <p className="refusal-message">
        <EmptyIcon />
        <strong>{refusal.message}</strong>
      </p>
      <p>{messages.refusal.because[refusal.reason]}</p>
      <p className="refusal-next">{messages.refusal.next}</p>
      <ul>
        {hasPassages && <li>{messages.refusal.readClosest}</li>}
        <li>
          <button type="button" className="link-button" onClick={rephrase}>
            {messages.refusal.rephrase}
          </button>
        </li>
        <li>
          <button type="button" className="link-button" onClick={openLibrary}>
            {messages.refusal.addDocuments}
          </button>
        </li>
      </ul>
    </div>
  );
}

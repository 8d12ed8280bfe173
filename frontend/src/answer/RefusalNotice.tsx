import type { Passage, Refusal } from "../api/types";
import { EmptyIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import styles from "./answer.module.css";

const NAMED = 3; // documents that are named of those that were looked at

interface Props {
  refusal: Refusal;
  retrieved: Passage[];
  rephrase: () => void;
  /** null: everything was asked about already. */
  everywhere: (() => void) | null;
  /** null: he may not add documents. */
  openLibrary: (() => void) | null;
}

/** An honest 'no': looks unlike an answer, says what was looked at, what is missing, what to do. */
export function RefusalNotice({ refusal, retrieved, rephrase, everywhere, openLibrary }: Props) {
  const { refusal: texts } = useMessages();
  const { looked = 0, near = null, detail = "" } = refusal;
  // Those that were read come first; the rest was found only.
  const titles = [...new Set(retrieved.slice(0, looked).map((passage) => passage.title))];
  return (
    <div className={styles.refusal} data-part="refusal">
      <p className={styles.refusalMessage}>
        <EmptyIcon />
        <strong>{refusal.message}</strong>
      </p>
      <p>{detail || texts.because[refusal.reason]}</p>
      {looked > 0 && titles.length > 0 && (
        <p>{texts.looked(looked, titles.slice(0, NAMED), Math.max(titles.length - NAMED, 0))}</p>
      )}
      {near !== null && looked > 0 && <p>{near > CLOSE ? texts.close : texts.far}</p>}
      {everywhere !== null && <p>{texts.limited}</p>}
      <p className={styles.refusalNext}>{texts.next}</p>
      <ul>
        {everywhere !== null && (
          <li>
            <button type="button" className="link-button" onClick={everywhere}>
              {texts.everywhere}
            </button>
          </li>
        )}
        {retrieved.length > 0 && <li>{texts.readClosest}</li>}
        <li>
          <button type="button" className="link-button" onClick={rephrase}>
            {texts.rephrase}
          </button>
        </li>
        {openLibrary !== null && (
          <li>
            <button type="button" className="link-button" onClick={openLibrary}>
              {texts.addDocuments}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

// Log-odds below the threshold from which on a passage is worth a look by the person.
const CLOSE = -2;

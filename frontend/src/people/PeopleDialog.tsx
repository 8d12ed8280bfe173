import { useState } from "react";
import { useMe } from "../api/rights";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { AccountPart } from "./AccountPart";
import { AuditPart } from "./AuditPart";
import { PeoplePart } from "./PeoplePart";
import { RightsPart } from "./RightsPart";
import { usePeopleTexts } from "./texts";
import styles from "./people.module.css";

const PARTS = ["account", "people", "rights", "audit"] as const;

/** One's own account; and for admins who there is, who may read what, and who did what. */
export function PeopleDialog({ close }: { close: () => void }) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const { data: me } = useMe();
  const [part, setPart] = useState<(typeof PARTS)[number]>("account");
  const shown = me?.operator ? PARTS : (["account"] as const);
  return (
    <Modal label={texts.title} className={styles.peopleDialog} close={close}>
      <div className={styles.peopleHead}>
        <h2>{texts.title}</h2>
        <button type="button" className="button button-quiet" onClick={close}>
          {app.close}
        </button>
      </div>
      {shown.length > 1 && (
        <div className="views" data-part="views" role="group" aria-label={texts.parts}>
          {shown.map((name) => (
            <button key={name} type="button" aria-pressed={part === name} onClick={() => setPart(name)}>
              {texts.tabs[name]}
            </button>
          ))}
        </div>
      )}
      {me && part === "account" && <AccountPart me={me} />}
      {me && part === "people" && <PeoplePart me={me} />}
      {part === "rights" && <RightsPart />}
      {part === "audit" && <AuditPart />}
    </Modal>
  );
}

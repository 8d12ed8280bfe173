import type { ConversationRow } from "../api/types";
import { dataOf } from "../api/typed";
import { CopyButton } from "../components/CopyButton";
import { ErrorNotice } from "../components/ErrorNotice";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { usePeopleTexts } from "./texts";
import { useApi, useChange } from "./usePeople";
import styles from "./people.module.css";

interface Props {
  row: ConversationRow;
  /** The conversation is shared from now on, or no more. */
  changed: () => void;
  close: () => void;
}

/** Gives and takes back the link by which others open a conversation. */
export function ShareDialog({ row, changed, close }: Props) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const api = useApi();
  const params = { path: { conversation_id: row.id } };
  const share = useChange(
    () => dataOf(api.POST("/conversations/{conversation_id}/share", { params })),
    changed,
  );
  const stop = useChange(
    () => api.DELETE("/conversations/{conversation_id}/share", { params }),
    () => {
      changed();
      close();
    },
  );
  const address = share.data && `${document.baseURI.split("#")[0]}#/shared/${share.data.secret}`;
  return (
    <Modal label={texts.share(row.title)} className="form-dialog" close={close}>
      <div className={styles.peoplePart}>
        <h2>{texts.share(row.title)}</h2>
        <p>{texts.shareAbout}</p>
        {row.shared && !address && (
          <p>
            {texts.sharedNow} <span className="field-hint">{texts.oldLinkEnds}</span>
          </p>
        )}
        <div role="status">
          {address !== undefined && (
            <div className={styles.peopleSecret} data-part="people-secret">
              <code>{address}</code>
              <CopyButton text={address} label={texts.copyLink} />
            </div>
          )}
        </div>
        {share.isError && <ErrorNotice error={share.error} retry={() => share.mutate(undefined)} />}
        {stop.isError && <ErrorNotice error={stop.error} retry={() => stop.mutate(undefined)} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {app.close}
          </button>
          {(row.shared || address !== undefined) && (
            <button type="button" className="button button-quiet" onClick={() => stop.mutate(undefined)}>
              {texts.stopSharing}
            </button>
          )}
          <button
            type="button"
            className="button"
            disabled={share.isPending}
            onClick={() => share.mutate(undefined)}
          >
            {row.shared || address !== undefined ? texts.newLink : texts.makeLink}
          </button>
        </div>
      </div>
    </Modal>
  );
}

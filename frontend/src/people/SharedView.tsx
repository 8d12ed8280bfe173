import { useCallback } from "react";
import { AnswerContext } from "../answer/context";
import { MARKS } from "../answer/marks";
import { useServices } from "../api/services";
import { dataOf, typedClient } from "../api/typed";
import type { Citation } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { Modal } from "../components/Modal";
import { useLoaded } from "../components/useLoaded";
import { useMessages } from "../i18n/language";
import { Markdown } from "../markdown/Markdown";
import { usePeopleTexts } from "./texts";
import styles from "./people.module.css";

interface Props {
  secret: string;
  open: (citations: Citation[], at: Citation) => void;
  close: () => void;
}

/** A conversation that somebody shared, to read: what one may not read of it the server leaves out. */
export function SharedView({ secret, open, close }: Props) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const { client } = useServices();
  const load = useCallback(
    () => dataOf(typedClient(client).POST("/shared-conversations", { body: { secret } })),
    [client, secret],
  );
  const [loaded, again] = useLoaded(load);
  return (
    <Modal label={texts.shared} className={styles.peopleDialog} close={close}>
      <div className={styles.peopleHead}>
        <h2>{loaded.state === "ready" ? loaded.value.title : texts.shared}</h2>
        <button type="button" className="button button-quiet" onClick={close}>
          {app.close}
        </button>
      </div>
      {loaded.state === "loading" && <p>{app.loading}</p>}
      {loaded.state === "failed" && <ErrorNotice error={loaded.error} retry={again} />}
      {loaded.state === "ready" &&
        loaded.value.turns.map((turn) => (
          <article key={turn.id} className={styles.peopleTurn}>
            <h3>
              <span className="visually-hidden">{texts.asked}: </span>
              {turn.question}
            </h3>
            {turn.answer ? (
              <AnswerContext
                value={{
                  citations: turn.answer.citations,
                  retrieved: turn.answer.retrieved,
                  pending: false,
                  open: (at) => open(turn.answer?.citations ?? [], at),
                }}
              >
                <Markdown text={turn.answer.answer} marks={MARKS} />
              </AnswerContext>
            ) : (
              <p className="field-hint">{turn.problem?.message ?? texts.noAnswer}</p>
            )}
            {turn.answer && turn.answer.citations.length > 0 && (
              <>
                <p className="field-hint">{texts.sources}</p>
                <ol className={styles.peopleSources}>
                  {turn.answer.citations.map((citation) => (
                    <li key={citation.marker} value={citation.marker}>
                      <q>{citation.quote}</q> <span className="field-hint">{citation.title}</span>
                    </li>
                  ))}
                </ol>
              </>
            )}
          </article>
        ))}
    </Modal>
  );
}

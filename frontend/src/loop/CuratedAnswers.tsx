import { useState } from "react";
import { ErrorNotice } from "../components/ErrorNotice";
import { IconButton } from "../components/IconButton";
import { NewChatIcon, TrashIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { CuratedForm } from "./CuratedForm";
import { useCurated, useRemoveCurated } from "./useLoop";
import styles from "./loop.module.css";

interface Props {
  /** One that an answer is to be written to at once. */
  question: string | null;
  taken: () => void;
  fail: (error: unknown) => void;
}

/** The answers that owners wrote, and whether their sources still say so. */
export function CuratedAnswers({ question, taken, fail }: Props) {
  const { improve: texts, app } = useMessages();
  const loaded = useCurated();
  const remove = useRemoveCurated();
  const [writing, setWriting] = useState(false);
  const close = () => {
    setWriting(false);
    taken();
  };
  if (loaded.isPending) return <p>{app.loading}</p>;
  if (loaded.isError) return <ErrorNotice error={loaded.error} retry={() => void loaded.refetch()} />;
  const { answers } = loaded.data;
  return (
    <>
      <div className="cards-head">
        <p className="sub">{texts.curatedAbout}</p>
        <button type="button" className="button button-icon" onClick={() => setWriting(true)}>
          <NewChatIcon />
          {texts.newAnswer}
        </button>
      </div>
      {answers.length === 0 && <p>{texts.noCurated}</p>}
      <ul className="cards">
        {answers.map((row) => (
          <li key={row.id} className="card" data-part="source">
            <div className="card-head">
              <h3>{row.question}</h3>
              <div className="card-actions">
                <span className={`status status-${row.state}`}>{texts.state[row.state]}</span>
                <IconButton
                  label={texts.removeLabel(row.question)}
                  onClick={() => remove.mutate(row.id, { onError: fail })}
                >
                  <TrashIcon />
                </IconButton>
              </div>
            </div>
            <p className={styles.curatedAnswer}>{row.answer}</p>
            {row.quotes.map(({ document_id, quote }, at) => (
              <blockquote key={`${document_id} ${at}`}>
                [{at + 1}] {quote}
              </blockquote>
            ))}
          </li>
        ))}
      </ul>
      {(writing || question !== null) && <CuratedForm question={question ?? ""} close={close} />}
    </>
  );
}

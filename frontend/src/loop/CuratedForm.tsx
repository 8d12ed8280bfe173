import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useServices } from "../api/services";
import type { FoundPassage } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { IconButton } from "../components/IconButton";
import { SearchIcon, TrashIcon } from "../components/icons";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { splitAt } from "../text/codepoints";
import { useAddCurated } from "./useLoop";
import styles from "./loop.module.css";

interface Quote {
  documentId: string;
  title: string;
  quote: string;
}

const FOUND = 6;

/** An answer to a question, with the exact words of documents that it stands on. */
export function CuratedForm({ question: asked, close }: { question: string; close: () => void }) {
  const { improve: texts, app } = useMessages();
  const { library } = useServices();
  const [question, setQuestion] = useState(asked);
  const [answer, setAnswer] = useState("");
  const [quotes, setQuotes] = useState<Quote[]>([]);
  const save = useAddCurated(close);
  const find = useMutation({
    mutationFn: (text: string) => library.search(text, FOUND, new AbortController().signal),
  });
  const put = (at: number, quote: string) =>
    setQuotes(quotes.map((each, place) => (place === at ? { ...each, quote } : each)));
  const submit = () =>
    save.mutate({
      question,
      answer,
      quotes: quotes.map(({ documentId, quote }) => ({ document_id: documentId, quote })),
    });
  return (
    <Modal label={texts.newAnswer} className={`form-dialog ${styles.curatedDialog}`} close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h2>{texts.newAnswer}</h2>
        <label htmlFor="curated-question">{texts.question}</label>
        <input
          id="curated-question"
          autoFocus
          required
          maxLength={2000}
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
        />
        <label htmlFor="curated-answer">{texts.answer}</label>
        <textarea
          id="curated-answer"
          required
          rows={3}
          maxLength={8000}
          aria-describedby="curated-hint"
          value={answer}
          onChange={(event) => setAnswer(event.target.value)}
        />
        <p id="curated-hint" className="field-hint">
          {texts.answerHint}
        </p>
        <div className="cards-head">
          <h3>{texts.quotes}</h3>
          <button
            type="button"
            className="button button-quiet button-icon"
            disabled={question.trim() === "" || find.isPending}
            onClick={() => find.mutate(question)}
          >
            <SearchIcon />
            {texts.find}
          </button>
        </div>
        {quotes.map(({ title, quote }, at) => (
          <div key={at} className={styles.curatedQuote}>
            <label htmlFor={`curated-quote-${at}`}>
              [{at + 1}] {title}
            </label>
            <textarea
              id={`curated-quote-${at}`}
              required
              rows={2}
              value={quote}
              onChange={(event) => put(at, event.target.value)}
            />
            <IconButton
              label={texts.dropQuote(at + 1)}
              onClick={() => setQuotes(quotes.filter((_, place) => place !== at))}
            >
              <TrashIcon />
            </IconButton>
          </div>
        ))}
        {find.isError && <ErrorNotice error={find.error} retry={() => find.mutate(question)} />}
        {find.data?.passages.length === 0 && <p>{texts.nothingFound}</p>}
        <ul className={styles.foundQuotes}>
          {find.data?.passages.map((passage) => (
            <li key={passage.chunk_id}>
              <span className="sub">{passage.title}</span>
              <p>{sentencesOf(passage)}</p>
              <button
                type="button"
                className="button button-quiet"
                aria-label={texts.quoteLabel(passage.title)}
                onClick={() =>
                  setQuotes([
                    ...quotes,
                    {
                      documentId: passage.document_id,
                      title: passage.title,
                      quote: sentencesOf(passage),
                    },
                  ])
                }
              >
                {texts.quote}
              </button>
            </li>
          ))}
        </ul>
        {save.isError && <ErrorNotice error={save.error} retry={submit} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {app.cancel}
          </button>
          <button type="submit" className="button" disabled={save.isPending || quotes.length === 0}>
            {app.save}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** The sentences of a passage that are nearest to the question, in its own words. */
function sentencesOf({ text, start, best_window }: FoundPassage): string {
  return splitAt(text, best_window.start - start, best_window.end - start).inside.trim();
}

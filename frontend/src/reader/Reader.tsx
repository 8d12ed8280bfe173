import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { isGone } from "../api/client";
import { useMay } from "../api/rights";
import { Place } from "../answer/Place";
import { Quoted } from "../answer/Quoted";
import { ErrorNotice } from "../components/ErrorNotice";
import { CopyButton } from "../components/CopyButton";
import { IconButton } from "../components/IconButton";
import { AtIcon, CloseIcon, LinkIcon, NextIcon, PreviousIcon } from "../components/icons";
import { useLoaded } from "../components/useLoaded";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import type { DocumentBody } from "../api/types";
import { formatRoute, home } from "../state/useRoute";
import { addressOf, type Place as ReaderPlace, type ReaderState } from "../state/reader";
import { locate } from "./locate";
import { OriginalLink } from "./OriginalLink";
import { TextView } from "./TextView";
import styles from "./reader.module.css";
import citationStyles from "../answer/citation.module.css";

const PdfView = lazy(() => import("./PdfView"));

interface Props {
  state: ReaderState;
  step: (by: 1 | -1) => void;
  close: () => void;
  /** Opens the question box on the document. */
  ask: (documentId: string) => void;
}

/** A source document beside the chat, open at the quoted sentence. */
export function Reader({ state, step, close, ask }: Props) {
  const messages = useMessages();
  const { reader } = messages;
  const place = state.places[state.at];
  const heading = useRef<HTMLHeadingElement>(null);
  // Of a document that was opened by its address, once it is there.
  const [title, setTitle] = useState<string | null>(null);

  // On opening, not on stepping: who steps by keyboard stays on the button.
  useEffect(() => {
    heading.current?.focus();
  }, [state.places]);

  if (!place) return null;
  const steps = state.places.length > 1 && <Steps state={state} step={step} />;
  return (
    <section
      className={styles.reader}
      data-part="reader"
      aria-label={reader.label}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <header className={styles.readerHead}>
        <div className={styles.readerTitle}>
          <h2 ref={heading} tabIndex={-1}>
            {place.marker !== null && (
              <span className={`${citationStyles.pill} ${citationStyles.pillStill}`} data-part="pill">
                {place.marker}
              </span>
            )}
            {place.title ?? title ?? reader.label}
          </h2>
          <IconButton label={messages.app.close} onClick={close}>
            <CloseIcon />
          </IconButton>
        </div>
        {place.source !== null && <Place section={place.section} page={place.page} source={place.source} />}
      </header>
      <ReaderBody key={place.documentId} place={place} steps={steps} told={setTitle} ask={ask} />
    </section>
  );
}

// Disabled by attribute only: a button that loses its focus at the last citation takes Esc with it.
function Steps({ state, step }: Pick<Props, "state" | "step">) {
  const { reader } = useMessages();
  return (
    <div className={styles.readerSteps}>
      <IconButton label={reader.previous} disabled={state.at === 0} onClick={() => step(-1)}>
        <PreviousIcon />
      </IconButton>
      <span aria-live="polite">{reader.position(state.at + 1, state.places.length)}</span>
      <IconButton label={reader.next} disabled={state.at === state.places.length - 1} onClick={() => step(1)}>
        <NextIcon />
      </IconButton>
    </div>
  );
}

function ReaderBody(props: {
  place: ReaderPlace;
  steps: ReactNode;
  told: (title: string) => void;
  ask: Props["ask"];
}) {
  const { place, steps, told, ask } = props;
  const messages = useMessages();
  const { reader } = messages;
  const { library } = useServices();
  const may = useMay();
  const { documentId, revision, quote } = place;
  const [view, setView] = useState<"text" | "page">("page"); // where there are pages
  const load = useCallback(async () => {
    const [body, stored] = await Promise.all([
      library.document(documentId),
      library.text(documentId, revision),
    ]);
    return { body, stored };
  }, [library, documentId, revision]);
  const [loaded, again] = useLoaded(load);
  const loadedTitle = loaded.state === "ready" ? loaded.value.body.title : null;
  useEffect(() => {
    if (loadedTitle !== null) told(loadedTitle);
  }, [loadedTitle, told]);
  const text = loaded.state === "ready" ? loaded.value.stored.text : null;
  const located = useMemo(() => (text !== null && quote ? locate(text, quote) : null), [text, quote]);
  // By its address a place has only offsets: its words are those that stand there.
  const words =
    quote?.text ??
    (text !== null && located && located.kind !== "gone" ? text.slice(located.from, located.to) : null);

  if (loaded.state === "loading") {
    return (
      <>
        {steps && <div className={styles.readerBar}>{steps}</div>}
        <p className={styles.readerNote}>{messages.app.loading}</p>
      </>
    );
  }
  if (loaded.state === "failed") {
    return (
      <div className={styles.readerNote}>
        {steps}
        {isGone(loaded.error) ? <p>{reader.missing}</p> : <ErrorNotice error={loaded.error} retry={again} />}
        {quote?.text && <Kept quote={quote.text} />}
      </div>
    );
  }
  const { body, stored } = loaded.value;
  const isPdf = body.media_type === "application/pdf";
  return (
    <>
      <div className={styles.readerBar}>
        {steps}
        {isPdf && (
          <div className="views" data-part="views" role="group" aria-label={reader.views}>
            <button type="button" aria-pressed={view === "text"} onClick={() => setView("text")}>
              {reader.text}
            </button>
            <button type="button" aria-pressed={view === "page"} onClick={() => setView("page")}>
              {reader.pages}
            </button>
          </div>
        )}
        {may("ask") && (
          <button type="button" className="quiet-button" title={reader.ask} onClick={() => ask(documentId)}>
            <AtIcon />
            <span className="visually-hidden">{reader.ask}</span>
          </button>
        )}
        <CopyButton text={() => linkTo(place, body)} label={reader.copyLink} icon={<LinkIcon />} />
        <OriginalLink document={body} page={isPdf ? place.page : null} />
      </div>
      {quote !== null && quote.text === null && revision !== null && stored.revision !== revision && (
        <p className={styles.readerNote}>{reader.changedSinceLink}</p>
      )}
      {located?.kind === "moved" && <p className={styles.readerNote}>{reader.changed}</p>}
      {located?.kind === "gone" && quote?.text && (
        <div className={styles.readerNote}>
          <p>{reader.gone}</p>
          <Kept quote={quote.text} />
        </div>
      )}
      {isPdf && view === "page" ? (
        <div className={`${styles.readerBody} ${styles.readerPages}`}>
          <Suspense fallback={<p className={styles.readerNote}>{messages.app.loading}</p>}>
            <PdfView documentId={documentId} page={place.page ?? 1} quote={words} />
          </Suspense>
        </div>
      ) : (
        <div className={styles.readerBody} tabIndex={0} role="region" aria-label={place.title ?? body.title}>
          <TextView
            text={stored.text}
            blocks={stored.blocks}
            highlight={located && located.kind !== "gone" ? located : null}
          />
        </div>
      )}
    </>
  );
}

/** The address of the place, for another person: with the knowledge base, without a conversation. */
function linkTo(place: ReaderPlace, { kb }: DocumentBody): string {
  const hash = formatRoute({ ...home, place: addressOf(place, kb) });
  return new URL(hash, window.location.href).href;
}

function Kept({ quote }: { quote: string }) {
  const { reader } = useMessages();
  return (
    <blockquote>
      <span className="visually-hidden">{reader.quoteWas}: </span>
      <Quoted text={quote} columns={null} />
    </blockquote>
  );
}

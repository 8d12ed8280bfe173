import { useCallback, useEffect, useRef, useState } from "react";
import { IconButton } from "../components/IconButton";
import { NextIcon, PreviousIcon, ZoomInIcon, ZoomOutIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { findAll } from "./match";
import { itemsOf, openPdf, type PDFDocumentProxy } from "./pdf";
import { PdfPage } from "./PdfPage";
import styles from "./pdf.module.css";
import readerStyles from "./reader.module.css";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]; // times the width of the reader

interface Props {
  documentId: string;
  page: number;
  quote: string | null;
}

/** Where some words were found: the place on a page, counted from 0. */
export interface Found {
  page: number;
  place: number;
}

/** A PDF as it was printed, page below page, with the quote highlighted. */
export default function PdfView({ documentId, page, quote }: Props) {
  const messages = useMessages();
  const { library, headers } = useServices();
  const [opened, setOpened] = useState<{ pdf: PDFDocumentProxy; ratio: number } | null>(null);
  const [failed, setFailed] = useState(false);
  const url = library.original(documentId);

  useEffect(() => {
    const task = openPdf(url, headers());
    task.promise
      .then(async (pdf) => {
        const { width, height } = (await pdf.getPage(Math.min(page, pdf.numPages))).getViewport({ scale: 1 });
        setOpened({ pdf, ratio: height / width });
      })
      .catch(() => setFailed(true));
    return () => {
      setOpened(null);
      void task.destroy();
    };
    // Another page of the same file is scrolled to, not loaded.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [url, headers]);

  if (failed) return <p className={readerStyles.readerNote}>{messages.reader.pageFailed}</p>;
  if (!opened) return <p className={readerStyles.readerNote}>{messages.app.loading}</p>;
  return <Pages {...opened} first={Math.min(page, opened.pdf.numPages)} quote={quote} />;
}

interface PagesProps {
  pdf: PDFDocumentProxy;
  /** Height by width, of pages that have not been seen. */
  ratio: number;
  first: number;
  quote: string | null;
}

function Pages({ pdf, ratio, first, quote }: PagesProps) {
  const { reader } = useMessages();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [zoom, setZoom] = useState(1);
  const [shown, setShown] = useState(first);
  const [missing, setMissing] = useState(false);
  const find = useFind(pdf);
  const numbers = Array.from({ length: pdf.numPages }, (_, at) => at + 1);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(element.clientWidth - 16, 120));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const goTo = useCallback((page: number) => {
    frame.current
      ?.querySelector(`[data-page="${page}"]`)
      ?.scrollIntoView({ block: "start", inline: "nearest" });
  }, []);
  useEffect(() => {
    if (width > 0) goTo(first);
    // Once the pages have their size, and for another citation; not for another zoom.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [first, quote, width > 0, goTo]);
  const foundPage = find.current?.page ?? null;
  useEffect(() => {
    if (foundPage !== null) goTo(foundPage);
  }, [foundPage, goTo]);

  const step = (by: number) =>
    setZoom((now) => ZOOMS[Math.min(Math.max(ZOOMS.indexOf(now) + by, 0), ZOOMS.length - 1)] ?? 1);
  return (
    <div className={styles.pdfView}>
      <div className={styles.pdfBar} role="toolbar" aria-label={reader.pdfTools}>
        <IconButton
          label={reader.previousPage}
          disabled={shown === 1}
          onClick={() => goTo(Math.max(shown - 1, 1))}
        >
          <PreviousIcon />
        </IconButton>
        <span aria-live="polite">{reader.pageOf(shown, pdf.numPages)}</span>
        <IconButton
          label={reader.nextPage}
          disabled={shown === pdf.numPages}
          onClick={() => goTo(Math.min(shown + 1, pdf.numPages))}
        >
          <NextIcon />
        </IconButton>
        <IconButton label={reader.zoomOut} disabled={zoom === ZOOMS[0]} onClick={() => step(-1)}>
          <ZoomOutIcon />
        </IconButton>
        <button
          type="button"
          className={`link-button ${styles.pdfZoom}`}
          onClick={() => setZoom(1)}
          title={reader.fitWidth}
        >
          {Math.round(zoom * 100)}%
        </button>
        <IconButton label={reader.zoomIn} disabled={zoom === ZOOMS.at(-1)} onClick={() => step(1)}>
          <ZoomInIcon />
        </IconButton>
        <form
          className={styles.pdfFind}
          data-part="pdf-find"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            find.step(1);
          }}
        >
          <input
            type="search"
            aria-label={reader.find}
            placeholder={reader.find}
            value={find.words}
            onChange={(event) => find.setWords(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !event.shiftKey) return;
              event.preventDefault();
              find.step(-1);
            }}
          />
          <span role="status">{find.words.trim() !== "" && find.said(reader)}</span>
        </form>
      </div>
      {missing && <p className={readerStyles.readerNote}>{reader.notOnPage}</p>}
      <div
        className={styles.pdfFrame}
        data-part="pdf-frame"
        ref={frame}
        tabIndex={0}
        role="region"
        aria-label={reader.pages}
      >
        {width > 0 &&
          numbers.map((number) => (
            <PdfPage
              key={number}
              pdf={pdf}
              number={number}
              width={Math.round(width * zoom)}
              ratio={ratio}
              quote={number === first ? quote : null}
              words={find.words.trim()}
              current={find.current?.page === number ? find.current.place : null}
              seen={setShown}
              unquoted={setMissing}
            />
          ))}
      </div>
    </div>
  );
}

interface Find {
  words: string;
  setWords: (words: string) => void;
  current: Found | null;
  step: (by: 1 | -1) => void;
  said: (texts: { finding: string; found: (at: number, of: number) => string; notFound: string }) => string;
}

/** Finds words on all pages, a page after the other. */
function useFind(pdf: PDFDocumentProxy): Find {
  const [words, setWords] = useState("");
  const [result, setResult] = useState<{ of: string; found: Found[]; whole: boolean }>({
    of: "",
    found: [],
    whole: true,
  });
  const [at, setAt] = useState(0);
  const wanted = words.trim();
  useEffect(() => {
    if (wanted === "") return;
    let current = true;
    const look = async () => {
      const found: Found[] = [];
      for (let page = 1; page <= pdf.numPages && current; page += 1) {
        const items = await itemsOf(await pdf.getPage(page));
        findAll(items, wanted).forEach((_, place) => found.push({ page, place }));
        if (current) setResult({ of: wanted, found: [...found], whole: page === pdf.numPages });
      }
    };
    const timer = window.setTimeout(() => {
      setAt(0);
      void look();
    }, 250);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [pdf, wanted]);
  const found = result.of === wanted && wanted !== "" ? result.found : [];
  return {
    words,
    setWords,
    current: found[at] ?? null,
    step: (by) => found.length > 0 && setAt((now) => (now + by + found.length) % found.length),
    said: (texts) =>
      found.length > 0
        ? texts.found(at + 1, found.length)
        : result.of === wanted && result.whole
          ? texts.notFound
          : texts.finding,
  };
}

import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useMessages } from "../i18n/language";
import { findAll, matchItems } from "./match";
import { boxesOf, drawPage, type Box, type DrawnPage, type PDFDocumentProxy } from "./pdf";
import styles from "./pdf.module.css";
import readerStyles from "./reader.module.css";

const NEAR = "800px"; // a page that is as near as this to the view is drawn

interface Props {
  pdf: PDFDocumentProxy;
  number: number;
  /** CSS pixels. */
  width: number;
  ratio: number;
  quote: string | null;
  /** What is looked for; empty: nothing. */
  words: string;
  /** Which of the places found on this page is the current one. */
  current: number | null;
  /** Told when this page is the one in view. */
  seen: (number: number) => void;
  /** Told whether the quote could not be found on the page. */
  unquoted: (missing: boolean) => void;
}

interface Marks {
  quote: Box[];
  quoted: string;
  found: Box[][];
}

/** One page: its picture, its letters over it, and the marks; drawn only near the view. */
export const PdfPage = memo(function PdfPage(props: Props) {
  const { pdf, number, width, quote, words, current, seen, unquoted } = props;
  const { reader } = useMessages();
  const sheet = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const [ratio, setRatio] = useState(props.ratio);
  const [drawn, setDrawn] = useState<{ page: DrawnPage; width: number } | null>(null);
  const [failed, setFailed] = useState(false);
  const [marks, setMarks] = useState<Marks>({ quote: [], quoted: "", found: [] });

  useEffect(() => {
    const element = sheet.current;
    const root = element?.closest("[data-part=pdf-frame]");
    if (!element || !root) return;
    const nearby = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
      root,
      rootMargin: NEAR,
    });
    // A line through the middle of the view: the page that it meets is the one in view.
    const middle = new IntersectionObserver(([entry]) => entry?.isIntersecting && seen(number), {
      root,
      rootMargin: "-50% 0px -49% 0px",
    });
    nearby.observe(element);
    middle.observe(element);
    return () => {
      nearby.disconnect();
      middle.disconnect();
    };
  }, [number, seen]);

  useEffect(() => {
    if (!near) return;
    let wanted = true;
    let page: DrawnPage | null = null;
    const draw = async () => {
      const loaded = await pdf.getPage(number);
      const viewport = loaded.getViewport({ scale: 1 });
      if (!wanted || !canvas.current || !layer.current) return;
      setRatio(viewport.height / viewport.width);
      page = await drawPage(loaded, width, canvas.current, layer.current);
      if (wanted) setDrawn({ page, width });
    };
    draw().catch(() => wanted && setFailed(true));
    return () => {
      wanted = false;
      page?.stop();
      setDrawn(null);
    };
  }, [pdf, number, width, near]);

  useLayoutEffect(() => {
    const element = sheet.current;
    if (!drawn || !element) return;
    const { items, rangesOf } = drawn.page;
    const quoted = quote === null ? [] : rangesOf(matchItems(items, quote));
    const found = words === "" ? [] : findAll(items, words).map((place) => boxesOf(rangesOf(place), element));
    setMarks({
      quote: boxesOf(quoted, element),
      quoted: quoted.map((range) => range.toString()).join(""),
      found,
    });
    if (quote !== null) unquoted(quoted.length === 0);
  }, [drawn, quote, words, unquoted]);

  const quoteMark = useRef<HTMLDivElement>(null);
  const foundMark = useRef<HTMLDivElement>(null);
  const { quoted } = marks;
  useLayoutEffect(() => {
    if (quoted !== "") quoteMark.current?.scrollIntoView({ block: "center", inline: "nearest" });
  }, [quoted]);
  useLayoutEffect(() => {
    if (current !== null) foundMark.current?.scrollIntoView({ block: "center", inline: "nearest" });
  }, [current, marks.found]);

  return (
    <div
      ref={sheet}
      className={styles.pdfPage}
      data-part="pdf-page"
      data-page={number}
      style={{ width, height: Math.round(width * ratio) }}
    >
      {failed && <p className={readerStyles.readerNote}>{reader.pageFailed}</p>}
      {near && (
        <>
          <canvas ref={canvas} role="img" aria-label={reader.pageCanvas(number)} />
          <div className={styles.pdfMarks} data-part="pdf-marks" data-found={marks.quoted}>
            {marks.quote.map((box, at) => (
              <div
                key={`${box.left}:${box.top}`}
                ref={at === 0 ? quoteMark : undefined}
                className={styles.pdfMark}
                data-part="pdf-mark"
                style={{ ...box }}
              />
            ))}
            {marks.found.flatMap((boxes, place) =>
              boxes.map((box, at) => (
                <div
                  key={`${place}:${box.left}:${box.top}`}
                  ref={place === current && at === 0 ? foundMark : undefined}
                  className={
                    place === current ? `${styles.pdfFound} ${styles.pdfFoundCurrent}` : styles.pdfFound
                  }
                  data-part={place === current ? "pdf-found-current" : "pdf-found"}
                  style={{ ...box }}
                />
              )),
            )}
          </div>
          <div className="textLayer" ref={layer} />
        </>
      )}
    </div>
  );
});

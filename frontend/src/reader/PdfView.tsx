import { useEffect, useRef, useState } from "react";
import { NextIcon, PreviousIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useServices } from "../shell/services";
import { drawPage, openPdf, type DrawnPage, type PDFDocumentProxy } from "./pdf";
import "./pdf.css";

interface Props {
  documentId: string;
  page: number;
  quote: string | null;
}

/** A page of a PDF as it was printed, with the quote highlighted on it. */
export default function PdfView({ documentId, page, quote }: Props) {
  const messages = useMessages();
  const { library, headers } = useServices();
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null);
  const [failed, setFailed] = useState(false);
  const url = library.original(documentId);

  useEffect(() => {
    const task = openPdf(url, headers());
    task.promise.then(setPdf, () => setFailed(true));
    return () => {
      setPdf(null);
      void task.destroy();
    };
  }, [url, headers]);

  if (failed) return <p className="reader-note">{messages.reader.pageFailed}</p>;
  if (!pdf) return <p className="reader-note">{messages.app.loading}</p>;
  return <Pages key={`${page}:${quote ?? ""}`} pdf={pdf} first={page} quote={quote} />;
}

function Pages({ pdf, first, quote }: { pdf: PDFDocumentProxy; first: number; quote: string | null }) {
  const { reader } = useMessages();
  const [page, setPage] = useState(Math.min(first, pdf.numPages));
  const [drawn, setDrawn] = useState<DrawnPage | null>(null);
  const [failed, setFailed] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const firstBox = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let current = true;
    const width = frame.current?.clientWidth ?? 600;
    pdf
      .getPage(page)
      .then((loaded) =>
        current && canvas.current && layer.current
          ? drawPage(loaded, width, canvas.current, layer.current, page === first ? quote : null)
          : null,
      )
      .then(
        (result) => current && setDrawn(result),
        () => current && setFailed(true),
      );
    return () => {
      current = false;
    };
  }, [pdf, page, first, quote]);

  useEffect(() => {
    firstBox.current?.scrollIntoView({ block: "center" });
  }, [drawn]);

  const turn = (by: number) => {
    setDrawn(null);
    setPage((at) => Math.min(Math.max(at + by, 1), pdf.numPages));
  };
  const missing = drawn !== null && page === first && quote !== null && drawn.boxes.length === 0;
  return (
    <div className="pdf-view">
      <div className="pdf-turn">
        <button
          type="button"
          className="icon-button"
          aria-label={reader.previousPage}
          title={reader.previousPage}
          disabled={page === 1}
          onClick={() => turn(-1)}
        >
          <PreviousIcon />
        </button>
        <span>{reader.pageOf(page, pdf.numPages)}</span>
        <button
          type="button"
          className="icon-button"
          aria-label={reader.nextPage}
          title={reader.nextPage}
          disabled={page === pdf.numPages}
          onClick={() => turn(1)}
        >
          <NextIcon />
        </button>
      </div>
      {failed && <p className="reader-note">{reader.pageFailed}</p>}
      {missing && <p className="reader-note">{reader.notOnPage}</p>}
      <div className="pdf-frame" ref={frame}>
        <div className="pdf-page" key={page}>
          <canvas ref={canvas} role="img" aria-label={reader.pageCanvas(page)} />
          <div className="pdf-marks" data-found={drawn?.found ?? ""}>
            {drawn?.boxes.map((box, at) => (
              <div
                key={`${box.left}:${box.top}`}
                ref={at === 0 ? firstBox : undefined}
                className="pdf-mark"
                style={box}
              />
            ))}
          </div>
          <div className="textLayer" ref={layer} />
        </div>
      </div>
    </div>
  );
}

import { getDocument, GlobalWorkerOptions, TextLayer } from "pdfjs-dist/legacy/build/pdf.mjs";
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";
import { matchItems } from "./match";

GlobalWorkerOptions.workerSrc = workerUrl;

/** Character maps (for Chinese fonts that are not embedded), standard fonts and decoders. */
const assets = new URL("pdfjs/", document.baseURI).href;

export type { PDFDocumentProxy };

/** Opens a PDF by its address; only the parts that are shown are fetched. */
export function openPdf(url: string, headers: Record<string, string>) {
  return getDocument({
    url,
    httpHeaders: headers,
    cMapUrl: `${assets}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${assets}standard_fonts/`,
    wasmUrl: `${assets}wasm/`,
    iccUrl: `${assets}iccs/`,
    // WebAssembly would need 'wasm-unsafe-eval' in the content security policy.
    useWasm: false,
  });
}

export interface DrawnPage {
  /** Boxes of the quote in CSS pixels from the page's top left; empty: not found. */
  boxes: { left: number; top: number; width: number; height: number }[];
  /** The letters that the boxes cover. */
  found: string;
}

/** Draws a page `width` CSS pixels wide into `canvas` (its parent gets the page's size), puts its (invisible) letters over it and finds the quote. */
export async function drawPage(
  page: PDFPageProxy,
  width: number,
  canvas: HTMLCanvasElement,
  layer: HTMLDivElement,
  quote: string | null,
): Promise<DrawnPage> {
  const scale = width / page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale });
  // The letters are placed in per cent of the page, so it must have its size first.
  const sheet = canvas.parentElement;
  if (sheet) {
    sheet.style.width = `${viewport.width}px`;
    sheet.style.height = `${viewport.height}px`;
  }
  const sharpness = window.devicePixelRatio || 1;
  canvas.width = Math.floor(viewport.width * sharpness);
  canvas.height = Math.floor(viewport.height * sharpness);
  await page.render({
    canvas,
    viewport,
    transform: [sharpness, 0, 0, sharpness, 0, 0],
  }).promise;

  layer.replaceChildren();
  layer.style.setProperty("--total-scale-factor", String(scale));
  const text = new TextLayer({
    textContentSource: await page.getTextContent(),
    container: layer,
    viewport,
  });
  await text.render();

  if (quote === null) return { boxes: [], found: "" };
  const ranges = matchItems(text.textContentItemsStr, quote).flatMap(({ item, from, to }) => {
    const node = text.textDivs[item]?.firstChild;
    if (!node) return [];
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return [range];
  });
  const origin = layer.getBoundingClientRect();
  return {
    boxes: ranges.flatMap((range) =>
      [...range.getClientRects()].map((box) => ({
        left: box.left - origin.left,
        top: box.top - origin.top,
        width: box.width,
        height: box.height,
      })),
    ),
    found: ranges.map((range) => range.toString()).join(""),
  };
}

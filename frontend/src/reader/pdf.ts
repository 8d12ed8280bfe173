import { getDocument, GlobalWorkerOptions, TextLayer } from "pdfjs-dist/legacy/build/pdf.mjs";
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";
import type { ItemRange } from "./match";

GlobalWorkerOptions.workerSrc = workerUrl;

/** Character maps (for Chinese fonts that are not embedded), standard fonts and decoders. */
const assets = new URL("pdfjs/", document.baseURI).href;

export type { PDFDocumentProxy, PDFPageProxy };

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

/** A page's text as its items say it. */
export async function itemsOf(page: PDFPageProxy): Promise<string[]> {
  const { items } = await page.getTextContent();
  return items.flatMap((item) => ("str" in item ? [item.str] : []));
}

/** A page's letters, drawn and laid over it; a DOM range for a range of its items. */
export interface DrawnPage {
  items: string[];
  rangesOf: (places: ItemRange[]) => Range[];
  stop: () => void;
}

/**
 * Draws a page `width` CSS pixels wide into `canvas` and puts its (invisible) letters into
 * `layer`, whose parent has the page's size already.
 */
export async function drawPage(
  page: PDFPageProxy,
  width: number,
  canvas: HTMLCanvasElement,
  layer: HTMLDivElement,
): Promise<DrawnPage> {
  const scale = width / page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale });
  const sharpness = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.floor(viewport.width * sharpness);
  canvas.height = Math.floor(viewport.height * sharpness);
  const task = page.render({
    canvas,
    viewport,
    transform: [sharpness, 0, 0, sharpness, 0, 0],
  });
  layer.replaceChildren();
  layer.style.setProperty("--total-scale-factor", String(scale));
  const text = new TextLayer({
    textContentSource: await page.getTextContent(),
    container: layer,
    viewport,
  });
  await Promise.all([task.promise, text.render()]);
  return {
    items: text.textContentItemsStr,
    rangesOf: (places) =>
      places.flatMap(({ item, from, to }) => {
        const node = text.textDivs[item]?.firstChild;
        if (!node) return [];
        const range = document.createRange();
        range.setStart(node, from);
        range.setEnd(node, to);
        return [range];
      }),
    stop: () => task.cancel(),
  };
}

/** A box in CSS pixels from a page's top left. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function boxesOf(ranges: Range[], sheet: HTMLElement): Box[] {
  const origin = sheet.getBoundingClientRect();
  return ranges.flatMap((range) => {
    // A range is as high as the browser's own font, an item as high as the one on the page.
    const item = range.startContainer.parentElement?.getBoundingClientRect();
    return [...range.getClientRects()].map((box) => ({
      left: box.left - origin.left,
      top: (item ?? box).top - origin.top,
      width: box.width,
      height: (item ?? box).height,
    }));
  });
}

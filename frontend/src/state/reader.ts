import type { Citation, Passage } from "../api/types";
import type { RoutePlace } from "./address";

/** A place in a document that the reader shows. Offsets are code points of that revision. */
export interface Place {
  documentId: string;
  revision: string | null;
  /** What is known of it before it is loaded; null: nothing (it was opened by its address). */
  title: string | null;
  source: string | null;
  section: string[];
  /** The knowledge base; null: the one in use. */
  kb: string | null;
  page: number | null;
  /** null: the document from its beginning. `text` null: that of the revision, at the offsets. */
  quote: { text: string | null; start: number; end: number } | null;
  marker: number | null;
}

/** `places` are those that 'previous' and 'next' walk through; `at` is the one shown. */
export interface ReaderState {
  places: Place[];
  at: number;
}

/** What the reader shows: the place in the address, with what was noted when it was opened. */
export function readerState(place: RoutePlace | null, noted: unknown): ReaderState | null {
  if (place === null) return null;
  if (isReaderState(noted)) {
    const shown = noted.places[noted.at];
    if (shown && samePlace(shown, place)) return noted;
  }
  const { documentId, revision, quote, page, kb } = place;
  const bare = { title: null, source: null, section: [], marker: null };
  const at = quote && { ...quote, text: null };
  return { places: [{ ...bare, documentId, revision, page, kb, quote: at }], at: 0 };
}

/** The address of a place; `kb`: the knowledge base in use. */
export function addressOf(place: Place, kb: string | null): RoutePlace {
  const { documentId, revision, page, quote } = place;
  const at = quote && { start: quote.start, end: quote.end };
  return { documentId, revision, page, quote: at, kb: place.kb ?? kb };
}

export function stepped(state: ReaderState, by: 1 | -1): ReaderState {
  const at = Math.min(Math.max(state.at + by, 0), state.places.length - 1);
  return { ...state, at };
}

export function placeOfCitation(citation: Citation): Place {
  return {
    documentId: citation.document_id,
    revision: citation.revision,
    title: citation.title,
    source: citation.source,
    section: citation.section,
    kb: citation.kb ?? null,
    page: citation.page,
    quote: { text: citation.quote, start: citation.start, end: citation.end },
    marker: citation.marker,
  };
}

type AnyPassage = Omit<Passage, "cited" | "shown" | "score" | "chunk_id">;

/** `window`: the sentences of the passage that are meant, where they are known. */
export function placeOfPassage(passage: AnyPassage, window?: { start: number; end: number }): Place {
  const points = [...passage.text];
  const { start, end } = window ?? passage;
  const text = points.slice(start - passage.start, end - passage.start).join("");
  return {
    documentId: passage.document_id,
    revision: passage.revision,
    title: passage.title,
    source: passage.source,
    section: passage.section,
    kb: passage.kb ?? null,
    page: passage.page,
    quote: { text, start, end },
    marker: null,
  };
}

function samePlace(place: Place, address: RoutePlace): boolean {
  return (
    place.documentId === address.documentId &&
    place.revision === address.revision &&
    place.quote?.start === address.quote?.start &&
    place.quote?.end === address.quote?.end
  );
}

function isReaderState(value: unknown): value is ReaderState {
  const { places, at } = (value ?? {}) as Partial<ReaderState>;
  return Array.isArray(places) && typeof at === "number";
}

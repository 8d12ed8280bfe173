import type { Citation, Passage } from "../api/types";

/** A place in a document that the reader shows. Offsets are code points of that revision. */
export interface Place {
  documentId: string;
  revision: string | null;
  title: string;
  source: string;
  section: string[];
  page: number | null;
  /** null: the document from its beginning. */
  quote: { text: string; start: number; end: number } | null;
  marker: number | null;
}

/** `places` are those that 'previous' and 'next' walk through; `at` is the one shown. */
export interface ReaderState {
  places: Place[];
  at: number;
}

export type ReaderAction =
  | { type: "open"; places: Place[]; at: number }
  | { type: "step"; by: 1 | -1 }
  | { type: "close" };

export function readerReducer(state: ReaderState | null, action: ReaderAction): ReaderState | null {
  switch (action.type) {
    case "open":
      return { places: action.places, at: action.at };
    case "step": {
      if (!state) return null;
      const at = Math.min(Math.max(state.at + action.by, 0), state.places.length - 1);
      return { ...state, at };
    }
    case "close":
      return null;
  }
}

export function placeOfCitation(citation: Citation): Place {
  return {
    documentId: citation.document_id,
    revision: citation.revision,
    title: citation.title,
    source: citation.source,
    section: citation.section,
    page: citation.page,
    quote: { text: citation.quote, start: citation.start, end: citation.end },
    marker: citation.marker,
  };
}

type AnyPassage = Omit<Passage, "cited" | "shown" | "score" | "chunk_id">;

export function placeOfPassage(passage: AnyPassage): Place {
  return {
    documentId: passage.document_id,
    revision: passage.revision,
    title: passage.title,
    source: passage.source,
    section: passage.section,
    page: passage.page,
    quote: { text: passage.text, start: passage.start, end: passage.end },
    marker: null,
  };
}

/** A place in a document as an address has it: `read=ID&rev=REVISION&from=START&to=END&page=N`. */
export interface RoutePlace {
  documentId: string;
  /** null: the current one. */
  revision: string | null;
  /** Code points of the revision's text; null: from the beginning. */
  quote: { start: number; end: number } | null;
  page: number | null;
  /** The knowledge base; null: the one in use. */
  kb: string | null;
}

/** null for a query that names no place. */
export function readPlace(query: URLSearchParams): RoutePlace | null {
  const documentId = query.get("read");
  if (!documentId) return null;
  const [start, end] = [number(query, "from"), number(query, "to")];
  return {
    documentId,
    revision: query.get("rev"),
    quote: start !== null && end !== null && start < end ? { start, end } : null,
    page: number(query, "page"),
    kb: query.get("kb"),
  };
}

export function writePlace(query: URLSearchParams, place: RoutePlace): void {
  const { documentId, revision, quote, page, kb } = place;
  query.set("read", documentId);
  if (revision !== null) query.set("rev", revision);
  if (quote !== null) {
    query.set("from", String(quote.start));
    query.set("to", String(quote.end));
  }
  if (page !== null) query.set("page", String(page));
  if (kb !== null) query.set("kb", kb);
}

function number(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

import type { Marks } from "../markdown/Markdown";
import { CitationMarker } from "./CitationMarker";
import { MarkedSpan } from "./MarkedSpan";

/** What an answer's marks are shown as. */
export const MARKS: Marks = { Marker: CitationMarker, Marked: MarkedSpan };

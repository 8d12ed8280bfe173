/** The shapes of the API as the UI uses them. */

export type Language = "zh" | "en";
export type RefusalReason = "no_hits" | "low_relevance" | "model" | "unverified";

export interface Refusal {
  reason: RefusalReason;
  message: string;
}

/** Offsets everywhere are Unicode code points of a document's stored text, end-exclusive. */
export interface Citation {
  marker: number;
  document_id: string;
  revision: string;
  chunk_id: string;
  title: string;
  source: string;
  quote: string;
  start: number;
  end: number;
  page: number | null;
  section: string[];
}

export interface Passage {
  chunk_id: string;
  document_id: string;
  revision: string;
  title: string;
  source: string;
  section: string[];
  page: number | null;
  text: string;
  start: number;
  end: number;
  score: number;
  cited: boolean;
  shown: boolean;
}

/** A sentence of the answer, `answer[start:end]` in code points. */
export interface Statement {
  start: number;
  end: number;
  supported: boolean;
  markers: number[];
}

export interface Answer {
  answer: string;
  answered: boolean;
  refusal: Refusal | null;
  language: Language;
  citations: Citation[];
  statements: Statement[];
  retrieved: Passage[];
  models: { chat: string; embedding: string; index: string };
  usage: {
    prompt_tokens: number | null;
    completion_tokens: number | null;
    dropped_chunks: number;
  };
  timings_ms: { retrieve: number; first_token: number | null; total: number };
  standalone_question: string | null;
  unverified_quotes: { start: number; end: number }[];
  thoughts: string;
}

export interface ApiErrorBody {
  code: string;
  message: string;
  hint: string;
}

export type StreamEvent =
  | { type: "retrieved"; retrieved: Passage[]; standalone_question: string | null }
  | { type: "thought"; text: string }
  | { type: "token"; text: string }
  | { type: "citations"; citations: Citation[] }
  | { type: "done"; answer: Answer }
  | { type: "error"; error: ApiErrorBody };

export interface Turn {
  role: "user" | "assistant";
  content: string;
}

export interface FoundPassage extends Omit<Passage, "cited" | "shown"> {
  ordinal: number;
  best_window: { start: number; end: number };
  language: Language;
  tags: string[];
}

export interface SearchResult {
  passages: FoundPassage[];
  index: string;
  timings_ms: Record<string, number>;
}

export interface Check {
  part: "service" | "chat" | "index" | "library" | "embedding";
  ok: boolean;
  ms: number;
  error: ApiErrorBody | null;
}

export interface Ready {
  status: "ready" | "starting" | "not_ready";
  checks: Check[];
  chat: { provider: string; model: string; reason: string } | null;
  embedding: string | null;
  error: ApiErrorBody | null;
}

export interface DocumentBody {
  id: string;
  kb: string;
  source: string;
  title: string;
  /** stale: an older revision is shown, since the newest failed. */
  status: "ready" | "stale" | "failed";
  revision: string | null;
  media_type: string;
  size: number;
  chunks: number;
  tags: string[];
  failure: ApiErrorBody | null;
  added_at: string;
  updated_at: string;
}

export interface DocumentList {
  documents: DocumentBody[];
  total: number;
}

export interface DocumentText {
  document_id: string;
  revision: string;
  text: string;
}

export interface Chunk {
  id: string;
  ordinal: number;
  text: string;
  start: number;
  end: number;
  windows: { start: number; end: number }[];
  page: number | null;
  section: string[];
  language: Language;
}

export interface ChunkList {
  document_id: string;
  revision: string;
  chunks: Chunk[];
}

export interface KnowledgeBases {
  knowledge_bases: string[];
  default: string;
}

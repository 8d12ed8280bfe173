import type { components } from "./schema";

/** The API's shapes by short names; schema.ts is generated from openapi.json. */
type Schemas = components["schemas"];

export type Answer = Schemas["Answer"];
export type ApiErrorBody = Schemas["ErrorDetail"];
export type AskRequest = Schemas["AskRequest"];
export type ErrorBody = Schemas["ErrorBody"];
export type ChunkList = Schemas["ChunkList"];
export type Citation = Schemas["Citation"];
export type Conversation = Schemas["ConversationWithTurns"];
export type ConversationList = Schemas["ConversationList"];
export type ConversationRow = Schemas["ConversationBody"];
export type DocumentBody = Schemas["DocumentBody"];
export type DocumentList = Schemas["DocumentList"];
export type DocumentText = Schemas["DocumentText"];
export type FoundPassage = Schemas["FoundPassage"];
export type Examples = Schemas["Examples"];
export type Feedback = Schemas["FeedbackIn"];
export type FeedbackReason = NonNullable<Feedback["reason"]>;
export type Judged = Schemas["Judgement"];
export type Job = Schemas["Job"];
export type KnowledgeBases = Schemas["KnowledgeBases"];
export type Me = Schemas["Me"];
export type Passage = Schemas["RetrievedPassage"];
export type Ready = Schemas["Ready"];
export type Refusal = Schemas["Refusal"];
export type Scope = Schemas["ScopeIn"];
export type Scopes = Schemas["Scopes"];
export type SearchRequest = Schemas["SearchRequest"];
export type SearchResult = Schemas["SearchResult"];
export type Source = Schemas["Source"];
export type SourceList = Schemas["SourceList"];
export type SourceRun = Schemas["LastRun"];
export type SyncReport = Schemas["SyncReport"];
export type TextBlock = Schemas["Block"];
export type UploadAccepted = Schemas["UploadJobs"];
export type NewSource = Omit<components["schemas"]["SourceIn"], "kb">;
export type SourceChanges = Schemas["SourceChanges"];
export type Stage = Schemas["Stage"];
export type Language = Answer["language"];

/** The events of a streamed answer; the name on the wire is `type` here. */
export type StreamEvent =
  | ({ type: "asked" } & Schemas["Asked"])
  | ({ type: "queued" } & Schemas["Queued"])
  | ({ type: "stage" } & Schemas["Stage"])
  | ({ type: "retrieved" } & Schemas["Retrieved"])
  | ({ type: "evidence" } & Schemas["EvidenceFound"])
  | ({ type: "thought" } & Schemas["ThoughtPiece"])
  | ({ type: "token" } & Schemas["TokenPiece"])
  | ({ type: "citations" } & Schemas["Citations"])
  | ({ type: "error" } & Schemas["ErrorBody"])
  | { type: "done"; answer: Answer };

/** `connection`: no answer at all; `dropped`: the stream broke off; `server`: an error it named. */
export type Failure = { kind: "server"; error: ApiErrorBody } | { kind: "connection" } | { kind: "dropped" };

export type AnswerEvent = StreamEvent | { type: "stopped" } | { type: "failed"; failure: Failure };

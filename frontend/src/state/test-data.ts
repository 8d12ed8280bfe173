import type { Answer, Citation, Conversation, ConversationRow, Job, Passage } from "../api/types";

/** Data for tests, in the shapes of the API. */

export function citation(over: Partial<Citation> = {}): Citation {
  return {
    marker: 1,
    document_id: "d1",
    revision: "r1",
    chunk_id: "c1",
    title: "许可证",
    source: "docs/licence.md",
    quote: "代码采用 MIT 许可证。",
    start: 4,
    end: 16,
    page: null,
    section: ["法律", "许可证"],
    ...over,
  };
}

export function passage(over: Partial<Passage> = {}): Passage {
  return {
    chunk_id: "c1",
    document_id: "d1",
    revision: "r1",
    title: "许可证",
    source: "docs/licence.md",
    section: ["法律", "许可证"],
    page: null,
    text: "前言😀。代码采用 MIT 许可证。模型另有规定。",
    start: 0,
    end: 23,
    score: 0.5,
    cited: true,
    shown: true,
    ...over,
  };
}

export function answer(over: Partial<Answer> = {}): Answer {
  return {
    answer: "代码采用 MIT 许可证。[1]",
    answered: true,
    refusal: null,
    language: "zh",
    citations: [citation()],
    statements: [{ start: 0, end: 12, supported: true, markers: [1] }],
    retrieved: [passage()],
    models: { chat: "embedded/qwen", embedding: "e5", index: "kb_default@3f9a", gate: "calibrated" },
    usage: { prompt_tokens: 10, completion_tokens: 5, dropped_chunks: 0 },
    timings_ms: { retrieve: 30, first_token: 400, total: 1630 },
    standalone_question: null,
    unverified_quotes: [],
    thoughts: "",
    conversation_id: null,
    position: null,
    turn_id: null,
    kind: "written",
    evidence: [],
    left_out: 0,
    not_kept: null,
    ...over,
  };
}

export function conversation(id: string, questions: string[]): Conversation {
  return {
    id,
    kb: "default",
    title: questions[0] ?? "",
    turn_count: questions.length,
    created_at: "2026-05-04T09:12:00Z",
    updated_at: "2026-05-04T09:12:00Z",
    shared: false,
    turns: questions.map((question, position) => ({
      id: `${id}-${position}`,
      position,
      question,
      status: "done" as const,
      versions: [`${id}-${position}`],
      answer: answer({ conversation_id: id, position }),
      problem: null,
      filter: {},
      feedback: null,
      created_at: "2026-05-04T09:12:00Z",
    })),
  };
}

export function conversationRow(over: Partial<ConversationRow> = {}): ConversationRow {
  return {
    id: "k",
    kb: "default",
    title: "许可证",
    turn_count: 1,
    created_at: "2026-05-04T09:12:00Z",
    updated_at: "2026-05-04T09:12:00Z",
    shared: false,
    ...over,
  };
}

/** A job half way. */
export function job(over: Partial<Job> = {}): Job {
  return {
    id: "j",
    kb: "default",
    kind: "upload",
    source: "a.md",
    source_id: null,
    status: "running",
    stage: "embedding",
    progress: 0.5,
    document_id: null,
    error: null,
    report: null,
    created_at: "2026-05-04T09:12:00Z",
    started_at: null,
    finished_at: null,
    ...over,
  };
}

/**
 * What a question is asked about: documents, tags, folders, and knowledge bases as a whole;
 * several widen it. Empty: everything in the knowledge base in use.
 *
 * Any part of the page opens the question box on a scope with `go(askAbout(items))`, or with a
 * link to `formatRoute(askAbout(items))`; see README.md.
 */
import type { Scope } from "../api/types";

export interface ScopeItem {
  kind: "doc" | "tag" | "folder" | "base";
  /** A document's id, a tag, the address that a folder's documents begin with, or a name. */
  value: string;
}

/** What is asked at once about a scope, without typing. */
export const TASKS = ["summarise", "compare", "news"] as const;
export type Task = (typeof TASKS)[number];

export const KINDS = ["doc", "tag", "folder", "base"] as const;

export function isScopeItem(value: unknown): value is ScopeItem {
  const { kind, value: name } = (value ?? {}) as Partial<ScopeItem>;
  return KINDS.some((known) => known === kind) && typeof name === "string";
}

/** `doc=ID&tag=NAME&folder=ADDRESS&base=NAME` */
export function readScope(query: URLSearchParams): ScopeItem[] {
  return KINDS.flatMap((kind) => query.getAll(kind).map((value) => ({ kind, value })));
}

export function writeScope(query: URLSearchParams, scope: ScopeItem[]): void {
  for (const { kind, value } of scope) query.append(kind, value);
}

/** As the API has it. */
export function scopeBody(scope: ScopeItem[]): Scope {
  const of = (wanted: ScopeItem["kind"]) =>
    scope.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  return {
    document_ids: of("doc"),
    tags: of("tag"),
    folders: of("folder"),
    knowledge_bases: of("base"),
  };
}

/** The chips of a scope that the server kept. */
export function scopeItems(scope: Scope): ScopeItem[] {
  const items = (kind: ScopeItem["kind"], values: string[] = []) =>
    values.map((value): ScopeItem => ({ kind, value }));
  return [
    ...items("doc", scope.document_ids),
    ...items("tag", scope.tags),
    ...items("folder", scope.folders),
    ...items("base", scope.knowledge_bases),
  ];
}

export function has(scope: ScopeItem[], item: ScopeItem): boolean {
  return scope.some(({ kind, value }) => kind === item.kind && value === item.value);
}

export function without(scope: ScopeItem[], item: ScopeItem): ScopeItem[] {
  return scope.filter(({ kind, value }) => kind !== item.kind || value !== item.value);
}

/** Two documents or more, as far as can be told. */
export function isSeveral(scope: ScopeItem[]): boolean {
  return scope.length > 1 || scope.some(({ kind }) => kind !== "doc");
}

/** The last part of a folder's address, as people name it. */
export function folderName(address: string): string {
  const name = address.replace(/\/+$/, "").split("/").at(-1) ?? address;
  try {
    return decodeURIComponent(name) || address;
  } catch {
    return name; // a name that holds a bare %
  }
}

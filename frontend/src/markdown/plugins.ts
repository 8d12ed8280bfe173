import type { Parent, PhrasingContent, Root, RootContent, Text } from "mdast";
import type { Processor } from "unified";
import { SKIP, visit } from "unist-util-visit";
import { isInlineMath } from "./delimiters";

/** A span of the Markdown source to mark, in UTF-16 units. */
export interface Span {
  from: number;
  to: number;
  kind: "unsupported" | "unverified-quote";
}

/**
 * Answers are prose with evidence, not pages: raw HTML is shown as the text that it is, an
 * indented Chinese paragraph is no code, and `[1]: …` is no invisible link definition.
 */
export function remarkPlainProse(this: Processor): void {
  const data = this.data() as { micromarkExtensions?: unknown[] };
  data.micromarkExtensions ??= [];
  data.micromarkExtensions.push({
    disable: {
      null: [
        "htmlFlow",
        "htmlText",
        "codeIndented",
        "definition",
        "gfmFootnoteCall",
        "gfmFootnoteDefinition",
      ],
    },
  });
}

/** Turns `$5 and $` back into the text that it was. */
export function remarkPrices(options: { source: string }) {
  return (tree: Root): void => {
    visit(tree, (node, index, parent) => {
      if ((node.type as string) !== "inlineMath" || !parent || index === undefined) return;
      const source = sourceOf(node as RootContent, options.source);
      if (source !== null && !isInlineMath(source)) {
        parent.children[index] = { type: "text", value: source, position: node.position } as Text;
      }
    });
  };
}

/** Wraps the parts of text that lie in `spans`; the last part of each span carries `data-end`. */
export function remarkSpans(options: { spans: Span[] }) {
  return (tree: Root): void => {
    for (const span of options.spans) {
      const wrapped: Element[] = [];
      visit(tree, "text", (node, index, parent) => {
        const from = node.position?.start.offset;
        const to = node.position?.end.offset;
        if (!parent || index === undefined || from === undefined || to === undefined) return;
        if (to <= span.from || from >= span.to) return;
        // Where escapes make source and text differ in length, the text is marked as a whole.
        const exact = to - from === node.value.length;
        const start = exact ? Math.max(0, span.from - from) : 0;
        const end = exact ? Math.min(node.value.length, span.to - from) : node.value.length;
        const element = wrap(part(node, start, end), span.kind);
        wrapped.push(element);
        const pieces = [part(node, 0, start), element, part(node, end, node.value.length)];
        const kept = pieces.filter((piece) => piece.type !== "text" || piece.value !== "");
        parent.children.splice(index, 1, ...(kept as RootContent[]));
        return [SKIP, index + kept.length];
      });
      const last = wrapped.at(-1);
      if (last) last.data.hProperties["data-end"] = "";
    }
  };
}

/** Makes an element of every `[n]` in text (not in code). */
export function remarkMarkers() {
  return (tree: Root): void => {
    visit(tree, "text", (node: Text, index, parent: Parent | undefined) => {
      if (!parent || index === undefined || !/\[\d{1,3}\]/.test(node.value)) return;
      const pieces = node.value.split(/(\[\d{1,3}\])/).filter((piece) => piece !== "");
      const nodes = pieces.map((value) => {
        const marker = /^\[(\d{1,3})\]$/.exec(value)?.[1];
        if (marker === undefined) return { type: "text", value };
        return {
          type: "gkMarker",
          children: [{ type: "text", value }],
          data: { hName: "gk-marker", hProperties: { "data-marker": marker } },
        };
      });
      parent.children.splice(index, 1, ...(nodes as unknown as PhrasingContent[]));
      return [SKIP, index + nodes.length];
    });
  };
}

interface Element {
  type: "gkSpan";
  children: Text[];
  data: { hName: string; hProperties: Record<string, string> };
}

function wrap(text: Text, kind: Span["kind"]): Element {
  return {
    type: "gkSpan",
    children: [text],
    data: { hName: "gk-span", hProperties: { "data-kind": kind } },
  };
}

/** A part of a text node that knows where in the source it stands. */
function part(node: Text, start: number, end: number): Text {
  const value = node.value.slice(start, end);
  const position = node.position;
  const offset = position?.start.offset;
  if (!position || offset === undefined || value.length === node.value.length) {
    return { ...node, value };
  }
  return {
    type: "text",
    value,
    position: {
      start: { ...position.start, offset: offset + start },
      end: { ...position.end, offset: offset + end },
    },
  };
}

function sourceOf(node: RootContent, source: string): string | null {
  const from = node.position?.start.offset;
  const to = node.position?.end.offset;
  return from === undefined || to === undefined ? null : source.slice(from, to);
}

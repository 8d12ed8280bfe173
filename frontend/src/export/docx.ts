import {
  BorderStyle,
  Document,
  ExternalHyperlink,
  HeadingLevel,
  LevelFormat,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
  type IParagraphOptions,
  type IRunOptions,
  type ParagraphChild,
} from "docx";
import type { PhrasingContent, RootContent, Table as MarkdownTable } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { remarkPlainProse } from "../markdown/plugins";
import type { Exchange } from "../state/chat";
import { pieces } from "../text/rows";
import { placeIn, type ExportTexts } from "./markdown";

// A Chinese Word shows Han characters in East Asian fonts of its own unless one is named.
const FONT = { ascii: "Calibri", hAnsi: "Calibri", eastAsia: "Microsoft YaHei", cs: "Calibri" };
const INDENT = 360; // twentieths of a point, for each level of lists and quotes

type Block = Paragraph | Table;
type Exported = Pick<Exchange, "question" | "answer">;

export const WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** Exchanges as a Word file: each question, its answer with its form, and what it stands on. */
export function wordFile(exchanges: Exported[], texts: ExportTexts): Promise<ArrayBuffer> {
  const lists: string[] = [];
  const children = exchanges.flatMap(({ question, answer }) => [
    new Paragraph({ text: question, heading: HeadingLevel.HEADING_1 }),
    ...blocksOf(treeOf(answer.draft), { level: 0, quote: false }, lists),
    ...(answer.phase === "done" ? [] : [line([new TextRun({ text: texts.unfinished, italics: true })])]),
    ...sources(answer.citations, texts),
  ]);
  return Packer.toArrayBuffer(
    new Document({
      title: exchanges[0]?.question ?? "",
      styles: { default: { document: { run: { font: FONT, size: 22 } } } },
      numbering: { config: lists.map((reference) => ({ reference, levels: numbered })) },
      sections: [{ children }],
    }),
  );
}

function sources(citations: Exported["answer"]["citations"], texts: ExportTexts): Block[] {
  if (citations.length === 0) return [];
  return [
    line([new TextRun({ text: texts.sources, bold: true })]),
    ...citations.flatMap((citation): Block[] => [
      line([
        new TextRun({ text: `[${citation.marker}] `, bold: true }),
        new TextRun(placeIn(citation, texts)),
      ]),
      ...pieces(citation.quote).map((piece) =>
        piece.kind === "text"
          ? line([new TextRun({ text: piece.text.trim(), italics: true })], { indent: { left: INDENT } })
          : tableOf(
              piece.rows.map((cells) => cells.map((cell) => [new TextRun(cell)])),
              false,
            ),
      ),
    ]),
  ];
}

interface Place {
  /** How deep in lists and quotes. */
  level: number;
  quote: boolean;
}

function treeOf(markdown: string): RootContent[] {
  return unified().use(remarkParse).use(remarkGfm).use(remarkPlainProse).parse(markdown).children;
}

function blocksOf(nodes: RootContent[], place: Place, lists: string[]): Block[] {
  const indent = place.level > 0 ? { indent: { left: place.level * INDENT } } : {};
  const mark = place.quote
    ? { border: { left: { style: BorderStyle.SINGLE, size: 12, space: 8, color: "B5B5B5" } } }
    : {};
  return nodes.flatMap((node): Block[] => {
    switch (node.type) {
      case "heading":
        return [
          new Paragraph({
            children: runs(node.children),
            heading: HEADINGS[node.depth - 1] ?? HeadingLevel.HEADING_6,
          }),
        ];
      case "paragraph":
        return [line(runs(node.children), { ...indent, ...mark })];
      case "blockquote":
        return blocksOf(node.children, { level: place.level + 1, quote: true }, lists);
      case "list": {
        const reference = node.ordered ? `list-${lists.length}` : null;
        if (reference) lists.push(reference);
        return node.children.flatMap((item) => {
          const [first, ...rest] = item.children;
          const bullet = reference
            ? { numbering: { reference, level: Math.min(place.level, 8) } }
            : { bullet: { level: Math.min(place.level, 8) } };
          const head =
            first?.type === "paragraph"
              ? [line(runs(first.children), bullet)]
              : blocksOf(first ? [first] : [], place, lists);
          return [...head, ...blocksOf(rest, { ...place, level: place.level + 1 }, lists)];
        });
      }
      case "table":
        return [markdownTable(node)];
      case "code":
        return node.value
          .split("\n")
          .map((text) =>
            line([new TextRun({ text, font: "Consolas" })], { ...indent, spacing: { after: 0 } }),
          );
      case "thematicBreak":
        return [new Paragraph({ thematicBreak: true })];
      default:
        return "value" in node && node.value !== "" ? [line([new TextRun(node.value)], indent)] : [];
    }
  });
}

function markdownTable({ children }: MarkdownTable): Table {
  return tableOf(
    children.map((row) => row.children.map((cell) => runs(cell.children))),
    true,
  );
}

function tableOf(rows: ParagraphChild[][][], header: boolean): Table {
  return new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    rows: rows.map(
      (cells, at) =>
        new TableRow({
          tableHeader: header && at === 0,
          children: cells.map((children) => new TableCell({ children: [new Paragraph({ children })] })),
        }),
    ),
  });
}

function runs(nodes: PhrasingContent[], style: IRunOptions = {}): ParagraphChild[] {
  return nodes.flatMap((node): ParagraphChild[] => {
    switch (node.type) {
      case "text":
        return [new TextRun({ ...style, text: node.value })];
      case "strong":
        return runs(node.children, { ...style, bold: true });
      case "emphasis":
        return runs(node.children, { ...style, italics: true });
      case "delete":
        return runs(node.children, { ...style, strike: true });
      case "inlineCode":
        return [new TextRun({ ...style, text: node.value, font: "Consolas" })];
      case "break":
        return [new TextRun({ break: 1 })];
      case "link":
        // Elsewhere a link of a document's leads to files and programs of whoever opens the Word file.
        if (!/^(https?|mailto):/i.test(node.url)) return runs(node.children, style);
        return [
          new ExternalHyperlink({
            link: node.url,
            children: runs(node.children, { ...style, style: "Hyperlink" }),
          }),
        ];
      case "image":
        return [new TextRun({ ...style, text: node.alt ?? "" })];
      default:
        return "value" in node ? [new TextRun({ ...style, text: node.value })] : [];
    }
  });
}

function line(children: ParagraphChild[], more: IParagraphOptions = {}): Paragraph {
  return new Paragraph({ spacing: { after: 120 }, ...more, children });
}

const HEADINGS = [
  HeadingLevel.HEADING_2,
  HeadingLevel.HEADING_3,
  HeadingLevel.HEADING_4,
  HeadingLevel.HEADING_5,
  HeadingLevel.HEADING_6,
];

const numbered = Array.from({ length: 9 }, (_, level) => ({
  level,
  format: LevelFormat.DECIMAL,
  text: `%${level + 1}.`,
  style: { paragraph: { indent: { left: (level + 1) * INDENT, hanging: INDENT } } },
}));

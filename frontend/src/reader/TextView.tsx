import { memo, useLayoutEffect, useMemo, useRef, type ReactNode } from "react";
import type { TextBlock } from "../api/types";
import { useMessages } from "../i18n/language";
import { groups, segments, type Group, type Range, type Row } from "./blocks";
import styles from "./reader.module.css";

interface Props {
  text: string;
  blocks: TextBlock[];
  /** UTF-16 units of `text`. */
  highlight: Range | null;
}

/** A document's stored text in its structure, with a part of it highlighted and in view. */
export function TextView({ text, blocks, highlight }: Props) {
  const view = useRef<HTMLDivElement>(null);
  const parts = useMemo(() => segments(groups(text, blocks)), [text, blocks]);

  useLayoutEffect(() => {
    const mark = view.current?.querySelector("mark");
    if (!mark) return;
    const center = () => mark.scrollIntoView({ block: "center" });
    center();
    // Segments above get their true height once they come into view, and push the mark away.
    const frame = requestAnimationFrame(() => requestAnimationFrame(center));
    return () => cancelAnimationFrame(frame);
  }, [text, highlight?.from, highlight?.to]);

  return (
    <div className={styles.textView} data-part="text-view" ref={view}>
      {parts.map((part) => {
        const [first, last] = [part[0]?.from ?? 0, part.at(-1)?.to ?? 0];
        const marked = highlight && highlight.from < last && highlight.to > first;
        return <Segment key={first} text={text} part={part} highlight={marked ? highlight : null} />;
      })}
    </div>
  );
}

const Segment = memo(function Segment(props: { text: string; part: Group[]; highlight: Range | null }) {
  return (
    <div className={styles.textSegment}>
      {props.part.map((group) => (
        <GroupView key={group.from} text={props.text} group={group} highlight={props.highlight} />
      ))}
    </div>
  );
});

interface GroupProps<G> {
  text: string;
  group: G;
  highlight: Range | null;
}

function GroupView({ text, group, highlight }: GroupProps<Group>) {
  const marked = (range: Range) => <Marked text={text} range={range} highlight={highlight} />;
  switch (group.kind) {
    case "heading": {
      // The page's own headings stand above those of the document.
      const Heading = `h${Math.min(group.level + 2, 6)}` as "h3" | "h4" | "h5" | "h6";
      return <Heading data-level={group.level}>{marked(group)}</Heading>;
    }
    case "code":
      return (
        <pre className={styles.docCode} tabIndex={0}>
          {marked(group)}
        </pre>
      );
    case "list":
      return (
        <ul className={styles.docList}>
          {group.items.map((item) => (
            <li key={item.from} style={{ marginInlineStart: `${(item.level - 1) * 1.5}em` }}>
              {marked(item)}
            </li>
          ))}
        </ul>
      );
    case "table":
      return <Table text={text} group={group} highlight={highlight} />;
    case "paragraph":
      return <p>{marked(group)}</p>;
  }
}

function Table({ text, group, highlight }: GroupProps<Group & { kind: "table" }>) {
  const { reader } = useMessages();
  const [head, rows] = [group.rows.filter((row) => row.header), group.rows.filter((row) => !row.header)];
  const cells = (row: Row, Cell: "th" | "td") =>
    row.cells.map((cell) => (
      <Cell key={cell.from} {...(Cell === "th" ? { scope: "col" } : {})}>
        <Marked text={text} range={cell} highlight={highlight} cell />
      </Cell>
    ));
  const isCited = (row: Row) => highlight && highlight.from < row.to && highlight.to > row.from;
  return (
    <div className={styles.docTable} tabIndex={0} role="region" aria-label={reader.table}>
      <table>
        {head.length > 0 && (
          <thead>
            {head.map((row) => (
              <tr key={row.from}>{cells(row, "th")}</tr>
            ))}
          </thead>
        )}
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.from}
              className={isCited(row) ? styles.citedRow : undefined}
              data-part={isCited(row) ? "cited-row" : undefined}
            >
              {cells(row, "td")}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A part of the text, with what of the highlight lies in it marked. */
function Marked(props: { text: string; range: Range; highlight: Range | null; cell?: boolean }) {
  const { text, range, highlight, cell = false } = props;
  const { reader } = useMessages();
  const shown = (from: number, to: number): ReactNode => {
    const part = text.slice(from, to);
    return cell ? part.replaceAll("\\|", "|") : part; // a bar in a cell is written so
  };
  const from = Math.max(highlight?.from ?? Infinity, range.from);
  const to = Math.min(highlight?.to ?? 0, range.to);
  if (from >= to) return shown(range.from, range.to);
  return (
    <>
      {shown(range.from, from)}
      <mark title={reader.quoteHere}>{shown(from, to)}</mark>
      {shown(to, range.to)}
    </>
  );
}

import { memo, useMemo, type ComponentType, type ReactNode } from "react";
import ReactMarkdown, { type Components, type ExtraProps } from "react-markdown";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { CodeBlock } from "./CodeBlock";
import { mathDelimiters } from "./delimiters";
import { Maths } from "./Maths";
import { remarkMarkers, remarkPlainProse, remarkPrices, remarkSpans, type Span } from "./plugins";
import styles from "./markdown.module.css";

const noSpans: Span[] = [];

/** How the marks of an answer look; constant, so that a pill keeps its focus and its open card. */
export interface Marks {
  Marker: ComponentType<{ marker: number }>;
  Marked: ComponentType<{ kind: Span["kind"]; last: boolean; children: ReactNode }>;
}

/**
 * Markdown as React elements: no HTML string is ever parsed, so there is nothing to sanitise
 * away. Links open apart and say nothing of where they were; pictures are shown as their text,
 * since a picture's address is a way for a document to call out.
 */
export const Markdown = memo(function Markdown({
  text,
  marks,
  spans = noSpans,
}: {
  text: string;
  marks: Marks;
  spans?: Span[];
}) {
  const components = useMemo(() => ({ ...plain, ...marked(marks) }), [marks]);
  const source = mathDelimiters(text);
  return (
    <div className={styles.markdown} data-part="markdown">
      <ReactMarkdown
        remarkPlugins={[
          remarkGfm,
          [remarkMath, { singleDollarTextMath: true }],
          remarkPlainProse,
          [remarkPrices, { source }],
          [remarkSpans, { spans }],
          remarkMarkers,
        ]}
        components={components}
      >
        {source}
      </ReactMarkdown>
    </div>
  );
});

function marked({ Marker, Marked }: Marks): Components {
  return {
    "gk-marker": (props) => <Marker marker={Number(props["data-marker"])} />,
    "gk-span": (props) => (
      <Marked kind={props["data-kind"] as Span["kind"]} last={props["data-end"] !== undefined}>
        {props.children}
      </Marked>
    ),
  };
}

const plain: Components = {
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  img: ({ alt }) => <span>{alt}</span>,
  // The page's own headings come first in the outline.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  h4: ({ children }) => <h5>{children}</h5>,
  h5: ({ children }) => <h6>{children}</h6>,
  table: ({ children }) => (
    // Focusable, so that a wide table can be scrolled from the keyboard.
    <div className={styles.tableScroll} tabIndex={0} role="group">
      <table>{children}</table>
    </div>
  ),
  pre: ({ node }) => {
    const { classes, content } = codeOf(node);
    if (classes.includes("math-display")) return <Maths source={content} display />;
    const language = classes.find((name) => name.startsWith("language-"))?.slice("language-".length);
    return <CodeBlock language={language} code={content} />;
  },
  code: ({ className, children }) =>
    className?.includes("math-inline") ? (
      <Maths source={String(children)} display={false} />
    ) : (
      <code>{children}</code>
    ),
};

function codeOf(pre: ExtraProps["node"]): { classes: string[]; content: string } {
  const code = pre?.children[0];
  if (code?.type !== "element") return { classes: [], content: "" };
  const names = code.properties["className"];
  const content = code.children.map((child) => (child.type === "text" ? child.value : "")).join("");
  return { classes: Array.isArray(names) ? names.map(String) : [], content };
}

import { use, Suspense, useEffect, useRef } from "react";
import styles from "./markdown.module.css";

type Katex = typeof import("katex");
let katex: Promise<Katex> | null = null;

/** KaTeX comes when the first formula does. MathML needs neither its fonts nor inline styles. */
function loadKatex(): Promise<Katex> {
  katex ??= import("katex");
  return katex;
}

export function Maths({ source, display }: { source: string; display: boolean }) {
  return (
    <Suspense fallback={<code>{source}</code>}>
      <Rendered source={source} display={display} />
    </Suspense>
  );
}

function Rendered({ source, display }: { source: string; display: boolean }) {
  const { default: renderer } = use(loadKatex());
  const host = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!host.current) return;
    renderer.render(source, host.current, {
      displayMode: display,
      output: "mathml",
      throwOnError: false,
      trust: false,
      maxExpand: 200,
    });
  }, [renderer, source, display]);
  return <span className={display ? styles.mathsDisplay : undefined} ref={host} />;
}

import { useLayoutEffect, useMemo, useRef } from "react";
import { useMessages } from "../i18n/language";
import { segments, type Segment } from "./segments";

interface Props {
  text: string;
  /** UTF-16 units of `text`. */
  highlight: { from: number; to: number } | null;
}

/** A document's stored text with a part of it highlighted and in view. */
export function TextView({ text, highlight }: Props) {
  const messages = useMessages();
  const view = useRef<HTMLDivElement>(null);
  const parts = useMemo(() => segments(text), [text]);

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
    <div className="text-view" ref={view}>
      {parts.map((segment) => (
        <div className="text-segment" key={segment.from}>
          <SegmentText segment={segment} highlight={highlight} note={messages.reader.quoteHere} />
        </div>
      ))}
    </div>
  );
}

function SegmentText({
  segment,
  highlight,
  note,
}: {
  segment: Segment;
  highlight: Props["highlight"];
  note: string;
}) {
  const from = Math.max((highlight?.from ?? Infinity) - segment.from, 0);
  const to = Math.min((highlight?.to ?? 0) - segment.from, segment.text.length);
  if (from >= to) return segment.text;
  return (
    <>
      {segment.text.slice(0, from)}
      <mark title={note}>{segment.text.slice(from, to)}</mark>
      {segment.text.slice(to)}
    </>
  );
}

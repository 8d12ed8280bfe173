import type { ReactNode } from "react";
import type { SourceRun, SyncReport } from "../api/types";
import type { Messages } from "../i18n/en";
import { useMessages } from "../i18n/language";
import { formatTime, readableSource, shortSource } from "./format";
import styles from "./sources.module.css";

const LISTED = 100;

/** When a source was last synced and what came of it, each failed document with its reason. */
export function LastRun({ run }: { run: SourceRun }) {
  const { sources: texts, locale } = useMessages();
  const { report } = run;
  const { tone, text } = outcome(run, texts);
  return (
    <>
      <p>
        {formatTime(run.finished_at, locale)}
        {" · "}
        <span className={`status status-${tone}`}>{text}</span>
      </p>
      {report && <p>{texts.report(report)}</p>}
      {run.error && (
        <p>
          {run.error.message} {run.error.hint}
        </p>
      )}
      {report && <Particulars report={report} />}
    </>
  );
}

/** What did not go the usual way: roots and documents that failed, what was no document. */
function Particulars({ report }: { report: SyncReport }) {
  const { sources: texts } = useMessages();
  const { ties = [], passed_over: passed = [], passed_over_count: allPassed = 0 } = report;
  const isRoot = ({ source }: { source: string }) => report.failed_roots?.includes(source) ?? false;
  const roots = report.failed.filter(isRoot);
  const failed = report.failed.filter((item) => !isRoot(item));
  return (
    <>
      {roots.map((item) => (
        <p key={item.source} className={styles.sourceRootFailed}>
          <strong>{texts.rootFailed(readableSource(item.source))}</strong> {item.message} {item.hint}
        </p>
      ))}
      <Listed
        title={texts.failed(failed.length)}
        items={failed.map((item) => (
          <>
            <strong>{shortSource(item.source)}</strong> {item.message} {item.hint}
          </>
        ))}
      />
      <Listed
        title={texts.ties(ties.length)}
        items={ties.map((tie) => texts.tie(tie.gone.map(shortSource), tie.new.map(shortSource)))}
      />
      <Listed
        title={texts.passedOver(allPassed)}
        more={allPassed}
        items={passed.map(({ source, reason }) => (
          <>
            <strong>{shortSource(source)}</strong> {texts.passedReasons[reason] ?? reason}
          </>
        ))}
      />
    </>
  );
}

/** Unfolded on demand; nothing where there is nothing. `more`: how many there are in all. */
function Listed(props: { title: string; items: ReactNode[]; more?: number }) {
  const { title, items, more = items.length } = props;
  const { upload } = useMessages();
  if (items.length === 0) return null;
  const shown = items.slice(0, LISTED);
  return (
    <details>
      <summary>{title}</summary>
      <ul className={styles.sourceFailures}>
        {shown.map((item, at) => (
          <li key={at}>{item}</li>
        ))}
        {more > shown.length && <li>{upload.more(more - shown.length)}</li>}
      </ul>
    </details>
  );
}

/** A run that left something out is not 'done' without a word. */
function outcome(run: SourceRun, texts: Messages["sources"]): { tone: string; text: string } {
  if (run.status !== "done") return { tone: run.status, text: texts.statuses[run.status] };
  if (run.report?.stopped) return { tone: "stale", text: texts.stopped };
  if (run.report && run.report.failed.length > 0) {
    return { tone: "stale", text: texts.withFailures };
  }
  return { tone: "done", text: texts.statuses.done };
}

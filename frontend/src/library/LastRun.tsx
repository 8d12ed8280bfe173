import type { SourceRun } from "../api/types";
import type { Messages } from "../i18n/en";
import { useMessages } from "../i18n/language";
import { formatTime, shortSource } from "./format";

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
      {report && report.failed.length > 0 && (
        <details>
          <summary>{texts.failed(report.failed.length)}</summary>
          <ul className="source-failures">
            {report.failed.map((item) => (
              <li key={item.source}>
                <strong>{shortSource(item.source)}</strong> {item.message} {item.hint}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
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

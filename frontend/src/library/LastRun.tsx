import type { SourceRun } from "../api/types";
import { useMessages } from "../i18n/language";
import { formatTime, shortSource } from "./format";

/** When a source was last synced and what came of it, each failed document with its reason. */
export function LastRun({ run }: { run: SourceRun }) {
  const { sources: texts, locale } = useMessages();
  const { report } = run;
  return (
    <>
      <p>
        {formatTime(run.finished_at, locale)}
        {" · "}
        <span className={`status status-${run.status}`}>{texts.statuses[run.status]}</span>
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

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import type { Job, Source } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { RetryIcon } from "../components/icons";
import { useLoaded } from "../components/useLoaded";
import { useMessages } from "../i18n/language";
import { useServices } from "../shell/services";
import { formatTime, readableSource } from "./format";
import { LastRun } from "./LastRun";
import "./sources.css";

/** The places that documents come from by themselves, when they are next looked at, and by hand. */
export function SourcesView({ synced }: { synced: () => void }) {
  const { sources: texts, app } = useMessages();
  const { library } = useServices();
  const load = useCallback(() => library.sources(), [library]);
  const [loaded, again] = useLoaded(load);
  if (loaded.state === "loading") return <p>{app.loading}</p>;
  if (loaded.state === "failed") return <ErrorNotice error={loaded.error} retry={again} />;
  const { sources } = loaded.value;
  return (
    <>
      {sources.length === 0 && <p className="library-sub">{texts.none}</p>}
      <ul className="sources">
        {sources.map((source) => (
          <li key={source.id} className="source">
            <SourceCard
              source={source}
              synced={() => {
                again();
                synced();
              }}
            />
          </li>
        ))}
      </ul>
      <p className="library-sub">
        {texts.howToAdd} <code>{texts.command}</code>
      </p>
    </>
  );
}

function SourceCard({ source, synced }: { source: Source; synced: () => void }) {
  const { sources: texts, locale } = useMessages();
  const sync = useSync(source.id, synced);
  return (
    <>
      <div className="source-head">
        <h3>{readableSource(source.location)}</h3>
        <button
          type="button"
          className="button button-quiet"
          disabled={sync.running}
          aria-label={
            sync.running ? texts.syncing : texts.syncLabel(readableSource(source.location))
          }
          onClick={sync.start}
        >
          <RetryIcon />
          {sync.running ? texts.syncing : texts.sync}
        </button>
      </div>
      {sync.running && (
        <progress
          {...(sync.job && sync.job.progress > 0 ? { value: sync.job.progress } : {})}
          max={1}
          aria-label={texts.syncing}
        />
      )}
      {sync.error !== null && <ErrorNotice error={sync.error} retry={sync.start} />}
      <dl>
        <dt>{texts.schedule}</dt>
        <dd>
          {source.schedule === null ? (
            texts.byHand
          ) : (
            <>
              <code>{source.schedule}</code> ({source.time_zone})
            </>
          )}
          {!source.enabled && <span className="source-off">{texts.off}</span>}
        </dd>
        {source.next_run !== null && source.enabled && (
          <>
            <dt>{texts.nextRun}</dt>
            <dd>{formatTime(source.next_run, locale)}</dd>
          </>
        )}
        <dt>{texts.lastRun}</dt>
        <dd>{source.last_run ? <LastRun run={source.last_run} /> : texts.never}</dd>
      </dl>
    </>
  );
}

/** Has a source synced and follows it; `done` is called at its end, however it ended. */
function useSync(id: string, done: () => void) {
  const { library, jobs } = useServices();
  const [running, setRunning] = useState(false);
  const [job, setJob] = useState<Job | null>(null);
  const [error, setError] = useState<unknown>(null);
  const watching = useRef<AbortController | null>(null);
  useEffect(() => () => watching.current?.abort(), []);
  const start = () => {
    const { signal } = (watching.current = new AbortController());
    setRunning(true);
    setError(null);
    setJob(null);
    void (async () => {
      try {
        const { job_id } = await library.syncSource(id);
        for await (const state of jobs.follow(job_id, signal)) {
          setJob(state);
          if (state.error) setError(new ApiError(0, state.error));
        }
      } catch (problem) {
        if (signal.aborted) return;
        setError(problem);
      }
      setRunning(false);
      done();
    })();
  };
  return { running, job, error, start };
}

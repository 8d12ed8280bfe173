import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { useMay } from "../api/rights";
import type { Job, Source } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { IconButton } from "../components/IconButton";
import { EditIcon, NewChatIcon, PauseIcon, PlayIcon, RetryIcon, TrashIcon } from "../components/icons";
import type { Undoable } from "../components/useUndo";
import type { Messages } from "../i18n/en";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { formatTime, readableSource } from "./format";
import { LastRun } from "./LastRun";
import { choiceOf } from "./schedule";
import { SourceForm } from "./SourceForm";
import { useRefresh, useSources } from "./useLibraryQueries";
import styles from "./sources.module.css";

interface Props {
  offer: (removed: Undoable) => void;
  fail: (error: unknown) => void;
}

/** The places that documents come from by themselves, when they are next looked at, and by hand. */
export function SourcesView({ offer, fail }: Props) {
  const { sources: texts, app } = useMessages();
  const may = useMay();
  const { library } = useServices();
  const refresh = useRefresh();
  const loaded = useSources();
  /** null: no form; "new": for a new source. */
  const [form, setForm] = useState<Source | "new" | null>(null);
  const [started, setStarted] = useState<string | null>(null);
  if (loaded.isPending) return <p>{app.loading}</p>;
  if (loaded.isError && !loaded.data) {
    return <ErrorNotice error={loaded.error} retry={() => void loaded.refetch()} />;
  }
  const { sources } = loaded.data;
  const remove = async (source: Source) => {
    try {
      await library.removeSource(source.id);
    } catch (error) {
      fail(error);
      return;
    }
    offer({
      text: texts.removed(readableSource(source.location)),
      undo: async () => {
        await library.restoreSource(source.id);
        await refresh();
      },
    });
    await refresh();
  };
  return (
    <>
      <div className="cards-head">
        {sources.length === 0 && <p className="sub">{texts.none}</p>}
        {may("operator") && (
          <button type="button" className="button button-icon" onClick={() => setForm("new")}>
            <NewChatIcon />
            {texts.add}
          </button>
        )}
      </div>
      <ul className="cards">
        {sources.map((source) => (
          <li key={source.id} className="card" data-part="source">
            <SourceCard
              source={source}
              begin={source.id === started}
              edit={() => setForm(source)}
              pause={() =>
                void library.changeSource(source.id, { enabled: !source.enabled }).then(refresh, fail)
              }
              remove={() => void remove(source)}
              synced={() => void refresh()}
            />
          </li>
        ))}
      </ul>
      {form !== null && (
        <SourceForm
          source={form === "new" ? null : form}
          save={async ({ location, schedule, time_zone }) => {
            if (form === "new") {
              const made = await library.addSource({ location, schedule, time_zone });
              setStarted(made.id);
            } else {
              await library.changeSource(form.id, { schedule, time_zone });
            }
            await refresh();
          }}
          close={() => setForm(null)}
        />
      )}
    </>
  );
}

function SourceCard(props: {
  source: Source;
  /** It was added just now: it is synced at once. */
  begin: boolean;
  edit: () => void;
  pause: () => void;
  remove: () => void;
  synced: () => void;
}) {
  const { source, begin } = props;
  const { sources: texts, locale } = useMessages();
  const may = useMay();
  const sync = useSync(source.id, props.synced);
  const { start } = sync;
  const begun = useRef(false);
  useEffect(() => {
    if (!begin || begun.current) return;
    begun.current = true;
    start();
  }, [begin, start]);
  const name = readableSource(source.location);
  return (
    <>
      <div className="card-head">
        <h3>{name}</h3>
        <div className="card-actions">
          <button
            type="button"
            className="button button-quiet button-icon"
            disabled={sync.running}
            aria-label={sync.running ? texts.syncing : texts.syncLabel(name)}
            onClick={sync.start}
          >
            <RetryIcon />
            {sync.running ? texts.syncing : texts.sync}
          </button>
          {may("operator") && (
            <>
              {source.schedule !== null && (
                <IconButton
                  label={source.enabled ? texts.pauseLabel(name) : texts.resumeLabel(name)}
                  onClick={props.pause}
                >
                  {source.enabled ? <PauseIcon /> : <PlayIcon />}
                </IconButton>
              )}
              <IconButton label={texts.editLabel(name)} onClick={props.edit}>
                <EditIcon />
              </IconButton>
              <IconButton label={texts.removeLabel(name)} onClick={props.remove}>
                <TrashIcon />
              </IconButton>
            </>
          )}
        </div>
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
          {scheduleText(source, texts)}
          {!source.enabled && <strong className={styles.sourceOff}>{texts.off}</strong>}
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

function scheduleText(source: Source, texts: Messages["sources"]) {
  const { preset, time } = choiceOf(source.schedule);
  switch (preset) {
    case "none":
      return texts.byHand;
    case "hourly":
      return texts.hourly;
    case "daily":
      return `${texts.daily(time)} (${source.time_zone})`;
    case "weekly":
      return `${texts.weekly(time)} (${source.time_zone})`;
    case "custom":
      return (
        <>
          <code>{source.schedule}</code> ({source.time_zone})
        </>
      );
  }
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

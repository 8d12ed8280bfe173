// Uploads, jobs and sources of the stand-in server. A file's name says what becomes of it:
// one with "broken" fails, one with "slow" takes its time.
import { setTimeout as wait } from "node:timers/promises";
import { library } from "./library.mjs";

const STAGES = ["reading", "chunking", "embedding", "writing"];
const noText = {
  code: "no_text",
  message: "这份文件没有可读的文字。",
  hint: "请先做 OCR，再重新上传。",
};

/** Takes the files of a multipart body; the jobs that work on them. */
export function upload(state, body) {
  const names = [...body.matchAll(/filename="([^"]*)"/g)].map((match) => match[1]);
  return names.map((name) => {
    const job = begin(state, "upload", name);
    void work(state, job, /slow/.test(name) ? 400 : 30);
    return { job_id: job.id, name, document_id: `d-${job.id}` };
  });
}

export function syncSource(state, source) {
  const job = begin(state, "sync", source.location);
  void work(state, job, 120).then(() => {
    source.last_run = run(job.id, {
      added: 1,
      changed: 0,
      removed: 0,
      unchanged: 11,
      failed: [],
      stopped: false,
    });
  });
  return job;
}

function begin(state, kind, source) {
  const job = {
    id: `job-${state.jobs.size + 1}`,
    kb: "default",
    created_at: "2026-05-04T09:12:00Z",
    started_at: null,
    finished_at: null,
    kind,
    source,
    status: "queued",
    stage: "waiting",
    progress: 0,
    document_id: null,
    source_id: null,
    error: null,
    report: null,
  };
  state.jobs.set(job.id, job);
  return job;
}

async function work(state, job, pause) {
  for (const [at, stage] of STAGES.entries()) {
    await wait(pause);
    if (job.status === "cancelled") return;
    Object.assign(job, { status: "running", stage, progress: at / STAGES.length });
    if (/broken/.test(job.source)) return void Object.assign(job, { status: "failed", error: noText });
  }
  await wait(pause);
  if (job.status === "cancelled") return;
  if (job.kind === "upload") {
    const base = library.get("d-sizes");
    const id = `d-${job.id}`;
    const body = { ...base.body, id, title: job.source, source: `upload:///${id}/${job.source}` };
    state.uploaded.set(id, { ...base, body });
    job.document_id = id;
  }
  Object.assign(job, { status: "done", stage: "done", progress: 1 });
}

/** The states of a job as a stream of events, until it is over. */
export async function jobEvents(response, job) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  let last = "";
  for (;;) {
    const now = JSON.stringify(job);
    if (now !== last) response.write(`event: job\ndata: ${now}\n\n`);
    last = now;
    if (["done", "failed", "cancelled"].includes(job.status) || response.destroyed) break;
    await wait(15);
  }
  response.end();
}

const run = (job_id, counts) => ({
  job_id,
  status: "done",
  started_at: "2026-05-04T03:00:00Z",
  finished_at: "2026-05-04T03:00:12Z",
  report: {
    kb: "default",
    chunks: 120,
    seconds: 12,
    chunks_per_second: 10,
    dry_run: false,
    would_remove: [],
    notes: {},
    ...counts,
  },
  error: null,
});

export const sources = () => [
  {
    id: "s-share",
    kb: "default",
    created_at: "2026-05-01T09:12:00Z",
    location: "/srv/share/handbook",
    schedule: "0 3 * * *",
    time_zone: "Asia/Shanghai",
    jitter: 0,
    enabled: true,
    next_run: "2026-05-05T03:00:00+08:00",
    last_run: run("job-0", {
      added: 2,
      changed: 1,
      removed: 0,
      unchanged: 9,
      moved: 3,
      amended: 1,
      ties: [{ gone: ["file:///srv/share/handbook/a.md"], new: ["file:///srv/share/handbook/b/a.md"] }],
      passed_over: [{ source: "file:///srv/share/handbook/backup.zip", reason: "archive" }],
      passed_over_count: 2,
      failed_roots: ["/srv/share/annex"],
      failed: [
        {
          source: "/srv/share/annex",
          code: "source_not_found",
          message: "没有这个文件夹。",
          hint: "请检查路径。",
          permanent: false,
        },
        {
          source: "file:///srv/share/handbook/%E6%89%AB%E6%8F%8F%E4%BB%B6.pdf",
          code: "no_text",
          message: "这份 PDF 没有文字层。",
          hint: "请先做 OCR，再重新同步。",
          permanent: true,
        },
      ],
      stopped: false,
    }),
  },
  {
    id: "s-wiki",
    kb: "default",
    created_at: "2026-05-01T09:12:00Z",
    location: "/srv/wiki",
    schedule: null,
    time_zone: "UTC",
    jitter: 0,
    enabled: true,
    next_run: null,
    last_run: null,
  },
];

import { ErrorNotice } from "../components/ErrorNotice";
import { DownloadIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useAdvice, usePull, useStartPull, type Proposal, type PullStatus } from "./useLoop";
import styles from "./loop.module.css";

/** Which models suit the server's machine and the documents, and fetching one. */
export function Models({ fail }: { fail: (error: unknown) => void }) {
  const { improve: texts, app, locale } = useMessages();
  const loaded = useAdvice();
  const pull = usePull();
  const start = useStartPull();
  if (loaded.isPending) return <p>{app.loading}</p>;
  if (loaded.isError) return <ErrorNotice error={loaded.error} retry={() => void loaded.refetch()} />;
  const { machine, proposals, passed, as_of } = loaded.data;
  const running = pull.data?.state === "running";
  return (
    <>
      <p className="sub">
        {texts.machine(
          gigabytes(machine.ram_bytes, locale),
          machine.cores,
          machine.gpu_bytes.map((bytes) => gigabytes(bytes, locale)),
        )}{" "}
        {texts.answering(machine.chat)}
      </p>
      {pull.data && <PullProgress pull={pull.data} />}
      <ul className="cards">
        {proposals.map((proposal) => (
          <ProposalItem
            key={`${proposal.role} ${proposal.name}`}
            proposal={proposal}
            fetch={running ? null : (name) => start.mutate(name, { onError: fail })}
          />
        ))}
      </ul>
      <details>
        <summary>{texts.passed(passed.length)}</summary>
        <ul className={styles.passed}>
          {passed.map(({ name, why }) => (
            <li key={name}>
              <strong>{name}</strong>: {why}
            </li>
          ))}
        </ul>
      </details>
      <p className="sub">{texts.factsOf(as_of)}</p>
    </>
  );
}

function ProposalItem(props: { proposal: Proposal; fetch: ((name: string) => void) | null }) {
  const { proposal, fetch } = props;
  const { improve: texts } = useMessages();
  const { ollama } = proposal;
  return (
    <li className="card" data-part="source">
      <div className="card-head">
        <h3>
          {texts.role[proposal.role]}: {proposal.name}
        </h3>
        <div className="card-actions">
          {proposal.in_use && <span className="status">{texts.inUse}</span>}
          {ollama != null && !proposal.in_use && (
            <button
              type="button"
              className="button button-quiet button-icon"
              aria-label={texts.fetchLabel(proposal.name)}
              disabled={fetch === null}
              onClick={() => fetch?.(ollama)}
            >
              <DownloadIcon />
              {texts.fetch}
            </button>
          )}
        </div>
      </div>
      <ul className={styles.reasons}>
        {proposal.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {proposal.warnings.map((warning) => (
          <li key={warning} className={styles.warning}>
            {warning}
          </li>
        ))}
      </ul>
      <code>{proposal.command}</code>
    </li>
  );
}

function PullProgress({ pull }: { pull: PullStatus }) {
  const { improve: texts, locale } = useMessages();
  if (pull.model == null || pull.state === "none") return null;
  const part = pull.total > 0 ? pull.done / pull.total : 0;
  const size = pull.total > 0 ? gigabytes(pull.total, locale) : "";
  return (
    <div className={styles.pull} data-part="pull" role="status">
      <p>{texts.pull[pull.state](pull.model)}</p>
      {pull.state === "running" && (
        <>
          <progress aria-label={texts.pull.running(pull.model)} value={part} max={1} />
          <span className="sub">
            {Math.round(part * 100)} % {size}
          </span>
        </>
      )}
      {pull.error && (
        <p className={styles.warning}>
          {pull.error.message} {pull.error.hint}
        </p>
      )}
    </div>
  );
}

function gigabytes(bytes: number, locale: string): string {
  const style = { style: "unit", unit: "gigabyte", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, style).format(bytes / 1e9);
}

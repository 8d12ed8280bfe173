import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import { useShadow, type Interval } from "./useLoop";
import styles from "./loop.module.css";

const ROWS = ["refused", "supported", "first", "seconds"] as const;

/** How another model or other settings do on the questions that people ask. */
export function ShadowReport() {
  const { improve: texts, app } = useMessages();
  const loaded = useShadow();
  if (loaded.isPending) return <p>{app.loading}</p>;
  if (loaded.isError) return <ErrorNotice error={loaded.error} retry={() => void loaded.refetch()} />;
  const { test, report, building } = loaded.data;
  if (!test || !report) {
    return (
      <p>
        {texts.noShadow} <code>groundkb shadow start --chat ollama/qwen3:8b --share 0.2</code>
      </p>
    );
  }
  const changes = Object.entries(test.tried.changes).map(([name, value]) => `${name}=${String(value)}`);
  const what = [test.tried.chat ?? [], changes].flat().join(", ");
  return (
    <>
      <p className="sub">
        {texts.shadowAbout(what, Math.round(test.share * 100), texts.testState[test.state])}
      </p>
      {building && <p>{texts.building(building.done, building.total, building.kb)}</p>}
      {report.pairs === 0 ? (
        <p>{texts.noPairs}</p>
      ) : (
        <>
          <p>{texts.agreement(report.pairs, percent(report.agreement))}</p>
          <div className={styles.shadowFigures} tabIndex={0} role="region" aria-label={texts.shadow}>
            <table>
              <thead>
                <tr>
                  <td />
                  <th scope="col">{texts.given}</th>
                  <th scope="col">{texts.other}</th>
                  <th scope="col">{texts.difference}</th>
                </tr>
              </thead>
              <tbody>
                {ROWS.map((name) => (
                  <tr key={name}>
                    <th scope="row">{texts[name]}</th>
                    <td>{figure(report[name].given)}</td>
                    <td>{figure(report[name].other)}</td>
                    <td>{figure(report[name].difference)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {report.differing.length > 0 && <h3>{texts.differing}</h3>}
          <ul className="cards">
            {report.differing.map((pair, at) => (
              <li key={at} className="card">
                <h3>{pair.question}</h3>
                <dl>
                  <dt>{texts.given}</dt>
                  <dd>{pair.given}</dd>
                  <dt>{texts.other}</dt>
                  <dd>{pair.other}</dd>
                </dl>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function figure({ value, low, high }: Interval): string {
  if (value == null || low == null || high == null) return "–";
  return `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

function percent({ value, low, high }: Interval): string {
  if (value == null || low == null || high == null) return "–";
  const whole = (part: number) => Math.round(part * 100);
  return `${whole(value)} % [${whole(low)}, ${whole(high)}]`;
}

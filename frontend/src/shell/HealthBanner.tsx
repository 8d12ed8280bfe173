import { Hint } from "../components/Hint";
import { WarningIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { sentences } from "../text/sentences";
import type { Health } from "./useHealth";
import styles from "./shell.module.css";

/** Says what is down and how to mend it, as long as it is down. */
export function HealthBanner({ health, check }: { health: Health; check: () => void }) {
  const { health: texts } = useMessages();
  const lines = linesOf(health, texts);
  if (lines.length === 0) return null;
  return (
    <div className={styles.banner} data-part="banner" role="alert">
      <WarningIcon />
      <div className={styles.bannerText}>
        {lines.map((line) => (
          <p key={line.message}>
            <strong>{sentences(line.message)}</strong> <Hint text={line.hint} />
          </p>
        ))}
      </div>
      <button type="button" className="button button-quiet" onClick={check}>
        {texts.check}
      </button>
    </div>
  );
}

function linesOf(
  health: Health,
  texts: { unreachable: string; unreachableHint: string; degraded: string },
): { message: string; hint: string }[] {
  if (health.state === "unknown") return [];
  if (health.state === "unreachable") {
    return [{ message: texts.unreachable, hint: texts.unreachableHint }];
  }
  const { ready } = health;
  if (ready.status === "ready") return [];
  const down = ready.checks.flatMap((check) => (check.error ? [check.error] : []));
  // Without a key the server names what is down, but not why.
  const told = down.filter((error) => error.message !== "");
  return told.length > 0 ? told : [{ message: texts.degraded, hint: "" }];
}

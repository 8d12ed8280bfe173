/** How often a source is looked at, as a person chooses it. */
export type Preset = "none" | "hourly" | "daily" | "weekly" | "custom";

export interface Choice {
  preset: Preset;
  time: string; // HH:MM, of daily and weekly
  cron: string; // of custom
}

/** The crontab expression of a choice; null: only on demand. */
export function cronOf({ preset, time, cron }: Choice): string | null {
  const [hour = "3", minute = "0"] = time.split(":");
  const at = `${Number(minute)} ${Number(hour)}`;
  switch (preset) {
    case "none":
      return null;
    case "hourly":
      return "0 * * * *";
    case "daily":
      return `${at} * * *`;
    case "weekly":
      return `${at} * * 1`;
    case "custom":
      return cron.trim();
  }
}

/** The choice that a crontab expression stands for. */
export function choiceOf(cron: string | null): Choice {
  const none: Choice = { preset: "none", time: "03:00", cron: "0 3 * * *" };
  if (cron === null) return none;
  if (cron === "0 * * * *") return { ...none, preset: "hourly" };
  const parts = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1)$/.exec(cron);
  if (!parts) return { ...none, preset: "custom", cron };
  const [, minute = "", hour = "", day] = parts;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  return { ...none, preset: day === "1" ? "weekly" : "daily", time };
}

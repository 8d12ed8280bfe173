export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORED = "groundkb.theme";

/** Applies the theme chosen earlier; called before the first paint. */
export function applyStoredTheme(): void {
  apply(storedTheme());
}

/** Applies a theme, and keeps it. */
export function setTheme(chosen: Theme): void {
  localStorage.setItem(STORED, chosen);
  apply(chosen);
}

/** The one after it, and after the last one the first. */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}

export function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

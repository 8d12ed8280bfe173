import { useCallback, useState } from "react";

export type Theme = "system" | "light" | "dark";

const STORED = "groundkb.theme";
const order: Theme[] = ["system", "light", "dark"];

/** Applies the theme chosen earlier; called before the first paint. */
export function applyStoredTheme(): void {
  apply(storedTheme());
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(storedTheme);
  const next = useCallback(() => {
    const chosen = order[(order.indexOf(theme) + 1) % order.length] ?? "system";
    localStorage.setItem(STORED, chosen);
    apply(chosen);
    setTheme(chosen);
  }, [theme]);
  return [theme, next];
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return order.find((theme) => theme === stored) ?? "system";
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

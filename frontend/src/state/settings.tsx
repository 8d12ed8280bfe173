import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import { setTheme, storedTheme, type Theme } from "./theme";

/** What is shown of an answer beside its text. */
export const PARTS = ["evidence", "lookedAt", "leftOut", "models"] as const;
export type Part = (typeof PARTS)[number];

interface Settings {
  theme: Theme;
  chooseTheme: (theme: Theme) => void;
  shown: Readonly<Record<Part, boolean>>;
  show: (part: Part, on: boolean) => void;
}

const STORED = "groundkb.hidden"; // what is new is shown, until somebody hides it

const SettingsContext = createContext<Settings | null>(null);

/** What a person has set for this browser, but for the language. */
export function SettingsProvider({ children }: { children: ReactNode }) {
  const [theme, set] = useState(storedTheme);
  const [hidden, hide] = useState(storedHidden);
  const chooseTheme = useCallback((chosen: Theme) => {
    setTheme(chosen);
    set(chosen);
  }, []);
  const show = useCallback((part: Part, on: boolean) => {
    hide((before) => {
      const after = PARTS.filter((each) => (each === part ? !on : before.includes(each)));
      localStorage.setItem(STORED, JSON.stringify(after));
      return after;
    });
  }, []);
  const value = useMemo(() => {
    const shown = (part: Part) => !hidden.includes(part);
    return {
      theme,
      chooseTheme,
      show,
      shown: {
        evidence: shown("evidence"),
        lookedAt: shown("lookedAt"),
        leftOut: shown("leftOut"),
        models: shown("models"),
      },
    };
  }, [theme, chooseTheme, show, hidden]);
  return <SettingsContext value={value}>{children}</SettingsContext>;
}

export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error("useSettings outside SettingsProvider");
  return settings;
}

function storedHidden(): Part[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(kept) ? PARTS.filter((part) => kept.includes(part)) : [];
  } catch {
    return []; // not ours
  }
}

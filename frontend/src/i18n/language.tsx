import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Language } from "../api/types";
import { en, type Messages } from "./en";
import { zh } from "./zh";

const STORED = "groundkb.language";
const dictionaries: Record<Language, Messages> = { en, zh };

interface LanguageState {
  language: Language;
  messages: Messages;
  setLanguage: (language: Language) => void;
}

const LanguageContext = createContext<LanguageState | null>(null);

/** The chosen language, else the browser's first one that the UI speaks, else English. */
export function initialLanguage(stored: string | null, browser: readonly string[]): Language {
  if (stored === "zh" || stored === "en") return stored;
  for (const tag of browser) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "zh" || primary === "en") return primary;
  }
  return "en";
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() =>
    initialLanguage(localStorage.getItem(STORED), navigator.languages),
  );
  useEffect(() => {
    document.documentElement.lang = dictionaries[language].locale;
  }, [language]);
  const value = useMemo(
    () => ({
      language,
      messages: dictionaries[language],
      setLanguage: (next: Language) => {
        localStorage.setItem(STORED, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export function useLanguage(): LanguageState {
  const state = useContext(LanguageContext);
  if (!state) throw new Error("useLanguage outside LanguageProvider");
  return state;
}

export function useMessages(): Messages {
  return useLanguage().messages;
}

import { useLanguage } from "../i18n/language";
import { peopleEn, type PeopleTexts } from "../i18n/people.en";
import { peopleZh } from "../i18n/people.zh";

export function usePeopleTexts(): PeopleTexts {
  return useLanguage().language === "zh" ? peopleZh : peopleEn;
}

/** A moment as a person reads it, to the minute. */
export function useMoment(): (at: string) => string {
  const { locale } = useLanguage().messages;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return (at) => format.format(new Date(at));
}

/** Names that somebody wrote with commas between, Chinese ones too. */
export function namesIn(text: string): string[] {
  const names = text
    .split(/[,，、;；]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return [...new Set(names)];
}

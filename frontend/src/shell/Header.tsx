import type { ReactNode } from "react";
import { useMay } from "../api/rights";
import {
  KeyIcon,
  LanguageIcon,
  LibraryIcon,
  MenuIcon,
  MoonIcon,
  NewChatIcon,
  SearchIcon,
  SunIcon,
  SystemIcon,
} from "../components/icons";
import type { SideBarState } from "../conversations/useSideBar";
import { useLanguage } from "../i18n/language";
import { useSettings } from "../state/settings";
import { nextTheme } from "../state/theme";
import type { KbChoice } from "../components/useKnowledgeBases";
import styles from "./shell.module.css";

interface Props {
  view: "chat" | "library";
  show: (view: "chat" | "library") => void;
  newChat: () => void;
  kbs: KbChoice;
  search: () => void;
  sideBar: SideBarState;
  uploading: boolean;
  /** Ends the use of a key; null: none is in use. */
  forget: (() => void) | null;
}

export function Header(props: Props) {
  const { view, show, newChat, search, kbs, sideBar, uploading, forget } = props;
  const { language, messages, setLanguage } = useLanguage();
  const { theme, chooseTheme } = useSettings();
  const { app, key } = messages;
  const may = useMay();
  const ThemeIcon = { system: SystemIcon, light: SunIcon, dark: MoonIcon }[theme];
  return (
    <header className={styles.header} data-part="header">
      <a
        className={styles.skip}
        href="#question"
        onClick={(event) => {
          event.preventDefault(); // the fragment of the address says what is shown
          show("chat");
          window.setTimeout(() => document.getElementById("question")?.focus());
        }}
      >
        {app.skipToQuestion}
      </a>
      <button
        type="button"
        className={styles.headerButton}
        aria-label={app.conversations}
        aria-expanded={sideBar.shown}
        title={app.conversations}
        onClick={sideBar.toggle}
      >
        <MenuIcon />
      </button>
      <button type="button" className={styles.brand} data-part="brand" onClick={() => show("chat")}>
        <span className={styles.brandMark} aria-hidden="true" />
        <span className={styles.brandName}>{app.name}</span>
      </button>
      <nav className={styles.headerNav}>
        {kbs.names.length > 1 && (
          <select
            className={styles.kbSelect}
            aria-label={app.knowledgeBase}
            value={kbs.kb ?? ""}
            onChange={(event) => kbs.choose(event.target.value)}
          >
            {kbs.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        {may("ask") && (sideBar.drawer || !sideBar.shown) && (
          <HeaderButton label={app.newChat} onClick={newChat}>
            <NewChatIcon />
            <span className={styles.wideOnly}>{app.newChat}</span>
          </HeaderButton>
        )}
        {may("ask") && (
          <HeaderButton label={app.searchHint} onClick={search}>
            <SearchIcon />
            <span className={styles.wideOnly}>{app.search}</span>
          </HeaderButton>
        )}
        <HeaderButton
          label={app.library}
          pressed={view === "library"}
          onClick={() => show(view === "library" ? "chat" : "library")}
        >
          <LibraryIcon />
          {uploading && <span className={`pulse ${styles.headerBusy}`} />}
          <span className={styles.wideOnly}>{app.library}</span>
        </HeaderButton>
        <span className={styles.headerGap} />
        <HeaderButton
          label={app.switchLanguageLabel}
          onClick={() => setLanguage(language === "zh" ? "en" : "zh")}
        >
          <LanguageIcon />
          <span className={styles.languageName} lang={language === "zh" ? "en" : "zh-CN"}>
            {app.switchLanguage}
          </span>
        </HeaderButton>
        {forget && (
          <HeaderButton label={key.forget} onClick={forget}>
            <KeyIcon />
          </HeaderButton>
        )}
        <HeaderButton label={app.themeLabel[theme]} onClick={() => chooseTheme(nextTheme(theme))}>
          <ThemeIcon />
        </HeaderButton>
      </nav>
    </header>
  );
}

function HeaderButton(props: { label: string; pressed?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      className={styles.headerButton}
      aria-label={props.label}
      aria-pressed={props.pressed}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

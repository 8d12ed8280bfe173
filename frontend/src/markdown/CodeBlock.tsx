import { CopyButton } from "../components/CopyButton";
import { useMessages } from "../i18n/language";
import styles from "./markdown.module.css";

export function CodeBlock({ code, language }: { code: string; language: string | undefined }) {
  const messages = useMessages();
  return (
    <div className={styles.codeBlock} data-part="code-block">
      <div className={styles.codeHead}>
        <span>{language}</span>
        <CopyButton text={code} label={messages.answer.copyCode} />
      </div>
      <pre tabIndex={0}>
        <code>{code.replace(/\n$/, "")}</code>
      </pre>
    </div>
  );
}

import { CopyButton } from "../components/CopyButton";
import { useMessages } from "../i18n/language";

export function CodeBlock({ code, language }: { code: string; language: string | undefined }) {
  const messages = useMessages();
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language}</span>
        <CopyButton text={code} label={messages.answer.copyCode} />
      </div>
      <pre tabIndex={0}>
        <code>{code.replace(/\n$/, "")}</code>
      </pre>
    </div>
  );
}

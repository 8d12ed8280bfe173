import { useMessages } from "../i18n/language";
import { useBaseTitles } from "../components/useKnowledgeBases";
import styles from "./evidence.module.css";

interface Props {
  section: string[];
  page: number | null;
  source: string;
  /** The knowledge base, where several were asked. */
  kb?: string | null | undefined;
}

/** Where in a document something stands: knowledge base, section path, page, source. */
export function Place(props: Props) {
  const messages = useMessages();
  return (
    <span className={styles.place}>
      {props.kb && <Base name={props.kb} />}
      {props.section.length > 0 && <span>{props.section.join(" › ")}</span>}
      {props.page !== null && <span>{messages.evidence.page(props.page)}</span>}
      <span title={props.source}>{lastPart(props.source)}</span>
    </span>
  );
}

function Base({ name }: { name: string }) {
  return <span data-part="place-base">{useBaseTitles([name])(name)}</span>;
}

function lastPart(source: string): string {
  const path = source.replace(/[/\\]+$/, "");
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1) || source;
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a name that holds a bare %
  }
}

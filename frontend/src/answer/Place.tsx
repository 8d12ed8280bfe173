import { useMessages } from "../i18n/language";

/** Where in a document something stands: section path, page, source. */
export function Place(props: { section: string[]; page: number | null; source: string }) {
  const messages = useMessages();
  return (
    <span className="place">
      {props.section.length > 0 && <span>{props.section.join(" › ")}</span>}
      {props.page !== null && <span>{messages.evidence.page(props.page)}</span>}
      <span className="place-source" title={props.source}>
        {lastPart(props.source)}
      </span>
    </span>
  );
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

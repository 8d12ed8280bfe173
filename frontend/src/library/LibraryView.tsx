import { useCallback, useDeferredValue, useState } from "react";
import type { DocumentBody } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { useLoaded } from "../components/useLoaded";
import { useMessages } from "../i18n/language";
import { useServices } from "../shell/services";
import { ChunksView } from "./ChunksView";
import { DocumentTable } from "./DocumentTable";
import { useRemoval } from "./useRemoval";
import "./library.css";

const PAGE = 100;

/** The documents of the knowledge base, and what the index holds of each. */
export function LibraryView({ read }: { read: (document: DocumentBody) => void }) {
  const messages = useMessages();
  const { library } = useServices();
  const [filter, setFilter] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const [inspected, setInspected] = useState<DocumentBody | null>(null);
  const removal = useRemoval(library);
  const sought = useDeferredValue(filter.trim());
  const load = useCallback(() => library.documents(sought, limit), [library, sought, limit]);
  const [loaded, again] = useLoaded(load);

  if (inspected) return <ChunksView document={inspected} back={() => setInspected(null)} />;
  const found = loaded.state === "ready" ? loaded.value : null;
  const empty = found !== null && found.total === 0;
  return (
    <div className="library">
      <div className="library-head">
        <h2>{messages.library.title}</h2>
        {found && <span>{messages.library.count(found.total)}</span>}
      </div>
      {!(empty && sought === "") && (
        <input
          type="search"
          className="library-filter"
          aria-label={messages.library.filter}
          placeholder={messages.library.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {loaded.state === "failed" && <ErrorNotice error={loaded.error} retry={again} />}
      {empty && sought !== "" && <p>{messages.library.none}</p>}
      {empty && sought === "" && (
        <p>{messages.library.empty}</p>
      )}
      {removal.error !== null && <ErrorNotice error={removal.error} retry={again} />}
      {found && !empty && (
        <DocumentTable
          documents={found.documents.filter((document) => !removal.hidden.has(document.id))}
          read={read}
          inspect={setInspected}
          remove={removal.remove}
        />
      )}
      {found && found.documents.length < found.total && (
        <button type="button" className="button" onClick={() => setLimit(limit + PAGE)}>
          {messages.library.more}
        </button>
      )}
      <p className="library-sub">
        {messages.library.howToAdd} <code>{messages.library.command}</code>
      </p>
      <div className="toast-place" role="status">
        {removal.pending && (
          <div className="toast">
            <p>
              {messages.library.removed(removal.pending.title)} {messages.library.removedNote}
            </p>
            <button type="button" className="button" onClick={removal.undo}>
              {messages.library.undo}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

import { useCallback, useDeferredValue, useEffect, useState } from "react";
import type { DocumentBody } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { UndoToast } from "../components/UndoToast";
import { useLoaded } from "../components/useLoaded";
import { useRemoval } from "../components/useRemoval";
import { useMessages } from "../i18n/language";
import { useServices } from "../shell/services";
import { DocumentTable } from "./DocumentTable";
import { TagEditor } from "./TagEditor";

const PAGE = 100;

interface Props {
  /** Another value: the library has changed from outside, load it anew. */
  changes: number;
  read: (document: DocumentBody) => void;
  inspect: (document: DocumentBody) => void;
}

/** The documents of the knowledge base, and what the index holds of each. */
export function DocumentsView({ changes, read, inspect }: Props) {
  const messages = useMessages();
  const { library: texts } = messages;
  const { library } = useServices();
  const [filter, setFilter] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const [tagged, setTagged] = useState<DocumentBody | null>(null);
  const removal = useRemoval<DocumentBody>(library.remove);
  const sought = useDeferredValue(filter.trim());
  const load = useCallback(() => library.documents(sought, limit), [library, sought, limit]);
  const [loaded, again] = useLoaded(load);
  useEffect(() => {
    if (changes > 0) again();
  }, [again, changes]);

  const found = loaded.state === "ready" ? loaded.value : null;
  const empty = found !== null && found.total === 0;
  const removed = removal.pending;
  return (
    <>
      {!(empty && sought === "") && (
        <div className="library-search">
          <input
            type="search"
            className="library-filter"
            aria-label={texts.filter}
            placeholder={texts.filter}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
          {found && <span>{texts.count(found.total)}</span>}
        </div>
      )}
      {loaded.state === "failed" && <ErrorNotice error={loaded.error} retry={again} />}
      {empty && <p>{sought === "" ? texts.empty : texts.none}</p>}
      {removal.error !== null && <ErrorNotice error={removal.error} retry={again} />}
      {found && !empty && (
        <DocumentTable
          documents={found.documents.filter((document) => !removal.hidden.has(document.id))}
          read={read}
          inspect={inspect}
          editTags={setTagged}
          remove={removal.remove}
        />
      )}
      {found && found.documents.length < found.total && (
        <button type="button" className="button" onClick={() => setLimit(limit + PAGE)}>
          {texts.more}
        </button>
      )}
      <UndoToast
        text={removed && `${texts.removed(removed.title)} ${texts.removedNote}`}
        undo={removal.undo}
      />
      {tagged && (
        <TagEditor
          document={tagged}
          saved={() => {
            setTagged(null);
            again();
          }}
          close={() => setTagged(null)}
        />
      )}
    </>
  );
}

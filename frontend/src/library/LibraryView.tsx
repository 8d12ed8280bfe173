import { useRef, useState } from "react";
import type { DocumentBody } from "../api/types";
import { UploadIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { ChunksView } from "./ChunksView";
import { DocumentsView } from "./DocumentsView";
import { SourcesView } from "./SourcesView";
import { UploadList } from "./UploadList";
import type { Uploads } from "./useUploads";
import "./library.css";

interface Props {
  uploads: Uploads;
  /** Counts what has changed the library from outside this view; each step loads it anew. */
  changes: number;
  changed: () => void;
  read: (document: DocumentBody) => void;
}

/** What the knowledge base holds, where it comes from, and the way in for more. */
export function LibraryView({ uploads, changes, changed, read }: Props) {
  const { library, upload } = useMessages();
  const [view, setView] = useState<"documents" | "sources">("documents");
  const [inspected, setInspected] = useState<DocumentBody | null>(null);
  const picker = useRef<HTMLInputElement>(null);

  if (inspected) return <ChunksView document={inspected} back={() => setInspected(null)} />;
  return (
    <div className="library">
      <div className="library-head">
        <h2>{library.title}</h2>
        <div className="views" role="group" aria-label={library.views}>
          {(["documents", "sources"] as const).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={view === name}
              onClick={() => setView(name)}
            >
              {library[name]}
            </button>
          ))}
        </div>
        <div className="library-add">
          <span className="library-drop-hint">{upload.dropHint}</span>
          <button
            type="button"
            className="button button-icon"
            onClick={() => picker.current?.click()}
          >
            <UploadIcon />
            {upload.add}
          </button>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              uploads.add([...(event.target.files ?? [])]);
              event.target.value = ""; // so that the same file can be chosen again
            }}
          />
        </div>
      </div>
      <UploadList uploads={uploads} />
      {view === "documents" ? (
        <DocumentsView changes={changes} read={read} inspect={setInspected} />
      ) : (
        <SourcesView synced={changed} />
      )}
    </div>
  );
}

import { lazy, Suspense, useState } from "react";
import { useMay } from "../api/rights";
import type { DocumentBody } from "../api/types";
import type { Undoable } from "../components/useUndo";
import { useMessages } from "../i18n/language";
import type { ScopeItem, Task } from "../state/scope";
import type { KbChoice } from "../components/useKnowledgeBases";
import { AddButtons } from "./AddButtons";
import { ChunksView } from "./ChunksView";
import { DocumentsView } from "./DocumentsView";
import { KnowledgeBasesView } from "./KnowledgeBasesView";
import { SourcesView } from "./SourcesView";
import { UploadList } from "./UploadList";
import { useDocuments } from "./useLibraryQueries";
import type { Uploads } from "./useUploads";
import styles from "./library.module.css";

const FEW = 3; // failed files that are shown at first
const VIEWS = ["documents", "sources", "bases", "improve"] as const;
// Brought when an owner first looks at it.
const ImproveView = lazy(async () => ({
  default: (await import("../loop/ImproveView")).ImproveView,
}));

interface Props {
  uploads: Uploads;
  kbs: KbChoice;
  /** Tells of what was removed, which can come back; and of what did not happen. */
  offer: (removed: Undoable) => void;
  fail: (error: unknown) => void;
  ask: (scope: ScopeItem[], task: Task | null) => void;
  read: (document: DocumentBody) => void;
}

/** What the knowledge base holds, where it comes from, and the way in for more. */
export function LibraryView({ uploads, kbs, offer, fail, ask, read }: Props) {
  const { library, upload } = useMessages();
  const may = useMay();
  const views = VIEWS.filter((name) => !["sources", "improve"].includes(name) || may("all"));
  const [view, setView] = useState<(typeof VIEWS)[number]>("documents");
  const [allFailed, setAllFailed] = useState(false);
  // The newest first: what was uploaded just now is among them.
  const { data: failed } = useDocuments({
    status: "failed",
    sort: "-updated_at",
    limit: allFailed ? 1000 : FEW,
  });
  const inTray = view === "documents" ? failed?.documents.map(({ id }) => id) : undefined;
  const [inspected, setInspected] = useState<DocumentBody | null>(null);

  if (inspected) return <ChunksView document={inspected} back={() => setInspected(null)} />;
  return (
    <div className={styles.library} data-part="library">
      <div className={styles.libraryHead}>
        <h2>{library.title}</h2>
        <div className="views" data-part="views" role="group" aria-label={library.views}>
          {views.map((name) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
              {library[name]}
            </button>
          ))}
        </div>
        {view === "documents" && may("write") && (
          <div className={styles.libraryAdd}>
            <AddButtons uploads={uploads} />
            <span className={styles.libraryDropHint}>{upload.dropHint}</span>
          </div>
        )}
      </div>
      <UploadList uploads={uploads} elsewhere={inTray ?? []} />
      {view === "documents" && (
        <DocumentsView
          uploads={uploads}
          failed={failed}
          showAllFailed={() => setAllFailed(true)}
          offer={offer}
          fail={fail}
          ask={ask}
          read={read}
          inspect={setInspected}
        />
      )}
      {view === "sources" && <SourcesView offer={offer} fail={fail} />}
      {view === "bases" && <KnowledgeBasesView kbs={kbs} />}
      {view === "improve" && (
        <Suspense>
          <ImproveView fail={fail} />
        </Suspense>
      )}
    </div>
  );
}

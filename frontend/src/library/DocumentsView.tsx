import { useDeferredValue, useState } from "react";
import { useMay } from "../api/rights";
import type { DocumentBody, DocumentList } from "../api/types";
import { ErrorNotice } from "../components/ErrorNotice";
import { CloseIcon } from "../components/icons";
import type { Undoable } from "../components/useUndo";
import { useMessages } from "../i18n/language";
import type { ScopeItem, Task } from "../state/scope";
import { useServices } from "../api/services";
import { BulkBar } from "./BulkBar";
import { DocumentTable, type Sort } from "./DocumentTable";
import { FailedTray } from "./FailedTray";
import { FirstRun } from "./FirstRun";
import { readableSource } from "./format";
import { isSettled } from "../state/uploads";
import { TagEditor } from "./TagEditor";
import { useDocuments, useRefresh, useScopes } from "./useLibraryQueries";
import type { Uploads } from "./useUploads";
import styles from "./library.module.css";

const PAGE = 50;

interface Props {
  uploads: Uploads;
  /** Those that could not be read; undefined: not known yet. */
  failed: DocumentList | undefined;
  showAllFailed: () => void;
  offer: (removed: Undoable) => void;
  fail: (error: unknown) => void;
  ask: (scope: ScopeItem[], task: Task | null) => void;
  read: (document: DocumentBody) => void;
  inspect: (document: DocumentBody) => void;
}

/** The documents of the knowledge base, and what the index holds of each. */
export function DocumentsView(props: Props) {
  const { uploads, failed, offer, fail, ask, read, inspect } = props;
  const { library: texts } = useMessages();
  const { library } = useServices();
  const refresh = useRefresh();
  const [search, setSearch] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const [folder, setFolder] = useState<string | null>(null);
  const [sort, setSort] = useState<Sort>("title");
  const [page, setPage] = useState(0);
  const [selected, setSelected] = useState<ReadonlyMap<string, DocumentBody>>(new Map());
  const [tagged, setTagged] = useState<DocumentBody[] | null>(null);
  const sought = useDeferredValue(search.trim());
  const filtered = sought !== "" || tag !== null || folder !== null;
  const found = useDocuments({
    q: sought,
    ...(tag === null ? {} : { tag: [tag] }),
    folder: folder ?? "",
    searchable: true,
    sort,
    limit: PAGE,
    offset: page * PAGE,
  });

  /** Another choice begins with its first page. */
  const choose = (change: () => void) => {
    change();
    setPage(0);
  };
  // With what they are: another page may be shown by the time that something is done with them.
  const select = (documents: DocumentBody[], on: boolean) =>
    setSelected((before) => {
      const after = new Map(before);
      for (const document of documents)
        if (on) after.set(document.id, document);
        else after.delete(document.id);
      return after;
    });
  const removeAll = async (documents: DocumentBody[]) => {
    const ids = documents.map(({ id }) => id);
    try {
      await library.remove(ids);
    } catch (error) {
      fail(error);
      return;
    }
    select(documents, false);
    offer({
      text: `${texts.removed(documents.map(({ title }) => title))} ${texts.removedNote}`,
      undo: async () => {
        await library.restore(ids);
        await refresh();
      },
    });
    await refresh();
  };

  const shown = found.data;
  if (found.isError && !shown) {
    return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  }
  if (!shown || !failed) return null;
  const bare = shown.total === 0 && !filtered && failed.total === 0;
  if (bare) return uploads.list.every(isSettled) ? <FirstRun uploads={uploads} /> : null;
  const chosen = [...selected.values()];
  const last = Math.min((page + 1) * PAGE, shown.total);
  // The last page may have been emptied by a deletion.
  if (page > 0 && shown.documents.length === 0 && !found.isPlaceholderData) setPage(page - 1);
  return (
    <>
      <FailedTray
        failed={failed}
        showAll={props.showAllFailed}
        remove={(documents) => void removeAll(documents)}
        fail={fail}
      />
      <Filters
        search={search}
        setSearch={(value) => choose(() => setSearch(value))}
        tag={tag}
        setTag={(value) => choose(() => setTag(value))}
        ask={(scope) => ask(scope, null)}
        folder={folder}
        setFolder={(value) => choose(() => setFolder(value))}
        total={shown.total}
      />
      {shown.total === 0 && <p>{filtered ? texts.none : texts.empty}</p>}
      {chosen.length > 0 && (
        <BulkBar
          ids={chosen.map(({ id }) => id)}
          ask={ask}
          tag={() => setTagged(chosen)}
          remove={() => void removeAll(chosen)}
          clear={() => setSelected(new Map())}
        />
      )}
      {shown.total > 0 && (
        <DocumentTable
          documents={shown.documents}
          sort={sort}
          setSort={(value) => choose(() => setSort(value))}
          selected={selected}
          select={select}
          read={read}
          inspect={inspect}
          ask={({ id }) => ask([{ kind: "doc", value: id }], null)}
          editTags={(document) => setTagged([document])}
          remove={(document) => void removeAll([document])}
          showTag={(value) => choose(() => setTag(value))}
          showFolder={(value) => choose(() => setFolder(value))}
        />
      )}
      {shown.total > PAGE && (
        <nav className={styles.pages} aria-label={texts.pages}>
          <button
            type="button"
            className="button button-quiet"
            disabled={page === 0}
            onClick={() => setPage(page - 1)}
          >
            {texts.previousPage}
          </button>
          <span role="status">{texts.range(page * PAGE + 1, last, shown.total)}</span>
          <button
            type="button"
            className="button button-quiet"
            disabled={last >= shown.total}
            onClick={() => setPage(page + 1)}
          >
            {texts.nextPage}
          </button>
        </nav>
      )}
      {tagged && (
        <TagEditor
          documents={tagged}
          saved={() => {
            setTagged(null);
            void refresh();
          }}
          close={() => setTagged(null)}
        />
      )}
    </>
  );
}

function Filters(props: {
  search: string;
  setSearch: (search: string) => void;
  tag: string | null;
  setTag: (tag: string | null) => void;
  folder: string | null;
  setFolder: (folder: string | null) => void;
  total: number;
  ask: (scope: ScopeItem[]) => void;
}) {
  const { tag, setTag, folder, setFolder } = props;
  const { library: texts } = useMessages();
  const may = useMay();
  const { data: scopes } = useScopes();
  const chosen: (ScopeItem & { label: string; clear: () => void })[] = [
    ...(tag === null
      ? []
      : [{ kind: "tag" as const, value: tag, label: texts.tagIs(tag), clear: () => setTag(null) }]),
    ...(folder === null
      ? []
      : [
          {
            kind: "folder" as const,
            value: folder,
            label: texts.folderIs(readableSource(folder)),
            clear: () => setFolder(null),
          },
        ]),
  ];
  return (
    <>
      <div className={styles.librarySearch}>
        <input
          type="search"
          className={`${styles.libraryFilter} field`}
          aria-label={texts.filter}
          placeholder={texts.filter}
          value={props.search}
          onChange={(event) => props.setSearch(event.target.value)}
        />
        {scopes && scopes.folders.length > 0 && (
          <select
            aria-label={texts.folders}
            value={folder ?? ""}
            onChange={(event) => setFolder(event.target.value || null)}
          >
            <option value="">{texts.allFolders}</option>
            {[...scopes.folders]
              .sort((a, b) => a.name.localeCompare(b.name))
              .map(({ name, documents }) => (
                <option key={name} value={name}>
                  {readableSource(name)} ({documents})
                </option>
              ))}
          </select>
        )}
        {scopes && scopes.tags.length > 0 && (
          <select
            aria-label={texts.tagsLabel}
            value={tag ?? ""}
            onChange={(event) => setTag(event.target.value || null)}
          >
            <option value="">{texts.allTags}</option>
            {scopes.tags.map(({ name, documents }) => (
              <option key={name} value={name}>
                {name} ({documents})
              </option>
            ))}
          </select>
        )}
        <span role="status">{texts.count(props.total)}</span>
      </div>
      {chosen.length > 0 && (
        <div className={styles.filters} role="group" aria-label={texts.filters}>
          {chosen.map(({ kind, label, clear }) => (
            <span key={kind} className={`tag ${styles.filter}`} data-part="tag">
              {label}
              <button
                type="button"
                aria-label={texts.unfilter(label)}
                title={texts.unfilter(label)}
                onClick={clear}
              >
                <CloseIcon />
              </button>
            </span>
          ))}
          {may("ask") && (
            <button
              type="button"
              className="button button-quiet"
              onClick={() => props.ask(chosen.map(({ kind, value }) => ({ kind, value })))}
            >
              {texts.askAboutThese}
            </button>
          )}
        </div>
      )}
    </>
  );
}

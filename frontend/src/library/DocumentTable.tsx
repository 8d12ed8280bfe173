import type { DocumentQuery } from "../api/library";
import { useMay } from "../api/rights";
import type { DocumentBody } from "../api/types";
import { IconButton } from "../components/IconButton";
import { AskIcon, TagIcon, TrashIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { sentences } from "../text/sentences";
import { folderOf, formatSize, formatTime, readableSource } from "./format";
import styles from "./library.module.css";

export type Sort = NonNullable<DocumentQuery["sort"]>;

interface Props {
  documents: DocumentBody[];
  sort: Sort;
  setSort: (sort: Sort) => void;
  /** By id. */
  selected: ReadonlyMap<string, DocumentBody>;
  select: (documents: DocumentBody[], on: boolean) => void;
  read: (document: DocumentBody) => void;
  inspect: (document: DocumentBody) => void;
  ask: (document: DocumentBody) => void;
  editTags: (document: DocumentBody) => void;
  remove: (document: DocumentBody) => void;
  showTag: (tag: string) => void;
  showFolder: (folder: string) => void;
}

export function DocumentTable(props: Props) {
  const { documents, selected, select } = props;
  const { library } = useMessages();
  const all = documents.length > 0 && documents.every(({ id }) => selected.has(id));
  return (
    <table className={styles.documents} data-part="documents">
      <thead>
        <tr>
          <th scope="col" className={styles.selectCell}>
            <input
              type="checkbox"
              aria-label={library.selectPage}
              checked={all}
              onChange={() => select(documents, !all)}
            />
          </th>
          <SortHeader column="title" {...props}>
            {library.document}
          </SortHeader>
          <SortHeader column="size" number {...props}>
            {library.size}
          </SortHeader>
          <th scope="col" className={styles.number} data-part="number">
            {library.chunks}
          </th>
          <SortHeader column="updated_at" {...props}>
            {library.updated}
          </SortHeader>
          <th scope="col">
            <span className="visually-hidden">{library.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {documents.map((document) => (
          <DocumentLine key={document.id} document={document} {...props} />
        ))}
      </tbody>
    </table>
  );
}

function SortHeader(
  props: Pick<Props, "sort" | "setSort"> & {
    column: "title" | "size" | "updated_at";
    number?: boolean;
    children: string;
  },
) {
  const { library } = useMessages();
  const { column, sort, setSort, children } = props;
  const up = sort === column;
  const down = sort === `-${column}`;
  // Of sizes and times people want the largest first.
  const first: Sort = column === "title" ? column : `-${column}`;
  const other: Sort = column === "title" ? `-${column}` : column;
  return (
    <th
      scope="col"
      className={props.number ? styles.number : undefined}
      aria-sort={up ? "ascending" : down ? "descending" : undefined}
    >
      <button
        type="button"
        className={styles.sortButton}
        title={library.sortBy(children)}
        onClick={() => setSort(sort === first ? other : first)}
      >
        {children}
        <span aria-hidden="true">{up ? " ↑" : down ? " ↓" : ""}</span>
      </button>
    </th>
  );
}

function DocumentLine(props: Props & { document: DocumentBody }) {
  const { document, selected, select } = props;
  const { library, tags, locale } = useMessages();
  const may = useMay();
  const folder = folderOf(document.source);
  return (
    <tr aria-selected={selected.has(document.id)}>
      <td className={styles.selectCell}>
        <input
          type="checkbox"
          aria-label={library.select(document.title)}
          checked={selected.has(document.id)}
          onChange={(event) => select([document], event.target.checked)}
        />
      </td>
      <th scope="row">
        <button
          type="button"
          className={`${styles.documentTitle} link-button`}
          title={library.read(document.title)}
          onClick={() => props.read(document)}
        >
          {document.title}
        </button>
        <span className={styles.documentSource} title={readableSource(document.source)}>
          {folder && (
            <>
              <button
                type="button"
                className="link-button"
                title={library.inFolder(readableSource(folder))}
                onClick={() => props.showFolder(folder)}
              >
                {nameOf(folder)}
              </button>
              {" / "}
            </>
          )}
          {nameOf(document.source)}
        </span>
        {document.tags.map((tag) => (
          <button
            key={tag}
            type="button"
            className={`tag ${styles.tagButton}`}
            data-part="tag"
            title={library.withTag(tag)}
            onClick={() => props.showTag(tag)}
          >
            {tag}
          </button>
        ))}
        {document.status === "stale" && (
          <span className={`status status-stale ${styles.documentStale}`}>
            {library.statuses.stale}
            {document.failure && `: ${sentences(document.failure.message, document.failure.hint)}`}
          </span>
        )}
        <Notes document={document} />
      </th>
      <td className={styles.number} data-part="number" data-label={library.size}>
        {formatSize(document.size, locale)}
      </td>
      <td className={styles.number} data-part="number" data-label={library.chunks}>
        <button
          type="button"
          className="link-button"
          aria-label={library.showPassages(document.title, document.chunks)}
          title={library.showPassages(document.title, document.chunks)}
          onClick={() => props.inspect(document)}
        >
          {document.chunks}
        </button>
      </td>
      <td data-label={library.updated}>{formatTime(document.updated_at, locale)}</td>
      <td className={styles.rowActions}>
        {may("ask") && (
          <IconButton label={library.ask(document.title)} onClick={() => props.ask(document)}>
            <AskIcon />
          </IconButton>
        )}
        {may("write") && (
          <>
            <IconButton label={tags.edit(document.title)} onClick={() => props.editTags(document)}>
              <TagIcon />
            </IconButton>
            <IconButton label={library.remove(document.title)} onClick={() => props.remove(document)}>
              <TrashIcon />
            </IconButton>
          </>
        )}
      </td>
    </tr>
  );
}

/** What the file holds and the text does not, so that nobody looks for it in vain. */
function Notes({ document }: { document: DocumentBody }) {
  const { library } = useMessages();
  if (document.notes.length === 0) return null;
  const count = document.notes.reduce((sum, note) => sum + note.count, 0);
  return (
    <details className={styles.documentNotes}>
      <summary>{library.notes(count)}</summary>
      <ul>
        {document.notes.map((note, index) => (
          <li key={index}>
            {library.note[note.kind] ?? library.note["other"]}: {note.count}
            {note.detail !== "" && ` (${note.detail})`}
          </li>
        ))}
      </ul>
    </details>
  );
}

function nameOf(address: string): string {
  return readableSource(address).replace(/\/+$/, "").split("/").at(-1) ?? address;
}

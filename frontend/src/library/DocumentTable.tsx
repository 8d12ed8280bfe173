import type { DocumentBody } from "../api/types";
import { TagIcon, TrashIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { formatSize, formatTime, readableSource, shortSource } from "./format";

interface Props {
  documents: DocumentBody[];
  read: (document: DocumentBody) => void;
  inspect: (document: DocumentBody) => void;
  editTags: (document: DocumentBody) => void;
  remove: (document: DocumentBody) => void;
}

export function DocumentTable({ documents, read, inspect, editTags, remove }: Props) {
  const { library, tags, locale } = useMessages();
  return (
    <table className="documents">
      <thead>
        <tr>
          <th scope="col">{library.document}</th>
          <th scope="col">{library.status}</th>
          <th scope="col" className="number">
            {library.size}
          </th>
          <th scope="col" className="number">
            {library.chunks}
          </th>
          <th scope="col">{library.updated}</th>
          <th scope="col">
            <span className="visually-hidden">{library.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {documents.map((document) => (
          <tr key={document.id}>
            <th scope="row">
              {document.status === "failed" ? (
                <span className="document-title">{document.title}</span>
              ) : (
                <button
                  type="button"
                  className="document-title link-button"
                  title={library.read(document.title)}
                  onClick={() => read(document)}
                >
                  {document.title}
                </button>
              )}
              <span className="document-source" title={readableSource(document.source)}>
                {shortSource(document.source)}
              </span>
              {document.tags.map((tag) => (
                <span className="tag" key={tag}>
                  {tag}
                </span>
              ))}
            </th>
            <td data-label={library.status}>
              <span className={`status status-${document.status}`}>
                {library.statuses[document.status]}
              </span>
              {document.failure && (
                <span className="document-failure">
                  {document.failure.message} {document.failure.hint}
                </span>
              )}
            </td>
            <td className="number" data-label={library.size}>
              {formatSize(document.size, locale)}
            </td>
            <td className="number" data-label={library.chunks}>
              {document.status === "failed" ? (
                document.chunks
              ) : (
                <button
                  type="button"
                  className="link-button"
                  aria-label={library.showPassages(document.title, document.chunks)}
                  title={library.showPassages(document.title, document.chunks)}
                  onClick={() => inspect(document)}
                >
                  {document.chunks}
                </button>
              )}
            </td>
            <td data-label={library.updated}>{formatTime(document.updated_at, locale)}</td>
            <td className="row-actions">
              <button
                type="button"
                className="icon-button"
                aria-label={tags.edit(document.title)}
                title={tags.edit(document.title)}
                onClick={() => editTags(document)}
              >
                <TagIcon />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={library.remove(document.title)}
                title={library.remove(document.title)}
                onClick={() => remove(document)}
              >
                <TrashIcon />
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

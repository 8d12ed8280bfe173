import { useMessages } from "../i18n/language";

interface Props {
  documents: number | null;
  openLibrary: () => void;
}

export function EmptyState({ documents, openLibrary }: Props) {
  const { empty } = useMessages();
  return (
    <div className="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      {documents !== null && (
        <p className="empty-count">
          {documents === 0 ? empty.noDocuments : empty.count(documents)}{" "}
          <button type="button" className="link-button" onClick={openLibrary}>
            {empty.openLibrary}
          </button>
        </p>
      )}
    </div>
  );
}

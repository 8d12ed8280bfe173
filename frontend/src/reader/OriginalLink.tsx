import { useState, type MouseEvent } from "react";
import { ApiError } from "../api/client";
import type { DocumentBody } from "../api/types";
import { ExternalIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import styles from "./reader.module.css";

/** The document's file. A link cannot carry a key, so with one the file is fetched and saved. */
export function OriginalLink({ document: body, page }: { document: DocumentBody; page: number | null }) {
  const { reader, failure } = useMessages();
  const [problem, setProblem] = useState<string | null>(null);
  const { client, library } = useServices();
  const href = library.original(body.id);

  const save = async () => {
    const response = await client.request(href);
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = decodeURIComponent(body.source.split("/").at(-1) ?? body.title);
    link.click();
    URL.revokeObjectURL(url);
  };
  const onClick = (event: MouseEvent) => {
    if (!client.hasKey()) return;
    event.preventDefault();
    setProblem(null);
    save().catch((error: unknown) =>
      setProblem(error instanceof ApiError ? error.message : failure.connection),
    );
  };
  return (
    <>
      <a
        className={styles.original}
        href={page === null ? href : `${href}#page=${page}`}
        target="_blank"
        rel="noopener"
        onClick={onClick}
      >
        <ExternalIcon />
        {reader.original}
      </a>
      {problem !== null && (
        <span className="field-error" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}

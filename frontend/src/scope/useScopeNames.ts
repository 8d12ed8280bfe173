import { useEffect, useState } from "react";
import { isGone } from "../api/client";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { useBaseTitles } from "../components/useKnowledgeBases";
import { folderName, type ScopeItem } from "../state/scope";

/** How the items of a scope are called; of a document its title, once the server has told it. */
export function useScopeNames(scope: ScopeItem[]): (item: ScopeItem) => string {
  const { scope: texts } = useMessages();
  const { library } = useServices();
  const [titles, setTitles] = useState<ReadonlyMap<string, string | null>>(new Map());
  const bases = scope.filter(({ kind }) => kind === "base").map(({ value }) => value);
  const titleOf = useBaseTitles(bases);
  const ids = scope.flatMap(({ kind, value }) => (kind === "doc" ? [value] : [])).join(" ");

  useEffect(() => {
    let current = true;
    for (const id of ids.split(" ").filter((id) => id !== "")) {
      const told = (title: string | null) => current && setTitles((known) => new Map(known).set(id, title));
      library.document(id).then(
        (document) => told(document.title),
        (error: unknown) => isGone(error) && told(null),
      );
    }
    return () => {
      current = false;
    };
  }, [library, ids]);

  return ({ kind, value }) => {
    if (kind === "tag") return value;
    if (kind === "folder") return folderName(value);
    if (kind === "base") return titleOf(value);
    const title = titles.get(value);
    return title === undefined ? "…" : (title ?? texts.gone);
  };
}

import { CloseIcon, FolderIcon, LibraryIcon, PageIcon, TagIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import type { ScopeItem } from "../state/scope";
import { useScopeNames } from "./useScopeNames";
import styles from "./scope.module.css";

export const ICONS = { doc: PageIcon, tag: TagIcon, folder: FolderIcon, base: LibraryIcon };

interface Props {
  scope: ScopeItem[];
  /** Absent: the chips only tell what a question was asked about. */
  remove?: (item: ScopeItem) => void;
}

/** What a question is asked about, one chip for each document, tag, folder and knowledge base. */
export function ScopeChips({ scope, remove }: Props) {
  const { scope: texts } = useMessages();
  const nameOf = useScopeNames(scope);
  if (scope.length === 0) return null;
  return (
    <ul className={styles.scopeChips} aria-label={texts.label}>
      {scope.map((item) => {
        const Icon = ICONS[item.kind];
        const name = nameOf(item);
        return (
          <li
            key={`${item.kind}:${item.value}`}
            className={styles.scopeChip}
            data-part="scope-chip"
            title={titleOf(item, name)}
          >
            <Icon />
            <span className="visually-hidden">{texts.kinds[item.kind]}: </span>
            <span className={styles.scopeName}>{name}</span>
            {remove && (
              <button
                type="button"
                className={styles.scopeRemove}
                aria-label={texts.remove(name)}
                onClick={() => remove(item)}
              >
                <CloseIcon />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function titleOf({ kind, value }: ScopeItem, name: string): string {
  if (kind !== "folder") return name;
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // an address that holds a bare %
  }
}

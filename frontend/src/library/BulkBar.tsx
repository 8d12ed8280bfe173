import { useMay } from "../api/rights";
import { useMessages } from "../i18n/language";
import type { ScopeItem, Task } from "../state/scope";
import styles from "./library.module.css";

interface Props {
  ids: string[];
  ask: (scope: ScopeItem[], task: Task | null) => void;
  tag: () => void;
  remove: () => void;
  clear: () => void;
}

/** What can be done with the selected documents. */
export function BulkBar(props: Props) {
  const { ids, tag, remove, clear } = props;
  const { library } = useMessages();
  const may = useMay();
  const ask = (task: Task | null) =>
    props.ask(
      ids.map((value) => ({ kind: "doc", value })),
      task,
    );
  const actions: [label: string, act: () => void, offered: boolean][] = [
    [library.askAboutThese, () => ask(null), may("ask")],
    [library.summarise, () => ask("summarise"), may("ask")],
    [library.compare, () => ask("compare"), may("ask") && ids.length > 1],
    [library.news, () => ask("news"), may("ask")],
    [library.tag, tag, may("write")],
    [library.delete, remove, may("write")],
  ];
  return (
    <div className={styles.bulkBar} role="region" aria-label={library.selected(ids.length)}>
      <span role="status">{library.selected(ids.length)}</span>
      {actions.map(
        ([label, act, offered]) =>
          offered && (
            <button key={label} type="button" className="button button-quiet" onClick={act}>
              {label}
            </button>
          ),
      )}
      <button type="button" className="link-button" onClick={clear}>
        {library.unselect}
      </button>
    </div>
  );
}

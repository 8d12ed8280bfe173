import { useMessages } from "../i18n/language";
import type { ScopeItem, Task } from "../state/scope";

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
  const ask = (task: Task | null) =>
    props.ask(
      ids.map((value) => ({ kind: "doc", value })),
      task,
    );
  const actions: [string, () => void][] = [
    [library.askAboutThese, () => ask(null)],
    [library.summarise, () => ask("summarise")],
    ...(ids.length > 1 ? [[library.compare, () => ask("compare")] as [string, () => void]] : []),
    [library.news, () => ask("news")],
    [library.tag, tag],
    [library.delete, remove],
  ];
  return (
    <div className="bulk-bar" role="region" aria-label={library.selected(ids.length)}>
      <span role="status">{library.selected(ids.length)}</span>
      {actions.map(([label, act]) => (
        <button key={label} type="button" className="button button-quiet" onClick={act}>
          {label}
        </button>
      ))}
      <button type="button" className="link-button" onClick={clear}>
        {library.unselect}
      </button>
    </div>
  );
}

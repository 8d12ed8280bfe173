import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { ConversationPanel, type PanelProps } from "./ConversationPanel";
import type { SideBarState } from "./useSideBar";
import styles from "./conversations.module.css";

/** The conversations beside the page where there is room, else in a drawer over it. */
export function SideBar({ bar, ...panel }: PanelProps & { bar: SideBarState }) {
  const { conversations } = useMessages();
  if (!bar.shown) return null;
  if (!bar.drawer) {
    return (
      <aside className={styles.sideBar} data-part="side-bar" aria-label={conversations.title}>
        <ConversationPanel {...panel} />
      </aside>
    );
  }
  const then =
    <T extends unknown[]>(act: (...values: T) => void) =>
    (...values: T) => {
      bar.close();
      act(...values);
    };
  return (
    <Modal label={conversations.title} className={styles.drawer} part="drawer" close={bar.close}>
      <ConversationPanel
        {...panel}
        open={then(panel.open)}
        begin={then(panel.begin)}
        settings={then(panel.settings)}
      />
    </Modal>
  );
}

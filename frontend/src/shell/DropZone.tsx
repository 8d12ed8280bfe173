import { useMay } from "../api/rights";
import { UploadIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useFileDrop } from "../library/useFileDrop";
import type { Gathered } from "../library/walk";
import styles from "./shell.module.css";

/** The whole page takes files that are dropped on it, from those who may add some. */
export function DropZone({ take }: { take: (files: Gathered[]) => void }) {
  const { app } = useMessages();
  const may = useMay();
  const dropping = useFileDrop(may("write") ? take : null);
  if (!dropping) return null;
  return (
    <div className={styles.dropOver} data-part="drop-over">
      <UploadIcon />
      {may("write") ? app.dropHere : app.dropNotAllowed}
    </div>
  );
}

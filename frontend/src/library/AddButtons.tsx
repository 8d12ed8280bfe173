import { useRef } from "react";
import { FolderIcon, UploadIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import type { Uploads } from "./useUploads";
import { picked } from "./walk";
import styles from "./library.module.css";

/** The way in for files and for folders. */
export function AddButtons({ uploads }: { uploads: Uploads }) {
  const { upload } = useMessages();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    uploads.add(picked(input.files ?? []));
    input.value = ""; // so that the same file can be chosen again
  };
  return (
    <div className={styles.addButtons}>
      <button type="button" className="button button-icon" onClick={() => files.current?.click()}>
        <UploadIcon />
        {upload.add}
      </button>
      <button
        type="button"
        className="button button-quiet button-icon"
        onClick={() => folder.current?.click()}
      >
        <FolderIcon />
        {upload.addFolder}
      </button>
      <input
        ref={files}
        data-part="pick-files"
        type="file"
        multiple
        hidden
        onChange={(event) => take(event.target)}
      />
      <input
        ref={folder}
        data-part="pick-folder"
        type="file"
        {...{ webkitdirectory: "" }}
        hidden
        onChange={(event) => take(event.target)}
      />
    </div>
  );
}

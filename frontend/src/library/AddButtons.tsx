import { useRef } from "react";
import { FolderIcon, UploadIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import type { Uploads } from "./useUploads";
import { picked } from "./walk";

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
    <div className="add-buttons">
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
        className="pick-files"
        type="file"
        multiple
        hidden
        onChange={(event) => take(event.target)}
      />
      <input
        ref={folder}
        className="pick-folder"
        type="file"
        {...{ webkitdirectory: "" }}
        hidden
        onChange={(event) => take(event.target)}
      />
    </div>
  );
}

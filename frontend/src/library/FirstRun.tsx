import { useMay } from "../api/rights";
import { UploadIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { AddButtons } from "./AddButtons";
import type { Uploads } from "./useUploads";
import styles from "./library.module.css";

/** The empty library: what can be put in, and how. */
export function FirstRun({ uploads }: { uploads: Uploads }) {
  const { first } = useMessages().library;
  const may = useMay();
  const example = () => {
    const file = new File([first.exampleText], first.exampleName, { type: "text/markdown" });
    uploads.add([{ file, path: file.name }]);
  };
  if (!may("write")) return <p>{first.readOnly}</p>;
  return (
    <section className={styles.firstRun} aria-labelledby="first-run-title">
      <UploadIcon />
      <h3 id="first-run-title">{first.title}</h3>
      <p>{first.text}</p>
      <AddButtons uploads={uploads} />
      <p className="sub">{first.formats}</p>
      <button type="button" className="link-button" onClick={example}>
        {first.example}
      </button>
    </section>
  );
}

import { useState } from "react";
import { useMay } from "../api/rights";
import { useMessages } from "../i18n/language";
import { CuratedAnswers } from "./CuratedAnswers";
import { Gaps } from "./Gaps";
import { Models } from "./Models";
import { ShadowReport } from "./ShadowReport";
import styles from "./loop.module.css";

const PARTS = ["gaps", "curated", "shadow", "models"] as const;

/** What was asked in vain, answers of one's own, and which model answers. */
export function ImproveView({ fail }: { fail: (error: unknown) => void }) {
  const { improve } = useMessages();
  const [part, setPart] = useState<(typeof PARTS)[number]>("gaps");
  /** The question that an answer is to be written to. */
  const [question, setQuestion] = useState<string | null>(null);
  const may = useMay();
  const parts = PARTS.filter((name) => name !== "models" || may("operator"));
  return (
    <div className={styles.improve} data-part="improve">
      <div className="views" data-part="views" role="group" aria-label={improve.parts}>
        {parts.map((name) => (
          <button key={name} type="button" aria-pressed={part === name} onClick={() => setPart(name)}>
            {improve[name]}
          </button>
        ))}
      </div>
      {part === "gaps" && (
        <Gaps
          answer={(asked) => {
            setQuestion(asked);
            setPart("curated");
          }}
        />
      )}
      {part === "curated" && (
        <CuratedAnswers question={question} taken={() => setQuestion(null)} fail={fail} />
      )}
      {part === "shadow" && <ShadowReport />}
      {part === "models" && <Models fail={fail} />}
    </div>
  );
}

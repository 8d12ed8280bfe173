import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { LanguageProvider } from "../i18n/language";
import { SettingsProvider } from "../state/settings";
import { citation, passage } from "../state/test-data";
import { RefusalNotice } from "./RefusalNotice";
import { EvidenceList } from "./EvidenceList";

const nothing = () => undefined;

it("sets the cited rows of one table below each other, under the names of their columns once", () => {
  const lines = [
    "| Service | Port |",
    "| --- | --- |",
    "| API | 8000 |",
    "| Vectors | |",
    "It starts first.",
  ];
  const text = lines.filter((line) => !line.includes("---")).join("\n");
  const quoted = [lines[2], lines[3], lines[4]].map((quote = "", at) => {
    const start = text.indexOf(quote);
    return citation({ marker: at + 1, quote, start, end: start + quote.length });
  });
  const { container } = render(
    <LanguageProvider>
      <SettingsProvider>
        <EvidenceList
          citations={quoted}
          retrieved={[passage({ text, end: text.length })]}
          open={nothing}
          openPassage={nothing}
          refused={false}
        />
      </SettingsProvider>
    </LanguageProvider>,
  );
  const rows = container.querySelectorAll("[data-part=evidence-rows]");
  expect(rows).toHaveLength(1);
  const names = rows[0]?.querySelectorAll("[data-part=evidence-names] [data-part=cell-name]") ?? [];
  expect([...names].map((name) => name.textContent)).toEqual(["Service", "Port"]);
  expect(rows[0]?.querySelectorAll("[data-part~=evidence-part]")).toHaveLength(2);
  // An empty cell keeps its column.
  expect(rows[0]?.querySelectorAll("[data-part=cell], [data-part=cell-empty]")).toHaveLength(4);
  expect(screen.getByText("It starts first.").closest("[data-part=evidence-rows]")).toBeNull();
});

it("names of a refusal only the documents of passages that were read", () => {
  const retrieved = ["Read", "Found"].map((title, at) =>
    passage({ title, chunk_id: `c${at}`, cited: false }),
  );
  const { container } = render(
    <LanguageProvider>
      <RefusalNotice
        refusal={{ reason: "low_relevance", message: "No.", detail: "", looked: 1, near: -3 }}
        retrieved={retrieved}
        rephrase={nothing}
        everywhere={null}
        openLibrary={nothing}
      />
    </LanguageProvider>,
  );
  expect(container.textContent).toContain("Read");
  expect(container.textContent).not.toContain("Found");
});

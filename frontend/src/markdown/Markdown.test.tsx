import { render, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { AnswerContext } from "../answer/context";
import { MARKS } from "../answer/marks";
import { LanguageProvider } from "../i18n/language";
import { citation } from "../state/test-data";
import { Markdown } from "./Markdown";
import type { Span } from "./plugins";

function show(text: string, { spans = [] as Span[], pending = false, markers = [1] } = {}) {
  const citations = markers.map((marker) => citation({ marker }));
  const { container } = render(
    <LanguageProvider>
      <AnswerContext value={{ citations, retrieved: [], pending, open: () => undefined }}>
        <Markdown text={text} marks={MARKS} spans={spans} />
      </AnswerContext>
    </LanguageProvider>,
  );
  return container;
}

describe("Markdown", () => {
  it("makes a pill of a marker that has a citation, and text of one that has none", () => {
    const shown = show("甲。[1] 乙。[7] `a[1]`");
    expect(within(shown).getAllByRole("button")).toHaveLength(1);
    expect(screen.getByRole("button").textContent).toBe("1");
    expect(shown.textContent).toBe("甲。1 乙。[7] a[1]");
  });

  it("shows a marker as pending while citations are on their way", () => {
    expect(
      show("甲。[1]", { markers: [], pending: true }).querySelector("[data-part=pill-pending]"),
    ).not.toBeNull();
  });

  it("marks a statement over emphasis and markers, exactly", () => {
    const text = "甲😀。乙是**很强**的[1]。丙。";
    const from = text.indexOf("乙");
    const shown = show(text, { spans: [{ from, to: text.indexOf("丙"), kind: "unsupported" }] });
    const marked = [...shown.querySelectorAll("[data-part=unsupported]")]
      .map((node) => node.textContent)
      .join("");
    expect(marked.replace(/ \(.*\)$/, "")).toBe("乙是很强的1。");
    expect(shown.querySelectorAll("[data-part=unsupported] .visually-hidden")).toHaveLength(1);
  });

  it("shows raw HTML as text", () => {
    const shown = show("<img src=x onerror=alert(1)> <script>alert(1)</script>");
    expect(shown.querySelector("img, script")).toBeNull();
    expect(shown.textContent).toContain("<img src=x");
  });

  it("opens links apart, without referrer, and only safe ones", () => {
    const shown = show(
      "![p](https://evil.example/p.png) [run](javascript:alert(1)) [site](https://a.example/)",
    );
    const links = [...shown.querySelectorAll("a")];
    expect(links.map((link) => [link.href, link.rel, link.target])).toEqual([
      ["https://a.example/", "noopener noreferrer nofollow", "_blank"],
    ]);
    expect(shown.querySelector("img")).toBeNull();
  });

  it("hides no text in a link definition", () => {
    expect(show("甲。[1]\n\n[1]: https://a.example/hidden").textContent).toContain(
      "https://a.example/hidden",
    );
  });

  it("takes prices for prices", () => {
    expect(show("Between $5 and $10, or $20.").textContent).toBe("Between $5 and $10, or $20.");
  });
});

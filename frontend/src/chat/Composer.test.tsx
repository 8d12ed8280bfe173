import { createEvent, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useRef, useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { LanguageProvider } from "../i18n/language";
import type { ScopeItem } from "../state/scope";
import { Composer } from "./Composer";

function setUp(over: { answering?: boolean; text?: string; scope?: ScopeItem[] } = {}) {
  const calls = {
    send: vi.fn(),
    stop: vi.fn(),
    cancelEdit: vi.fn(),
    editLast: vi.fn(),
    setScope: vi.fn(),
    askTask: vi.fn(),
  };
  function Host() {
    const [text, setText] = useState(over.text ?? "");
    const input = useRef<HTMLTextAreaElement>(null);
    return (
      <Composer
        allowed
        input={input}
        text={text}
        setText={setText}
        answering={over.answering ?? false}
        editing={null}
        scope={over.scope ?? []}
        {...calls}
      />
    );
  }
  render(
    <LanguageProvider>
      <Host />
    </LanguageProvider>,
  );
  return { ...calls, box: screen.getByRole("textbox") };
}

describe("Composer", () => {
  it("sends on Enter and starts a line on Shift+Enter", async () => {
    const { box, send } = setUp();
    await userEvent.type(box, "one{Shift>}{Enter}{/Shift}two");
    expect(box).toHaveProperty("value", "one\ntwo");
    expect(send).not.toHaveBeenCalled();
    await userEvent.type(box, "{Enter}");
    expect(send).toHaveBeenCalledOnce();
  });

  it("does not send the Enter that ends a composition", () => {
    const { box, send } = setUp({ text: "许可" });
    fireEvent.compositionStart(box);
    fireEvent.keyDown(box, { key: "Enter" });
    fireEvent.compositionEnd(box);
    // Safari reports that Enter only now, with the key code of a composed key.
    fireEvent(box, createEvent.keyDown(box, { key: "Enter", keyCode: 229 }));
    expect(send).not.toHaveBeenCalled();
    fireEvent.keyDown(box, { key: "Enter" });
    expect(send).toHaveBeenCalledOnce();
  });

  it("sends neither blanks nor a second question while answering; Esc stops", async () => {
    const blank = setUp({ text: "  " });
    await userEvent.type(blank.box, "{Enter}");
    expect(blank.send).not.toHaveBeenCalled();
    document.body.replaceChildren();
    const busy = setUp({ text: "again", answering: true });
    await userEvent.type(busy.box, "{Enter}");
    expect(busy.send).not.toHaveBeenCalled();
    await userEvent.type(busy.box, "{Escape}");
    expect(busy.stop).toHaveBeenCalledOnce();
  });

  it("edits the last question on ↑ only when the box is empty", async () => {
    const { box, editLast } = setUp();
    await userEvent.type(box, "a{ArrowUp}");
    expect(editLast).not.toHaveBeenCalled();
    await userEvent.type(box, "{Backspace}{ArrowUp}");
    expect(editLast).toHaveBeenCalledOnce();
  });

  it("refuses a question that is too long, counted in characters", () => {
    const { box, send } = setUp({ text: "𠮷".repeat(4001) });
    fireEvent.keyDown(box, { key: "Enter" });
    expect(send).not.toHaveBeenCalled();
    expect(box.getAttribute("aria-invalid")).toBe("true");
  });
});

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ServicesContext, type Services } from "../api/services";
import type { DocumentBody } from "../api/types";
import { LanguageProvider } from "../i18n/language";
import { DocumentsView } from "./DocumentsView";

// jsdom has no dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

const nothing = () => undefined;
/** The box by which a document is selected. */
const named = (title: string) => RegExp(`^(Select |选择.*)${title}(》|$)`);
const documents = Array.from({ length: 51 }, (_, at) => ({
  id: `d${at}`,
  title: `Document ${at}`,
  source: `file:///library/${at}.md`,
  status: "ready",
  tags: [],
  notes: [],
  chunks: 1,
  size: 10,
  updated_at: "2026-11-28T00:00:00Z",
})) as unknown as DocumentBody[];

async function selected(titles: string[], onNextPage: string[]) {
  const addTags = vi.fn(() => Promise.resolve());
  const remove = vi.fn(() => Promise.resolve());
  const library = {
    documents: ({ limit = 50, offset = 0 }) =>
      Promise.resolve({ documents: documents.slice(offset, offset + limit), total: documents.length }),
    scopes: () => Promise.resolve({ documents: [], tags: [], folders: [] }),
    addTags,
    remove,
  };
  const client = { request: () => Promise.reject(new Error("offline")) };
  const services = { client, kb: null, library } as unknown as Services;
  const offer = vi.fn();
  render(
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <ServicesContext value={services}>
          <DocumentsView
            uploads={{
              list: [],
              add: nothing,
              cancel: nothing,
              retry: nothing,
              settle: nothing,
              clear: nothing,
            }}
            failed={{ documents: [], total: 0 }}
            showAllFailed={nothing}
            offer={offer}
            fail={nothing}
            ask={nothing}
            read={nothing}
            inspect={nothing}
          />
        </ServicesContext>
      </QueryClientProvider>
    </LanguageProvider>,
  );
  for (const title of titles) await userEvent.click(await screen.findByLabelText(named(title)));
  await userEvent.click(screen.getByRole("button", { name: /^(Next|下一页)$/ }));
  await screen.findByText("Document 50");
  for (const title of onNextPage) await userEvent.click(screen.getByLabelText(named(title)));
  return { addTags, remove, offer };
}

it("tags all that are selected, whichever page they are on", async () => {
  const { addTags } = await selected(["Document 0", "Document 1"], ["Document 50"]);
  await userEvent.click(await screen.findByRole("button", { name: /^(Add tags|Tag|添加标签|标签)/ }));
  await userEvent.type(screen.getByRole("textbox"), "x{Enter}");
  await userEvent.click(screen.getByRole("button", { name: /^(Save|保存)$/ }));
  expect(addTags).toHaveBeenCalledWith(["d0", "d1", "d50"], ["x"]);
});

it("says what was removed, though another page is shown", async () => {
  const { remove, offer } = await selected(["Document 0"], []);
  await userEvent.click(await screen.findByRole("button", { name: /^(Delete|删除)$/ }));
  expect(remove).toHaveBeenCalledWith(["d0"]);
  await vi.waitFor(() => expect(offer).toHaveBeenCalled());
  expect((offer.mock.calls[0]?.[0] as { text: string }).text).toContain("Document 0");
});

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { libraryCalls } from "../api/library";
import { may, useMeOf } from "../api/rights";
import type { Citation, ConversationRow, DocumentBody, FoundPassage, Passage } from "../api/types";
import { ChatView } from "../chat/ChatView";
import { useChat } from "../chat/useChat";
import { UndoBar } from "../components/UndoBar";
import { useUndo } from "../components/useUndo";
import { SideBar } from "../conversations/SideBar";
import { useConversations } from "../conversations/useConversations";
import { useSideBar } from "../conversations/useSideBar";
import { LanguageProvider, useLanguage } from "../i18n/language";
import { LIBRARY, useRefresh } from "../library/useLibraryQueries";
import { useUploads } from "../library/useUploads";
import type { Gathered } from "../library/walk";
import {
  addressOf,
  placeOfCitation,
  placeOfPassage,
  readerState,
  stepped,
  type Place,
  type ReaderState,
} from "../state/reader";
import { useShared } from "../people/useShared";
import { isSettled } from "../state/uploads";
import { DropZone } from "./DropZone";
import { Header } from "./Header";
import { HealthBanner } from "./HealthBanner";
import { KeyDialog } from "./KeyDialog";
import { ServicesContext } from "../api/services";
import { SettingsProvider } from "../state/settings";
import { useShortcuts } from "./shortcuts";
import { useConnection } from "./useConnection";
import { useHealth } from "./useHealth";
import { useReturnFocus } from "./useReturnFocus";
import { askAbout, useRoute, useStepState, type Route } from "../state/useRoute";
import styles from "./shell.module.css";

// Brought when they are first wanted, so that the question box is there sooner.
const LibraryView = lazy(async () => ({
  default: (await import("../library/LibraryView")).LibraryView,
}));
const Reader = lazy(async () => ({ default: (await import("../reader/Reader")).Reader }));
const SettingsDialog = lazy(async () => ({
  default: (await import("./SettingsDialog")).SettingsDialog,
}));
const SharedView = lazy(async () => ({ default: (await import("../people/SharedView")).SharedView }));
const bringSearch = () => import("../search/SearchDialog");
type Search = Awaited<ReturnType<typeof bringSearch>>["SearchDialog"];

const LOOK_AGAIN = 5000; // ms, at an empty library
// ms, once the page is there: who presses Ctrl+K begins to type at once.
const BRING_SEARCH = 1000;

export function App() {
  return (
    <LanguageProvider>
      <SettingsProvider>
        <Page />
      </SettingsProvider>
    </LanguageProvider>
  );
}

function Page() {
  const { messages } = useLanguage();
  const { services, conversationCalls, kbs, prompt, forget } = useConnection();
  // Not by `lazy`: what waits is shown late, and letters typed meanwhile are lost.
  const [SearchDialog, setSearchDialog] = useState<Search | null>(null);
  const readySearch = useCallback(
    () => void bringSearch().then((module) => setSearchDialog(() => module.SearchDialog)),
    [],
  );
  useEffect(() => {
    const soon = setTimeout(readySearch, BRING_SEARCH);
    return () => clearTimeout(soon);
  }, [readySearch]);
  const { client, kb } = services;
  const forgetKey = client.hasKey() ? forget : null;
  const { health, check } = useHealth(client);
  const [route, go] = useRoute();
  const { view, conversation, place } = route;
  const noted = useStepState();
  const [searching, setSearching] = useState(false);
  const [setting, setSetting] = useState(false);
  const [shared, leaveShared] = useShared();
  const question = useRef<HTMLTextAreaElement>(null);
  const undo = useUndo();

  // What is open in the reader is part of the address: 'back' closes it, and a link opens it.
  const reader = useMemo(() => readerState(place, noted), [place, noted]);
  const reading = reader !== null;
  const returnFocus = useReturnFocus(reading, question);
  const bar = useSideBar(reading);
  const close = useCallback(() => {
    if (isReaderStep(window.history.state)) window.history.back();
    else go({ view, conversation }, { replace: true });
  }, [go, view, conversation]);
  // A document of another knowledge base is read there, while this one stays in use.
  const otherKb = place?.kb ?? null;
  const readingServices = useMemo(
    () =>
      otherKb === null || otherKb === kb
        ? services
        : { ...services, kb: otherKb, library: libraryCalls(client, otherKb) },
    [services, client, kb, otherKb],
  );

  const removed = useCallback(
    (row: ConversationRow, back: () => Promise<void>) =>
      undo.offer({ text: messages.conversations.removed(row.title), undo: back }),
    [undo, messages],
  );
  const me = useMeOf(client);
  // Who may not ask has none, and the server would refuse to list them.
  const asks = me.data ? may(me.data, "ask", kb) : me.isError;
  const conversations = useConversations(conversationCalls, asks ? kb : null, removed);
  const chat = useChat({
    client,
    conversations: conversationCalls,
    kb,
    onKept: (id, shown) => {
      conversations.reload();
      if (shown && view === "chat" && conversation !== id) {
        go({ view: "chat", conversation: id, place }, { replace: true, state: noted });
      }
    },
    onOpened: (of) => of !== kb && kbs.choose(of),
    onRemoved: (_, back) => undo.offer({ text: messages.answer.removed, undo: back }),
    onProblem: undo.fail,
  });
  const { show } = chat;
  useEffect(() => {
    if (view === "chat") show(conversation);
  }, [show, view, conversation]);
  // The question box takes it over, and the address says it no more.
  const taken = useCallback(
    () => go({ view: "chat", conversation: null, place }, { replace: true }),
    [go, place],
  );
  const title =
    view === "library"
      ? messages.library.title
      : conversations.rows?.find(({ id }) => id === conversation)?.title;
  useEffect(() => {
    document.title = [title, messages.app.name].filter(Boolean).join(" – ");
  }, [title, messages]);
  const showView = (next: Route["view"]) =>
    go({ view: next, conversation: next === "chat" ? chat.state.conversation : null });

  const documents = useQuery({
    queryKey: [LIBRARY, kb, "count"],
    queryFn: () => services.library.documents({ searchable: true, limit: 1 }),
    // A server that was just started may still be taking in its first folder.
    refetchInterval: ({ state }) => (state.data?.total === 0 ? LOOK_AGAIN : false),
  });
  const refresh = useRefresh();
  const ready = health.state === "known" && health.ready.status === "ready";
  const reloadKbs = kbs.reload;
  useEffect(() => {
    if (!ready) return;
    reloadKbs();
    void refresh();
  }, [ready, reloadKbs, refresh]);

  const uploads = useUploads(services.library, services.jobs, () => void refresh());
  const { add } = uploads;
  const take = useCallback(
    (files: Gathered[]) => {
      add(files);
      go({ view: "library", conversation: null });
    },
    [add, go],
  );

  const openPlaces = useCallback(
    (places: Place[], at: number) => {
      const shown = places[at];
      if (!shown) return;
      returnFocus.remember();
      const state: ReaderStep = { places, at, reader: true };
      // From one document to the next is one step: 'back' leads to where the first was opened.
      const replace = isReaderStep(window.history.state);
      go({ view, conversation, place: addressOf(shown, kb) }, { replace, state });
    },
    [returnFocus, go, view, conversation, kb],
  );
  const open = useCallback(
    (citations: Citation[], at: Citation) =>
      openPlaces(citations.map(placeOfCitation), citations.indexOf(at)),
    [openPlaces],
  );
  const openPassage = useCallback(
    (passage: Passage) => openPlaces([placeOfPassage(passage, passage.best_window ?? undefined)], 0),
    [openPlaces],
  );
  const read = useCallback(
    (document: DocumentBody) => openPlaces([wholeDocument(document)], 0),
    [openPlaces],
  );
  const openLibrary = useCallback(() => go({ view: "library", conversation: null }), [go]);
  const step = (by: 1 | -1) => {
    if (!reader) return;
    const next = stepped(reader, by);
    openPlaces(next.places, next.at);
  };

  const focusQuestion = () => {
    showView("chat");
    // The box is hidden until the view has changed.
    window.setTimeout(() => question.current?.focus());
  };
  const search = useCallback(() => {
    readySearch();
    setSearching(true);
  }, [readySearch]);
  useShortcuts({ focusQuestion, search });

  const newChat = () => {
    show(null);
    go({ view: "chat", conversation: null });
    window.setTimeout(() => question.current?.focus());
  };
  return (
    <ServicesContext value={services}>
      <div className={reader ? `${styles.page} ${styles.pageReading}` : styles.page}>
        <Header
          view={view}
          show={showView}
          newChat={newChat}
          search={search}
          sideBar={bar}
          forget={forgetKey}
          uploading={!uploads.list.every(isSettled)}
          kbs={{
            ...kbs,
            choose: (name) => {
              kbs.choose(name);
              newChat();
            },
          }}
        />
        <HealthBanner health={health} check={check} />
        <div className={styles.columns}>
          <SideBar
            bar={bar}
            list={conversations}
            current={view === "chat" ? chat.state.conversation : null}
            open={(id) => go({ view: "chat", conversation: id })}
            begin={newChat}
            leave={() => {
              show(null);
              go({ view: "chat", conversation: null });
            }}
            settings={() => setSetting(true)}
          />
          <main className={styles.main}>
            <h1 className="visually-hidden">
              {view === "chat" ? messages.answer.conversation : messages.library.title}
            </h1>
            <div className={styles.stage}>
              <div className={styles.view} hidden={view !== "chat"}>
                <ChatView
                  chat={chat}
                  input={question}
                  documents={documents.data?.total ?? null}
                  open={open}
                  openPassage={openPassage}
                  openLibrary={openLibrary}
                  about={route.scope.length > 0 ? route : null}
                  taken={taken}
                />
              </div>
              {view === "library" && (
                <div className={`${styles.view} ${styles.viewScroll}`}>
                  <Suspense>
                    <LibraryView
                      key={kb}
                      uploads={uploads}
                      kbs={kbs}
                      offer={undo.offer}
                      fail={undo.fail}
                      ask={(scope, task) => go(askAbout(scope, task))}
                      read={read}
                    />
                  </Suspense>
                </div>
              )}
            </div>
            {reader && (
              <ServicesContext value={readingServices}>
                <Suspense>
                  <Reader
                    state={reader}
                    step={step}
                    close={close}
                    ask={(id) => {
                      if (otherKb !== null) kbs.choose(otherKb);
                      go(askAbout([{ kind: "doc", value: id }]));
                    }}
                  />
                </Suspense>
              </ServicesContext>
            )}
          </main>
        </div>
        <DropZone take={take} />
        {searching && SearchDialog && (
          <SearchDialog
            close={() => setSearching(false)}
            open={(passages: FoundPassage[], at) => {
              setSearching(false);
              openPlaces(
                passages.map((passage) => placeOfPassage(passage, passage.best_window)),
                at,
              );
            }}
          />
        )}
        {setting && (
          <Suspense>
            <SettingsDialog close={() => setSetting(false)} forget={forgetKey} />
          </Suspense>
        )}
        {shared !== null && (
          <Suspense>
            <SharedView
              secret={shared}
              close={leaveShared}
              open={(citations, at) => {
                leaveShared();
                open(citations, at);
              }}
            />
          </Suspense>
        )}
        <UndoBar undo={undo} />
        {prompt && <KeyDialog prompt={prompt} />}
      </div>
    </ServicesContext>
  );
}

/** The step on which a reader was opened from within the page, so that 'back' closes it. */
type ReaderStep = ReaderState & { reader: true };

function isReaderStep(state: unknown): boolean {
  return (state as Partial<ReaderStep> | null)?.reader === true;
}

function wholeDocument(document: DocumentBody): Place {
  return {
    documentId: document.id,
    revision: document.revision,
    title: document.title,
    source: document.source,
    section: [],
    kb: document.kb,
    page: null,
    quote: null,
    marker: null,
  };
}

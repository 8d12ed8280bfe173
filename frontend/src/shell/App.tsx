import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { Citation, DocumentBody, FoundPassage, Passage } from "../api/types";
import { ChatView } from "../chat/ChatView";
import { useChat } from "../chat/useChat";
import { UploadIcon } from "../components/icons";
import { useLoaded } from "../components/useLoaded";
import { SideBar } from "../conversations/SideBar";
import { useConversations } from "../conversations/useConversations";
import { useSideBar } from "../conversations/useSideBar";
import { LanguageProvider, useLanguage } from "../i18n/language";
import { LibraryView } from "../library/LibraryView";
import { useFileDrop } from "../library/useFileDrop";
import { useUploads } from "../library/useUploads";
import { Reader } from "../reader/Reader";
import { SearchDialog } from "../search/SearchDialog";
import { placeOfCitation, placeOfPassage, readerReducer, type Place } from "../state/reader";
import { isSettled } from "../state/uploads";
import { Header } from "./Header";
import { HealthBanner } from "./HealthBanner";
import { KeyDialog } from "./KeyDialog";
import { ServicesContext } from "./services";
import { useShortcuts } from "./shortcuts";
import { useConnection } from "./useConnection";
import { useHealth } from "./useHealth";
import { useReturnFocus } from "./useReturnFocus";
import { useRoute, type Route } from "./useRoute";
import "./shell.css";

const LOOK_AGAIN = 5000; // ms, at an empty library

export function App() {
  return (
    <LanguageProvider>
      <Page />
    </LanguageProvider>
  );
}

function Page() {
  const { messages } = useLanguage();
  const { services, conversationCalls, kbs, prompt } = useConnection();
  const { client, kb } = services;
  const { health, check } = useHealth(client);
  const [route, go] = useRoute();
  const [searching, setSearching] = useState(false);
  const [reader, dispatch] = useReducer(readerReducer, null);
  const question = useRef<HTMLTextAreaElement>(null);
  const returnFocus = useReturnFocus(reader !== null);
  const bar = useSideBar(reader !== null);
  const conversations = useConversations(conversationCalls, kb);
  const close = useCallback(() => dispatch({ type: "close" }), []);

  const chat = useChat({
    client,
    conversations: conversationCalls,
    kb,
    onKept: (id) => {
      conversations.reload();
      if (route.view === "chat") go({ view: "chat", conversation: id }, true);
    },
    onOpened: (of) => of !== kb && kbs.choose(of),
  });
  const { show } = chat;
  const { view, conversation } = route;
  useEffect(() => {
    if (view === "chat") show(conversation);
  }, [show, view, conversation]);
  const showView = (next: Route["view"]) =>
    go({ view: next, conversation: next === "chat" ? chat.state.conversation : null });

  const count = useCallback(
    () => services.library.documents("", 1).then((list) => list.total),
    [services],
  );
  const [documents, countAgain] = useLoaded(count);
  const [changes, setChanges] = useState(0);
  const changed = useCallback(() => {
    setChanges((before) => before + 1);
    countAgain();
  }, [countAgain]);
  const ready = health.state === "known" && health.ready.status === "ready";
  const reloadKbs = kbs.reload;
  useEffect(() => {
    if (!ready) return;
    reloadKbs();
    countAgain();
  }, [ready, reloadKbs, countAgain]);

  // A server that was just started may still be taking in its first folder.
  const bare = documents.state === "ready" && documents.value === 0;
  useEffect(() => {
    if (!bare) return;
    const timer = window.setInterval(countAgain, LOOK_AGAIN);
    return () => window.clearInterval(timer);
  }, [bare, countAgain]);

  const uploads = useUploads(services.library, services.jobs, changed);
  const { add } = uploads;
  const take = useCallback(
    (files: File[], folders: string[]) => {
      add(files, folders);
      go({ view: "library", conversation: null });
    },
    [add, go],
  );
  const dropping = useFileDrop(take);

  const openPlaces = useCallback(
    (places: Place[], at: number) => {
      returnFocus.remember();
      dispatch({ type: "open", places, at });
    },
    [returnFocus],
  );
  const open = useCallback(
    (citations: Citation[], at: Citation) =>
      openPlaces(citations.map(placeOfCitation), citations.indexOf(at)),
    [openPlaces],
  );
  const openPassage = useCallback(
    (passage: Passage) => openPlaces([placeOfPassage(passage)], 0),
    [openPlaces],
  );
  const read = useCallback(
    (document: DocumentBody) =>
      openPlaces([{ ...wholeDocument(document), section: [], page: null }], 0),
    [openPlaces],
  );
  const openLibrary = useCallback(() => go({ view: "library", conversation: null }), [go]);

  const focusQuestion = () => {
    showView("chat");
    // The box is hidden until the view has changed.
    window.setTimeout(() => question.current?.focus());
  };
  const search = useCallback(() => setSearching(true), []);
  useShortcuts({ focusQuestion, search });

  const newChat = () => {
    show(null);
    close();
    go({ view: "chat", conversation: null });
    window.setTimeout(() => question.current?.focus());
  };
  return (
    <ServicesContext value={services}>
      <div className={reader ? "page page-reading" : "page"}>
        <Header
          view={view}
          show={showView}
          newChat={newChat}
          search={search}
          sideBar={bar}
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
        <div className="columns">
          <SideBar
            bar={bar}
            list={conversations}
            current={view === "chat" ? chat.state.conversation : null}
            open={(id) => {
              close();
              go({ view: "chat", conversation: id });
            }}
            begin={newChat}
            leave={() => {
              show(null);
              go({ view: "chat", conversation: null });
            }}
          />
          <main className="main">
            <h1 className="visually-hidden">
              {view === "chat" ? messages.answer.conversation : messages.library.title}
            </h1>
            <div className="stage">
              <div className="view" hidden={view !== "chat"}>
                <ChatView
                  chat={chat}
                  input={question}
                  documents={documents.state === "ready" ? documents.value : null}
                  open={open}
                  openPassage={openPassage}
                  openLibrary={openLibrary}
                />
              </div>
              {view === "library" && (
                <div className="view view-scroll">
                  <LibraryView
                    key={kb}
                    uploads={uploads}
                    changes={changes}
                    changed={changed}
                    read={read}
                  />
                </div>
              )}
            </div>
            {reader && (
              <Reader state={reader} step={(by) => dispatch({ type: "step", by })} close={close} />
            )}
          </main>
        </div>
        {dropping && (
          <div className="drop-over">
            <UploadIcon />
            {messages.app.dropHere}
          </div>
        )}
        {searching && (
          <SearchDialog
            close={() => setSearching(false)}
            open={(passages: FoundPassage[], at) => {
              setSearching(false);
              openPlaces(passages.map(placeOfPassage), at);
            }}
          />
        )}
        {prompt && <KeyDialog prompt={prompt} />}
      </div>
    </ServicesContext>
  );
}

function wholeDocument(document: DocumentBody): Omit<Place, "section" | "page"> {
  return {
    documentId: document.id,
    revision: document.revision,
    title: document.title,
    source: document.source,
    quote: null,
    marker: null,
  };
}

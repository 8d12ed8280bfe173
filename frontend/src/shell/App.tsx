import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { createClient } from "../api/client";
import { libraryCalls } from "../api/library";
import type { Citation, DocumentBody, FoundPassage, Passage } from "../api/types";
import { ChatView } from "../chat/ChatView";
import { useChat } from "../chat/useChat";
import { useLoaded } from "../components/useLoaded";
import { LanguageProvider, useLanguage } from "../i18n/language";
import { LibraryView } from "../library/LibraryView";
import { Reader } from "../reader/Reader";
import { SearchDialog } from "../search/SearchDialog";
import { placeOfCitation, placeOfPassage, readerReducer, type Place } from "../state/reader";
import { Header } from "./Header";
import { HealthBanner } from "./HealthBanner";
import { KeyDialog } from "./KeyDialog";
import { ServicesContext } from "./services";
import { useShortcuts } from "./shortcuts";
import { useHealth } from "./useHealth";
import { useKey } from "./useKey";
import { useKnowledgeBases } from "./useKnowledgeBases";
import { useReturnFocus } from "./useReturnFocus";
import "./shell.css";

export function App() {
  return (
    <LanguageProvider>
      <Page />
    </LanguageProvider>
  );
}

function Page() {
  const { language, messages } = useLanguage();
  const { key, askKey, prompt } = useKey();
  const client = useMemo(
    () => createClient({ key, askKey, language: () => language }),
    [key, askKey, language],
  );
  const kbs = useKnowledgeBases(client);
  const services = useMemo(
    () => ({
      client,
      library: libraryCalls(client, kbs.chosen),
      headers: (): Record<string, string> => {
        const sent = key();
        return sent === null ? {} : { Authorization: `Bearer ${sent}` };
      },
    }),
    [client, key, kbs.chosen],
  );
  const { health, check } = useHealth(client);
  const chat = useChat(client, kbs.chosen);
  const [view, setView] = useState<"chat" | "library">("chat");
  const [searching, setSearching] = useState(false);
  const [reader, dispatch] = useReducer(readerReducer, null);
  const question = useRef<HTMLTextAreaElement>(null);
  const returnFocus = useReturnFocus(reader !== null);

  const count = useCallback(
    () => services.library.documents("", 1).then((list) => list.total),
    [services],
  );
  const [documents, countAgain] = useLoaded(count);
  const ready = health.state === "known" && health.ready.status === "ready";
  useEffect(() => {
    if (ready) countAgain();
  }, [ready, countAgain]);

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
  const close = useCallback(() => dispatch({ type: "close" }), []);
  const openLibrary = useCallback(() => setView("library"), []);

  const focusQuestion = useCallback(() => {
    setView("chat");
    question.current?.focus();
  }, []);
  const search = useCallback(() => setSearching(true), []);
  useShortcuts({ focusQuestion, search });

  return (
    <ServicesContext value={services}>
      <div className={reader ? "page page-reading" : "page"}>
        <Header
          view={view}
          show={setView}
          newChat={() => {
            chat.clear();
            close();
            focusQuestion();
          }}
          search={search}
          kbs={{
            ...kbs,
            choose: (name) => {
              chat.clear();
              close();
              kbs.choose(name);
            },
          }}
        />
        <HealthBanner health={health} check={check} />
        <main className="columns">
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
                <LibraryView read={read} />
              </div>
            )}
          </div>
          {reader && (
            <Reader state={reader} step={(by) => dispatch({ type: "step", by })} close={close} />
          )}
        </main>
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

import { useCallback, useMemo, useState, useSyncExternalStore } from "react";

const STORED = "groundkb.sidebar";
// Room for it beside the chat, and beside the chat and a document.
const WIDE = { chat: "(min-width: 64rem)", reading: "(min-width: 90rem)" };

export interface SideBarState {
  shown: boolean;
  /** It lies over the page: there is no room beside it. */
  drawer: boolean;
  toggle: () => void;
  close: () => void;
}

/** Whether the side bar is shown: remembered where there is room, closed at first where not. */
export function useSideBar(reading: boolean): SideBarState {
  const query = reading ? WIDE.reading : WIDE.chat;
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    [query],
  );
  const wide = useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
  const [docked, setDocked] = useState(() => localStorage.getItem(STORED) !== "closed");
  const [drawn, setDrawn] = useState(false);
  const dock = useCallback((open: boolean) => {
    localStorage.setItem(STORED, open ? "open" : "closed");
    setDocked(open);
  }, []);
  return useMemo(
    () => ({
      shown: wide ? docked : drawn,
      drawer: !wide,
      toggle: () => (wide ? dock(!docked) : setDrawn(!drawn)),
      close: () => (wide ? dock(false) : setDrawn(false)),
    }),
    [wide, docked, drawn, dock],
  );
}

import { useEffect, useMemo, useRef, type RefObject } from "react";

/**
 * Gives focus back to what had it before a panel opened, once the panel is closed; to `otherwise`
 * where that is gone, so that the focus never falls to the body.
 */
export function useReturnFocus(open: boolean, otherwise: RefObject<HTMLElement | null>) {
  const opener = useRef<Element | null>(null);
  const was = useRef(open);
  useEffect(() => {
    const closed = was.current && !open;
    was.current = open;
    if (!closed) return;
    const element = opener.current;
    opener.current = null;
    const held = document.activeElement !== document.body;
    if (element instanceof HTMLElement && element.isConnected) element.focus();
    else if (!held) otherwise.current?.focus();
  }, [open, otherwise]);
  return useMemo(
    () => ({
      remember: () => {
        // A second document opened from inside the panel must not make the panel the opener.
        opener.current ??= document.activeElement;
      },
    }),
    [],
  );
}

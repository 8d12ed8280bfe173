import { useEffect, useMemo, useRef } from "react";

/** Gives focus back to what had it before a panel opened, once the panel is closed. */
export function useReturnFocus(open: boolean) {
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    if (open) return;
    const element = opener.current;
    opener.current = null;
    if (element instanceof HTMLElement && element.isConnected) element.focus();
  }, [open]);
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

const STORED = "groundkb.place";

/** Keeps what the address shows, for when the person is back from signing in. */
export function keepPlace(): void {
  sessionStorage.setItem(STORED, window.location.hash);
}

/** Shows again what was kept, unless the address names something else by now. */
export function returnToPlace(): void {
  const kept = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  if (kept && /^(#\/?)?$/.test(window.location.hash)) window.history.replaceState(null, "", kept);
}

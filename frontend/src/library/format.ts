/** Sizes in the units that file managers show (1 kB = 1000 bytes). */
export function formatSize(bytes: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[power] ?? "byte",
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(bytes / 1000 ** power);
}

export function formatTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

/** The end of a source that tells files apart: the folder and the name. */
export function shortSource(source: string): string {
  const parts = readableSource(source).split("/");
  return parts.length > 3 ? `…/${parts.slice(-2).join("/")}` : parts.join("/");
}

/** The address of the folder that a source lies in; '' for one at the top. */
export function folderOf(source: string): string {
  const [scheme, path] = source.includes("://") ? source.split(/:\/\/(.*)/s) : ["", source];
  const folder = (path ?? "").split("/").slice(0, -1).join("/");
  return folder === "" || scheme === "" ? "" : `${scheme}://${folder}`;
}

/** A source as a person reads it: a path without its scheme and percent signs. */
export function readableSource(source: string): string {
  const path = source.replace(/^file:\/\/|^upload:\/\/\//, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a name that holds a bare %
  }
}

/** A file from a dropped or picked folder, with the path that tells it from others of its name. */
export interface Gathered {
  file: File;
  path: string;
}

// What file managers leave in folders, and what programs keep there for themselves.
const HIDDEN = /^(\.|~\$|Thumbs\.db$|desktop\.ini$)/i;

/** The files that were dropped, those within folders too. Entries are to be taken at once: they
 * are gone when the event is over. */
export async function gather(transfer: DataTransfer | null): Promise<Gathered[]> {
  const found: Promise<Gathered[]>[] = [];
  for (const item of transfer?.items ?? []) {
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry?.isDirectory) found.push(within(entry as FileSystemDirectoryEntry, entry.name));
    else if (file) found.push(Promise.resolve([{ file, path: file.name }]));
  }
  return (await Promise.all(found)).flat();
}

/** The files of a folder that was picked. */
export function picked(files: Iterable<File>): Gathered[] {
  return [...files]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !path.split("/").some((name) => HIDDEN.test(name)));
}

async function within(folder: FileSystemDirectoryEntry, path: string): Promise<Gathered[]> {
  const found: Gathered[] = [];
  for (const entry of await entries(folder)) {
    if (HIDDEN.test(entry.name)) continue;
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory) found.push(...(await within(entry as FileSystemDirectoryEntry, inner)));
    else found.push({ file: await fileOf(entry as FileSystemFileEntry), path: inner });
  }
  return found;
}

/** All of them: one read brings up to a hundred. */
async function entries(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

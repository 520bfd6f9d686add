// Lists the files that were dropped or chosen, those of folders included: each with its path, in natural order, without hidden files.

/**
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {object} Source a file that came in, or why it could not be had
 * @property {File | null} file
 * @property {string} path folder and name
 * @property {Failure | null} failure
 * @typedef {object} Taken
 * @property {Source[]} sources
 * @property {number} leftOut hidden files and folders
 */

/** Files that operating systems put into folders. */
const SYSTEM = new Set(['thumbs.db', 'desktop.ini']);

/** How many files are requested at once. */
const AT_ONCE = 32;

const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** "film 2" comes before "film 10". @param {string} a @param {string} b */
export function naturally(a, b) {
  return compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** @param {string} name of a file or folder */
export function isHidden(name) {
  return name.startsWith('.') || SYSTEM.has(name.toLowerCase());
}

/**
 * Takes files from a file dialog. Hidden files of a folder are left out; a file that was chosen by itself is taken, whatever its name.
 * @param {Iterable<File>} files
 * @returns {Taken}
 */
export function takenFiles(files) {
  /** @type {Source[]} */
  const sources = [];
  let leftOut = 0;
  for (const file of files) {
    const path = file.webkitRelativePath || file.name;
    if (file.webkitRelativePath && path.split('/').slice(1).some(isHidden)) leftOut++;
    else sources.push({ file, path, failure: null });
  }
  return { sources: inOrder(sources), leftOut };
}

/**
 * Lists what was dropped. Call it while the drop event is handled: afterwards the browser reveals nothing.
 * @param {DataTransfer} data
 * @returns {{now: Taken, later: ((progress: (files: number) => void, signal: AbortSignal) => Promise<Taken>) | null}} `later` is there for
 * folders: it lists everything, the files of `now` included, unless the signal ends it
 */
export function dropped(data) {
  const items = [...(data.items ?? [])].filter(({ kind }) => kind === 'file');
  const folders = items.flatMap((item) => {
    const entry = item.webkitGetAsEntry?.();
    if (!entry?.isDirectory) return [];
    return [{ entry: /** @type {FileSystemDirectoryEntry} */ (entry), handle: handleOf(item) }];
  });
  if (folders.length === 0) return { now: takenFiles(data.files), later: null };
  const files = items.flatMap((item) => {
    const file = item.webkitGetAsEntry()?.isDirectory ? null : item.getAsFile();
    return file ? [file] : [];
  });
  const now = takenFiles(files);
  return {
    now,
    later: async (progress, signal) => {
      const walk = new Walk(progress, signal);
      for (const { entry, handle } of folders) await walk.folder(entry, handle);
      return { sources: inOrder([...now.sources, ...walk.sources]), leftOut: walk.leftOut };
    },
  };
}

/**
 * The newer way to a folder, where the browser has it. For a page opened from a file, Chromium has no other.
 * @param {DataTransferItem} item
 * @returns {Promise<FileSystemDirectoryHandle | null>}
 */
function handleOf(item) {
  const asked = /** @type {{getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>}} */ (/** @type {unknown} */ (item));
  return (asked.getAsFileSystemHandle?.() ?? Promise.resolve(null)).then(
    (handle) => /** @type {FileSystemDirectoryHandle | null} */ (handle?.kind === 'directory' ? handle : null),
    () => null,
  );
}

/** Walks through folders. What cannot be read becomes a source with a failure; the walk goes on. */
class Walk {
  /** @type {Source[]} */
  sources = [];
  leftOut = 0;
  #progress;
  #signal;

  /** @param {(files: number) => void} progress @param {AbortSignal} signal */
  constructor(progress, signal) {
    this.#progress = progress;
    this.#signal = signal;
  }

  /**
   * @param {FileSystemDirectoryEntry} entry
   * @param {Promise<FileSystemDirectoryHandle | null>} handle
   */
  async folder(entry, handle) {
    const known = await handle;
    await this.#folder(entry.name, () => (known ? byHandle(known).catch(() => byEntry(entry)) : byEntry(entry)));
  }

  /**
   * @param {string} path
   * @param {() => Promise<Child[]>} list
   */
  async #folder(path, list) {
    let children;
    try {
      children = await list();
    } catch (error) {
      this.#failed(path, error);
      return;
    }
    const seen = children.filter(({ name }) => !isHidden(name));
    this.leftOut += children.length - seen.length;
    const files = seen.filter(({ list }) => !list);
    for (let from = 0; from < files.length; from += AT_ONCE) {
      await Promise.all(files.slice(from, from + AT_ONCE).map((child) => this.#file(`${path}/${child.name}`, child)));
      if (this.#signal.aborted) return;
      this.#progress(this.sources.length);
    }
    for (const { name, list } of seen) {
      if (list && !this.#signal.aborted) await this.#folder(`${path}/${name}`, list);
    }
  }

  /** @param {string} path @param {Child} child */
  async #file(path, child) {
    try {
      this.sources.push({ file: await child.file(), path, failure: null });
    } catch (error) {
      this.#failed(path, error);
    }
  }

  /** @param {string} path @param {unknown} error */
  #failed(path, error) {
    const message = error instanceof Error ? error.message : String(error);
    this.sources.push({ file: null, path, failure: { kind: 'unreadable', message } });
  }
}

/**
 * @typedef {object} Child
 * @property {string} name
 * @property {() => Promise<File>} file
 * @property {(() => Promise<Child[]>) | null} list null where it is a file
 */

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<Child[]>}
 */
async function byEntry(folder) {
  const reader = folder.createReader();
  /** @type {Child[]} */
  const children = [];
  for (;;) {
    // One batch at a time, until one is empty.
    const batch = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return children;
    for (const entry of batch) {
      children.push({
        name: entry.name,
        file: () => new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject)),
        list: entry.isDirectory ? () => byEntry(/** @type {FileSystemDirectoryEntry} */ (entry)) : null,
      });
    }
  }
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @returns {Promise<Child[]>}
 */
async function byHandle(folder) {
  /** @type {Child[]} */
  const children = [];
  const values = /** @type {{values(): AsyncIterable<FileSystemHandle>}} */ (/** @type {unknown} */ (folder)).values();
  for await (const handle of values) {
    children.push({
      name: handle.name,
      file: () => /** @type {FileSystemFileHandle} */ (handle).getFile(),
      list: handle.kind === 'directory' ? () => byHandle(/** @type {FileSystemDirectoryHandle} */ (handle)) : null,
    });
  }
  return children;
}

/** @param {Source[]} sources */
function inOrder(sources) {
  return sources.sort((a, b) => naturally(a.path, b.path));
}

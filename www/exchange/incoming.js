// Turns what came in into films for the queue: files, also those in folders and archives, results that this page exported, and files that
// the browser could not reach.

import { toFailure } from '../reader/film-file.js';
import { mayBeExport, readExport } from './import.js';
import { HEAD_BYTES, isCalledDirectory, isCalledFilm, isPicture } from './kinds.js';
import { isCalledTable, mayBeLabelTable, readLabelTable } from './label-table.js';
import { isZip, partsOf } from './zip.js';
import { isHidden, naturally } from './file-tree.js';

/**
 * @typedef {import('./file-tree.js').Source} Source
 * @typedef {import('../report/types.js').Incoming} Incoming
 * @typedef {object} Found
 * @property {Incoming[]} films
 * @property {number} taken files that the films come from: one file of results holds many
 * @property {number} others files in folders and archives that are not films
 * @property {number} hidden files in archives that an operating system put there
 * @property {import('./label-table.js').LabelTable[]} tables that say what films show
 */

/** How many files are examined at once. */
const AT_ONCE = 32;

/**
 * @param {Source[]} sources
 * @returns {Found | Promise<Found>} no promise where no file has to be examined
 */
export function toIncoming(sources) {
  return sources.some(({ file }) => file && mayBeExport(file)) ? lookedInto(sources) : ofFilms(sources);
}

/** @param {Source[]} sources */
async function lookedInto(sources) {
  const found = nothing();
  for (let from = 0; from < sources.length; from += AT_ONCE) {
    const some = await Promise.all(sources.slice(from, from + AT_ONCE).map(lookInto));
    for (const one of some) add(found, one);
  }
  return found;
}

/** @param {Source} source @returns {Promise<Found>} */
async function lookInto(source) {
  const { file, path } = source;
  if (!file || !mayBeExport(file)) return ofFilms([source]);
  const table = mayBeLabelTable(file) ? await readLabelTable(file, path) : null;
  if (table) return { ...nothing(), tables: [table] };
  const isInFolder = path.includes('/');
  const exported = await readExport(file);
  if (exported && !Array.isArray(exported)) {
    if (isInFolder && exported.kind === 'import_foreign') return other();
    return ofFilms([{ file: null, path, failure: exported }]);
  }
  if (exported) return ofFilms(exported, 1);
  const head = await headOf(file);
  if (head && isZip(head)) {
    const parts = await inArchive(file, path);
    if (parts) return parts;
  }
  if (!isInFolder && head?.length && isCalledTable(file.name) && !isPicture(head) && !isZip(head)) {
    return ofFilms([{ file: null, path, failure: { kind: 'label_columns', message: '' } }]);
  }
  // A file that cannot be read at all is reported.
  if (isInFolder && head && (isCalledDirectory(file.name) || !isPicture(head))) return other();
  return ofFilms([source]);
}

/** @param {File} file @returns {Promise<Uint8Array | null>} */
async function headOf(file) {
  try {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    return null;
  }
}

/**
 * The films of an archive; null for a document that is a ZIP archive only inside.
 * @param {File} archive
 * @param {string} path
 * @returns {Promise<Found | null>}
 */
async function inArchive(archive, path) {
  /** @type {import('./zip.js').Part[]} */
  let parts;
  try {
    parts = await partsOf(archive);
  } catch (error) {
    return ofFilms([{ file: null, path, failure: toFailure(error) }]);
  }
  if (parts.some((part) => part.path === '[Content_Types].xml' || part.path === 'mimetype')) return null;
  const found = nothing();
  for (let from = 0; from < parts.length; from += AT_ONCE) {
    const some = await Promise.all(parts.slice(from, from + AT_ONCE).map((part) => lookIntoPart(part, path)));
    for (const one of some) add(found, one);
  }
  found.films.sort((a, b) => naturally(a.path ?? '', b.path ?? ''));
  return found;
}

/** @param {import('./zip.js').Part} part @param {string} archive @returns {Promise<Found>} */
async function lookIntoPart({ path, file, failure }, archive) {
  const folders = path.split('/');
  const name = folders[folders.length - 1];
  if (folders.some((folder) => isHidden(folder) || folder === '__MACOSX')) return { ...nothing(), hidden: 1 };
  const film = { file, path: `${archive}/${path}`, failure };
  if (isCalledDirectory(name)) return other();
  if (isCalledFilm(name)) return ofFilms([film]);
  const table = file && mayBeLabelTable(file) ? await readLabelTable(file, film.path) : null;
  if (table) return { ...nothing(), tables: [table] };
  // Films on CDs have no file extension.
  if (!file) return name.includes('.') ? other() : ofFilms([film]);
  try {
    return isPicture(await file.head(HEAD_BYTES)) ? ofFilms([film]) : other();
  } catch (error) {
    return name.includes('.') ? other() : ofFilms([{ ...film, file: null, failure: toFailure(error) }]);
  }
}

/** @returns {Found} */
function nothing() {
  return { films: [], taken: 0, others: 0, hidden: 0, tables: [] };
}

/** @returns {Found} */
function other() {
  return { ...nothing(), others: 1 };
}

/** @param {Incoming[]} films @param {number} [taken] @returns {Found} */
function ofFilms(films, taken = films.length) {
  return { ...nothing(), films, taken };
}

/** @param {Found} all @param {Found} more */
function add(all, { films, taken, others, hidden, tables }) {
  all.taken += taken;
  for (const film of films) all.films.push(film);
  all.others += others;
  all.hidden += hidden;
  all.tables.push(...tables);
}

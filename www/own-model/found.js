// Tells whether what came in is a model rather than films: a folder, a ZIP archive or loose files with a model's manifest or weights.

import { ClassifierError } from '../reader/error.js';
import { MANIFEST_BYTES } from '../reader/limits.js';
import { EVIDENCE, isModelManifest, MANIFEST } from '../reader/own-model.js';
import { HEAD_BYTES, isCalledFilm } from '../exchange/kinds.js';
import { isZip, partsOf } from '../exchange/zip.js';

/**
 * @typedef {import('../exchange/file-tree.js').Source} Source
 * @typedef {import('../report/types.js').FilmFile} FilmFile
 * @typedef {object} Found
 * @property {string} name of the folder or the archive; empty for loose files
 * @property {FilmFile[]} files of the model
 * @property {Source[]} rest everything else that came in
 *
 * @typedef {{path: string, file: FilmFile | null, failure: import('../report/types.js').Failure | null}} Part of a folder or an archive
 */

const WEIGHTS = /\.safetensors$/i;
const ZIP = /\.zip$/i;

/** @param {string} path */
const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1);
/** @param {string} path */
const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Whether there may be a model, by names alone. @param {Source[]} sources */
export function mayHoldModel(sources) {
  return sources.some(({ path }) => nameOf(path) === MANIFEST || WEIGHTS.test(path) || ZIP.test(path));
}

/**
 * The first model among what came in.
 * @param {Source[]} sources
 * @returns {Promise<Found | null>} null where there is none
 */
export async function findModel(sources) {
  const folder = await folderIn(sources);
  if (folder !== null) {
    // Loose files of a model may come with films; in a folder of its own, everything belongs to the model.
    const isPart = (/** @type {Source} */ { path }) => (folder === '' ? isModelFile(path) : path.startsWith(`${folder}/`));
    return { name: nameOf(folder), files: filesOf(sources, folder), rest: sources.filter((source) => !isPart(source)) };
  }
  for (const source of sources) {
    if (!source.file || !ZIP.test(source.path)) continue;
    const parts = await partsIn(source.file);
    const inside = await folderIn(parts);
    if (inside === null) continue;
    // An archive with films beside the model is also searched for films.
    const isOfModel = (/** @type {Part} */ { path }) => inside !== '' && path.startsWith(`${inside}/`);
    const hasFilms = parts.some((part) => !isOfModel(part) && isCalledFilm(nameOf(part.path)));
    return { name: nameOf(source.path), files: filesOf(parts, inside), rest: hasFilms ? sources : sources.filter((other) => other !== source) };
  }
  return null;
}

/**
 * The model's folder nearest to the top; null where there is none.
 * @param {Part[]} parts
 * @returns {Promise<string | null>}
 */
async function folderIn(parts) {
  const depth = (/** @type {Part} */ { path }) => path.split('/').length;
  const isSystem = (/** @type {Part} */ { path }) => path.split('/').some((folder) => folder === '__MACOSX' || folder.startsWith('.'));
  const candidates = parts.filter((part) => (nameOf(part.path) === MANIFEST || WEIGHTS.test(part.path)) && !isSystem(part)).sort((a, b) => depth(a) - depth(b));
  for (const { path, file } of candidates) {
    // Weights always mean a model, whatever the manifest; a manifest.json alone may be something else.
    if (WEIGHTS.test(path) || (file && (await isManifest(file)))) return folderOf(path);
  }
  return null;
}

/** @param {FilmFile} file */
async function isManifest(file) {
  if (file.size > MANIFEST_BYTES) return false;
  try {
    const found = JSON.parse(new TextDecoder().decode(await file.arrayBuffer()));
    return isModelManifest(found) && 'schema' in found && 'labels' in found;
  } catch {
    return false;
  }
}

/** @param {string} path */
function isModelFile(path) {
  return nameOf(path) === MANIFEST || EVIDENCE.includes(nameOf(path)) || WEIGHTS.test(path);
}

/** Files directly in the folder. @param {Part[]} parts @param {string} folder @returns {FilmFile[]} */
function filesOf(parts, folder) {
  return parts.flatMap(({ path, file, failure }) => {
    if (folderOf(path) !== folder || (folder === '' && !isModelFile(path))) return [];
    // A file that cannot be had rejects with the reason when it is asked for.
    return [file ?? { name: nameOf(path), size: 0, arrayBuffer: () => Promise.reject(ClassifierError.of(failure ?? { kind: 'unreadable', message: '' })) }];
  });
}

/** @param {FilmFile} archive @returns {Promise<Part[]>} none where it cannot be read; taking films from it reports why */
async function partsIn(archive) {
  try {
    if (!(archive instanceof Blob)) return [];
    const head = new Uint8Array(await archive.slice(0, HEAD_BYTES).arrayBuffer());
    return isZip(head) ? await partsOf(archive) : [];
  } catch {
    return [];
  }
}

// The files that a worker runs on: opened and compiled by the page, once, and handed to every worker. And what was measured of the
// model.

import { openFile } from './files.js';
import { ClassifierError } from './error.js';
import { programFile } from './relaxed.js';

/**
 * @typedef {import('../report/types.js').Kept} Kept
 * @typedef {import('../report/types.js').Scripts} Scripts
 */

const MANIFEST = 'models/manifest.json';
/** Beside the weights: that and the program. */
const OTHERS = 2;

/** SHA-256 of this page's manifest, which names those of the weights; the build writes it (`tools/dist.mjs`). */
const MANIFEST_SHA256 = '';

const EVIDENCE = 'models/evidence.json';

/** A worker's module, and what it imports. */
const SCRIPTS = { worker: 'reader/worker.js', program: 'reader/wasm.js' };

/** Something that was loaded was of no use, and may lie so in a cache: the next try asks past all of them. */
let isDoubtful = false;

/** Asked for with this module: a worker can start while the rest is loaded. */
const early = readScripts();

/** What the last classifier with this page's model started on: the next one fetches nothing. @type {Loading | null} */
let proven = null;

/**
 * @typedef {object} Loading
 * @property {Promise<Scripts | null>} scripts never rejects: without their text, workers start from their addresses
 * @property {Promise<Kept>} kept rejects with a `ClassifierError`
 */

/** A worker has started on it. @param {Loading} loading */
export function keepLoaded(loading) {
  proven = loading;
  isDoubtful = false;
}

/** No worker has started on what was loaded. */
export function doubtLoaded() {
  isDoubtful = true;
}

/** Everything that this page's model needs is here. */
export function isLoaded() {
  return proven !== null;
}

/**
 * The program of this page with another model.
 * @param {import('./own-model.js').OwnModel} own
 * @param {AbortSignal} signal
 * @returns {Loading}
 */
export function loadOwnModel({ manifest, weights }, signal) {
  const scripts = workerScripts(signal);
  const module = proven ? proven.kept.then(({ module }) => module) : getFile(programFile(), signal).then(compile);
  const kept = module.then((module) => ({ module, manifest, weights }));
  kept.catch(() => {});
  return { scripts, kept };
}

/**
 * Asks for everything at once, but for the weights, which the manifest names.
 * @param {(done: number, of: number) => void} progress
 * @param {AbortSignal} signal gives up what is still on its way
 * @returns {Loading}
 */
export function loadModel(progress, signal) {
  if (proven) return proven;
  const get = (/** @type {string} */ path) => getFile(path, signal);
  // The manifest says how many there are.
  let of = 0;
  let done = 0;
  /** @template T @param {Promise<T>} file @returns {Promise<T>} */
  const counted = async (file) => {
    const loaded = await file;
    done++;
    if (of) progress(done, of);
    return loaded;
  };
  const scripts = workerScripts(signal);
  const module = counted(get(programFile()).then(compile));
  const manifest = get(MANIFEST).then(toBytes);
  const weights = manifest.then((bytes) => {
    const names = weightFiles(bytes);
    of = OTHERS + names.length;
    progress(0, of);
    progress(++done, of);
    return Promise.all(names.map(async (name) => [name, await counted(get(`models/${name}`).then(toBytes))]));
  });
  const kept = Promise.all([module, manifest.then(checked), weights]).then(([module, manifest, weights]) => ({
    module,
    manifest,
    weights: Object.fromEntries(weights),
  }));
  // Who waits for it hears of it; that nobody does yet is no error.
  kept.catch(() => {});
  return { scripts, kept };
}

/**
 * What the model was measured to be worth. Nothing that reads a film waits for it.
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('../report/types.js').Metrics | null>} never rejects: without its figures the model still reads
 */
export async function loadMetrics(signal) {
  try {
    return await (await getFile(EVIDENCE, signal)).json();
  } catch {
    return null;
  }
}

/** Those that came with the page, unless they may be what was of no use. @param {AbortSignal} [signal] */
async function workerScripts(signal) {
  return (isDoubtful ? null : await early) ?? readScripts(signal);
}

/**
 * @param {AbortSignal} [signal]
 * @returns {Promise<Scripts | null>}
 */
async function readScripts(signal) {
  const text = (/** @type {string} */ path) => getFile(path, signal).then((response) => response.text());
  try {
    const [worker, program] = await Promise.all([text(SCRIPTS.worker), text(SCRIPTS.program)]);
    return { worker, program };
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function getFile(path, signal) {
  const response = await openFile(path, signal, isDoubtful ? 'reload' : 'default').catch((error) => fail('fetch', `${path}: ${error.message}`));
  if (!response.ok) fail('fetch', `${path}: ${response.status} ${response.statusText}`.trim());
  return response;
}

/** None where it is damaged: the program says so. @param {Uint8Array<ArrayBuffer>} manifest @returns {string[]} */
function weightFiles(manifest) {
  try {
    return JSON.parse(new TextDecoder().decode(manifest)).files.flatMap((/** @type {{path?: string}} */ { path }) => path || []);
  } catch {
    return [];
  }
}

/** @param {Response} response */
async function compile(response) {
  try {
    // Compiling while it streams needs the right type from the server; some static hosts do not send it.
    const isWasm = response.headers.get('content-type')?.startsWith('application/wasm');
    return await (isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    const isDamaged = error instanceof WebAssembly.CompileError;
    return fail(isDamaged ? 'wasm' : 'fetch', `${programFile()}: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {Response} response */
async function toBytes(response) {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    return fail('fetch', `${response.url}: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * A manifest that is not this page's, or not quite, would be taken for a model like any other.
 * @param {Uint8Array<ArrayBuffer>} manifest
 */
async function checked(manifest) {
  // Browsers have no hashes for pages that come without https.
  const hash = MANIFEST_SHA256 && (await crypto.subtle?.digest('SHA-256', manifest));
  if (!hash) return manifest;
  const found = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return found === MANIFEST_SHA256 ? manifest : fail('model', `${MANIFEST} is not the one that belongs to this page`);
}

/**
 * @param {string} kind
 * @param {string} message
 * @returns {never}
 */
function fail(kind, message) {
  throw new ClassifierError(kind, message);
}

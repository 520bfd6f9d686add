// Loads the files that workers run on: the page fetches and compiles them once and hands them to every worker. Also loads the model's
// figures.

import { openFile } from './files.js';
import { ClassifierError } from './error.js';
import { programFile } from './relaxed.js';

/**
 * @typedef {import('../report/types.js').Kept} Kept
 * @typedef {import('../report/types.js').Scripts} Scripts
 */

const MANIFEST = 'models/manifest.json';
/** Files to count beside the weights: the manifest and the program. */
const OTHERS = 2;

/** SHA-256 of this page's manifest, which holds those of the weights; the build writes it (`tools/dist.mjs`). */
const MANIFEST_SHA256 = '';
/** The weight files that it names, for the same reason: they need not wait for it. @type {string[]} */
const WEIGHTS = [];

const EVIDENCE = 'models/evidence.json';

/** A worker's module and the module that it imports. */
const SCRIPTS = { worker: 'reader/worker.js', program: 'reader/wasm.js' };

/** A loaded file was unusable and may be in a cache: the next try bypasses all caches. */
let isDoubtful = false;

/** Requested when this module loads, so that a worker can start while the rest is loading. Whoever gives up loading gives this up as well. */
const earlyGivenUp = new AbortController();
const early = readScripts(earlyGivenUp.signal);

/** The files on which the last classifier with this page's model started: the next one fetches nothing. @type {Loading | null} */
let proven = null;

/**
 * @typedef {object} Loading
 * @property {Promise<Scripts | null>} scripts never rejects: without their text, workers start from their addresses
 * @property {Promise<Kept>} kept rejects with a `ClassifierError`
 */

/** Keeps files on which a worker has started. @param {Loading} loading */
export function keepLoaded(loading) {
  proven = loading;
  isDoubtful = false;
}

/** Called when no worker could start on the loaded files. */
export function doubtLoaded() {
  isDoubtful = true;
}

/** Whether everything that this page's model needs is loaded. */
export function isLoaded() {
  return proven !== null;
}

/**
 * This page's program with another model.
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
 * Requests everything at once. The manifest decides which weights are used.
 * @param {(done: number, of: number) => void} progress
 * @param {AbortSignal} signal cancels what is still on its way
 * @returns {Loading}
 */
export function loadModel(progress, signal) {
  if (proven) return proven;
  const get = (/** @type {string} */ path) => getFile(path, signal);
  const getWeights = (/** @type {string} */ name) => get(`models/${name}`);
  // The number of files, once the manifest is read.
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
  const ahead = new Map(WEIGHTS.map((name) => [name, getWeights(name)]));
  // What the manifest names is waited for.
  for (const file of ahead.values()) file.catch(() => {});
  const weights = manifest.then((bytes) => {
    const names = weightFiles(bytes);
    of = OTHERS + names.length;
    progress(0, of);
    progress(++done, of);
    return Promise.all(names.map(async (name) => [name, await counted((ahead.get(name) ?? getWeights(name)).then(toBytes))]));
  });
  const kept = Promise.all([module, manifest.then(checked), weights]).then(([module, manifest, weights]) => ({
    module,
    manifest,
    weights: Object.fromEntries(weights),
  }));
  // A rejection reaches whoever waits; without a waiter it is not an error.
  kept.catch(() => {});
  return { scripts, kept };
}

/**
 * The model's figures. No reading of a film waits for them.
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('../report/types.js').Metrics | null>} never rejects: without figures the model still reads
 */
export async function loadMetrics(signal) {
  try {
    return await (await getFile(EVIDENCE, signal)).json();
  } catch {
    return null;
  }
}

/** The scripts requested at load, unless they may be the unusable files. @param {AbortSignal} [signal] */
async function workerScripts(signal) {
  signal?.addEventListener('abort', () => earlyGivenUp.abort());
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

/** The weight files; none for a damaged manifest, which the program reports. @param {Uint8Array<ArrayBuffer>} manifest @returns {string[]} */
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
    // Streaming compilation needs the right content type, which some static hosts do not send.
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
 * Without this check, another or a changed manifest would pass for a model like any other.
 * @param {Uint8Array<ArrayBuffer>} manifest
 */
async function checked(manifest) {
  // Browsers offer no hashes to pages without https.
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

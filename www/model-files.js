// The files that a worker runs on: fetched and compiled by the page, once, and handed to every worker.

import { ReaderError } from './reader-error.js';

/**
 * @typedef {import('./types.js').Kept} Kept
 * @typedef {import('./types.js').Metrics} Metrics
 * @typedef {import('./types.js').Scripts} Scripts
 */

const FILES = {
  program: 'covid_classifier_bg.wasm',
  manifest: 'models/manifest.json',
  metrics: 'models/metrics.json',
};

/** A worker's module, and what it imports. */
const SCRIPTS = { worker: 'worker.js', program: 'covid_classifier.js' };

const WEIGHTS = ['texture.safetensors', 'lungs.safetensors', 'convnet.safetensors', 'gate.safetensors'];

/**
 * @typedef {object} Loading
 * @property {Promise<Scripts | null>} scripts never rejects: without their text, workers start from their addresses
 * @property {Promise<Kept>} kept rejects with a `ReaderError`
 * @property {Promise<Metrics | null>} metrics never rejects: without its figures the model still reads
 */

/**
 * Asks for everything at once.
 * @param {(done: number, of: number) => void} progress
 * @returns {Loading}
 */
export function loadModel(progress) {
  const of = Object.keys(FILES).length + WEIGHTS.length;
  let done = 0;
  progress(done, of);
  /** @template T @param {Promise<T>} file @returns {Promise<T>} */
  const counted = async (file) => {
    const loaded = await file;
    progress(++done, of);
    return loaded;
  };
  const text = (/** @type {string} */ path) => get(path).then((response) => response.text());
  const scripts = Promise.all([text(SCRIPTS.worker), text(SCRIPTS.program)]).then(
    ([worker, program]) => ({ worker, program }),
    () => null,
  );
  const module = counted(get(FILES.program).then(compile));
  const manifest = counted(get(FILES.manifest).then(toBytes));
  const weights = Promise.all(WEIGHTS.map((name) => counted(get(`models/${name}`).then(toBytes))));
  const metrics = counted(get(FILES.metrics).then((response) => response.json()).catch(() => null));
  const kept = Promise.all([module, manifest, weights]).then(([module, manifest, weights]) => ({
    module,
    manifest,
    weights: Object.fromEntries(WEIGHTS.map((name, k) => [name, weights[k]])),
  }));
  // Who waits for it hears of it; that nobody does yet is no error.
  kept.catch(() => {});
  return { scripts, kept, metrics };
}

/** @param {string} path */
async function get(path) {
  const url = new URL(path, import.meta.url);
  const response = await fetch(url).catch((error) => fail('fetch', `${path}: ${error.message}`));
  if (!response.ok) fail('fetch', `${path}: ${response.status} ${response.statusText}`.trim());
  return response;
}

/** @param {Response} response */
async function compile(response) {
  try {
    // Compiling while it streams needs the right type from the server; some static hosts do not send it.
    const isWasm = response.headers.get('content-type')?.startsWith('application/wasm');
    return await (isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    return fail('wasm', error instanceof Error ? error.message : String(error));
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
 * @param {string} kind
 * @param {string} message
 * @returns {never}
 */
function fail(kind, message) {
  throw new ReaderError({ kind, message });
}

// A worker: takes the program and the model from the page or, being the first, fetches them; then it classifies what it is
// given. Nothing else is ever fetched. The line that imports the program is also in worker-client.js, which starts workers from
// this text: it must be the only import.

import init, { Classifier } from './covid_classifier.js';

/**
 * @typedef {import('./types.js').FromWorker} FromWorker
 * @typedef {import('./types.js').ToWorker} ToWorker
 * @typedef {import('./types.js').Kept} Kept
 */

const FILES = {
  program: 'covid_classifier_bg.wasm',
  manifest: 'models/manifest.json',
  metrics: 'models/metrics.json',
};

/** This module and what it imports, for the workers that come after this one. */
const SCRIPTS = { worker: 'worker.js', program: 'covid_classifier.js' };

const WEIGHTS = ['texture.safetensors', 'lungs.safetensors', 'convnet.safetensors', 'gate.safetensors'];

/** @type {Classifier | null} */
let classifier = null;

/** One call at a time: a classifier is not made for two. */
let turn = Promise.resolve();

/** The film that is being read. @type {number | null} */
let current = null;

let isStarted = false;

self.addEventListener('message', (/** @type {MessageEvent<ToWorker>} */ { data }) => {
  if (data.type === 'start') void start(data.kept, data.backend);
  else turn = turn.then(() => classify(data.id, data.path, data.bytes));
});

// A trap inside the program's own asynchronous code rejects a promise that nobody holds, and the call would never return.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  if (isStarted) crashed(current, event.reason);
  else startFailed(event.reason);
});

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
function tell(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * Starts from the files of the site, or from what an earlier worker has already loaded.
 * @param {Kept | null} given
 * @param {string | null} backend what the address of the page asks for
 */
async function start(given, backend) {
  try {
    const kept = given ?? (await load());
    await init({ module_or_path: kept.module }).catch((/** @type {unknown} */ error) => fail('wasm', error));
    tell({ type: 'creating' });
    classifier = await Classifier.create(kept.manifest, kept.weights, backend ?? undefined);
    isStarted = true;
    tell({ type: 'ready', model: classifier.model(), kept: given ? null : kept, compute: classifier.compute() });
    countRequests(given ? 0 : performance.now());
  } catch (error) {
    startFailed(error);
  }
}

/** @param {unknown} error */
function startFailed(error) {
  const { code, message } = /** @type {{code?: string, message?: string}} */ (error ?? {});
  tell({ type: 'failed', failure: { kind: code ?? 'wasm', message: message ?? String(error) } });
}

/** @returns {Promise<Kept>} */
async function load() {
  const of = Object.keys(FILES).length + WEIGHTS.length;
  let done = 0;
  tell({ type: 'progress', done, of });
  /** @template T @param {Promise<T>} file @returns {Promise<T>} */
  const counted = async (file) => {
    const loaded = await file;
    tell({ type: 'progress', done: ++done, of });
    return loaded;
  };
  // The browser has just loaded these to run them: its cache gives the same text. Without it the next worker loads them anew.
  const text = (/** @type {string} */ path) => get(path, { cache: 'force-cache' }).then((response) => response.text());
  const scripts = Promise.all([text(SCRIPTS.worker), text(SCRIPTS.program)]).then(
    ([worker, program]) => ({ worker, program }),
    () => null,
  );
  const [module, manifest, metrics, ...files] = await Promise.all([
    counted(get(FILES.program).then(compile)),
    counted(get(FILES.manifest).then(toBytes)),
    // Without its figures the model still reads; the page says that they are missing.
    counted(get(FILES.metrics).then((response) => response.json()).catch(() => null)),
    ...WEIGHTS.map((name) => counted(get(`models/${name}`).then(toBytes))),
  ]);
  return { scripts: await scripts, module, manifest, weights: Object.fromEntries(WEIGHTS.map((name, k) => [name, files[k]])), metrics };
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function get(path, options) {
  const url = new URL(path, import.meta.url);
  const response = await fetch(url, options).catch((error) => fail('fetch', `${path}: ${error.message}`));
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
    return fail('wasm', error);
  }
}

/** @param {Response} response */
async function toBytes(response) {
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * @param {string} code
 * @param {unknown} cause
 * @returns {never}
 */
function fail(code, cause) {
  throw Object.assign(new Error(cause instanceof Error ? cause.message : String(cause)), { code });
}

/**
 * @param {number} id
 * @param {string} path
 * @param {ArrayBuffer} bytes
 */
async function classify(id, path, bytes) {
  current = id;
  try {
    const reader = classifier;
    if (!reader) throw new Error('asked to read a film without a program that runs');
    const { report, film, equalized, activation, outline } = await reader.classify(path, new Uint8Array(bytes));
    const reading = { report, film, equalized, activation, outline };
    const grays = [film, equalized].flatMap((picture) => (picture ? [picture.gray.buffer] : []));
    tell({ type: 'reading', id, reading, compute: reader.compute() }, grays);
  } catch (error) {
    crashed(id, error);
  } finally {
    current = null;
  }
}

/**
 * A bad film comes back as a report. What is thrown is a trap, and a trapped program must not be used again.
 * @param {number | null} id
 * @param {unknown} error
 */
function crashed(id, error) {
  classifier = null;
  tell({ type: 'crashed', id, message: error instanceof Error ? error.message : String(error) });
}

/**
 * Tells the page of every request that this worker makes from then on. There is none; this is how the page would know.
 * @param {number} since
 */
function countRequests(since) {
  new PerformanceObserver((list) => {
    const count = list.getEntries().filter(({ name, startTime }) => startTime >= since && !name.startsWith('blob:')).length;
    if (count > 0) tell({ type: 'requests', count });
  }).observe({ type: 'resource', buffered: true });
}

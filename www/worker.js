// The worker: fetches the program and the model once, then classifies what it is given. Nothing else is ever fetched.

import init, { Classifier } from './covid_classifier.js';

/**
 * @typedef {import('./types.js').FromWorker} FromWorker
 * @typedef {import('./types.js').ToWorker} ToWorker
 * @typedef {import('./types.js').Kept} Kept
 * @typedef {import('./types.js').Picture} Picture
 * @typedef {import('./types.js').GrayPicture} GrayPicture
 */

const FILES = {
  program: 'covid_classifier_bg.wasm',
  manifest: 'models/manifest.json',
  metrics: 'models/metrics.json',
};

const WEIGHTS = ['texture.safetensors', 'lungs.safetensors', 'convnet.safetensors', 'gate.safetensors'];

/** @type {Classifier | null} */
let classifier = null;

self.addEventListener('message', (/** @type {MessageEvent<ToWorker>} */ { data }) => {
  if (data.type === 'start') void start(data.kept);
  else classify(data.id, data.path, data.bytes);
});

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
function tell(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * Starts from the files of the site, or, after a failure, from what an earlier worker has already loaded.
 * @param {Kept | null} given
 */
async function start(given) {
  try {
    const kept = given ?? (await load());
    await init({ module_or_path: kept.module }).catch((/** @type {unknown} */ error) => fail('wasm', error));
    classifier = new Classifier(kept.manifest, kept.weights);
    tell({ type: 'ready', model: classifier.model(), kept });
    countRequests();
  } catch (error) {
    const { code, message } = /** @type {{code?: string, message?: string}} */ (error);
    tell({ type: 'failed', failure: { kind: code ?? 'wasm', message: message ?? String(error) } });
  }
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
  const [module, manifest, metrics, ...files] = await Promise.all([
    counted(get(FILES.program).then(compile)),
    counted(get(FILES.manifest).then(toBytes)),
    // Without its figures the model still reads; the page says that they are missing.
    counted(get(FILES.metrics).then((response) => response.json()).catch(() => null)),
    ...WEIGHTS.map((name) => counted(get(`models/${name}`).then(toBytes))),
  ]);
  return { module, manifest, weights: Object.fromEntries(WEIGHTS.map((name, k) => [name, files[k]])), metrics };
}

/** @param {string} path */
async function get(path) {
  const response = await fetch(new URL(path, import.meta.url)).catch((error) => fail('fetch', `${path}: ${error.message}`));
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
function classify(id, path, bytes) {
  try {
    if (!classifier) throw new Error('asked to read a film before it was started');
    const { report, film, equalized, activation, outline } = classifier.classify(path, new Uint8Array(bytes));
    const reading = { report, film: film && gray(film), equalized: equalized && gray(equalized), activation, outline };
    tell({ type: 'reading', id, reading }, [reading.film, reading.equalized].flatMap((picture) => (picture ? [picture.gray.buffer] : [])));
  } catch (error) {
    // A bad film comes back as a report. What is thrown is a trap, and a trapped program must not be used again.
    classifier = null;
    tell({ type: 'crashed', id, message: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * Films are grey: one of the four bytes of each pixel is enough to keep.
 * @param {Picture} picture
 * @returns {GrayPicture}
 */
function gray({ width, height, pixels }) {
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i++) gray[i] = pixels[4 * i];
  return { width, height, gray };
}

/** Tells the page of every request that this worker makes from now on. There is none; this is how the page would know. */
function countRequests() {
  new PerformanceObserver((list) => tell({ type: 'requests', count: list.getEntries().length })).observe({ type: 'resource' });
}

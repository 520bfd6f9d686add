// The page's side of one worker: its start, one film at a time, and its death. worker-pool.js has several.

import { ReaderError } from './reader-error.js';

/**
 * @typedef {import('./types.js').FromWorker} FromWorker
 * @typedef {import('./types.js').ToWorker} ToWorker
 * @typedef {import('./types.js').Compute} Compute
 * @typedef {import('./types.js').Kept} Kept
 * @typedef {import('./types.js').Model} Model
 * @typedef {import('./types.js').Reading} Reading
 * @typedef {import('./types.js').Scripts} Scripts
 * @typedef {import('./types.js').Failure} Failure
 * @typedef {{ createScriptURL(url: string): string }} ScriptUrlPolicy
 */

/**
 * @typedef {object} Events
 * @property {(client: WorkerClient) => void} computed which back-end answers: at the start and with each film
 * @property {(client: WorkerClient, why: string) => void} died it is of no use any more
 * @property {(count: number) => void} requests
 */

export class WorkerClient {
  /** It has started, and has not died since. */
  isReady = false;
  /** The pool has given it to somebody. */
  isLent = false;
  /** @type {Compute | null} */
  compute = null;
  #isCreating = false;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {(error: ReaderError) => void} */
  #startFailed = () => {};
  /** @type {Map<number, {resolve: (reading: Reading) => void, reject: (error: ReaderError) => void}>} */
  #asked = new Map();
  #nextId = 0;
  #events;

  /** @param {Events} events */
  constructor(events) {
    this.#events = events;
  }

  /**
   * Starts the worker, once. Where it does not start, it is dead.
   * @param {Scripts | null} scripts their text; without it the worker loads them from their addresses
   * @param {Promise<Kept>} kept what it runs on; may still be loading
   * @param {string | null} backend
   * @param {boolean} isFirst the page is still loading
   * @returns {Promise<Model>} rejects with a `ReaderError`
   */
  start(scripts, kept, backend, isFirst) {
    return new Promise((resolve, reject) => {
      this.#startFailed = reject;
      const died = (/** @type {string} */ message) => this.#die({ kind: 'worker', message });
      let worker;
      try {
        worker = spawn(scripts);
      } catch (error) {
        died(String(error));
        return;
      }
      this.#worker = worker;
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        died(event.message || 'the worker could not be loaded');
      });
      worker.addEventListener('messageerror', () => died('a message from the worker could not be read'));
      worker.addEventListener('message', (/** @type {MessageEvent<FromWorker>} */ { data }) => {
        // What a dead worker had sent before.
        if (worker !== this.#worker) return;
        switch (data.type) {
          case 'creating':
            this.#isCreating = true;
            break;
          case 'ready':
            this.isReady = true;
            this.#isCreating = false;
            resolve(data.model);
            this.#computed(data.compute);
            break;
          case 'failed':
            this.#die(data.failure);
            break;
          case 'reading':
            this.#computed(data.compute);
            this.#asked.get(data.id)?.resolve(data.reading);
            this.#asked.delete(data.id);
            break;
          case 'crashed':
            died(data.message);
            break;
          case 'requests':
            this.#events.requests(data.count);
            break;
        }
      });
      kept.then(
        (kept) => this.#tell({ type: 'start', kept, backend, isFirst }),
        ({ kind, message }) => this.#die({ kind, message }),
      );
    });
  }

  /**
   * @param {string} path
   * @param {ArrayBuffer} bytes handed over: the page cannot use it afterwards
   * @returns {Promise<Reading>} rejects with a `ReaderError` when the worker dies of it
   */
  classify(path, bytes) {
    return new Promise((resolve, reject) => {
      if (!this.#worker) throw new ReaderError({ kind: 'crashed', message: 'the worker has stopped' });
      const id = this.#nextId++;
      this.#asked.set(id, { resolve, reject });
      this.#tell({ type: 'classify', id, path, bytes }, [bytes]);
    });
  }

  /** Lets the worker go. Nobody waits for it. */
  stop() {
    this.#worker?.terminate();
    this.#worker = null;
    this.isReady = false;
  }

  /** @param {Compute} compute */
  #computed(compute) {
    this.compute = compute;
    this.#events.computed(this);
  }

  /**
   * What it was asked fails, the start included.
   * @param {Failure} failure
   */
  #die({ kind, message }) {
    this.stop();
    // What the program itself says of its files is no trap.
    this.#startFailed(new ReaderError({ kind, message }, this.#isCreating && (kind === 'worker' || kind === 'wasm')));
    for (const { reject } of this.#asked.values()) reject(new ReaderError({ kind: 'crashed', message }));
    this.#asked.clear();
    this.#events.died(this, message);
  }

  /**
   * @param {ToWorker} message
   * @param {Transferable[]} [transfer]
   */
  #tell(message, transfer = []) {
    this.#worker?.postMessage(message, transfer);
  }
}

/**
 * Starts a module worker by way of a blob. A worker loaded from its own address obeys the policy of that response, and a
 * static host sends none; a worker from a blob inherits the Content-Security-Policy of this page. With the text of its modules
 * at hand the worker is made of nothing else, and no request is made.
 * @param {Scripts | null} scripts
 */
function spawn(scripts) {
  /** @type {string[]} */
  const urls = [];
  const url = (/** @type {string} */ source) => {
    urls.push(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    return urls[urls.length - 1];
  };
  const source = scripts
    ? scripts.worker.replace(`'./covid_classifier.js'`, () => JSON.stringify(url(scripts.program)))
    : `import ${JSON.stringify(new URL('./worker.js', import.meta.url).href)};`;
  const main = url(source);
  const worker = new Worker(/** @type {string} */ (policy?.createScriptURL(main) ?? main), { type: 'module' });
  const release = () => urls.forEach((url) => URL.revokeObjectURL(url));
  worker.addEventListener('message', release, { once: true });
  worker.addEventListener('error', release, { once: true });
  return worker;
}

/** Where the browser knows Trusted Types, the page's policy lets no other address become a script. */
const policy = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy } }} */ (
  /** @type {unknown} */ (globalThis)
).trustedTypes?.createPolicy('classifier-worker', {
  createScriptURL(url) {
    if (!url.startsWith('blob:')) throw new TypeError(`no worker from ${url}`);
    return url;
  },
});

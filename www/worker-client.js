// The page's side of the worker: start-up, one film at a time, and a new worker when one dies.

/**
 * @typedef {import('./types.js').FromWorker} FromWorker
 * @typedef {import('./types.js').ToWorker} ToWorker
 * @typedef {import('./types.js').Kept} Kept
 * @typedef {import('./types.js').Model} Model
 * @typedef {import('./types.js').Metrics} Metrics
 * @typedef {import('./types.js').Reading} Reading
 * @typedef {import('./types.js').Failure} Failure
 * @typedef {{ createScriptURL(url: string): string }} ScriptUrlPolicy
 */

/** What went wrong, in the form the page shows: a kind to branch on and a sentence. */
export class ReaderError extends Error {
  /** @param {Failure} failure */
  constructor({ kind, message }) {
    super(message);
    this.kind = kind;
  }
}

/**
 * @typedef {object} Events
 * @property {(done: number, of: number) => void} progress
 * @property {(model: Model, metrics: Metrics | null) => void} ready
 * @property {(failure: Failure) => void} failed
 * @property {(count: number) => void} requests
 */

export class WorkerClient {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Promise<void> | null} */
  #started = null;
  /** What the first worker loaded; a successor starts from it, so that it downloads nothing. @type {Kept | null} */
  #kept = null;
  /** @type {Map<number, {resolve: (reading: Reading) => void, reject: (error: ReaderError) => void}>} */
  #asked = new Map();
  #nextId = 0;
  #events;

  /** @param {Events} events */
  constructor(events) {
    this.#events = events;
  }

  /**
   * Starts the worker, or joins the start that is under way or done. A failed start is forgotten: the next call tries anew.
   * @returns {Promise<void>}
   */
  start() {
    this.#started ??= this.#start().catch((/** @type {ReaderError} */ error) => {
      this.#stop();
      this.#events.failed({ kind: error.kind, message: error.message });
      throw error;
    });
    return this.#started;
  }

  /**
   * @param {string} path
   * @param {ArrayBuffer} bytes handed over: the page cannot use it afterwards
   * @returns {Promise<Reading>} rejects with a `ReaderError` when the worker dies of it
   */
  async classify(path, bytes) {
    await this.start();
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#asked.set(id, { resolve, reject });
      this.#tell({ type: 'classify', id, path, bytes }, [bytes]);
    });
  }

  /** @returns {Promise<void>} */
  #start() {
    return new Promise((resolve, reject) => {
      const failed = (/** @type {Failure} */ failure) => reject(new ReaderError(failure));
      let worker;
      try {
        worker = spawn(new URL('./worker.js', import.meta.url));
      } catch (error) {
        failed({ kind: 'worker', message: String(error) });
        return;
      }
      this.#worker = worker;
      const died = (/** @type {string} */ message) => {
        if (worker !== this.#worker) return;
        failed({ kind: 'worker', message });
        this.#crashed(message);
      };
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        died(event.message || 'the worker could not be loaded');
      });
      worker.addEventListener('messageerror', () => died('a message from the worker could not be read'));
      worker.addEventListener('message', (/** @type {MessageEvent<FromWorker>} */ { data }) => {
        if (worker !== this.#worker) return;
        switch (data.type) {
          case 'progress':
            this.#events.progress(data.done, data.of);
            break;
          case 'ready':
            this.#kept = data.kept;
            this.#events.ready(data.model, data.kept.metrics);
            resolve();
            break;
          case 'failed':
            failed(data.failure);
            break;
          case 'reading':
            this.#asked.get(data.id)?.resolve(data.reading);
            this.#asked.delete(data.id);
            break;
          case 'crashed':
            this.#crashed(data.message);
            break;
          case 'requests':
            this.#events.requests(data.count);
            break;
        }
      });
      this.#tell({ type: 'start', kept: this.#kept });
    });
  }

  /**
   * The worker is of no use any more: what it was asked fails, and the next film gets a new one.
   * @param {string} message
   */
  #crashed(message) {
    this.#stop();
    for (const { reject } of this.#asked.values()) reject(new ReaderError({ kind: 'crashed', message }));
    this.#asked.clear();
  }

  #stop() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#started = null;
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
 * static host sends none; a worker from a blob inherits the Content-Security-Policy of this page.
 * @param {URL} module
 */
function spawn(module) {
  const source = new Blob([`import ${JSON.stringify(module.href)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(source);
  const worker = new Worker(/** @type {string} */ (policy?.createScriptURL(url) ?? url), { type: 'module' });
  const release = () => URL.revokeObjectURL(url);
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

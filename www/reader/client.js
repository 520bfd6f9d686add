// The page's side of one worker: it starts it, gives it one film at a time, and notices when it dies or hangs. pool.js holds several.

import { ClassifierError } from './error.js';

/**
 * @typedef {import('../report/types.js').FromWorker} FromWorker
 * @typedef {import('../report/types.js').ToWorker} ToWorker
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Kept} Kept
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('../report/types.js').GrayPicture} GrayPicture
 * @typedef {import('../report/types.js').Pictures} Pictures
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {import('../report/types.js').Scripts} Scripts
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {{ createScriptURL(url: string): string }} ScriptUrlPolicy
 */

/**
 * @typedef {object} Events
 * @property {(client: WorkerClient) => void} computed tells which back-end answers: at the start and with each film
 * @property {(client: WorkerClient, why: string, cause: 'fault' | 'memory' | 'unwanted') => void} died the worker can no longer be used
 * @property {(count: number) => void} requests
 */

/**
 * A worker that says nothing for so many ticks has been ended before it could hold its lock. These are ticks of the page, not seconds: a
 * page that sleeps has none.
 */
const TICK_MS = 1000;
const SILENT_TICKS = 30;

/** A worker that owes an answer and says nothing for so many ticks hangs. The slowest films need a fraction of this, even on slow machines. */
const HANGING_TICKS = 180;
/** The same where nobody wants the answer any more. */
const UNWANTED_TICKS = 10;

export class WorkerClient {
  /** It has started, and has not died since. */
  isReady = false;
  /** The pool has given it to somebody. */
  isLent = false;
  /** @type {Compute | null} */
  compute = null;
  #isStarting = false;
  #isCreating = false;
  /** It holds its lock, or has said that it cannot. */
  #isInReach = false;
  /** @type {Worker | null} */
  #worker = null;
  /** Counts the ticks of a worker that has to say something. @type {ReturnType<typeof setInterval> | undefined} */
  #silence;
  /** @type {(error: ClassifierError) => void} */
  #startFailed = () => {};
  /** Questions that it has not answered yet. @type {Map<number, {resolve: (answer: any) => void, reject: (error: ClassifierError) => void, seen: ((picture: GrayPicture) => void) | null}>} */
  #asked = new Map();
  #nextId = 0;
  /** The question about the film that was asked last, and the last one whose answer nobody wants any more. */
  #ofFilm = -1;
  #unwanted = -1;
  #events;

  /** @param {Events} events */
  constructor(events) {
    this.#events = events;
  }

  /**
   * Starts the worker. Call it once: a worker that does not start is dead.
   * @param {Scripts | null} scripts their text; without it the worker loads them from their addresses
   * @param {Promise<Kept>} kept the program and the model; may still be loading
   * @param {string | null} backend
   * @param {boolean} isFirst whether the page is still loading
   * @returns {Promise<Model>} rejects with a `ClassifierError`
   */
  start(scripts, kept, backend, isFirst) {
    return new Promise((resolve, reject) => {
      this.#startFailed = reject;
      const died = (/** @type {string} */ message) => this.#die({ kind: 'worker', message });
      let worker;
      try {
        worker = spawn(scripts);
      } catch (error) {
        died(`${error}${refusal}`);
        return;
      }
      this.#worker = worker;
      const ended = () => worker === this.#worker && this.#die({ kind: 'worker', message: 'the worker has ended' }, { mayBePassing: true });
      this.#silence = whenSilent(SILENT_TICKS, ended);
      const lock = `covid-classifier worker ${Math.random()}`;
      this.#tell({ type: 'hold', lock });
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        died(event.message || 'the worker could not be loaded');
      });
      worker.addEventListener('messageerror', () => died('a message from the worker could not be read'));
      worker.addEventListener('message', (/** @type {MessageEvent<FromWorker>} */ { data }) => {
        // A message that the worker sent before it died.
        if (worker !== this.#worker) return;
        switch (data.type) {
          case 'held':
            this.#isInReach = true;
            if (data.isLocked) void whenFree(lock, ended);
            break;
          case 'creating':
            this.#isCreating = true;
            break;
          case 'ready':
            this.isReady = true;
            this.#isStarting = this.#isCreating = false;
            resolve(data.model);
            this.#computed(data.compute);
            break;
          case 'failed':
            this.#die(data.failure);
            break;
          case 'seen':
            this.#asked.get(data.id)?.seen?.(data.picture);
            break;
          case 'answer':
            if (data.compute) this.#computed(data.compute);
            this.#asked.get(data.id)?.resolve(data.answer);
            this.#asked.delete(data.id);
            break;
          case 'crashed':
            if (data.isOfMemory) this.#die({ kind: 'memory', message: data.message }, { asked: 'memory', mayBePassing: true });
            else died(data.message);
            break;
          case 'requests':
            this.#events.requests(data.count);
            break;
        }
        this.#watch();
      });
      kept.then(
        (kept) => {
          this.#isStarting = true;
          this.#tell({ type: 'start', kept, backend, isFirst });
          this.#watch();
        },
        ({ kind, message }) => this.#die({ kind, message }),
      );
    });
  }

  /**
   * @param {string} path
   * @param {Blob | ArrayBuffer} film a blob is read by the worker; the page cannot use a buffer afterwards
   * @param {import('../report/types.js').ReadAs | null} [readAs] null for as its file has it
   * @param {((picture: GrayPicture) => void) | null} [seen] is given the film once it is decoded
   * @returns {Promise<Report>} rejects, as the others do, with a `ClassifierError` when the worker dies of it
   */
  async classify(path, film, readAs = null, seen = null) {
    this.#ofFilm = this.#nextId++;
    const question = /** @type {const} */ ({ type: 'classify', id: this.#ofFilm, path, film, readAs, wantsPreview: seen !== null });
    const answer = await this.#ask(question, handedOver(film), seen);
    if ('kind' in answer) throw ClassifierError.of(answer);
    return answer;
  }

  /**
   * Decodes a film for `thumbnail` and `pictures` only, without a report.
   * @param {Blob | ArrayBuffer} film as for `classify`
   * @param {import('../report/types.js').ReadAs | null} [readAs] as it was read
   * @returns {Promise<Failure | null>}
   */
  look(film, readAs = null) {
    this.#ofFilm = this.#nextId++;
    return this.#ask({ type: 'look', id: this.#ofFilm, film, readAs }, handedOver(film));
  }

  /** A synthetic film; null where the index is too large. @param {number} index @returns {Promise<Uint8Array<ArrayBuffer> | null>} */
  sample(index) {
    return this.#ask({ type: 'sample', id: this.#nextId++, index });
  }

  /**
   * Reads a film and drops its pictures: afterwards the browser has compiled what the next one needs.
   * @param {ArrayBuffer} bytes handed over
   * @param {(picture: GrayPicture) => void} seen is given the film once it is decoded
   * @returns {Promise<Report>}
   */
  warm(bytes, seen) {
    return this.#ask({ type: 'warm', id: this.#nextId++, bytes }, [bytes], seen);
  }

  /**
   * The header of a DICOM file. It may name the patient.
   * @param {ArrayBuffer} bytes handed over
   * @returns {Promise<import('../report/types.js').DicomTag[]>}
   */
  async tags(bytes) {
    const answer = await this.#ask({ type: 'tags', id: this.#nextId++, bytes }, [bytes]);
    if (!Array.isArray(answer)) throw ClassifierError.of(answer);
    return answer;
  }

  /**
   * @param {string} title
   * @param {import('../report/types.js').LabelledFilm[]} films
   * @returns {Promise<import('../report/types.js').Validation>} rejects with a `TypeError` where `films` is not a list of labelled films
   */
  async validate(title, films) {
    const answer = await this.#ask({ type: 'validate', id: this.#nextId++, title, films });
    if ('message' in answer) throw new TypeError(answer.message);
    return answer;
  }

  /** A small picture of the film that was read or looked at last; null without one. @returns {Promise<GrayPicture | null>} */
  thumbnail() {
    return this.#ask({ type: 'thumbnail', id: this.#nextId++ });
  }

  /** The pictures of that film; the worker forgets the film afterwards. @returns {Promise<Pictures | null>} */
  pictures() {
    return this.#ask({ type: 'pictures', id: this.#nextId++ });
  }

  /** Nobody wants the film that it is reading or looking at any more: it has a little time to finish by itself. */
  abandon() {
    this.#unwanted = this.#ofFilm;
    this.#watch();
  }

  /** Ends the worker. Nobody may be waiting for an answer. */
  stop() {
    clearInterval(this.#silence);
    this.#worker?.terminate();
    this.#worker = null;
    this.isReady = false;
  }

  /**
   * @param {Exclude<ToWorker, {type: 'start' | 'hold'}>} question
   * @param {Transferable[]} [transfer]
   * @param {((picture: GrayPicture) => void) | null} [seen] is given the film once it is decoded
   * @returns {Promise<any>}
   */
  #ask(question, transfer, seen = null) {
    return new Promise((resolve, reject) => {
      if (!this.#worker) throw new ClassifierError('crashed', 'the worker has stopped');
      this.#asked.set(question.id, { resolve, reject, seen });
      this.#tell(question, transfer);
      this.#watch();
    });
  }

  /** Counts anew how long the worker is silent, if it owes an answer. Until it holds its lock, the time since it was made is counted. */
  #watch() {
    if (!this.#isInReach) return;
    clearInterval(this.#silence);
    if (!this.#worker || (!this.#isStarting && this.#asked.size === 0)) return;
    const most = this.#asked.has(this.#unwanted) ? UNWANTED_TICKS : HANGING_TICKS;
    const message = `the worker gave no answer for ${(most * TICK_MS) / 1000} seconds`;
    this.#silence = whenSilent(most, () => this.#die({ kind: 'worker', message }));
  }

  /** @param {Compute} compute */
  #computed(compute) {
    this.compute = compute;
    this.#events.computed(this);
  }

  /**
   * Ends the worker; all open questions fail, the start included.
   * @param {Failure} failure
   * @param {{asked?: 'crashed' | 'memory', mayBePassing?: boolean}} [ofFilms] how questions fail
   */
  #die({ kind, message }, { asked = 'crashed', mayBePassing = false } = {}) {
    this.stop();
    const cause = asked === 'memory' ? asked : this.#asked.has(this.#unwanted) ? 'unwanted' : 'fault';
    // An error that the program itself reports about its files is not a trap.
    const isTrap = this.#isCreating && (kind === 'worker' || kind === 'wasm');
    this.#startFailed(Object.assign(new ClassifierError(kind, message), { isTrap }));
    for (const { reject } of this.#asked.values()) reject(Object.assign(new ClassifierError(asked, message), { mayBePassing }));
    this.#asked.clear();
    this.#events.died(this, message, cause);
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
 * Starts a worker from a blob, which inherits this page's Content-Security-Policy. A worker loaded from its own address obeys the policy of
 * that response, and static hosts send none. Where the text of its modules is at hand, the worker is made from it without a request. On a
 * page opened from a disk, Chromium starts no module from a blob: there the worker is a classic script that contains the program
 * (`tools/single.mjs`).
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
    ? scripts.worker.replace(`'./wasm.js'`, () => JSON.stringify(url(scripts.program)))
    : `import ${JSON.stringify(new URL('./worker.js', import.meta.url).href)};`;
  const main = url(source);
  const type = scripts?.program === '' ? 'classic' : 'module';
  const worker = new Worker(/** @type {string} */ (policy()?.createScriptURL(main) ?? main), { type });
  const release = () => {
    for (const url of urls) URL.revokeObjectURL(url);
  };
  worker.addEventListener('message', release, { once: true });
  worker.addEventListener('error', release, { once: true });
  return worker;
}

/** @param {Blob | ArrayBuffer} film */
function handedOver(film) {
  return film instanceof ArrayBuffer ? [film] : [];
}

/**
 * Calls `then` after so many ticks, unless the interval is cleared before.
 * @param {number} most
 * @param {() => void} then
 */
function whenSilent(most, then) {
  let ticks = 0;
  return setInterval(() => ++ticks === most && then(), TICK_MS);
}

/**
 * Calls `then` once the lock is free.
 * @param {string} lock
 * @param {() => void} then
 */
async function whenFree(lock, then) {
  await navigator.locks.request(lock, then).catch(() => {});
}

/** @type {ScriptUrlPolicy | null | undefined} */
let made;
/** Why there is no policy, in the browser's words. */
let refusal = '';

/**
 * In browsers with Trusted Types, this policy lets no other address become a script. Null where the embedding page allows no policy of this
 * name, or no second one: the browser then takes the address as it is or reports why not.
 */
function policy() {
  if (made !== undefined) return made;
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy } }} */ (
    /** @type {unknown} */ (globalThis)
  );
  try {
    made = trustedTypes?.createPolicy('classifier-worker', {
      createScriptURL(url) {
        if (!url.startsWith('blob:')) throw new TypeError(`no worker from ${url}`);
        return url;
      },
    });
  } catch (error) {
    refusal = ` ${error}`;
  }
  made ??= null;
  return made;
}

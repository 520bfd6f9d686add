// The classifier for other pages and programs: no element, no page, nothing global. classifier.d.ts says what there is.

import { bytesOf, mayBeTheDevices, toFailure } from './film-file.js';
import { Lanes } from './lanes.js';
import { ReaderError } from './error.js';
import { poolSize, WorkerPool } from './pool.js';

/**
 * @typedef {import('./classifier.js').Classifier} Classifier
 * @typedef {import('./classifier.js').ClassifierOptions} ClassifierOptions
 * @typedef {import('./classifier.js').ClassifyOptions} ClassifyOptions
 * @typedef {import('./classifier.js').Result} Result
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('./client.js').WorkerClient} WorkerClient
 */

export class ClassifierError extends Error {
  /** @type {'ClassifierError'} */
  name = 'ClassifierError';

  /**
   * @param {string} kind
   * @param {string} message
   * @param {import('../report/types.js').Failure['format']} [format]
   */
  constructor(kind, message, format) {
    super(message);
    this.kind = kind;
    this.format = format;
  }
}

/** @type {typeof import('./classifier.js').createClassifier} */
export async function createClassifier({ backend = null, workers, signal, onProgress } = {}) {
  signal?.throwIfAborted();
  const size = workers === undefined ? poolSize(navigator) : Math.max(1, Math.floor(workers));
  /** @type {ReturnType<typeof state>} */
  const known = state();
  /** @type {() => void} */
  let complete = () => {};
  const isComplete = /** @type {Promise<void>} */ (new Promise((resolve) => (complete = resolve)));
  const pool = new WorkerPool(size, backend, {
    progress: (done, of) => safely(() => onProgress?.({ done, of })),
    ready(model, metrics) {
      Object.assign(known, { model, metrics });
      complete();
    },
    computed: (compute) => (known.compute = compute),
    failed() {},
    requests() {},
  });
  try {
    await orAborted(Promise.all([pool.start(), isComplete]), signal);
  } catch (error) {
    pool.close();
    throw signal?.aborted ? signal.reason : toError(toFailure(error));
  }
  return new PooledClassifier(pool, known);
}

/** One film, from the call to its result. */
class Job {
  /** Somebody waits for it: it is neither settled nor taken back. */
  isOpen = true;
  /** It has cost a worker already. */
  isSecondTry = false;

  /**
   * @param {Blob} film
   * @param {ClassifyOptions} options
   * @param {(result: Result) => void} resolve
   * @param {(reason: unknown) => void} reject
   */
  constructor(film, { name, pictures = false, onProgress }, resolve, reject) {
    this.film = film;
    this.name = name ?? (film instanceof File ? film.name : '');
    this.wantsPictures = pictures;
    this.progress = (/** @type {'waiting' | 'reading' | 'done'} */ stage) => safely(() => onProgress?.({ stage }));
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** @implements {Classifier} */
class PooledClassifier {
  /** In the order of the calls. @type {Set<Job>} */
  #waiting = new Set();
  /** @type {Set<Job>} */
  #reading = new Set();
  #isClosed = false;
  /** @type {Lanes<Job>} */
  #lanes;
  #pool;
  #known;

  /**
   * @param {WorkerPool} pool
   * @param {ReturnType<typeof state>} known
   */
  constructor(pool, known) {
    this.#pool = pool;
    this.#known = known;
    this.#lanes = new Lanes(pool, {
      next: () => this.#waiting.values().next().value,
      run: (job, worker) => this.#read(job, worker),
      failed: (error) => this.#rejectAll(this.#waiting, toError(toFailure(error))),
    });
  }

  get model() {
    return /** @type {Model} */ (this.#known.model);
  }

  get metrics() {
    return this.#known.metrics;
  }

  get compute() {
    return /** @type {Compute} */ (this.#known.compute);
  }

  /** @type {Classifier['classify']} */
  async classify(film, options = {}) {
    if (!(film instanceof Blob)) throw new TypeError('classify takes a Blob or a File');
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    /** @type {() => void} */
    let takeBack = () => {};
    try {
      return await new Promise((resolve, reject) => {
        const job = new Job(film, options, resolve, reject);
        takeBack = () => this.#reject(job, signal?.reason);
        signal?.addEventListener('abort', takeBack);
        this.#wait(job);
      });
    } finally {
      signal?.removeEventListener('abort', takeBack);
    }
  }

  close() {
    this.#isClosed = true;
    this.#pool.close();
    this.#rejectAll(this.#waiting, closed());
    this.#rejectAll(this.#reading, closed());
  }

  /** @param {Job} job */
  #wait(job) {
    this.#waiting.add(job);
    job.progress('waiting');
    this.#lanes.open(this.#waiting.size);
  }

  /**
   * @param {Job} job
   * @param {WorkerClient} worker
   */
  async #read(job, worker) {
    this.#waiting.delete(job);
    this.#reading.add(job);
    const { compute } = worker;
    try {
      job.progress('reading');
      const bytes = await bytesOf(job.film);
      if (!job.isOpen) return;
      const report = await worker.classify(job.name, bytes);
      if (!job.isOpen) return;
      if (report.error) throw new ReaderError(report.error);
      // A worker that dies of showing a film has read it: the result stands.
      const thumbnail = await worker.thumbnail().catch(() => null);
      const pictures = job.wantsPictures ? await worker.pictures().catch(() => null) : null;
      if (!job.isOpen) return;
      job.progress('done');
      job.isOpen = false;
      job.resolve({ name: job.name, report, thumbnail, pictures });
    } catch (error) {
      const failure = toFailure(error);
      if (job.isOpen && !job.isSecondTry && mayBeTheDevices(failure, compute)) {
        job.isSecondTry = true;
        this.#wait(job);
      } else {
        this.#reject(job, toError(failure));
      }
    } finally {
      this.#reading.delete(job);
    }
  }

  /**
   * @param {Job} job
   * @param {unknown} reason
   */
  #reject(job, reason) {
    this.#waiting.delete(job);
    job.isOpen = false;
    job.reject(reason);
  }

  /**
   * @param {Set<Job>} jobs
   * @param {ClassifierError} reason
   */
  #rejectAll(jobs, reason) {
    for (const job of [...jobs]) this.#reject(job, reason);
  }
}

/** What the pool tells: complete, but for `metrics`, once a worker has started. */
function state() {
  return {
    model: /** @type {Model | null} */ (null),
    metrics: /** @type {Metrics | null} */ (null),
    compute: /** @type {Compute | null} */ (null),
  };
}

/**
 * @param {Promise<unknown>} promise
 * @param {AbortSignal | undefined} signal rejects it with its reason
 */
async function orAborted(promise, signal) {
  if (!signal) return void (await promise);
  /** @type {() => void} */
  let abort = () => {};
  const aborted = new Promise((_, reject) => (abort = () => reject(signal.reason)));
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * What a caller's own function throws is for the caller to see; it changes nothing here.
 * @param {() => void} call
 */
function safely(call) {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}

/** @param {Failure} failure */
function toError({ kind, message, format }) {
  return new ClassifierError(kind, message, format);
}

function closed() {
  return new ClassifierError('closed', 'the classifier is closed');
}

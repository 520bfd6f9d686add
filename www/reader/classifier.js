// The classifier, for this page and for others, without an element or globals. classifier.d.ts describes the interface.

import { ClassifierError } from './error.js';
import { bytesOf, forWorker, mayBeTheDevices, toFailure } from './film-file.js';
import { Lanes } from './lanes.js';
import { loadMetrics } from './model-files.js';
import { evidenceOf, ownModelError, readOwnModel } from './own-model.js';
import { poolSize, WorkerPool } from './pool.js';

/**
 * @typedef {import('./classifier.js').Classifier} Classifier
 * @typedef {import('./client.js').WorkerClient} WorkerClient
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 */

export { ClassifierError };

/** @type {typeof import('./classifier.js').createClassifier} */
export async function createClassifier({
  backend = null,
  workers,
  model: files = null,
  metrics: wantsMetrics = true,
  signal,
  onProgress,
  onCompute,
  onRequests,
} = {}) {
  signal?.throwIfAborted();
  const size = workers === undefined ? poolSize(navigator) : Math.max(1, Math.floor(workers));
  const own = files && (await readOwnModel(files));
  signal?.throwIfAborted();
  const known = { compute: /** @type {Compute | null} */ (null), metrics: /** @type {Metrics | null} */ (null) };
  const pool = new WorkerPool(size, backend, own, {
    progress: (done, of) => safely(() => onProgress?.({ done, of })),
    computed(compute) {
      known.compute = compute;
      safely(() => onCompute?.(compute));
    },
    requests: (count) => safely(() => onRequests?.(count)),
  });
  const start = async () => {
    await pool.start();
    if (wantsMetrics) known.metrics = own ? evidenceOf(own, /** @type {Model} */ (pool.model)) : await loadMetrics(signal);
  };
  try {
    await orAborted(start(), signal);
  } catch (error) {
    pool.close();
    throw signal?.aborted ? signal.reason : own ? ownModelError(toError(error)) : toError(error);
  }
  return new PooledClassifier(pool, known);
}

/**
 * One film from the call to its answer.
 * @template Answer
 */
class Job {
  /** Somebody waits for it: it is neither settled nor cancelled. */
  isOpen = true;
  /** A worker has already died of it. */
  isSecondTry = false;
  /** The worker that has it. @type {WorkerClient | null} */
  worker = null;

  /**
   * @param {Set<Job<any>>} line the queue in which it waits
   * @param {import('../report/types.js').FilmFile | Blob} film
   * @param {(worker: WorkerClient, film: Blob | ArrayBuffer, job: Job<Answer>) => Promise<Answer>} read its result is dropped once the job is
   * closed
   * @param {((stage: 'waiting' | 'reading' | 'done') => void) | undefined} progress
   */
  constructor(line, film, read, progress) {
    this.line = line;
    this.film = film;
    this.read = read;
    this.progress = (/** @type {'waiting' | 'reading' | 'done'} */ stage) => safely(() => progress?.(stage));
    /** @type {Promise<Answer>} */
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** @implements {Classifier} */
class PooledClassifier {
  /** Films to be read, in the order of the calls. @type {Set<Job<any>>} */
  #waiting = new Set();
  /** Films to be looked at, which come first. @type {Set<Job<any>>} */
  #toLookAt = new Set();
  /** @type {Set<Job<any>>} */
  #atWork = new Set();
  #isClosed = false;
  /** @type {Lanes<Job<any>>} */
  #lanes;
  #pool;
  #known;

  /**
   * @param {WorkerPool} pool
   * @param {{compute: Compute | null, metrics: Metrics | null}} known
   */
  constructor(pool, known) {
    this.#pool = pool;
    this.#known = known;
    this.#lanes = new Lanes(pool, {
      next: () => this.#toLookAt.values().next().value ?? this.#waiting.values().next().value,
      run: (job, worker) => this.#run(job, worker),
      failed: (error) => this.#rejectAll(toError(error), this.#toLookAt, this.#waiting),
    });
  }

  get model() {
    return /** @type {Model} */ (this.#pool.model);
  }

  get metrics() {
    return this.#known.metrics;
  }

  get compute() {
    return /** @type {Compute} */ (this.#known.compute);
  }

  /** @type {Classifier['classify']} */
  async classify(
    film,
    { name = nameOf(film), readAs, pictures: wantsPictures = false, preview: wantsPreview = false, signal, onProgress, onPart, onPreview } = {},
  ) {
    ensureFilm(film, 'classify');
    const tell = (/** @type {Parameters<NonNullable<typeof onPart>>[0]} */ part) => safely(() => onPart?.(part));
    /** @type {Job<import('./classifier.js').Result>['read']} */
    const read = async (worker, file, job) => {
      const isSeen = onPreview && (typeof wantsPreview === 'function' ? wantsPreview() : wantsPreview);
      const seen = isSeen ? (/** @type {import('../report/types.js').GrayPicture} */ picture) => job.isOpen && safely(() => onPreview(picture)) : null;
      const report = await worker.classify(name, file, asRead(readAs), seen);
      if (report.model && this.model.own) report.model.own = true;
      if (job.isOpen) tell({ report });
      if (report.error) throw ClassifierError.of(report.error);
      // If the worker dies while it makes the pictures, the result stands.
      const thumbnail = await worker.thumbnail().catch(() => null);
      if (job.isOpen) tell({ thumbnail });
      const isWanted = job.isOpen && (typeof wantsPictures === 'function' ? wantsPictures() : wantsPictures);
      const pictures = isWanted ? await worker.pictures().catch(() => null) : null;
      return { name, report, thumbnail, pictures };
    };
    return this.#submit(this.#waiting, film, read, signal, onProgress && ((stage) => onProgress({ stage })));
  }

  /** @type {Classifier['look']} */
  async look(film, { readAs, signal } = {}) {
    ensureFilm(film, 'look');
    /** @type {Job<import('./classifier.js').Look>['read']} */
    const read = async (worker, file) => {
      const failure = await worker.look(file, asRead(readAs));
      if (failure) throw ClassifierError.of(failure);
      const thumbnail = await worker.thumbnail();
      return { thumbnail, pictures: await worker.pictures() };
    };
    return this.#submit(this.#toLookAt, film, read, signal);
  }

  /** @type {Classifier['tags']} */
  async tags(film) {
    ensureFilm(film, 'tags');
    if (this.#isClosed) throw closed();
    return this.#pool.tags(await bytesOf(film));
  }

  /** @type {Classifier['sample']} */
  async sample(index) {
    if (this.#isClosed) throw closed();
    const bytes = await this.#pool.sample(index);
    return bytes && new Blob([bytes], { type: 'image/bmp' });
  }

  /** @type {Classifier['validate']} */
  async validate(title, films) {
    if (this.#isClosed) throw closed();
    const essential = essentials(films);
    try {
      return await this.#pool.validate(String(title), essential);
    } catch (error) {
      throw error instanceof TypeError ? error : toError(error);
    }
  }

  /** @param {import('./classifier.js').WarmOptions} [options] */
  async warm({ onPreview, onReport } = {}) {
    if (this.#isClosed) throw closed();
    await this.#pool.warm(
      (picture) => onPreview && safely(() => onPreview(picture)),
      (report) => onReport && safely(() => onReport(report)),
    );
  }

  async start() {
    if (this.#isClosed) throw closed();
    await this.#pool.start();
  }

  close() {
    this.#isClosed = true;
    this.#pool.close();
    this.#rejectAll(closed(), this.#toLookAt, this.#waiting, this.#atWork);
  }

  /**
   * @template Answer
   * @param {Job<Answer>['line']} line
   * @param {Job<Answer>['film']} film
   * @param {Job<Answer>['read']} read
   * @param {AbortSignal | undefined} signal
   * @param {(stage: 'waiting' | 'reading' | 'done') => void} [progress]
   * @returns {Promise<Answer>}
   */
  async #submit(line, film, read, signal, progress) {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    const job = new Job(line, film, read, progress);
    const takeBack = () => {
      this.#reject(job, signal?.reason);
      job.worker?.abandon();
    };
    signal?.addEventListener('abort', takeBack);
    this.#wait(job);
    try {
      return await job.answer;
    } finally {
      signal?.removeEventListener('abort', takeBack);
    }
  }

  /** @param {Job<any>} job */
  #wait(job) {
    job.line.add(job);
    job.progress('waiting');
    this.#lanes.open(this.#toLookAt.size + this.#waiting.size);
  }

  /**
   * @param {Job<any>} job
   * @param {WorkerClient} worker
   */
  async #run(job, worker) {
    job.line.delete(job);
    this.#atWork.add(job);
    job.worker = worker;
    const { compute } = worker;
    try {
      job.progress('reading');
      const file = await forWorker(job.film);
      if (!job.isOpen) return;
      const answer = await job.read(worker, file, job);
      if (!job.isOpen) return;
      job.progress('done');
      job.isOpen = false;
      job.resolve?.(answer);
    } catch (error) {
      const isPassing = (error instanceof ClassifierError && error.mayBePassing) || mayBeTheDevices(toFailure(error), compute);
      if (job.isOpen && !job.isSecondTry && isPassing) {
        job.isSecondTry = true;
        this.#wait(job);
      } else {
        this.#reject(job, toError(error));
      }
    } finally {
      this.#atWork.delete(job);
      job.worker = null;
    }
  }

  /**
   * @param {Job<any>} job
   * @param {unknown} reason
   */
  #reject(job, reason) {
    job.line.delete(job);
    job.isOpen = false;
    job.reject?.(reason);
  }

  /**
   * @param {ClassifierError} reason
   * @param {Set<Job<any>>[]} lines
   */
  #rejectAll(reason, ...lines) {
    for (const job of lines.flatMap((line) => [...line])) this.#reject(job, reason);
  }
}

/**
 * @param {Promise<unknown>} promise
 * @param {AbortSignal | undefined} signal rejects with its reason when it is aborted
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
 * Calls a caller's function. What it throws is reported to the caller and has no effect here.
 * @param {() => void} call
 */
function safely(call) {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}

/** @param {unknown} film @param {string} method */
function ensureFilm(film, method) {
  const { size, arrayBuffer } = /** @type {Partial<Blob>} */ (film ?? {});
  if (typeof size !== 'number' || typeof arrayBuffer !== 'function') throw new TypeError(`${method} takes a Blob or a File`);
}

/**
 * Only the parts of each report that are counted: the rest need not go to the worker.
 * @param {readonly import('../report/types.js').LabelledFilm[]} films
 * @returns {import('../report/types.js').LabelledFilm[]}
 */
function essentials(films) {
  return Array.from(films, (film, index) => {
    const { label, patient, report } = film ?? {};
    if (!report) throw new TypeError(`films[${index}] has no report: validate takes a list of { label, patient, report }`);
    const { verdict, probabilities, prediction_set, readers } = report;
    return { label, patient, report: { verdict, probabilities, prediction_set, readers } };
  });
}

/** @param {Blob | import('../report/types.js').FilmFile} film */
function nameOf(film) {
  const { name } = /** @type {{name?: unknown}} */ (film ?? {});
  return typeof name === 'string' ? name : '';
}

/** @param {Partial<import('../report/types.js').ReadAs> | null} [readAs] @returns {import('../report/types.js').ReadAs | null} */
function asRead(readAs) {
  return readAs ? { quarter_turns: 0, mirrored: false, inverted: false, ...readAs } : null;
}

/** @param {unknown} error */
function toError(error) {
  return error instanceof ClassifierError ? error : ClassifierError.of(toFailure(error));
}

function closed() {
  return new ClassifierError('closed', 'the classifier is closed');
}

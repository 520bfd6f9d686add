// Runs as many workers as the films need and the machine allows: one at first, more while several films wait, and then fewer again.

import { doubtLoaded, isLoaded, keepLoaded, loadModel, loadOwnModel } from './model-files.js';
import { ClassifierError } from './error.js';
import { WorkerClient } from './client.js';
import { warmFilms } from './warm-films.js';

/**
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('./model-files.js').Loading} Loading
 * @typedef {import('../report/types.js').Model} Model
 */

/** How long an idle worker is kept; the first stays. */
const IDLE_MS = 30_000;

/** A worker needs half a gigabyte for the largest films. Some browsers do not tell how much memory there is. */
const WORKERS_PER_GB = 2;
const WORKERS_WITHOUT_MEMORY_SAID = 4;

/**
 * @param {{hardwareConcurrency?: number, deviceMemory?: number}} machine as `navigator` describes it
 */
export function poolSize({ hardwareConcurrency, deviceMemory }) {
  const byMemory = deviceMemory === undefined ? WORKERS_WITHOUT_MEMORY_SAID : Math.floor(deviceMemory * WORKERS_PER_GB);
  return Math.max(1, Math.min(hardwareConcurrency || 1, byMemory));
}

/**
 * @typedef {object} Events
 * @property {(done: number, of: number) => void} progress
 * @property {(compute: Compute) => void} computed
 * @property {(count: number) => void} requests
 */

export class WorkerPool {
  size;
  /** Null before the first worker has started. @type {Model | null} */
  model = null;
  /** Workers that start or run, the oldest first. @type {Set<WorkerClient>} */
  #workers = new Set();
  /** The start of a first worker, shared by everyone who waits for it. @type {Promise<void> | null} */
  #starting = null;
  /** The files that workers run on. @type {Loading | null} */
  #loading = null;
  /** @type {Map<WorkerClient, ReturnType<typeof setTimeout>>} */
  #idle = new Map();
  #backend;
  /** The attempt in which a back-end crashed the program. @type {Compute['attempts'][number] | null} */
  #trap = null;
  #closed = new AbortController();
  #events;
  #own;

  /**
   * @param {number} size
   * @param {string | null} backend the back-end that was asked for
   * @param {import('./own-model.js').OwnModel | null} own the model to use in place of this page's
   * @param {Events} events
   */
  constructor(size, backend, own, events) {
    this.size = size;
    this.#backend = backend;
    this.#own = own;
    this.#events = events;
  }

  /**
   * Makes sure that a worker runs. After a failed start, the next call tries again.
   * @returns {Promise<void>} rejects with a `ClassifierError`
   */
  start() {
    if ([...this.#workers].some(({ isReady }) => isReady)) return Promise.resolve();
    this.#starting ??= this.#startFirst().finally(() => (this.#starting = null));
    return this.#starting;
  }

  /**
   * Lends a worker until it is released; a new one where all are busy and there is room.
   * @returns {Promise<WorkerClient | null>} null where all are busy and there is no room; rejects where none runs
   */
  async acquire() {
    for (;;) {
      const free = [...this.#workers].find(({ isReady, isLent }) => isReady && !isLent);
      if (free) return this.#lend(free);
      if (this.#starting || this.#workers.size === 0) {
        await this.start();
        continue;
      }
      if (this.#workers.size >= this.size) return null;
      try {
        return await this.#startAnother();
      } catch {
        // A further worker may fail to start while others work. If none works, this one is tried as the first.
        if ([...this.#workers].some(({ isLent }) => isLent)) return null;
      }
    }
  }

  /**
   * A synthetic film, which a worker draws between the films that it reads.
   * @param {number} index
   */
  async sample(index) {
    await this.start();
    const worker = [...this.#workers].find(({ isReady }) => isReady);
    return worker?.sample(index) ?? null;
  }

  /**
   * Prepares the oldest worker for its first film, unless it is reading one.
   * @param {(picture: import('../report/types.js').GrayPicture) => void} seen is given each film that is read for it, once it is decoded
   * @param {(report: import('../report/types.js').Report) => void} said is given what the readers say of it
   */
  async warm(seen, said) {
    await this.start();
    const worker = [...this.#workers].find(({ isReady }) => isReady);
    const sample = worker && !worker.isLent ? await worker.sample(0) : null;
    if (!worker || !sample) return;
    for (const film of await warmFilms(sample)) if (!worker.isLent) said(await worker.warm(film, seen));
  }

  /**
   * The header of a DICOM file, which a worker lists between the films that it reads.
   * @param {ArrayBuffer} bytes handed over
   * @returns {Promise<import('../report/types.js').DicomTag[]>} rejects with a `ClassifierError`
   */
  async tags(bytes) {
    return (await this.#anyone()).tags(bytes);
  }

  /**
   * Measures the readers on labelled films; a worker does so between the films that it reads.
   * @param {string} title
   * @param {import('../report/types.js').LabelledFilm[]} films
   * @returns {Promise<import('../report/types.js').Validation>} rejects with a `TypeError` where `films` is not a list of labelled films
   */
  async validate(title, films) {
    return (await this.#anyone()).validate(title, films);
  }

  /** A running worker for a question between films. */
  async #anyone() {
    await this.start();
    const running = [...this.#workers].filter(({ isReady }) => isReady);
    // A busy worker answers after its film.
    const worker = running.find(({ isLent }) => !isLent) ?? running[0];
    if (!worker) throw new ClassifierError('crashed', 'no worker runs');
    return worker;
  }

  /** @param {WorkerClient} worker */
  release(worker) {
    worker.isLent = false;
    if (!worker.isReady || this.#closed.signal.aborted) return;
    this.#idle.set(
      worker,
      setTimeout(() => this.#letGo(worker), IDLE_MS),
    );
  }

  /** Ends every worker, also those that are starting, and starts no more. */
  close() {
    this.#closed.abort();
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    for (const worker of this.#workers) worker.stop();
    this.#workers.clear();
  }

  async #startFirst() {
    const isNew = this.#loading === null;
    let hasFailed = false;
    // Files that arrive after a failure are not progress.
    const progress = (/** @type {number} */ done, /** @type {number} */ of) => hasFailed || this.#events.progress(done, of);
    const isFirst = isNew && !isLoaded();
    this.#loading ??= this.#load(progress);
    try {
      const { model } = await this.#open(this.#loading, { isFirst, isLent: false });
      this.model = this.#own ? { ...model, own: true } : model;
      if (!this.#own) keepLoaded(this.#loading);
    } catch (error) {
      hasFailed = true;
      // Files on which nothing has run yet may be the cause: the next try loads them again.
      if (isNew) {
        this.#loading = null;
        if (!this.#own && !this.#closed.signal.aborted) doubtLoaded();
      }
      throw error;
    }
  }

  /** @param {(done: number, of: number) => void} progress */
  #load(progress) {
    const { signal } = this.#closed;
    return this.#own ? loadOwnModel(this.#own, signal) : loadModel(progress, signal);
  }

  /** The worker is lent from the start, so that nobody else takes it. */
  async #startAnother() {
    this.#loading ??= this.#load(() => {});
    return (await this.#open(this.#loading, { isFirst: false, isLent: true })).worker;
  }

  /**
   * @param {Loading} loading
   * @param {{isFirst: boolean, isLent: boolean}} role
   */
  async #open(loading, role) {
    try {
      return await this.#startOne(loading, role);
    } catch (error) {
      if (error instanceof ClassifierError && error.isTrap && this.#backend !== 'simd') {
        this.#distrust('failed', error.message);
        return this.#startOne(loading, role);
      }
      // The text of the scripts may not work in this browser; their addresses may.
      if (!(error instanceof ClassifierError) || error.kind !== 'worker' || !(await loading.scripts)) throw error;
      this.#loading = { ...loading, scripts: Promise.resolve(null) };
      return this.#startOne(this.#loading, role);
    }
  }

  /**
   * @param {Loading} loading
   * @param {{isFirst: boolean, isLent: boolean}} role
   */
  async #startOne({ scripts, kept }, { isFirst, isLent }) {
    const worker = new WorkerClient({
      requests: this.#events.requests,
      computed: () => this.#computed(),
      died: (worker, why, cause) => {
        // Fewer workers need less memory.
        if (cause === 'memory') this.size = Math.max(1, Math.min(this.size, this.#workers.size) - 1);
        this.#forget(worker);
        if (worker.compute?.backend === 'webgpu' && cause === 'fault') this.#distrust('lost', why);
      },
    });
    worker.isLent = isLent;
    // The back-end of the others need not be chosen again, especially while they are busy.
    const [other] = [...this.#workers].filter(({ isReady }) => isReady);
    this.#workers.add(worker);
    const backend = this.#trap ? this.#backend : (other?.compute?.backend ?? this.#backend);
    const texts = await scripts;
    if (this.#closed.signal.aborted) throw new ClassifierError('closed', 'the pool is closed');
    const model = await worker.start(texts, kept, backend, isFirst);
    return { model, worker };
  }

  /** @param {WorkerClient} worker */
  #lend(worker) {
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
    worker.isLent = true;
    return worker;
  }

  /** Ends an idle worker, except the oldest. @param {WorkerClient} worker */
  #letGo(worker) {
    this.#idle.delete(worker);
    if (worker === [...this.#workers][0]) return;
    worker.stop();
    this.#workers.delete(worker);
  }

  /** @param {WorkerClient} worker */
  #forget(worker) {
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
    this.#workers.delete(worker);
  }

  /** Reports one back-end for all: that of a worker that lost its own, else that of the oldest. */
  #computed() {
    const all = [...this.#workers].flatMap(({ isReady, compute }) => (isReady && compute ? [compute] : []));
    const compute = all.find(({ attempts }) => attempts.some(({ outcome }) => outcome === 'lost')) ?? all[0];
    if (compute) this.#events.computed(this.#trap ? { ...compute, attempts: [this.#trap, ...compute.attempts] } : compute);
  }

  /**
   * Uses the processor from now on: the graphics processor may have crashed the program.
   * @param {'failed' | 'lost'} outcome
   * @param {string} reason
   */
  #distrust(outcome, reason) {
    this.#backend = 'simd';
    this.#trap = { backend: 'webgpu', outcome, kind: 'trap', reason };
  }
}

// As many workers as films need and the machine allows: one from the start, more while several films wait, and fewer again.

import { doubtLoaded, isLoaded, keepLoaded, loadModel, loadOwnModel } from './model-files.js';
import { ClassifierError } from './error.js';
import { WorkerClient } from './client.js';
import { warmFilms } from './warm-films.js';

/**
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('./model-files.js').Loading} Loading
 * @typedef {import('../report/types.js').Model} Model
 */

/** How long a worker beyond the first is kept without work. */
const IDLE_MS = 30_000;

/** A worker needs half a gigabyte for the largest films; some browsers do not say how many there are. */
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
  /** Those that start and those that run, the oldest first. @type {Set<WorkerClient>} */
  #workers = new Set();
  /** The start of a first worker, for all who wait for it. @type {Promise<void> | null} */
  #starting = null;
  /** What workers are made of. @type {Loading | null} */
  #loading = null;
  /** @type {Map<WorkerClient, ReturnType<typeof setTimeout>>} */
  #idle = new Map();
  #backend;
  /** What a back-end did that took the program with it. @type {Compute['attempts'][number] | null} */
  #trap = null;
  #closed = new AbortController();
  #events;
  #own;

  /**
   * @param {number} size
   * @param {string | null} backend what the address of the page asks for
   * @param {import('./own-model.js').OwnModel | null} own in place of this page's model
   * @param {Events} events
   */
  constructor(size, backend, own, events) {
    this.size = size;
    this.#backend = backend;
    this.#own = own;
    this.#events = events;
  }

  /**
   * Sees to it that a worker runs. A failed start is forgotten: the next call tries anew.
   * @returns {Promise<void>} rejects with a `ClassifierError`
   */
  start() {
    if ([...this.#workers].some(({ isReady }) => isReady)) return Promise.resolve();
    this.#starting ??= this.#startFirst().finally(() => (this.#starting = null));
    return this.#starting;
  }

  /**
   * A worker to read films with, until it is released; a new one where all are at work and there is room.
   * @returns {Promise<WorkerClient | null>} null where there is none to be had, but others are at work; rejects where none runs
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
        // A start too many is no failure, as long as somebody is at work. Otherwise it is worth one try as the first.
        if ([...this.#workers].some(({ isLent }) => isLent)) return null;
      }
    }
  }

  /**
   * A synthetic film, drawn by a worker between the films that it reads.
   * @param {number} index
   */
  async sample(index) {
    await this.start();
    const worker = [...this.#workers].find(({ isReady }) => isReady);
    return worker?.sample(index) ?? null;
  }

  /**
   * The oldest worker gets ready for its first film, unless it has one.
   * @param {(picture: import('../report/types.js').GrayPicture) => void} seen is given each film that is read for it, once it is decoded
   */
  async warm(seen) {
    await this.start();
    const worker = [...this.#workers].find(({ isReady }) => isReady);
    const sample = worker && !worker.isLent ? await worker.sample(0) : null;
    if (!worker || !sample) return;
    for (const film of await warmFilms(sample)) if (!worker.isLent) await worker.warm(film, seen);
  }

  /**
   * What a DICOM file says, listed by a worker between the films that it reads.
   * @param {ArrayBuffer} bytes handed over
   * @returns {Promise<import('../report/types.js').DicomTag[]>} rejects with a `ClassifierError`
   */
  async tags(bytes) {
    return (await this.#anyone()).tags(bytes);
  }

  /**
   * What the readers are worth on labelled films, between those that a worker reads.
   * @param {string} title
   * @param {import('../report/types.js').LabelledFilm[]} films
   * @returns {Promise<import('../report/types.js').Validation>} rejects with a `TypeError` where they are none
   */
  async validate(title, films) {
    return (await this.#anyone()).validate(title, films);
  }

  /** A worker that runs, for a question between films. */
  async #anyone() {
    await this.start();
    const running = [...this.#workers].filter(({ isReady }) => isReady);
    // One that is at a film answers after it.
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

  /** Lets every worker go, those that start included, and starts no more. Nobody hears from it again. */
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
    // What still comes in after a failure is no progress.
    const progress = (/** @type {number} */ done, /** @type {number} */ of) => hasFailed || this.#events.progress(done, of);
    const isFirst = isNew && !isLoaded();
    this.#loading ??= this.#load(progress);
    try {
      const { model } = await this.#open(this.#loading, { isFirst, isLent: false });
      this.model = this.#own ? { ...model, own: true } : model;
      if (!this.#own) keepLoaded(this.#loading);
    } catch (error) {
      hasFailed = true;
      // What has never run may be what is wrong: the next try loads it anew.
      if (isNew) {
        this.#loading = null;
        if (!this.#own) doubtLoaded();
      }
      throw error;
    }
  }

  /** @param {(done: number, of: number) => void} progress */
  #load(progress) {
    const { signal } = this.#closed;
    return this.#own ? loadOwnModel(this.#own, signal) : loadModel(progress, signal);
  }

  /** Lent from the start, so that nobody takes it from whom it is for. */
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
      // The text of the scripts may be of no use in this browser; they still have their addresses.
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
      died: (worker, why, isOfMemory) => {
        // Fewer at once need less.
        if (isOfMemory) this.size = Math.max(1, Math.min(this.size, this.#workers.size) - 1);
        this.#forget(worker);
        if (worker.compute?.backend === 'webgpu' && !isOfMemory) this.#distrust('lost', why);
      },
    });
    worker.isLent = isLent;
    // What the others run on need not be found out again, less so while they are at work.
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

  /** The oldest stays. @param {WorkerClient} worker */
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

  /** One answer for all: a worker that lost its back-end speaks for them, or else the oldest. */
  #computed() {
    const all = [...this.#workers].flatMap(({ isReady, compute }) => (isReady && compute ? [compute] : []));
    const compute = all.find(({ attempts }) => attempts.some(({ outcome }) => outcome === 'lost')) ?? all[0];
    if (compute) this.#events.computed(this.#trap ? { ...compute, attempts: [this.#trap, ...compute.attempts] } : compute);
  }

  /**
   * From now on the processor reads: a program that stops may have stopped because of the graphics processor.
   * @param {'failed' | 'lost'} outcome
   * @param {string} reason
   */
  #distrust(outcome, reason) {
    this.#backend = 'simd';
    this.#trap = { backend: 'webgpu', outcome, kind: 'trap', reason };
  }
}

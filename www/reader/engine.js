// The page's one classifier. The first caller starts it; after a failed start, the next caller starts it again.

import { createClassifier } from './classifier.js';
import { ClassifierError } from './error.js';
import { toFailure } from './film-file.js';
import { loadMetrics } from './model-files.js';

/**
 * @typedef {import('./classifier.js').Classifier} Classifier
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 */

/**
 * @typedef {object} Events
 * @property {(done: number, of: number) => void} progress
 * @property {(model: Model, metrics: Metrics | null) => void} ready films can be read again, or by another model
 * @property {(failure: Failure) => void} failed no worker runs, and none could be started
 * @property {(compute: import('../report/types.js').Compute) => void} computed
 * @property {(count: number) => void} requests
 */

export class Engine {
  /** @type {Classifier | null} */
  #classifier = null;
  /** A start in progress, shared by everyone who waits for it. @type {Promise<Classifier> | null} */
  #starting = null;
  /** @type {Promise<Metrics | null> | null} */
  #metrics = null;
  #isReady = false;
  /** Gives up loading the page's model. @type {AbortController | null} */
  #loading = null;
  /** Identifies the page's own model. */
  #sha256 = '';
  #backend;
  #events;

  /**
   * @param {import('./classifier.js').ClassifierOptions['backend']} backend
   * @param {Events} events
   */
  constructor(backend, events) {
    this.#backend = backend;
    this.#events = events;
  }

  /**
   * The classifier, with a worker that runs.
   * @returns {Promise<Classifier>} rejects with a `ClassifierError`, after `failed` was called
   */
  start() {
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return this.#starting;
  }

  /** Gives up loading the page's model, for when nothing more arrives: `failed` is called. Does nothing where it is not loading. */
  giveUp() {
    this.#loading?.abort(new ClassifierError('fetch', 'given up'));
  }

  /** Reports that no worker runs and that none could be started. @param {unknown} error */
  stopped(error) {
    this.#isReady = false;
    this.#events.failed(toFailure(error));
  }

  /**
   * Switches to another model once it has passed its checks. If it fails them, the one in use stays.
   * @param {Iterable<import('../report/types.js').FilmFile> | null} files null for the page's own
   * @param {() => void} handOver takes back the films of the previous model, which is closed afterwards
   * @returns {Promise<Model>} rejects with a `ClassifierError`
   */
  async use(files, handOver) {
    await this.#starting?.catch(() => {});
    const classifier = await this.#create(files);
    if (files && classifier.model.sha256 === this.#sha256) {
      classifier.close();
      throw new ClassifierError('model_same', '');
    }
    const before = this.#classifier;
    this.#classifier = classifier;
    this.#isReady = true;
    handOver();
    before?.close();
    this.#events.ready(classifier.model, await this.#metricsOf(classifier));
    return classifier.model;
  }

  /** @param {Iterable<import('../report/types.js').FilmFile> | null} model @param {AbortSignal} [signal] */
  #create(model, signal) {
    const { progress, computed, requests } = this.#events;
    return createClassifier({
      backend: this.#backend,
      model,
      // The figures of the page's own model are fetched separately: nothing waits for them.
      metrics: model !== null,
      signal,
      onProgress: ({ done, of }) => progress(done, of),
      onCompute: computed,
      onRequests: requests,
    });
  }

  /** @param {Classifier} classifier @returns {Promise<Metrics | null>} */
  async #metricsOf({ model, metrics }) {
    if (model.own) return metrics;
    this.#metrics ??= loadMetrics();
    return this.#metrics;
  }

  async #start() {
    try {
      await this.#classifier?.start();
      this.#loading = new AbortController();
      this.#classifier ??= await this.#create(null, this.#loading.signal);
    } catch (error) {
      this.stopped(error);
      throw error;
    } finally {
      this.#loading = null;
    }
    const classifier = this.#classifier;
    if (!classifier.model.own) this.#sha256 = classifier.model.sha256;
    if (!this.#isReady) {
      this.#isReady = true;
      // Films need not wait for the figures.
      void this.#metricsOf(classifier).then((metrics) => this.#isReady && this.#classifier === classifier && this.#events.ready(classifier.model, metrics));
    }
    return classifier;
  }
}

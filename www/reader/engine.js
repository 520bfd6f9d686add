// The one classifier of a page, for all who ask: started by the first, and once more by who asks after that has failed.

import { createClassifier } from './classifier.js';
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
 * @property {(model: Model, metrics: Metrics | null) => void} ready films can be read, after they could not
 * @property {(failure: Failure) => void} failed no worker runs, and none could be started
 * @property {(compute: import('../report/types.js').Compute) => void} computed
 * @property {(count: number) => void} requests
 */

export class Engine {
  /** @type {Classifier | null} */
  #classifier = null;
  /** A start, for all who wait for it. @type {Promise<Classifier> | null} */
  #starting = null;
  /** @type {Promise<Metrics | null> | null} */
  #metrics = null;
  #isReady = false;
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

  /** Somebody was told that no worker runs, and that none could be started. @param {unknown} error */
  stopped(error) {
    this.#isReady = false;
    this.#events.failed(toFailure(error));
  }

  async #start() {
    const { progress, computed, requests } = this.#events;
    try {
      await this.#classifier?.start();
      this.#classifier ??= await createClassifier({
        backend: this.#backend,
        metrics: false,
        onProgress: ({ done, of }) => progress(done, of),
        onCompute: computed,
        onRequests: requests,
      });
    } catch (error) {
      this.stopped(error);
      throw error;
    }
    const classifier = this.#classifier;
    if (!this.#isReady) {
      this.#isReady = true;
      // Films need not wait for the figures.
      this.#metrics ??= loadMetrics();
      void this.#metrics.then((metrics) => this.#isReady && this.#events.ready(classifier.model, metrics));
    }
    return classifier;
  }
}

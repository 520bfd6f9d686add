// Hands jobs, one after another, to all available workers.

/**
 * @typedef {import('./client.js').WorkerClient} WorkerClient
 * @typedef {import('./pool.js').WorkerPool} WorkerPool
 */

/**
 * @template Job
 * @typedef {object} Work
 * @property {() => Job | undefined} next the next job; it stays the same until it is begun
 * @property {(job: Job, worker: WorkerClient) => Promise<void>} run never rejects
 * @property {(error: unknown) => void} failed no worker runs, and none could be started
 */

/** @template Job */
export class Lanes {
  /** Lanes that take jobs, and how many of them have no worker yet. */
  #count = 0;
  #acquiring = 0;
  #pool;
  #work;

  /**
   * @param {WorkerPool} pool
   * @param {Work<Job>} work
   */
  constructor(pool, work) {
    this.#pool = pool;
    this.#work = work;
  }

  /** @param {number} waiting number of waiting jobs; the pool limits how many run at once */
  open(waiting) {
    while (this.#acquiring < waiting && this.#count < this.#pool.size) void this.#lane();
  }

  /** Takes jobs one by one until none is left or there is no worker. */
  async #lane() {
    this.#count++;
    while (this.#work.next()) {
      const worker = await this.#acquire();
      if (!worker) break;
      const job = this.#work.next();
      if (job) await this.#work.run(job, worker);
      this.#pool.release(worker);
    }
    this.#count--;
  }

  async #acquire() {
    this.#acquiring++;
    try {
      return await this.#pool.acquire();
    } catch (error) {
      this.#work.failed(error);
      return null;
    } finally {
      this.#acquiring--;
    }
  }
}

// Jobs, handed one after another to as many workers as there are.

/**
 * @typedef {import('./client.js').WorkerClient} WorkerClient
 * @typedef {import('./pool.js').WorkerPool} WorkerPool
 */

/**
 * @template Job
 * @typedef {object} Work
 * @property {() => Job | undefined} next the job whose turn it is; what is asked again gets the same until the job is begun
 * @property {(job: Job, worker: WorkerClient) => Promise<void>} run never rejects
 * @property {(error: unknown) => void} failed no worker runs, and none could be started
 */

/** @template Job */
export class Lanes {
  /** How many take jobs, and how many of those have no worker yet. */
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

  /** @param {number} waiting jobs that there are: as many are done at once as the pool allows */
  open(waiting) {
    while (this.#acquiring < waiting && this.#count < this.#pool.size) void this.#lane();
  }

  /** Takes jobs one by one, until none is left or there is no worker for them. */
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

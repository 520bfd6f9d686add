// Films, handed out in their order to as many workers as there are. A film that cannot be read is a film with a failure; it
// stops nothing.

import { messages } from './messages.js';
import { ReaderError } from './reader-error.js';

/**
 * @typedef {import('./types.js').Film} Film
 * @typedef {import('./types.js').Failure} Failure
 * @typedef {import('./worker-client.js').WorkerClient} WorkerClient
 * @typedef {import('./worker-pool.js').WorkerPool} WorkerPool
 */

/** No chest film is this large, uncompressed 16-bit ones included. */
const LIMIT_BYTES = 200e6;

/** Failures that are not the film's own: to try once more can help. */
const WORTH_ANOTHER_TRY = new Set(['crashed', 'unreadable']);

/**
 * @typedef {object} Events
 * @property {(film: Film) => void} changed a film's state has changed
 * @property {() => void} moved so has how far the films are
 */

export class Queue {
  /** @type {Film[]} */
  films = [];
  /** No worker starts: films wait until somebody tries again. */
  paused = false;
  /** Films that came while others waited or were read, and those others: what progress is counted over. @type {Set<Film>} */
  #batch = new Set();
  /** Films that are being read, each with a token: what a reading with another token brings is out of date. @type {Map<Film, symbol>} */
  #readings = new Map();
  /** Films that get a second worker. @type {WeakSet<Film>} */
  #again = new WeakSet();
  /** How many take films one after another, and how many of those have no worker yet. */
  #lanes = 0;
  #acquiring = 0;
  #nextId = 1;
  #pool;
  #events;

  /**
   * @param {WorkerPool} pool
   * @param {Events} events
   */
  constructor(pool, events) {
    this.#pool = pool;
    this.#events = events;
  }

  /**
   * @param {File[]} files
   * @returns {Film[]} the films that were added
   */
  add(files) {
    const added = files.map((file) => {
      const name = file.name || messages.film.unnamed;
      /** @type {Film} */
      const film = { id: this.#nextId++, name, file, state: 'waiting', reading: null, failure: null };
      return film;
    });
    this.films.push(...added);
    for (const film of added) this.#batch.add(film);
    // A worker that did not start gets one new chance with every new load of films.
    this.paused = false;
    this.run();
    return added;
  }

  /** @param {Film} film */
  remove(film) {
    this.films = this.films.filter((other) => other !== film);
    this.#readings.delete(film);
    this.#batch.delete(film);
    this.#move();
  }

  clear() {
    this.films = [];
    this.#readings.clear();
    this.#batch.clear();
    this.#move();
  }

  /** Takes back every film that is not read yet. A worker that is at one goes on, but nobody listens. */
  cancel() {
    for (const film of this.films) {
      if (!isUnread(film)) continue;
      this.#readings.delete(film);
      this.#batch.delete(film);
      this.#set(film, 'cancelled');
    }
  }

  /** @param {Film[]} films that failed or were cancelled */
  retry(films) {
    for (const film of films) {
      film.failure = null;
      this.#batch.add(film);
      this.#set(film, 'waiting');
    }
    this.run();
  }

  /** How many films of the present batch are done; null where there is none. */
  progress() {
    const of = this.#batch.size;
    return of === 0 ? null : { done: [...this.#batch].filter((film) => !isUnread(film)).length, of };
  }

  /** Has as many films read at once as wait and the pool allows. */
  run() {
    const waiting = this.films.filter(({ state }) => state === 'waiting').length;
    while (!this.paused && this.#acquiring < waiting && this.#lanes < this.#pool.size) void this.#lane();
  }

  /** Takes the waiting films one by one, until none is left or there is no worker for them. */
  async #lane() {
    this.#lanes++;
    while (!this.paused && this.#next()) {
      const worker = await this.#acquire();
      if (!worker) break;
      const film = this.#next();
      if (film) await this.#read(film, worker);
      this.#pool.release(worker);
    }
    this.#lanes--;
  }

  async #acquire() {
    this.#acquiring++;
    try {
      return await this.#pool.acquire();
    } catch {
      this.paused = true;
      this.#move();
      return null;
    } finally {
      this.#acquiring--;
    }
  }

  #next() {
    return this.films.find(({ state }) => state === 'waiting');
  }

  /**
   * @param {Film} film
   * @param {WorkerClient} worker
   */
  async #read(film, worker) {
    const token = Symbol();
    this.#readings.set(film, token);
    this.#set(film, 'reading');
    /** @type {Film['reading']} */
    let reading = null;
    /** @type {Failure | null} */
    let failure = null;
    const { compute } = worker;
    try {
      const bytes = await bytesOf(film.file);
      if (this.#readings.get(film) !== token) return;
      reading = await worker.classify(film.name, bytes);
      failure = reading.report.error;
    } catch (error) {
      failure =
        error instanceof ReaderError
          ? { kind: error.kind, message: error.message }
          : { kind: 'crashed', message: error instanceof Error ? error.message : String(error) };
    }
    // Cancelled or removed, or cancelled and begun anew.
    if (this.#readings.get(film) !== token) return;
    this.#readings.delete(film);
    if (failure?.kind === 'crashed' && compute?.backend === 'webgpu' && !this.#again.has(film)) {
      // The graphics processor may have taken the program with it. The next worker reads without; if that one stops as well,
      // it is the film's doing.
      this.#again.add(film);
      this.#set(film, 'waiting');
      return;
    }
    film.reading = reading;
    film.failure = failure;
    this.#set(film, failure ? 'failed' : 'done');
  }

  /**
   * @param {Film} film
   * @param {Film['state']} state
   */
  #set(film, state) {
    film.state = state;
    this.#events.changed(film);
    this.#move();
  }

  #move() {
    if (![...this.#batch].some(isUnread)) this.#batch.clear();
    this.#events.moved();
  }
}

/** @param {Film} film */
export function isUnread({ state }) {
  return state === 'waiting' || state === 'reading';
}

/** @param {Film} film */
export function isWorthAnotherTry(film) {
  return film.failure !== null && WORTH_ANOTHER_TRY.has(film.failure.kind);
}

/**
 * @param {File} file
 * @returns {Promise<ArrayBuffer>}
 */
async function bytesOf(file) {
  if (file.size > LIMIT_BYTES) {
    throw new ReaderError({ kind: 'too_many_bytes', message: messages.result.tooManyBytes(file.size, LIMIT_BYTES) });
  }
  try {
    return await file.arrayBuffer();
  } catch (error) {
    throw new ReaderError({ kind: 'unreadable', message: error instanceof Error ? error.message : String(error) });
  }
}

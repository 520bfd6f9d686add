// Films, handed out in their order to as many workers as there are. A film that cannot be read is a film with a failure; it
// stops nothing.

import { bytesOf, mayBeTheDevices, toFailure } from '../reader/film-file.js';
import { Lanes } from '../reader/lanes.js';
import { messages } from '../text/messages.js';
import { PictureCache } from './picture-cache.js';
import { ReaderError } from '../reader/error.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {import('../report/types.js').Incoming} Incoming
 * @typedef {import('../report/types.js').Pictures} Pictures
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {import('../reader/client.js').WorkerClient} WorkerClient
 * @typedef {import('../reader/pool.js').WorkerPool} WorkerPool
 */

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
  /** Those that wait, in their order. @type {Set<Film>} */
  #waiting = new Set();
  /** Films that came while others waited or were read, and those others: what progress is counted over. @type {Set<Film>} */
  #batch = new Set();
  /** Those of the batch that are not read yet. @type {Set<Film>} */
  #unread = new Set();
  /** Films that are being read, each with a token: what a reading with another token brings is out of date. @type {Map<Film, symbol>} */
  #readings = new Map();
  /** Films that get a second worker. @type {WeakSet<Film>} */
  #again = new WeakSet();
  #cache = new PictureCache();
  /** The film whose pictures are wanted, and who waits for them. @type {{film: Film, promise: Promise<Pictures | null>, resolve: (pictures: Pictures | null) => void} | null} */
  #wanted = null;
  /** @type {Lanes<Film>} */
  #lanes;
  #nextId = 1;
  #events;

  /**
   * @param {WorkerPool} pool
   * @param {Events} events
   */
  constructor(pool, events) {
    this.#events = events;
    this.#lanes = new Lanes(pool, {
      next: () => (this.paused ? undefined : this.#next()),
      run: (film, worker) => (this.#waiting.has(film) ? this.#read(film, worker) : this.#lookAgain(film, worker)),
      failed: () => {
        this.paused = true;
        this.#want(null);
        this.#move();
      },
    });
  }

  /**
   * @param {Incoming[]} incoming
   * @returns {Film[]} the films that were added
   */
  add(incoming) {
    const added = incoming.map(({ file, path, failure = null, report = null, isSynthetic = false, imported = null }) => {
      const name = path?.split('/').pop() || file?.name || messages.film.unnamed;
      const state = file && !failure ? 'waiting' : failure ? 'failed' : 'done';
      /** @type {Film} */
      const film = { id: this.#nextId++, name, path: path || name, file, state, report, readAs: report?.read_as ?? null, before: null, thumbnail: null, failure, isSynthetic, imported };
      return film;
    });
    for (const film of added) {
      this.films.push(film);
      if (film.state === 'waiting') this.#enqueue(film);
    }
    // A worker that did not start gets one new chance with every new load of films.
    this.paused = false;
    this.run();
    return added;
  }

  /** @param {Film} film */
  remove(film) {
    this.films = this.films.filter((other) => other !== film);
    this.#forget(film);
    this.#cache.delete(film);
    if (this.#wanted?.film === film) this.#want(null);
    this.#move();
  }

  clear() {
    for (const film of this.films) this.#forget(film);
    this.films = [];
    this.#cache.clear();
    this.#want(null);
    this.#move();
  }

  /** Takes back every film that is not read yet. A worker that is at one goes on, but nobody listens. */
  cancel() {
    for (const film of [...this.#unread]) {
      this.#forget(film);
      this.#set(film, 'cancelled');
    }
  }

  /** @param {Film[]} films that failed or were cancelled */
  retry(films) {
    for (const film of films) {
      film.failure = null;
      this.#enqueue(film);
      this.#set(film, 'waiting');
    }
    this.run();
  }

  /**
   * Reads a film once more, otherwise than it lies in its file, or as that again; what was said of it before is kept.
   * @param {Film} film that has been read
   * @param {import('../report/types.js').ReadAs} readAs
   */
  readAs(film, readAs) {
    const { report, thumbnail } = film;
    if (!report || !film.file) return;
    film.before ??= { readAs: film.readAs, report, thumbnail };
    film.readAs = isAltered(readAs) ? readAs : null;
    this.#change(film);
    film.report = film.thumbnail = null;
    this.retry([film]);
  }

  /** Back to what was said of a film as it lies in its file. @param {Film} film */
  readAsStored(film) {
    if (!film.before) return;
    this.#forget(film);
    this.#change(film);
    Object.assign(film, film.before, { before: null, failure: null });
    this.#set(film, 'done');
  }

  /** Pictures of how it was read are out of date. @param {Film} film */
  #change(film) {
    this.#cache.delete(film);
    if (this.#wanted?.film === film) this.#want(null);
  }

  /** How many films of the present batch are done; null where there is none. */
  progress() {
    const of = this.#batch.size;
    return of === 0 ? null : { done: of - this.#unread.size, of };
  }

  /**
   * The pictures of a film that is done: of the worker that has just read it, from the cache, or by a look at its file,
   * before those that wait. One film's at a time: who asks for another's lets these go.
   * @param {Film} film
   * @returns {Promise<Pictures | null>} null where there is no file, it can no longer be read, no worker runs, or another's are wanted
   */
  pictures(film) {
    const kept = this.#cache.get(film);
    if (kept) {
      this.#want(null);
      return Promise.resolve(kept);
    }
    if (this.#wanted?.film !== film) this.#want(film.file && !this.paused ? film : null);
    const promise = this.#wanted?.promise ?? Promise.resolve(null);
    this.run();
    return promise;
  }

  /** Has as many films read at once as wait and the pool allows. */
  run() {
    if (!this.paused) this.#lanes.open(this.#waiting.size + (this.#toLookAt() ? 1 : 0));
  }

  #next() {
    return this.#toLookAt() ?? this.#waiting.values().next().value;
  }

  /** The film whose pictures are wanted, if it has been read and nobody reads or looks at it at present. */
  #toLookAt() {
    const film = this.#wanted?.film;
    return film && !this.#readings.has(film) ? film : undefined;
  }

  /**
   * @param {Film} film
   * @param {WorkerClient} worker
   */
  async #read(film, worker) {
    const token = this.#begin(film);
    this.#waiting.delete(film);
    this.#set(film, 'reading');
    /** @type {Report | null} */
    let report = null;
    /** @type {Failure | null} */
    let failure = null;
    const { compute } = worker;
    try {
      const bytes = await bytesOf(film.file);
      if (this.#readings.get(film) !== token) return;
      report = await worker.classify(film.name, bytes, film.readAs);
      failure = report.error;
    } catch (error) {
      failure = toFailure(error);
    }
    // Cancelled or removed, or cancelled and begun anew.
    if (this.#readings.get(film) !== token) return;
    if (mayBeTheDevices(failure, compute) && !this.#again.has(film)) {
      this.#readings.delete(film);
      this.#again.add(film);
      this.#waiting.add(film);
      this.#set(film, 'waiting');
      return;
    }
    film.report = report;
    film.failure = failure;
    this.#unread.delete(film);
    this.#set(film, failure ? 'failed' : 'done');
    if (failure) this.#readings.delete(film);
    else await this.#look(film, worker, token);
  }

  /**
   * For its pictures; its result stays as it is.
   * @param {Film} film
   * @param {WorkerClient} worker
   */
  async #lookAgain(film, worker) {
    const token = this.#begin(film);
    try {
      const failure = await worker.look(await bytesOf(film.file), film.readAs);
      if (failure) throw new ReaderError(failure);
    } catch {
      if (this.#readings.get(film) !== token) return;
      this.#readings.delete(film);
      if (this.#wanted?.film === film) this.#want(null);
      return;
    }
    await this.#look(film, worker, token);
  }

  /**
   * What a worker that has just read a film has to show.
   * @param {Film} film
   * @param {WorkerClient} worker
   * @param {symbol} token
   */
  async #look(film, worker, token) {
    /** @type {Pictures | null} */
    let pictures = null;
    try {
      if (!film.thumbnail) {
        film.thumbnail = await worker.thumbnail();
        if (this.#readings.get(film) === token) this.#events.changed(film);
      }
      if (this.#wanted?.film === film) pictures = await worker.pictures();
    } catch {
      // The worker died of it. The result stands.
    }
    if (this.#readings.get(film) !== token) return;
    this.#readings.delete(film);
    if (this.#wanted?.film !== film) return;
    if (pictures) this.#cache.set(film, pictures);
    this.#wanted.resolve(pictures);
    this.#wanted = null;
  }

  /** @param {Film | null} film */
  #want(film) {
    this.#wanted?.resolve(null);
    this.#wanted = null;
    if (!film) return;
    /** @type {(pictures: Pictures | null) => void} */
    let resolve = () => {};
    const promise = /** @type {Promise<Pictures | null>} */ (new Promise((settle) => (resolve = settle)));
    this.#wanted = { film, promise, resolve };
  }

  /** @param {Film} film */
  #begin(film) {
    const token = Symbol();
    this.#readings.set(film, token);
    return token;
  }

  /** @param {Film} film */
  #enqueue(film) {
    this.#waiting.add(film);
    this.#batch.add(film);
    this.#unread.add(film);
  }

  /** @param {Film} film */
  #forget(film) {
    this.#readings.delete(film);
    this.#waiting.delete(film);
    this.#batch.delete(film);
    this.#unread.delete(film);
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
    if (this.#unread.size === 0) this.#batch.clear();
    this.#events.moved();
  }
}

/** @param {Film} film */
export function isWorthAnotherTry(film) {
  return film.file !== null && film.failure !== null && WORTH_ANOTHER_TRY.has(film.failure.kind);
}

/** @param {import('../report/types.js').ReadAs} readAs */
function isAltered({ quarter_turns, mirrored, inverted }) {
  return quarter_turns !== 0 || mirrored || inverted;
}

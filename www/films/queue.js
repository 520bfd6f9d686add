// The films of the page, in their order, handed to the classifier. A film that cannot be read is a film with a failure; it stops
// nothing.

import { toFailure } from '../reader/film-file.js';
import { messages } from '../text/messages.js';
import { PictureCache } from './picture-cache.js';

/**
 * @typedef {import('../reader/classifier.js').Classifier} Classifier
 * @typedef {import('../reader/engine.js').Engine} Engine
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Incoming} Incoming
 * @typedef {import('../report/types.js').Pictures} Pictures
 * @typedef {import('../report/types.js').Report} Report
 */

/** Failures that are not the film's own: to try once more can help. */
const WORTH_ANOTHER_TRY = new Set(['crashed', 'memory', 'unreadable']);

/**
 * @typedef {{film: Film, promise: Promise<Pictures | null>, resolve: (pictures: Pictures | null) => void, given: AbortController}} Wanted
 *
 * @typedef {object} Events
 * @property {(film: Film) => void} changed a film's state has changed
 * @property {(film: Film) => boolean} isSeen somebody looks at this film
 * @property {(film: Film, picture: import('../report/types.js').GrayPicture) => void} decoded a film that somebody looks at
 * @property {() => void} moved so has how far the films are
 */

export class Queue {
  /** @type {Film[]} */
  films = [];
  /** No worker starts: films wait until somebody tries again. */
  paused = false;
  /** Those that the classifier has not been given yet, in their order. @type {Set<Film>} */
  #waiting = new Set();
  /** Films that came while others waited or were read, and those others: what progress is counted over. @type {Set<Film>} */
  #batch = new Set();
  /** Those of the batch that are not read yet. @type {Set<Film>} */
  #unread = new Set();
  /** What takes back a film that the classifier has; what comes of one that was taken back is out of date. @type {Map<Film, AbortController>} */
  #readings = new Map();
  #cache = new PictureCache();
  /** The film whose pictures are wanted, and who waits for them. @type {Wanted | null} */
  #wanted = null;
  #nextId = 1;
  #engine;
  #events;

  /**
   * @param {Engine} engine
   * @param {Events} events
   */
  constructor(engine, events) {
    this.#engine = engine;
    this.#events = events;
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
      const film = {
        id: this.#nextId++,
        name,
        path: path || name,
        file,
        state,
        report,
        readAs: report?.read_as ?? null,
        before: null,
        thumbnail: null,
        failure,
        isSynthetic,
        imported,
      };
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

  /** Another model reads from now on: what waits or is at a worker is read by that one. */
  startOver() {
    const unread = [...this.#unread];
    const readings = [...this.#readings.values()];
    this.#readings.clear();
    for (const reading of readings) reading.abort();
    this.#want(null);
    this.paused = false;
    for (const film of unread) {
      // What was looked at of it has the maps of the model before.
      this.#cache.delete(film);
      this.#waiting.add(film);
      if (film.state !== 'waiting') this.#set(film, 'waiting');
    }
    this.run();
  }

  /** Has films read once more, by the model that is in use now. @param {Film[]} films that have been read */
  readAgain(films) {
    const again = films.filter(({ file, state }) => file !== null && state === 'done');
    for (const film of again) {
      this.#forget(film);
      this.#change(film);
      film.report = film.before = null;
    }
    this.retry(again);
  }

  /**
   * Reads a film once more, otherwise than it lies in its file, or as that again; what was said of it before is kept.
   * @param {Film} film that has been read
   * @param {import('../report/types.js').ReadAs} readAs
   */
  readAs(film, readAs) {
    const { report, thumbnail } = film;
    if (!report || !film.file) return;
    // Its pictures may be on their way still.
    this.#forget(film);
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
    if (this.#wanted?.film !== film) {
      this.#want(film.file && !this.paused ? film : null);
      // Who reads it at present brings them.
      if (!this.#readings.has(film)) void this.#look();
    }
    return this.#wanted?.promise ?? Promise.resolve(null);
  }

  /** Has every film that waits read. */
  run() {
    if (this.paused || this.#waiting.size === 0) return;
    this.#engine.start().then(
      (classifier) => {
        if (this.paused) return;
        for (const film of [...this.#waiting]) void this.#read(film, classifier);
      },
      () => this.#pause(),
    );
  }

  #pause() {
    this.paused = true;
    this.#want(null);
    this.#move();
  }

  /**
   * @param {Film} film
   * @param {Classifier} classifier
   */
  async #read(film, classifier) {
    if (!film.file) return;
    const reading = new AbortController();
    this.#readings.set(film, reading);
    this.#waiting.delete(film);
    const isStale = () => this.#readings.get(film) !== reading;
    /** @type {Report | null} */
    let report = null;
    let isAsked = false;
    try {
      const { pictures } = await classifier.classify(film.file, {
        name: film.name,
        readAs: film.readAs,
        signal: reading.signal,
        pictures: () => (isAsked = this.#wanted?.film === film),
        preview: () => this.#events.isSeen(film),
        onPreview: (picture) => this.#events.decoded(film, picture),
        onProgress: ({ stage }) => {
          if (stage !== 'done' && stage !== film.state) this.#set(film, stage);
        },
        onPart: (part) => {
          if ('thumbnail' in part) {
            film.thumbnail = part.thumbnail;
            this.#events.changed(film);
            return;
          }
          report = part.report;
          if (!report.error) this.#settle(film, report, null);
        },
      });
      if (isStale()) return;
      this.#readings.delete(film);
      if (this.#wanted?.film !== film) return;
      if (isAsked) this.#bring(this.#wanted, pictures);
      else void this.#look();
    } catch (error) {
      if (isStale()) return;
      this.#readings.delete(film);
      if (film.state === 'waiting') this.#backInLine(film, error);
      else this.#settle(film, report, toFailure(error));
    }
  }

  /** No worker runs, and none could be started. @param {Film} film that waited for one @param {unknown} error */
  #backInLine(film, error) {
    this.#waiting.add(film);
    if (this.paused) return;
    // It was given to a classifier just before another took its place.
    if (toFailure(error).kind === 'closed') return this.run();
    this.#pause();
    this.#engine.stopped(error);
  }

  /**
   * @param {Film} film
   * @param {Report | null} report
   * @param {Failure | null} failure
   */
  #settle(film, report, failure) {
    film.report = report;
    film.failure = failure;
    this.#unread.delete(film);
    this.#set(film, failure ? 'failed' : 'done');
  }

  /** For the pictures that are wanted; the film's result stays as it is. */
  async #look() {
    const wanted = this.#wanted;
    if (!wanted) return;
    const { film } = wanted;
    try {
      const classifier = await this.#engine.start();
      if (!film.file) return;
      const { thumbnail, pictures } = await classifier.look(film.file, { readAs: film.readAs, signal: wanted.given.signal });
      if (this.#wanted === wanted && !film.thumbnail) {
        film.thumbnail = thumbnail;
        this.#events.changed(film);
      }
      const { model } = film.report ?? {};
      const isOfAnother = model && model.sha256 !== classifier.model.sha256;
      // The maps of another model than the one that gave the answer say nothing of it.
      this.#bring(wanted, pictures && isOfAnother ? { ...pictures, crop: null, activation: null, outline: null } : pictures);
    } catch {
      // Its result stands.
      this.#bring(wanted, null);
    }
  }

  /** @param {Wanted} wanted @param {Pictures | null} pictures */
  #bring(wanted, pictures) {
    if (this.#wanted !== wanted) return;
    if (pictures) this.#cache.set(wanted.film, pictures);
    this.#wanted = null;
    wanted.resolve(pictures);
  }

  /** @param {Film | null} film */
  #want(film) {
    this.#wanted?.given.abort();
    this.#wanted?.resolve(null);
    this.#wanted = null;
    if (!film) return;
    /** @type {(pictures: Pictures | null) => void} */
    let resolve = () => {};
    const promise = /** @type {Promise<Pictures | null>} */ (new Promise((settle) => (resolve = settle)));
    this.#wanted = { film, promise, resolve, given: new AbortController() };
  }

  /** @param {Film} film */
  #enqueue(film) {
    this.#waiting.add(film);
    this.#batch.add(film);
    this.#unread.add(film);
  }

  /** @param {Film} film */
  #forget(film) {
    const reading = this.#readings.get(film);
    this.#readings.delete(film);
    reading?.abort();
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

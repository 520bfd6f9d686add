// Hands the films of the page to the classifier, in their order. A film that cannot be read gets a failure; the others go on.

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

/** Failures that the film did not cause: another try may help. */
const WORTH_ANOTHER_TRY = new Set(['crashed', 'memory', 'unreadable']);

/**
 * @typedef {{film: Film, promise: Promise<Pictures | null>, resolve: (pictures: Pictures | null) => void, given: AbortController}} Wanted
 *
 * @typedef {object} Events
 * @property {(film: Film) => void} changed a film's state has changed
 * @property {(film: Film) => boolean} isSeen whether somebody looks at this film
 * @property {(film: Film, picture: import('../report/types.js').GrayPicture) => void} decoded a film that somebody looks at was decoded
 * @property {() => void} moved the progress has changed
 */

export class Queue {
  /** @type {Film[]} */
  films = [];
  /** No worker starts: films wait until somebody tries again. */
  paused = false;
  /** Films that the classifier has not been given yet, in order. @type {Set<Film>} */
  #waiting = new Set();
  /** The films that progress is counted over: those that have come since the queue was last empty. @type {Set<Film>} */
  #batch = new Set();
  /** Films of the batch that are not read yet. @type {Set<Film>} */
  #unread = new Set();
  /** Cancels a film that the classifier has; answers to a cancelled one are dropped. @type {Map<Film, AbortController>} */
  #readings = new Map();
  #cache = new PictureCache();
  /** The film whose pictures are wanted, with the promise of them. @type {Wanted | null} */
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
    // A worker that did not start gets another chance whenever films are added.
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

  /** Cancels every film that is not read yet. A worker that is reading one has a little time to finish it; its answer is dropped. */
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

  /** Another model reads from now on, also the films that wait or are with a worker. */
  startOver() {
    const unread = [...this.#unread];
    const readings = [...this.#readings.values()];
    this.#readings.clear();
    for (const reading of readings) reading.abort();
    this.#want(null);
    this.paused = false;
    for (const film of unread) {
      // Its cached pictures hold the maps of the previous model.
      this.#cache.delete(film);
      this.#waiting.add(film);
      if (film.state !== 'waiting') this.#set(film, 'waiting');
    }
    this.run();
  }

  /** Reads films again with the model now in use. @param {Film[]} films that have been read */
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
   * Reads a film again, turned, mirrored or inverted, or as its file has it. The first result is kept.
   * @param {Film} film that has been read
   * @param {import('../report/types.js').ReadAs} readAs
   */
  readAs(film, readAs) {
    const { report, thumbnail } = film;
    if (!report || !film.file) return;
    // Its pictures may still be on their way.
    this.#forget(film);
    film.before ??= { readAs: film.readAs, report, thumbnail };
    film.readAs = isAltered(readAs) ? readAs : null;
    this.#change(film);
    film.report = film.thumbnail = null;
    this.retry([film]);
  }

  /** Restores the result of a film as its file has it. @param {Film} film */
  readAsStored(film) {
    if (!film.before) return;
    this.#forget(film);
    this.#change(film);
    Object.assign(film, film.before, { before: null, failure: null });
    this.#set(film, 'done');
  }

  /** Drops the film's pictures, which show how it was read before. @param {Film} film */
  #change(film) {
    this.#cache.delete(film);
    if (this.#wanted?.film === film) this.#want(null);
  }

  /** How many films of the present batch are done; null where there is no batch. */
  progress() {
    const of = this.#batch.size;
    return of === 0 ? null : { done: of - this.#unread.size, of };
  }

  /**
   * The pictures of a film that is done: from the worker that has just read it, from the cache, or from decoding its file ahead of the
   * films that wait. It works for one film at a time: a call for another film cancels this one.
   * @param {Film} film
   * @returns {Promise<Pictures | null>} null where there is no file, it can no longer be read, no worker runs, or another film's are wanted
   */
  pictures(film) {
    const kept = this.#cache.get(film);
    if (kept) {
      this.#want(null);
      return Promise.resolve(kept);
    }
    if (this.#wanted?.film !== film) {
      this.#want(film.file && !this.paused ? film : null);
      // The worker that reads it now will bring them.
      if (!this.#readings.has(film)) void this.#look();
    }
    return this.#wanted?.promise ?? Promise.resolve(null);
  }

  /** Reads every film that waits. */
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

  /** No worker runs, and none could be started: the film waits again. @param {Film} film @param {unknown} error */
  #backInLine(film, error) {
    this.#waiting.add(film);
    if (this.paused) return;
    // The film was given to a classifier just before another replaced it.
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

  /** Decodes the file for the wanted pictures. The film's result stays as it is. */
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
      // Maps of another model say nothing about this answer.
      this.#bring(wanted, pictures && isOfAnother ? { ...pictures, crop: null, activation: null, outline: null } : pictures);
    } catch {
      // The result stands.
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

// Films, read one after another. A film that cannot be read is a film with a failure; it stops nothing.

import { messages } from './messages.js';
import { ReaderError } from './worker-client.js';

/**
 * @typedef {import('./types.js').Film} Film
 * @typedef {import('./types.js').Failure} Failure
 * @typedef {import('./worker-client.js').WorkerClient} WorkerClient
 */

/** No chest film is this large, uncompressed 16-bit ones included. */
const LIMIT_BYTES = 200e6;

/** Failures that are not the film's own: to try once more can help. */
const WORTH_ANOTHER_TRY = new Set(['crashed', 'unreadable']);

export class Queue {
  /** @type {Film[]} */
  films = [];
  /** The worker does not start: films wait until somebody tries again. */
  paused = false;
  #running = false;
  #nextId = 1;
  #client;
  #changed;

  /**
   * @param {WorkerClient} client
   * @param {(film: Film) => void} changed called when a film's state has changed
   */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
  }

  /**
   * @param {File[]} files
   * @returns {Film[]} the films that were added
   */
  add(files) {
    const added = files.map((file) => {
      /** @type {Film} */
      const film = { id: this.#nextId++, name: file.name || messages.film.unnamed, file, state: 'waiting', reading: null, failure: null };
      return film;
    });
    this.films.push(...added);
    // A worker that did not start gets one new chance with every new load of films.
    this.paused = false;
    void this.run();
    return added;
  }

  /** @param {Film} film */
  remove(film) {
    this.films = this.films.filter((other) => other !== film);
  }

  clear() {
    this.films = [];
  }

  /** @param {Film} film */
  retry(film) {
    film.failure = null;
    this.#set(film, 'waiting');
    void this.run();
  }

  /** Takes the waiting films one by one, until none is left or the worker does not start. */
  async run() {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let film; !this.paused && (film = this.films.find(({ state }) => state === 'waiting')); ) {
        try {
          await this.#client.start();
        } catch {
          this.paused = true;
          break;
        }
        if (film.state === 'waiting' && this.films.includes(film)) await this.#read(film);
      }
    } finally {
      this.#running = false;
    }
  }

  /** @param {Film} film */
  async #read(film) {
    this.#set(film, 'reading');
    try {
      const reading = await this.#client.classify(film.name, await bytesOf(film.file));
      film.reading = reading;
      film.failure = reading.report.error;
    } catch (error) {
      film.failure =
        error instanceof ReaderError
          ? { kind: error.kind, message: error.message }
          : { kind: 'crashed', message: error instanceof Error ? error.message : String(error) };
    }
    this.#set(film, film.failure ? 'failed' : 'done');
  }

  /**
   * @param {Film} film
   * @param {Film['state']} state
   */
  #set(film, state) {
    film.state = state;
    if (this.films.includes(film)) this.#changed(film);
  }
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

// One blind reading: films in their order, and what was said of each, before and after the reader was seen. It lives as long as the page.

import { shuffled } from './shuffle.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Report} Report
 *
 * @typedef {Label | 'cannot_say'} Answer
 * @typedef {{answer: Answer, sureness: number | null}} Said how sure, from 0.5 to 1; null for who cannot say
 *
 * @typedef {object} Turn
 * @property {Film} film
 * @property {Said | null} before the verdict was seen; null while it is not given
 * @property {Said | null} after it was seen; the same, unless it was changed
 * @property {Pick<Report, 'finding' | 'verdict' | 'abnormal' | 'probabilities' | 'model'> | null} reader as it was when the person saw it
 * @property {Label | null} label
 * @property {boolean} wasShown the verdict had been on the page before the answer was given
 *
 * @typedef {object} Terms
 * @property {number} seed
 * @property {number} count of films
 * @property {Map<Film, Label | null>} labels of the films that have one
 */

export const ANSWERS = /** @type {const} */ (['covid19', 'normal', 'pneumonia', 'cannot_say']);
/** From a coin toss to certainty. */
export const SURENESS = /** @type {readonly number[]} */ ([0.5, 0.6, 0.7, 0.8, 0.9, 1]);

export class BlindSession {
  /** @type {Turn[]} */
  turns;
  seed;
  /** Films that could not be read, or were taken from the page, before they were answered. */
  leftOut = 0;
  /** Answers that are in no file. */
  isSaved = true;
  #at = 0;
  /** @type {WeakSet<Film>} */
  #shown;

  /**
   * @param {Film[]} films
   * @param {WeakSet<Film>} shown films whose verdict has been on the page
   * @param {Terms} terms
   */
  constructor(films, shown, { seed, count, labels }) {
    this.seed = seed;
    this.#shown = shown;
    this.turns = shuffled(films, seed)
      .slice(0, count)
      .map((film) => ({ film, before: null, after: null, reader: null, label: labels.get(film) ?? null, wasShown: false }));
  }

  /** The film that is read at present; null at the end. */
  get turn() {
    return this.turns[this.#at] ?? null;
  }

  /** Beginning with one. */
  get number() {
    return this.#at + 1;
  }

  get answered() {
    return this.turns.filter(({ before }) => before !== null).length;
  }

  /** @param {Said} said of the present film, which has been read */
  answer(said) {
    const { turn } = this;
    const report = turn?.film.report;
    if (!turn || !report || turn.before) return;
    const { finding, verdict, abnormal, probabilities, model } = report;
    turn.wasShown = this.#shown.has(turn.film);
    turn.before = turn.after = said;
    turn.reader = { finding, verdict, abnormal, probabilities, model };
    this.isSaved = false;
  }

  /** @param {Said} said after the reader was seen */
  change(said) {
    if (!this.turn?.before) return;
    this.turn.after = said;
    this.isSaved = false;
  }

  next() {
    this.#at++;
  }

  /** The present film cannot be read. */
  leaveOut() {
    this.#drop((turn) => turn === this.turn);
  }

  /** Those that are not answered are no part of it. */
  end() {
    this.turns = this.turns.filter(({ before }) => before !== null);
    this.#at = this.turns.length;
  }

  /** Films that are gone from the page and not answered cannot be read any more. @param {Film[]} films that there are */
  keepOnly(films) {
    const there = new Set(films);
    this.#drop(({ before, film }) => before === null && !there.has(film));
    // Of one that was answered and is gone there is nothing left to see.
    while (this.turn?.before && !there.has(this.turn.film)) this.next();
  }

  /** @param {(turn: Turn) => boolean} isDropped none of those that come before the present one */
  #drop(isDropped) {
    const { length } = this.turns;
    this.turns = this.turns.filter((turn) => !isDropped(turn));
    this.leftOut += length - this.turns.length;
  }
}

// One blind reading: the films in order, and the person's answer to each before and after seeing the reader's. It is kept while the page is
// open.

import { shuffled } from './shuffle.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Report} Report
 *
 * @typedef {Label | 'cannot_say'} Answer
 * @typedef {{answer: Answer, sureness: number | null}} Said `sureness` is from 0.5 to 1; null for `cannot_say`
 *
 * @typedef {object} Turn
 * @property {Film} film
 * @property {Said | null} before the answer before the verdict was seen; null until it is given
 * @property {Said | null} after the answer after the verdict was seen: the same, unless it was changed
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
  /** How many films could not be read, or were removed, before they were answered. */
  leftOut = 0;
  /** Whether every answer is in a saved file. */
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

  /** The present film and its answers; null at the end. */
  get turn() {
    return this.turns[this.#at] ?? null;
  }

  /** The present film's number, from 1. */
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

  /** Ends the reading. Films without an answer are dropped. */
  end() {
    this.turns = this.turns.filter(({ before }) => before !== null);
    this.#at = this.turns.length;
  }

  /** Drops films without an answer that are no longer on the page. @param {Film[]} films on the page */
  keepOnly(films) {
    const there = new Set(films);
    this.#drop(({ before, film }) => before === null && !there.has(film));
    // An answered film that is gone cannot be shown.
    while (this.turn?.before && !there.has(this.turn.film)) this.next();
  }

  /** @param {(turn: Turn) => boolean} isDropped true for none of the films before the present one */
  #drop(isDropped) {
    const { length } = this.turns;
    this.turns = this.turns.filter((turn) => !isDropped(turn));
    this.leftOut += length - this.turns.length;
  }
}

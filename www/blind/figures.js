// What a blind reading comes to: shares of films with Wilson's 95 % interval, of the person and of the reader on the same films.
//
// Who names no class is neither right nor wrong: such films are counted apart, and accuracy, sensitivity and specificity are shares of
// the films for which a class was named. Sensitivity of a class: of its films, the share called so. Specificity of a class: of the
// films of other classes, the share not called so.

import { LABELS } from '../report/film-facts.js';

/**
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('./session.js').Said} Said
 * @typedef {import('./session.js').Turn} Turn
 *
 * @typedef {{count: number, n: number, value: number, low: number, high: number}} Share so many of n films, as a share with its interval
 *
 * @typedef {object} Scores over the labelled films; null where no film belongs to it
 * @property {Share | null} accuracy
 * @property {Record<Label, Share | null>} sensitivity
 * @property {Record<Label, Share | null>} specificity
 * @property {Share | null} no_class films for which no class was named
 *
 * @typedef {object} Changes after seeing the reader, over all films that were answered
 * @property {Share | null} changed answers that became others
 * @property {number} to_reader that became what the reader says
 * @property {number} labelled of the changed, those of films with a label
 * @property {number} towards_right they were not right, and became so
 * @property {number} towards_wrong they were right, and are no more
 * @property {number} neither they were not right before or after
 *
 * @typedef {object} Figures
 * @property {number} films that were answered
 * @property {number} labelled
 * @property {number} shown_before of the films, those whose verdict had been on the page before
 * @property {number} reader_refused of the films
 * @property {Scores} person before the verdict was seen
 * @property {Scores} person_after
 * @property {Scores} reader
 * @property {{person: Share | null, person_after: Share | null}} agreement the same class, where person and reader name one
 * @property {Changes} changes
 */

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * The 95 % interval of a proportion: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209–212, without
 * correction for continuity. It holds its level with few films and at 0 and 1, where the usual interval fails.
 * `wilson` in `src/statistics.rs` is held to the same published values.
 * @param {number} count 0 to n
 * @param {number} n at least 1
 * @returns {{low: number, high: number}} 0 to 1
 */
export function wilson(count, n) {
  const share = count / n;
  const squared = Z * Z;
  const middle = share + squared / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + squared / (4 * n * n));
  const all = 1 + squared / n;
  // At its ends the formula is exact, and floating point is not.
  return { low: count === 0 ? 0 : (middle - half) / all, high: count === n ? 1 : (middle + half) / all };
}

/** @param {Turn[]} turns @returns {Figures} */
export function figuresOf(turns) {
  const answered = turns.filter(({ before }) => before !== null);
  return {
    films: answered.length,
    labelled: answered.filter(({ label }) => label !== null).length,
    shown_before: answered.filter(({ wasShown }) => wasShown).length,
    reader_refused: answered.filter(({ reader }) => reader?.verdict === 'refused').length,
    person: scoresOf(answered, personBefore),
    person_after: scoresOf(answered, personAfter),
    reader: scoresOf(answered, readerOf),
    agreement: { person: agreement(answered, personBefore), person_after: agreement(answered, personAfter) },
    changes: changesOf(answered),
  };
}

/** @typedef {(turn: Turn) => Label | null} Named the class that somebody names; null for none */

/** @type {Named} */
export const personBefore = ({ before }) => classOf(before?.answer);
/** @type {Named} */
export const personAfter = ({ before, after }) => classOf((after ?? before)?.answer);
/** @type {Named} */
export const readerOf = ({ reader }) => classOf(reader?.verdict);

/** @param {string | null | undefined} answer @returns {Label | null} */
function classOf(answer) {
  return LABELS.find((label) => label === answer) ?? null;
}

/** @param {Turn[]} turns @param {Named} named @returns {Scores} */
function scoresOf(turns, named) {
  const labelled = turns.filter(({ label }) => label !== null);
  const judged = labelled.filter((turn) => named(turn) !== null);
  /** @param {(label: Label) => Share | null} share */
  const perLabel = (share) => /** @type {Record<Label, Share | null>} */ (Object.fromEntries(LABELS.map((label) => [label, share(label)])));
  return {
    accuracy: shareOf(judged, (turn) => named(turn) === turn.label),
    sensitivity: perLabel((label) =>
      shareOf(
        judged.filter((turn) => turn.label === label),
        (turn) => named(turn) === label,
      ),
    ),
    specificity: perLabel((label) =>
      shareOf(
        judged.filter((turn) => turn.label !== label),
        (turn) => named(turn) !== label,
      ),
    ),
    no_class: shareOf(labelled, (turn) => named(turn) === null),
  };
}

/** @param {Turn[]} turns @param {Named} named */
function agreement(turns, named) {
  return shareOf(
    turns.filter((turn) => named(turn) !== null && readerOf(turn) !== null),
    (turn) => named(turn) === readerOf(turn),
  );
}

/** @param {Turn[]} turns @returns {Changes} */
function changesOf(turns) {
  const changed = turns.filter(isChanged);
  const labelled = changed.filter(({ label }) => label !== null);
  const count = (/** @type {boolean} */ wasRight, /** @type {boolean} */ isRight) =>
    labelled.filter((turn) => (personBefore(turn) === turn.label) === wasRight && (personAfter(turn) === turn.label) === isRight).length;
  return {
    changed: shareOf(turns, isChanged),
    to_reader: changed.filter((turn) => personAfter(turn) !== null && personAfter(turn) === readerOf(turn)).length,
    labelled: labelled.length,
    towards_right: count(false, true),
    towards_wrong: count(true, false),
    neither: count(false, false),
  };
}

/** Whether another answer was given after seeing the reader; to be more or less sure of the same is none. @param {Turn} turn */
export function isChanged({ before, after }) {
  return before !== null && after !== null && before.answer !== after.answer;
}

/** @param {Turn[]} turns @param {(turn: Turn) => boolean} isOne @returns {Share | null} */
function shareOf(turns, isOne) {
  const n = turns.length;
  if (n === 0) return null;
  const count = turns.filter(isOne).length;
  return { count, n, value: count / n, ...wilson(count, n) };
}

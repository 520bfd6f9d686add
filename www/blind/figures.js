// The figures of a blind reading: shares of films with Wilson's 95 % interval, for the person and for the reader on the same films.
//
// An answer that names no class is neither right nor wrong. Such films are counted apart; accuracy, sensitivity and specificity are shares
// of the films for which a class was named. The sensitivity of a class is the share of its films that were given that class; its
// specificity is the share of the other classes' films that were not.

import { LABELS } from '../report/film-facts.js';

/**
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('./session.js').Said} Said
 * @typedef {import('./session.js').Turn} Turn
 *
 * @typedef {{count: number, n: number, value: number, low: number, high: number}} Share `count` of `n` films, as a share from 0 to 1 with
 * its interval
 *
 * @typedef {object} Scores over the labelled films; null where no film counts towards a share
 * @property {Share | null} accuracy
 * @property {Record<Label, Share | null>} sensitivity
 * @property {Record<Label, Share | null>} specificity
 * @property {Share | null} no_class films for which no class was named
 *
 * @typedef {object} Changes after seeing the reader, over all films that were answered
 * @property {Share | null} changed answers that were changed
 * @property {number} to_reader answers changed to the reader's
 * @property {number} labelled changed answers for films with a label
 * @property {number} towards_right they were not right, and became so
 * @property {number} towards_wrong they were right, and no longer are
 * @property {number} neither they were not right before or after
 *
 * @typedef {object} Figures
 * @property {number} films that were answered
 * @property {number} labelled
 * @property {number} shown_before films whose verdict had been on the page before the answer
 * @property {number} reader_refused films that the reader refused
 * @property {Scores} person before the verdict was seen
 * @property {Scores} person_after
 * @property {Scores} reader
 * @property {{person: Share | null, person_after: Share | null}} agreement where person and reader both name a class, the share on which it
 * is the same
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
  // At 0 and n the formula is exact, but floating point is not.
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

/** @typedef {(turn: Turn) => Label | null} Named the class that is named; null for none */

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

/** Whether the answer was changed after seeing the reader. A change of sureness alone does not count. @param {Turn} turn */
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

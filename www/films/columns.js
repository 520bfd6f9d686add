// The columns of the films table and their cells.

import { element } from '../ui/dom.js';
import { answerProbability, category, LABELS, mostProbable, readerAnswer } from '../report/film-facts.js';
import { duration, percent, probability } from '../text/format.js';
import { thumbnail } from '../viewer/gray.js';
import { messages } from '../text/messages.js';
import { verdictMark } from './verdict-mark.js';

/**
 * @typedef {import('../report/film-facts.js').Category} Category
 * @typedef {import('../report/types.js').SortKey} SortKey
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').PerLabel} PerLabel
 * @typedef {object} Column
 * @property {SortKey} key
 * @property {boolean} isNumber
 * @property {(film: Film, number: number) => (Node | string)[]} content
 */

/** The narrow table has one column with everything. @type {Column[]} */
export const NARROW = [
  {
    key: 'name',
    isNumber: false,
    content: (film) => [picture(film), element('span', { class: 'row-name', title: film.path }, film.name), state(film, narrowState(film)), ...origin(film)],
  },
];

/** @type {Column[]} */
export const WIDE = [
  { key: 'number', isNumber: true, content: (_film, number) => [String(number)] },
  {
    key: 'name',
    isNumber: false,
    content: (film) => {
      const folder = film.path.slice(0, -film.name.length);
      const name = element('span', { class: 'row-name', title: film.path }, film.name);
      return [picture(film), element('span', { class: 'row-names' }, name, folder ? element('span', { class: 'row-folder' }, folder) : null)];
    },
  },
  { key: 'verdict', isNumber: false, content: (film) => [verdictMark(category(film)), element('span', { class: 'cell-text' }, verdict(film))] },
  { key: 'probability', isNumber: true, content: (film) => [shareOf(answerProbability(film))] },
  { key: 'abnormal', isNumber: true, content: ({ report }) => barred(report?.abnormal) },
  ...LABELS.map((label) => /** @type {Column} */ ({ key: label, isNumber: true, content: ({ report }) => barred(report?.probabilities?.[label]) })),
  { key: 'convnet', isNumber: false, content: ({ report }) => answer(readerAnswer(report, 'convnet')) },
  { key: 'texture', isNumber: false, content: ({ report }) => answer(readerAnswer(report, 'texture')) },
  { key: 'warnings', isNumber: true, content: ({ report }) => [report?.warnings ? String(report.warnings.length) : messages.films.none] },
  { key: 'time', isNumber: true, content: ({ report }) => [report?.elapsed_ms ? duration(report.elapsed_ms.total) : messages.films.none] },
  { key: 'state', isNumber: false, content: (film) => [state(film, wideState(film))] },
];

/** Orders to choose from where there are no column heads to press. @type {SortKey[]} */
export const SORTS = ['number', 'name', 'verdict', 'probability', 'warnings', 'time'];

/** @param {SortKey} key */
export function beginsWithLargest(key) {
  return ['probability', 'abnormal', 'warnings', 'time', ...LABELS].includes(key);
}

/** @param {Film} film */
function picture(film) {
  if (film.thumbnail) return thumbnail(film.thumbnail);
  return element('span', { class: 'thumbnail placeholder', 'aria-hidden': 'true' }, film.imported && verdictMark('imported'));
}

/** @param {Film} film @param {string} text */
function state(film, text) {
  return element('span', { class: 'row-state' }, verdictMark(category(film)), element('span', {}, text));
}

/** “Imported”, for screen readers only: there is no room for the word, so the mark in place of the picture shows it. @param {Film} film */
function origin({ imported }) {
  return imported ? [element('span', { class: 'visually-hidden' }, messages.films.imported)] : [];
}

/** The answer, or why there is none. @param {Film} film */
function narrowState(film) {
  if (film.state !== 'done') return stateOrReason(film);
  const probability = answerProbability(film);
  return probability === null ? verdict(film) : `${verdict(film)} ${percent(probability)}`;
}

/** @param {Film} film */
function wideState(film) {
  return film.imported && film.state === 'done' ? messages.films.imported : stateOrReason(film);
}

/** The reason alone: it implies that the film failed, and there is no room for both. @param {Film} film */
function stateOrReason({ state, failure }) {
  return state === 'failed' && failure ? messages.film.failureShort(failure.kind) : messages.film.states[state];
}

/** @param {Film} film */
function verdict(film) {
  if (film.state !== 'done') return messages.film.states[film.state];
  return film.report?.verdict ? messages.film.verdictShort(category(film)) : messages.films.none;
}

/** @param {number | null} value */
function shareOf(value) {
  return value === null ? messages.films.none : percent(value);
}

/** @param {PerLabel | null} values */
function answer(values) {
  if (!values) return [messages.films.none];
  const label = mostProbable(values);
  return [element('span', { class: 'cell-text' }, messages.labels[label]), element('span', { class: 'cell-number' }, probability(values[label]))];
}

/** @param {number | null | undefined} value */
function barred(value) {
  return typeof value === 'number' ? [probability(value), bar(value)] : [messages.films.none];
}

/** @param {number} value */
function bar(value) {
  const fill = element('span', { class: 'fill' });
  fill.style.width = `${100 * value}%`;
  return element('span', { class: 'cell-bar', 'aria-hidden': 'true' }, fill);
}

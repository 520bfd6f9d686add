// A table of the numbers of two films, and of the differences (second less first).

import { tableHead } from '../ui/table-head.js';
import { LABELS } from '../report/film-facts.js';
import { percentExactly, pointsSigned } from '../text/format.js';
import { messages } from '../text/messages.js';
import { element } from '../ui/dom.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {[Film, Film]} Pair
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} name
 * @property {(report: Report) => number | null | undefined} of the value, from 0 to 1
 * @property {(report: Report) => string} why there is no value
 */

/** @param {Pair} films */
export function numbersTable(films) {
  const text = messages.compare;
  return element(
    'table',
    { class: 'readers compare-numbers' },
    element('caption', {}, text.table),
    tableHead(text.what, [text.film('A'), text.film('B'), text.difference]),
    part(text.probabilities, films, probabilities()),
    part(text.lungs, films, lungs()),
  );
}

/** Whether both films were read, and by different models. @param {Pair} films */
export function areOfDifferentModels(films) {
  const [a, b] = films.map(({ report }) => report?.model?.sha256);
  return Boolean(a && b && a !== b);
}

/** @returns {Row[]} */
function probabilities() {
  const { result, labels, compare } = messages;
  const why = (/** @type {Report} */ report) => (report.verdict === 'refused' ? compare.refused : compare.missing);
  return [
    { id: 'abnormal', name: result.abnormal, of: ({ abnormal }) => abnormal, why },
    ...LABELS.map((label) => ({ id: label, name: labels[label], of: (/** @type {Report} */ report) => report.probabilities?.[label], why })),
  ];
}

/** @returns {Row[]} */
function lungs() {
  const { compare } = messages;
  return /** @type {const} */ (['area', 'right', 'left']).map((key) => ({
    id: key,
    name: compare[key],
    of: (/** @type {Report} */ { lungs }) => lungs?.[key],
    why: () => compare.noLungs,
  }));
}

/** @param {string} title @param {Pair} films @param {Row[]} rows */
function part(title, films, rows) {
  return element(
    'tbody',
    {},
    element('tr', { class: 'compare-part' }, element('th', { scope: 'rowgroup', colspan: 4 }, title)),
    ...rows.map((row) => numbersRow(row, films)),
  );
}

/** @param {Row} row @param {Pair} films */
function numbersRow({ id, name, of, why }, films) {
  const text = messages.compare;
  const values = films.map(({ report }) => (report && of(report)) ?? null);
  const cells = values.map((value, index) => {
    if (value !== null) return element('td', { class: 'number', 'data-value': value }, percentExactly(value));
    const { report } = films[index];
    return element('td', { class: 'number compare-none' }, report ? why(report) : text.unread);
  });
  const [a, b] = values;
  const difference =
    a === null || b === null
      ? element('td', { class: 'number compare-none' }, element('span', { 'aria-hidden': 'true' }, messages.films.none), hidden(text.noDifference))
      : element('td', { class: 'number', 'data-difference': b - a }, text.points(pointsSigned(b - a)));
  return element('tr', { 'data-row': id }, element('th', { scope: 'row' }, name), ...cells, difference);
}

/** @param {string} words */
function hidden(words) {
  return element('span', { class: 'visually-hidden' }, words);
}

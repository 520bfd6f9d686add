// Says how far to trust the answer: whose films the model learned from, what follows from that, and what was measured.

import { tableHead } from '../ui/table-head.js';
import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 */

/**
 * @param {Model} model
 * @param {Metrics | null} metrics
 */
export function worthView(model, metrics) {
  return element(
    'section',
    { class: 'worth', 'aria-labelledby': 'worth-title' },
    element('h3', { id: 'worth-title' }, messages.worth.title),
    element('p', {}, messages.worth.trained(model.training)),
    model.own ? null : element('p', { class: 'strong' }, messages.worth.meaning),
    ...figures(model, metrics),
  );
}

/** @param {Model} model @param {Metrics | null} metrics */
function figures({ own }, metrics) {
  const elsewhere = metrics?.elsewhere ?? [];
  const telling = elsewhere.filter(messages.worth.isTelling);
  const rows = [
    ...(telling.length > 0 ? telling : elsewhere).map((figure) => elsewhereRow(figure, true)),
    ...optionalRow(metrics?.patient_disjoint?.accuracy, messages.worth.patientDisjoint, 'patient_disjoint'),
    ...optionalRow(metrics?.authors_split?.shipped?.accuracy, messages.worth.authorsSplit, 'authors_split'),
  ];
  if (rows.length === 0) return [element('p', {}, own ? messages.ownModel.noFigures : messages.worth.noFigures)];
  const headline = table(element('caption', {}, messages.worth.figuresTitle), rows);
  if (telling.length === 0 || telling.length === elsewhere.length) return [headline];
  const title = messages.worth.allElsewhere(elsewhere.length);
  const all = table(
    element('caption', { class: 'visually-hidden' }, title),
    elsewhere.map((figure) => elsewhereRow(figure, false)),
  );
  return [headline, element('details', {}, element('summary', {}, title), all)];
}

/**
 * @param {HTMLTableCaptionElement} caption
 * @param {HTMLElement[]} rows
 */
function table(caption, rows) {
  return element(
    'table',
    { class: 'figures' },
    caption,
    tableHead(messages.worth.measured, [messages.worth.films, [messages.worth.value, messages.worth.interval]]),
    element('tbody', {}, ...rows),
  );
}

/**
 * @param {import('../report/types.js').Elsewhere} figure
 * @param {boolean} isTelling
 */
function elsewhereRow(figure, isTelling) {
  return row(figure.estimate, messages.worth.elsewhere(figure, isTelling), figure.id);
}

/**
 * @param {Estimate | undefined} estimate
 * @param {(estimate: Estimate) => Words} words
 * @param {string} id
 */
function optionalRow(estimate, words, id) {
  return estimate ? [row(estimate, words(estimate), id)] : [];
}

/**
 * @typedef {{what: string, remark: string, value: string, interval: string}} Words
 * @param {Estimate} estimate
 * @param {Words} words
 * @param {string} id
 */
function row({ n, value }, words, id) {
  return element(
    'tr',
    { 'data-figure': id, 'data-n': n, 'data-value': value },
    element('th', { scope: 'row' }, words.what, element('span', { class: 'minor' }, words.remark)),
    element('td', { class: 'number' }, String(n)),
    element('td', { class: 'number' }, words.value, element('span', { class: 'minor' }, words.interval)),
  );
}

// Shows how the verdict did at hospitals that it never saw, the worst first, and on films for which it has no class.

import { tableHead } from '../ui/table-head.js';
import { element } from '../ui/dom.js';
import { percent, percentInterval } from '../text/format.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').Hospital} Hospital
 * @typedef {import('../report/types.js').Metrics} Metrics
 */

/** How many hospitals are shown at first; the others are a click away. */
const FIRST = 4;

/** The figures that are shown of a hospital. */
const MEASURES = /** @type {const} */ (['normals_named_covid19', 'right', 'named']);

/** Findings outside its classes with enough films to measure. */
const UNKNOWN = /** @type {const} */ (['tuberculosis', 'other']);

/**
 * A table of the first hospitals, with the others folded away; nothing where the metrics have no hospitals.
 * @param {NonNullable<Metrics['verdict']>} evidence lists the worst hospitals first
 */
export function hospitalsView(evidence) {
  const hospitals = measured(evidence);
  if (hospitals.length === 0) return [];
  const title = messages.hospitals.title;
  const first = [element('p', {}, messages.hospitals.lead), table(element('caption', {}, title), hospitals.slice(0, FIRST))];
  const others = hospitals.slice(FIRST);
  if (others.length === 0) return first;
  const summary = messages.hospitals.others(others.length);
  const rest = table(element('caption', { class: 'visually-hidden' }, summary), others);
  return [...first, element('details', { class: 'other-hospitals' }, element('summary', {}, summary), rest)];
}

/** The hospital where it did worst, among those with any figure. @param {NonNullable<Metrics['verdict']>} evidence */
export function worstHospital(evidence) {
  return measured(evidence).at(0);
}

/**
 * Findings that are not among the answers, and what was answered for such films.
 * @param {Metrics | null} metrics of the model that read the film
 */
export function unknownView(metrics) {
  const hospitals = metrics?.verdict?.hospitals ?? [];
  const lines = UNKNOWN.flatMap((finding) => hospitals.flatMap((hospital) => unknownLine(hospital, finding)));
  return element(
    'section',
    { class: 'unknown', 'aria-labelledby': 'unknown-title' },
    element('h3', { id: 'unknown-title' }, messages.hospitals.unknownTitle),
    element('p', {}, messages.hospitals.unknown(lines.length > 0)),
    lines.length > 0 ? element('ul', {}, ...lines) : null,
  );
}

/** @param {NonNullable<Metrics['verdict']>} evidence */
function measured({ hospitals = [] }) {
  return hospitals.filter((hospital) => MEASURES.some((measure) => hospital[measure]));
}

/** @param {HTMLTableCaptionElement} caption @param {Hospital[]} hospitals */
function table(caption, hospitals) {
  return element(
    'table',
    { class: 'figures hospitals' },
    caption,
    tableHead(
      messages.hospitals.head,
      MEASURES.map((measure) => messages.hospitals.measures[measure]),
    ),
    element('tbody', {}, ...hospitals.map(row)),
  );
}

/** @param {Hospital} hospital */
function row(hospital) {
  const { kept, patients } = hospital;
  return element(
    'tr',
    { 'data-hospital': hospital.id },
    element('th', { scope: 'row' }, messages.hospitals.name(hospital), element('span', { class: 'minor' }, messages.hospitals.kept(kept, patients))),
    ...MEASURES.map((measure) => cell(measure, hospital[measure])),
  );
}

/** @param {string} measure @param {Estimate | null} estimate */
function cell(measure, estimate) {
  if (!estimate) return element('td', { class: 'number', 'data-measure': measure }, '–');
  return element(
    'td',
    { class: 'number', 'data-measure': measure, 'data-n': estimate.n, 'data-value': estimate.value },
    percent(estimate.value),
    element('span', { class: 'minor' }, percentInterval(estimate)),
    element('span', { class: 'minor' }, `n = ${estimate.n}`),
  );
}

/**
 * @param {Hospital} hospital
 * @param {typeof UNKNOWN[number]} finding
 */
function unknownLine(hospital, finding) {
  const said = hospital.beyond?.[finding];
  if (!said) return [];
  const share = (/** @type {Estimate} */ estimate) => `${percent(estimate.value)} (${percentInterval(estimate)})`;
  const shares = { normal: share(said.normal), covid19: share(said.covid19), pneumonia: share(said.pneumonia), notNormal: share(said.not_normal) };
  const films = said.normal.n;
  const attributes = { 'data-unknown': finding, 'data-hospital': hospital.id, 'data-n': films };
  return [element('li', attributes, messages.hospitals.unknownLine(hospital, finding, films, shares))];
}

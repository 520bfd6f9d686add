// Shows how the verdict did on films like this one: figures from the model's metrics, beside those of the paper's reader.

import { tableHead } from '../ui/table-head.js';
import { element } from '../ui/dom.js';
import { LABELS } from '../report/film-facts.js';
import { percent, percentInterval, score, scoreInterval } from '../text/format.js';
import { hospitalsView, worstHospital } from './hospitals-view.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').EvidenceSet} EvidenceSet
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Scores} Scores
 */

/**
 * @typedef {{ id: string, what: string, remark: string, estimates: (Estimate | null | undefined)[], isAuc: boolean }} Row
 */

/**
 * @param {string | null} verdict
 * @param {Metrics | null} metrics
 * @param {boolean} isOwn whether the model is the user's own
 */
export function evidenceView(verdict, metrics, isOwn) {
  const evidence = metrics?.verdict;
  const title = element('h3', { id: 'evidence-title' }, messages.evidence.title);
  if (!evidence) {
    return element(
      'section',
      { class: 'evidence', 'aria-labelledby': 'evidence-title' },
      title,
      element('p', {}, isOwn ? messages.ownModel.noFigures : messages.worth.noFigures),
    );
  }
  const external = find(evidence, 'external');
  const rows = evidenceRows(verdict, evidence);
  const lead = isOwn ? messages.ownModel.evidenceLead : messages.evidence.lead + (external ? messages.evidence.mostly(external.films) : '');
  return sectionOf(title, hospitalsView(evidence), lead, rows);
}

/**
 * The figures of the hospital where the verdict did worst, as rows like the others.
 * @param {NonNullable<Metrics['verdict']>} evidence
 * @returns {Row[]}
 */
export function worstRows(evidence) {
  const hospital = worstHospital(evidence);
  if (!hospital) return [];
  const { name, kept, measures } = messages.hospitals;
  const remark = `${name(hospital)}; ${kept(hospital.kept, hospital.patients)}`;
  const row = (/** @type {'normals_named_covid19' | 'right'} */ measure) => ({
    id: `${hospital.id}_${measure}`,
    what: measures[measure],
    remark,
    estimates: [hospital[measure]],
    isAuc: false,
  });
  return [row('normals_named_covid19'), row('right')].filter(({ estimates }) => estimates[0]);
}

/**
 * The figures for this verdict, the most relevant first. Rows whose first figure is missing are left out.
 * @param {string | null} verdict
 * @param {NonNullable<Metrics['verdict']>} evidence
 */
export function evidenceRows(verdict, evidence) {
  /** @type {Row[]} */
  const rows = [];
  const external = find(evidence, 'external');
  const named = LABELS.find((label) => label === verdict);
  if (external && named) rows.push(...rates(external, named));
  if (external) rows.push(pair(external, 'covid19 against pneumonia'));
  const normals = find(evidence, 'val_adult_normals');
  if (normals) rows.push(rate(normals, 'normal', 'sensitivity'));
  const risk = evidence.risk_coverage.find(({ title }) => title === 'external');
  if (risk) {
    const remark = messages.evidence.allExternal;
    rows.push(
      { id: 'external_surest_half', what: messages.evidence.surestHalf, remark, estimates: [risk.accuracy_of_surest_half, null], isAuc: false },
      { id: 'external_accuracy', what: messages.evidence.accuracy, remark, estimates: [risk.accuracy, null], isAuc: false },
    );
  }
  return rows.filter(({ estimates }) => estimates[0]);
}

/** The figures for all hospitals together that the verdict never saw. @param {Metrics | null} metrics */
export function unseenHospitals(metrics) {
  return metrics?.verdict?.all_unseen ?? undefined;
}

/** @param {NonNullable<Metrics['verdict']>} evidence @param {string} id */
function find(evidence, id) {
  return evidence.sets.find((set) => set.id === id);
}

/**
 * @param {HTMLElement} title
 * @param {HTMLElement[]} hospitals
 * @param {string} lead
 * @param {Row[]} rows
 */
function sectionOf(title, hospitals, lead, rows) {
  return element(
    'section',
    { class: 'evidence', 'aria-labelledby': 'evidence-title' },
    title,
    ...hospitals,
    element('p', {}, lead),
    element(
      'table',
      { class: 'figures' },
      element('caption', { class: 'visually-hidden' }, messages.evidence.title),
      tableHead(messages.worth.measured, [messages.worth.films, [messages.readers.names.verdict, messages.worth.interval], messages.readers.names.texture]),
      element('tbody', {}, ...rows.map(tableRow)),
    ),
  );
}

/** @param {EvidenceSet} set @param {Scores['reader']} reader */
function of(set, reader) {
  return set.scores.find((scores) => scores.reader === reader);
}

/** @param {EvidenceSet} set @param {Label} label */
function rates(set, label) {
  return [rate(set, label, 'sensitivity'), rate(set, label, 'specificity')];
}

/**
 * @param {EvidenceSet} set
 * @param {Label} label
 * @param {'sensitivity' | 'specificity'} kind
 * @returns {Row}
 */
function rate(set, label, kind) {
  return {
    id: `${set.id}_${label}_${kind}`,
    what: messages.evidence[kind](label),
    remark: messages.evidence.set(set),
    estimates: [of(set, 'verdict')?.[kind][label], of(set, 'texture')?.[kind][label]],
    isAuc: false,
  };
}

/** @param {EvidenceSet} set @param {string} pair @returns {Row} */
function pair(set, pair) {
  return {
    id: `${set.id}_${pair.replaceAll(' ', '_')}`,
    what: messages.evidence.pair,
    remark: `${messages.evidence.set(set)}; ${messages.evidence.aucMeaning}`,
    estimates: [of(set, 'verdict')?.auc_of_pairs[pair], of(set, 'texture')?.auc_of_pairs[pair]],
    isAuc: true,
  };
}

/** @param {Row} row */
function tableRow({ id, what, remark, estimates, isAuc }) {
  const [ours] = estimates;
  return element(
    'tr',
    { 'data-figure': id, 'data-n': ours?.n ?? 0, 'data-value': ours?.value ?? '' },
    element('th', { scope: 'row' }, what, element('span', { class: 'minor' }, remark)),
    element('td', { class: 'number' }, String(ours?.n ?? 0)),
    ...estimates.map((estimate) =>
      estimate
        ? element(
            'td',
            { class: 'number' },
            isAuc ? score(estimate.value) : percent(estimate.value),
            element('span', { class: 'minor' }, isAuc ? scoreInterval(estimate) : percentInterval(estimate)),
          )
        : element('td', { class: 'number' }, '–'),
    ),
  );
}

// Explains the answer: a table of what moved each class away from the mean training film, with a bar under each number.

import { tableHead } from '../ui/table-head.js';
import { element } from '../ui/dom.js';
import { LABELS } from '../report/film-facts.js';
import { measurement, signed } from '../text/format.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Explanation} Explanation
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').PerLabel} PerLabel
 */

const FEATURES = 252;

/**
 * @param {Explanation} explanation
 * @param {string} verdict
 */
export function whyView(explanation, verdict) {
  const { baseline_logits, logits, blocks, features, other_features } = explanation;
  const blockScale = largest(blocks);
  const featureScale = largest(features);
  return element(
    'section',
    { class: 'why', 'aria-labelledby': 'why-title' },
    element('h3', { id: 'why-title' }, messages.why.title),
    strongest(blocks, verdict),
    element('p', { class: 'why-lead' }, messages.why.lead),
    element(
      'div',
      { class: 'why-tables' },
      table(
        messages.why.blocksTitle,
        messages.why.blocksCaption,
        messages.why.blocksHead,
        [
          totalRow(messages.why.baseline, baseline_logits, 'baseline'),
          ...blocks.map((block) => barRow(messages.block(block.block), messages.blockMeaning(block.block), block, blockScale, { 'data-block': block.block })),
        ],
        totalRow(messages.why.total, logits, 'logits'),
      ),
      table(
        messages.why.featuresTitle,
        messages.why.featuresCaption,
        messages.why.featuresHead,
        features.map((feature) => {
          const { block, statistic } = messages.feature(feature.name);
          const values = messages.why.featureValues(measurement(feature.value), measurement(feature.training_mean));
          return barRow(`${block} ${statistic}`.trim(), values, feature, featureScale, { 'data-feature': feature.name });
        }),
        totalRow(messages.why.others(FEATURES - features.length), other_features, 'other'),
      ),
    ),
  );
}

/**
 * A sentence on the group that spoke most for the answer; null where none did.
 * @param {Explanation['blocks']} blocks
 * @param {string} verdict
 */
function strongest(blocks, verdict) {
  const label = LABELS.find((label) => label === verdict);
  if (!label || blocks.length === 0) return null;
  const most = blocks.reduce((best, block) => (block[label] > best[label] ? block : best));
  return most[label] > 0 ? element('p', {}, messages.why.strongest(most.block, signed(most[label]), label)) : null;
}

/**
 * @param {string} title
 * @param {string} remark
 * @param {string} head
 * @param {HTMLElement[]} rows
 * @param {HTMLElement} last
 */
function table(title, remark, head, rows, last) {
  return element(
    'table',
    { class: 'contributions' },
    element('caption', {}, title, element('span', { class: 'minor' }, remark)),
    tableHead(
      head,
      LABELS.map((label) => messages.labels[label]),
    ),
    element('tbody', {}, ...rows),
    element('tfoot', {}, last),
  );
}

/**
 * @param {string} name
 * @param {string} remark
 * @param {PerLabel} values
 * @param {number} scale
 * @param {Record<string, string>} attributes
 */
function barRow(name, remark, values, scale, attributes) {
  return element(
    'tr',
    attributes,
    element('th', { scope: 'row' }, name, remark ? element('span', { class: 'minor' }, remark) : null),
    ...LABELS.map((label) => cell(label, values[label], bar(values[label], scale))),
  );
}

/**
 * @param {string} name
 * @param {PerLabel} values
 * @param {string} key
 */
function totalRow(name, values, key) {
  return element(
    'tr',
    { class: 'total', 'data-total': key },
    element('th', { scope: 'row' }, name),
    ...LABELS.map((label) => cell(label, values[label], null)),
  );
}

/**
 * @param {Label} label
 * @param {number} value
 * @param {HTMLElement | null} bar
 */
function cell(label, value, bar) {
  return element('td', { class: 'number', 'data-label': label, 'data-value': value }, signed(value), bar);
}

/**
 * A bar that runs from the middle, to the right for plus and to the left for minus.
 * @param {number} value
 * @param {number} scale
 */
function bar(value, scale) {
  const fill = element('span', { class: value < 0 ? 'fill minus' : 'fill plus' });
  fill.style.width = `${(50 * Math.abs(value)) / scale}%`;
  return element('span', { class: 'diverging', 'aria-hidden': 'true' }, fill);
}

/** @param {PerLabel[]} rows */
function largest(rows) {
  return Math.max(...rows.flatMap((row) => LABELS.map((label) => Math.abs(row[label]))), Number.MIN_VALUE);
}

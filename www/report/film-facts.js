// Facts about a film that the page shows in more than one place. They are read from its report, never computed.

/**
 * @typedef {import('./types.js').Film} Film
 * @typedef {import('./types.js').Label} Label
 * @typedef {import('./types.js').PerLabel} PerLabel
 * @typedef {import('./types.js').Report} Report
 * @typedef {Label | 'not_normal' | 'uncertain' | 'refused' | 'unread' | 'waiting'} Category
 */

export const LABELS = /** @type {Label[]} */ (['covid19', 'normal', 'pneumonia']);

/** Every film is in one of these. @type {Category[]} */
export const CATEGORIES = [...LABELS, 'not_normal', 'uncertain', 'refused', 'unread', 'waiting'];

/** @param {Film} film @returns {Category} */
export function category({ state, report }) {
  if (state === 'waiting' || state === 'reading') return 'waiting';
  if (state !== 'done' || !report) return 'unread';
  if (isNotNormalAlone(report)) return 'not_normal';
  const verdict = /** @type {Category} */ (report.verdict);
  return CATEGORIES.includes(verdict) ? verdict : 'unread';
}

/** Whether the report says only that the film is not normal, and names no class. @param {Report} report */
function isNotNormalAlone({ finding, verdict }) {
  return finding === 'not_normal' && verdict === 'uncertain';
}

/** The calibrated probability of the answer; null without one. @param {Film} film */
export function answerProbability({ report }) {
  return report && saidProbability(report);
}

/**
 * The probability of the named class, or of not being normal where no class is named.
 * @param {Report} report
 * @returns {number | null}
 */
export function saidProbability(report) {
  if (isNotNormalAlone(report)) return report.abnormal;
  return report.probabilities?.[/** @type {Label} */ (report.verdict)] ?? null;
}

/**
 * Whether another model read the film: the figures of the model in use then say nothing about the result.
 * @param {Film} film
 * @param {import('./types.js').Model | null} model in use; null while it is not loaded, when nobody can tell
 */
export function isOfAnotherModel({ imported, report }, model) {
  if (model === null || (imported === null && !report?.model)) return false;
  return report?.model?.sha256 !== model.sha256;
}

/** A model as files name it. @param {import('./types.js').ModelId} model @returns {import('./types.js').ModelId} */
export function modelId({ version, sha256, own }) {
  return own ? { version, sha256, own } : { version, sha256 };
}

/** The class with the largest value. @param {PerLabel} values */
export function mostProbable(values) {
  return LABELS.reduce((best, label) => (values[label] > values[best] ? label : best));
}

/**
 * How much of a picture lies outside the film that was read, in shares of its width and height. Less than a thousandth counts as 0.
 * @param {import('./types.js').Frame} frame
 */
export function cutShares({ left, top, width, height }) {
  const cut = { left, right: 1 - left - width, top, bottom: 1 - top - height };
  return /** @type {typeof cut} */ (Object.fromEntries(Object.entries(cut).map(([side, share]) => [side, share < 0.001 ? 0 : share])));
}

/** One reader's answer; null for a refused film. @param {Report | null} report @param {'convnet' | 'texture'} reader */
export function readerAnswer(report, reader) {
  return report && report.verdict !== 'refused' ? (report.readers?.[reader] ?? null) : null;
}

// What the report says, in sentences: the one that says it all, on screen and to a screen reader, then reasons and warnings.

import { saidProbability } from '../report/film-facts.js';
import { percent } from '../text/format.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {{kind: string, sentence: string}} Said
 */

/** @param {Report} report */
export function verdictSentence(report) {
  const { finding, verdict } = report;
  if (!verdict) return messages.result.noVerdict;
  const value = saidProbability(report);
  return messages.result.verdict({ finding, verdict }, value === null ? null : percent(value));
}

/**
 * Why the film is refused, or why no class is named.
 * @param {Report} report
 * @returns {Said[]}
 */
export function reasonsOf(report) {
  const all = [...(report.gate?.reasons ?? []), ...(report.abstentions ?? [])];
  return all.map((reason) => ({ kind: reason.kind, sentence: messages.result.reason(reason, report) }));
}

/**
 * Warnings about the film. Of one that is refused, those are left out that name what a reader answered.
 * @param {Report} report
 * @returns {Said[]}
 */
export function warningsOf(report) {
  return allWarnings(report).filter(({ kind }) => report.verdict !== 'refused' || !NAMES_ANSWERS.has(kind));
}

/** Those that are left out there. @param {Report} report @returns {Said[]} */
export function warningsOfAnswers(report) {
  return allWarnings(report).filter(({ kind }) => NAMES_ANSWERS.has(kind));
}

const NAMES_ANSWERS = new Set(['readers_disagree']);

/** @param {Report} report @returns {Said[]} */
function allWarnings(report) {
  return (report.warnings ?? []).map((warning) => ({ kind: warning.kind, sentence: messages.result.warning(warning, report) }));
}

// Puts a report into sentences: the verdict, for the screen and for screen readers, and the reasons and warnings.

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
 * The reasons for refusing the film or for naming no class.
 * @param {Report} report
 * @returns {Said[]}
 */
export function reasonsOf(report) {
  const all = [...(report.gate?.reasons ?? []), ...(report.abstentions ?? [])];
  return all.map((reason) => ({ kind: reason.kind, sentence: messages.result.reason(reason, report) }));
}

/**
 * Warnings about the film. For a refused film, warnings about the readers' answers are left out.
 * @param {Report} report
 * @returns {Said[]}
 */
export function warningsOf(report) {
  return allWarnings(report).filter(({ kind }) => report.verdict !== 'refused' || !NAMES_ANSWERS.has(kind));
}

/** The warnings about the readers' answers. @param {Report} report @returns {Said[]} */
export function warningsOfAnswers(report) {
  return allWarnings(report).filter(({ kind }) => NAMES_ANSWERS.has(kind));
}

const NAMES_ANSWERS = new Set(['readers_disagree']);

/** @param {Report} report @returns {Said[]} */
function allWarnings(report) {
  return (report.warnings ?? []).map((warning) => ({ kind: warning.kind, sentence: messages.result.warning(warning, report) }));
}

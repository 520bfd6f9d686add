// Which model read a film, and what that means for the answer: a model of somebody's own is named wherever its answers are.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';
import { unseenHospitals } from './evidence-view.js';

/**
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').ModelId} ModelId
 * @typedef {import('../report/types.js').Report} Report
 */

/** @param {ModelId} model */
export function modelName({ version, own }) {
  return own ? messages.ownModel.name(version) : messages.result.model(version);
}

/** Said of each answer of such a model; null of those of the page's own. @param {{model?: ModelId | null} | null} report */
export function ownModelLine(report) {
  return report?.model?.own ? element('p', { class: 'origin own-model' }, messages.ownModel.readBy(report.model)) : null;
}

/** The same of two films, with the figures of the model that read one of them. @param {(Report | null)[]} reports @param {Metrics | null} metrics */
export function cautionOfBoth(reports, metrics) {
  const judged = reports.filter((report) => report?.probabilities);
  const report = (metrics ? null : judged.find((report) => report?.model?.own)) ?? judged[0];
  return report ? cautionOf(report, metrics) : messages.worth.caution(undefined);
}

/** How far the answer can be relied on. @param {Report} report @param {Metrics | null} metrics of the model that gave it */
export function cautionOf(report, metrics) {
  // Of a film that is refused no more than that: there is no answer whose worth could be told.
  const unseen = report.probabilities ? unseenHospitals(metrics) : undefined;
  const caution = messages.worth.caution(unseen);
  return report.model?.own && report.probabilities && !unseen ? `${messages.ownModel.unknown} ${caution}` : caution;
}

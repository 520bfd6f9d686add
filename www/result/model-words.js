// Says which model read a film and what that means for the answer. A user's own model is named wherever its answers are shown.

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

/** The line for answers of a user's own model; null for the page's model. @param {{model?: ModelId | null} | null} report */
export function ownModelLine(report) {
  return report?.model?.own ? element('p', { class: 'origin own-model' }, messages.ownModel.readBy(report.model)) : null;
}

/** The caution for two films, with the figures of the model that read one of them. @param {(Report | null)[]} reports @param {Metrics | null} metrics */
export function cautionOfBoth(reports, metrics) {
  const judged = reports.filter((report) => report?.probabilities);
  const report = (metrics ? null : judged.find((report) => report?.model?.own)) ?? judged[0];
  return report ? cautionOf(report, metrics) : messages.worth.caution(undefined);
}

/** How far the answer can be relied on. @param {Report} report @param {Metrics | null} metrics of the model that gave it */
export function cautionOf(report, metrics) {
  // A refused film has no answer, and so no figures about answers.
  const unseen = report.probabilities ? unseenHospitals(metrics) : undefined;
  const caution = messages.worth.caution(unseen);
  return report.model?.own && report.probabilities && !unseen ? `${messages.ownModel.unknown} ${caution}` : caution;
}

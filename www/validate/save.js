// Saves a validation in two files: one row per film, and all figures. File names are included only on request; patients get running
// numbers, whatever the table calls them.

import { includesNames } from '../ui/choices.js';
import { chosenCsv } from '../exchange/export-dialog.js';
import { toCsv } from '../exchange/export.js';
import { PROGRAM } from '../exchange/program.js';
import { saveFile } from '../exchange/save-file.js';
import { modelId } from '../report/film-facts.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('./validation.js').Answer} Answer
 * @typedef {import('./validation.js').Plan} Plan
 */

export const SCHEMA = 'covid-classifier-validation/1';

/**
 * @param {Plan} plan
 * @param {Film[]} films all films of the page, which number them
 * @param {Model | null} model
 */
export function saveFilms(plan, films, model) {
  const now = new Date();
  return saveFile(() => rows(plan, films, model, now), 'text/csv;charset=utf-8', fileName('films', now, 'csv'));
}

/** @param {Answer} answer @param {Plan} plan @param {Model | null} model */
export function saveFigures(answer, plan, model) {
  const now = new Date();
  return saveFile(() => [`${JSON.stringify(figures(answer, plan, model, now), null, 1)}\n`], 'application/json', fileName('figures', now, 'json'));
}

/** @param {Plan} plan @param {Film[]} films @param {Model | null} model @param {Date} now */
function rows(plan, films, model, now) {
  const planned = new Map(plan.films.map((one) => [one.film, one]));
  const reasons = new Map(plan.without.map(({ film, why }) => [film, why]));
  /** @type {Map<string, number>} */
  const patients = new Map();
  for (const { patient } of plan.films) if (patient && !patients.has(patient)) patients.set(patient, patients.size + 1);
  const all = films.flatMap((film, index) => (planned.has(film) || reasons.has(film) ? [{ film, number: index + 1 }] : []));
  return toCsv(all, {
    withNames: includesNames(),
    now,
    model,
    csv: chosenCsv(),
    more: [
      ['label', (film) => planned.get(film)?.label],
      ['label_as_written', (film) => planned.get(film)?.spelling],
      ['left_out', (film) => reasons.get(film) ?? (planned.get(film)?.label ? null : 'label_left_out')],
      ['patient_number', (film) => patients.get(planned.get(film)?.patient ?? '')],
    ],
  });
}

/** @param {Answer} answer @param {Plan} plan @param {Model | null} model @param {Date} now */
function figures({ validation, counts }, plan, model, now) {
  return {
    schema: SCHEMA,
    exported_at: now.toISOString(),
    program: PROGRAM,
    model: model && modelId(model),
    labels: Object.fromEntries(plan.meanings),
    films: counts,
    figures: validation,
  };
}

/** @param {string} what @param {Date} now @param {string} ending */
function fileName(what, now, ending) {
  return `covid-classifier-validation-${what}-${now.toISOString().slice(0, 19).replaceAll(':', '')}Z.${ending}`;
}

// A comparison as a sheet to print.

import { includesNames } from '../ui/choices.js';
import { element } from '../ui/dom.js';
import { programName } from '../exchange/export.js';
import { paperFigure } from '../result/print-view.js';
import { cautionOfBoth, modelName, ownModelLine } from '../result/model-words.js';
import { verdictSentence } from '../result/verdict-sentence.js';
import { messages } from '../text/messages.js';
import { areOfDifferentModels, numbersTable } from './numbers.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../viewer/viewer.js').Viewer} Viewer
 */

/**
 * @param {[Film, Film]} films
 * @param {[Viewer, Viewer]} viewers
 * @param {{metrics: import('../report/types.js').Metrics | null, films: Film[]}} page the figures of its model, and all of its films, which
 * number them
 */
export function comparisonSheet(films, viewers, page) {
  const { compare, print, result, samples } = messages;
  const name = (/** @type {Film} */ film) => print.film(includesNames() && film.imported?.isNamed !== false ? film.name : null, page.films.indexOf(film) + 1);
  const models = new Set(films.flatMap(({ report }) => (report?.model ? [`${modelName(report.model)}, ${result.sha256} ${report.model.sha256}`] : [])));
  const figures = films.flatMap((film, index) => {
    const { pictures, shownOverlay: overlay } = viewers[index];
    if (!pictures || !film.report) return [];
    const label = overlay === 'off' ? null : overlay;
    return [paperFigure(pictures, label, film.report, compare.paper(SIDES[index], label ?? 'off'))];
  });
  return element(
    'section',
    { id: 'sheet', class: 'sheet', 'aria-label': compare.title },
    element(
      'header',
      { class: 'sheet-head' },
      element('div', {}, element('p', { class: 'sheet-title' }, compare.sheetTitle), element('p', {}, print.caution)),
      element('p', { class: 'sheet-date' }, print.printed(new Date())),
    ),
    ...films.map((film, index) =>
      element(
        'div',
        {},
        element('h2', {}, `${compare.film(SIDES[index])}: ${name(film)}`),
        element('p', {}, sentenceOf(film)),
        film.isSynthetic ? element('p', {}, samples.notice) : null,
        film.imported && element('p', {}, messages.import.notice(film.imported)),
        ownModelLine(film.report),
      ),
    ),
    element(
      'p',
      { class: 'sheet-worth' },
      cautionOfBoth(
        films.map(({ report }) => report),
        page.metrics,
      ),
    ),
    figures.length > 0 ? element('div', { class: 'sheet-films' }, ...figures) : null,
    numbersTable(films),
    element('p', {}, compare.note),
    areOfDifferentModels(films) ? element('p', {}, compare.otherModels) : null,
    element('footer', { class: 'sheet-foot' }, element('p', {}, [...models, programName()].join(' · '))),
  );
}

export const SIDES = /** @type {const} */ (['A', 'B']);

/** One line about a film. @param {Film} film */
export function sentenceOf({ state, report, failure }) {
  if (state === 'done' && report) return verdictSentence(report);
  if (state === 'failed' && failure) return messages.result.failed(failure) || failure.message;
  return messages.film.states[state];
}

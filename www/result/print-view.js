// Puts one film's result on one sheet, for the browser to print or save as PDF. The sheet is made when somebody prints, by the button or
// the browser's menu, and removed afterwards.

import { button } from '../ui/button.js';
import { includesNames, namesBox } from '../ui/choices.js';
import { element } from '../ui/dom.js';
import { evidenceRows, worstRows } from './evidence-view.js';
import { programName } from '../exchange/export.js';
import { LABELS } from '../report/film-facts.js';
import { percent, percentInterval, probability, score, scoreInterval } from '../text/format.js';
import { grayCanvas } from '../viewer/gray.js';
import { messages } from '../text/messages.js';
import { cautionOf, modelName, ownModelLine } from './model-words.js';
import { reasonsOf, verdictSentence, warningsOf } from './verdict-sentence.js';
import { drawCut, drawMap, drawOutline, paint, pictureCanvas, wholeFilm } from '../viewer/draw.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').PerLabel} PerLabel
 * @typedef {import('../report/types.js').Pictures} Pictures
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {object} Sheet
 * @property {Film} film
 * @property {number} number among all films
 * @property {Metrics | null} metrics of the model that read it
 * @property {boolean} isOfAnotherModel another model read the film, so the page's figures do not apply
 */

/** Longer side of a printed picture, in pixels: about 300 dots per inch at 8 cm. */
const SIDE = 1000;
const MAP_OPACITY = 0.75;
/** At most this many fit on one sheet; the rest are counted. */
const MOST_REASONS = 4;
const MOST_FIGURES = 4;

/** Pictures of the film that is selected. @type {{film: Film, pictures: Pictures | null} | null} */
let ready = null;

/**
 * Lets the browser print the sheet of what is shown: of the selected film, if it has been read, or another sheet.
 * @param {() => Sheet | HTMLElement | null} shown
 */
export function listenForPrint(shown) {
  window.addEventListener('beforeprint', () => {
    document.getElementById('sheet')?.remove();
    const sheet = shown();
    if (sheet instanceof HTMLElement) document.body.append(sheet);
    else if (sheet?.film.state === 'done' && sheet.film.report) document.body.append(sheetOf(sheet, sheet.film.report));
  });
  window.addEventListener('afterprint', () => document.getElementById('sheet')?.remove());
}

/** The print button and the box that puts the film's name on the sheet. */
export function printActions() {
  const print = button('quiet', messages.print.button, () => window.print());
  return element('p', { class: 'print-actions' }, print, namesBox(messages.print.names));
}

/**
 * Sets the pictures for the sheet once they are there; printing does not wait for them.
 * @param {Film} film
 * @param {Pictures | null} pictures
 */
export function keepPrintPictures(film, pictures) {
  ready = { film, pictures };
}

/** Drops the pictures of every other film. @param {Film | null} film */
export function dropPrintPictures(film) {
  if (ready?.film !== film) ready = null;
}

/** @param {Sheet} sheet @param {Report} report */
function sheetOf({ film, number, metrics, isOfAnotherModel }, report) {
  const { print } = messages;
  const { readers } = report;
  // No answer is printed for a refused film.
  const isRefused = report.verdict === 'refused';
  const isNamed = includesNames() && film.imported?.isNamed !== false;
  const [reasons, warnings] = [reasonsOf(report), warningsOf(report)].map((all) => all.map(({ sentence }) => sentence));
  return element(
    'section',
    { id: 'sheet', class: 'sheet', 'aria-label': print.title },
    element(
      'header',
      { class: 'sheet-head' },
      element('div', {}, element('p', { class: 'sheet-title' }, print.title), element('p', {}, print.caution)),
      element('p', { class: 'sheet-date' }, print.film(isNamed ? film.name : null, number), element('br'), print.printed(new Date())),
    ),
    film.isSynthetic ? element('p', {}, messages.samples.notice) : null,
    film.imported && element('p', {}, messages.import.notice(film.imported)),
    ownModelLine(report),
    element('h1', {}, verdictSentence(report)),
    points('sheet-reasons', reasons),
    element('p', { class: 'sheet-worth' }, cautionOf(report, metrics)),
    picturesOf(film, report),
    readers && !isRefused ? numbers(readers, report) : null,
    warnings.length > 0 ? element('div', {}, element('h2', {}, messages.result.warningsTitle), points('', warnings)) : null,
    evidence(report, metrics, isOfAnotherModel),
    element('footer', { class: 'sheet-foot' }, ...facts(report, film).map((line) => element('p', {}, line))),
  );
}

/** @param {string} name @param {string[]} all */
function points(name, all) {
  if (all.length === 0) return null;
  const shown = all.length > MOST_REASONS ? [...all.slice(0, MOST_REASONS - 1), messages.print.more(all.length - MOST_REASONS + 1)] : all;
  return element('ul', { class: name }, ...shown.map((text) => element('li', {}, text)));
}

/** @param {NonNullable<Report['readers']>} readers @param {Report} report */
function numbers(readers, { abnormal, probabilities }) {
  const { names, remarks } = messages.readers;
  const calibrated = typeof abnormal === 'number' ? `${remarks.verdict}; ${messages.print.abnormal(probability(abnormal))}` : remarks.verdict;
  const row = (/** @type {string} */ name, /** @type {string} */ remark, /** @type {PerLabel} */ values) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name, element('span', { class: 'sheet-minor' }, remark)),
      ...LABELS.map((label) => element('td', {}, probability(values[label]))),
    );
  const heads = [messages.readers.head, ...LABELS.map((label) => messages.labels[label])];
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
    element(
      'tbody',
      {},
      probabilities ? row(names.verdict, calibrated, probabilities) : null,
      row(names.convnet, remarks.convnet, readers.convnet),
      row(names.texture, remarks.texture, readers.texture),
    ),
  );
}

/** @param {Report} report @param {Metrics | null} metrics @param {boolean} isOfAnotherModel */
function evidence({ verdict, model }, metrics, isOfAnotherModel) {
  // A refused film has no verdict to measure.
  if (verdict === 'refused') return null;
  const { noFigures } = model?.own ? messages.ownModel : messages.worth;
  if (!metrics?.verdict) return element('p', {}, isOfAnotherModel ? messages.import.otherModel : noFigures);
  const rows = [...worstRows(metrics.verdict), ...evidenceRows(verdict, metrics.verdict)].slice(0, MOST_FIGURES);
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...[messages.evidence.title, messages.worth.films, messages.worth.value, messages.worth.interval].map((head) => element('th', { scope: 'col' }, head)),
      ),
    ),
    element(
      'tbody',
      {},
      ...rows.flatMap(({ what, remark, estimates: [estimate], isAuc }) =>
        estimate
          ? [
              element(
                'tr',
                {},
                element('th', { scope: 'row' }, what, element('span', { class: 'sheet-minor' }, remark)),
                element('td', {}, String(estimate.n)),
                element('td', {}, isAuc ? score(estimate.value) : percent(estimate.value)),
                element('td', {}, isAuc ? scoreInterval(estimate) : percentInterval(estimate)),
              ),
            ]
          : [],
      ),
    ),
  );
}

/** @param {Report} report @param {Film} film @returns {string[]} */
function facts({ film: picture, frame, read_as, lungs, gate, elapsed_ms, backend, adapter, model }, { imported }) {
  const { result, film, compute } = messages;
  const about = [
    picture && `${result.aboutFilm}: ${film.facts(picture)}`,
    frame && messages.viewer.cutOff(frame),
    read_as && messages.readAs.was(read_as),
    gate && `${result.aboutGate}: ${result.gate(gate)}`,
    lungs && `${result.aboutLungs}: ${result.lungs(lungs)}`,
  ];
  const how = [
    elapsed_ms && result.elapsed(elapsed_ms.total),
    backend && `${result.aboutBackend}: ${compute.named(backend, adapter)}`,
    imported?.program ?? programName(),
  ];
  return [about, how, [model && `${modelName(model)}, ${result.sha256} ${model.sha256}`]].map((parts) => parts.filter(Boolean).join(' · ')).filter(Boolean);
}

/**
 * The film, and beside it the film under the map of what speaks for the answer; the thumbnail where the pictures are missing.
 * @param {Film} film
 * @param {Report} report
 */
function picturesOf(film, report) {
  const pictures = ready?.film === film ? ready.pictures : null;
  if (!pictures) {
    if (!film.thumbnail) return null;
    return element('div', { class: 'sheet-films' }, figure(grayCanvas(film.thumbnail), messages.print.asRead));
  }
  const label = report.verdict === 'refused' ? null : report.activation?.label;
  return element(
    'div',
    { class: 'sheet-films' },
    figure(draw(pictures, null, report), messages.print.asRead),
    label && pictures.activation ? figure(draw(pictures, label, report), messages.print.where(label, report.activation?.inside_lungs ?? null)) : null,
  );
}

/** @param {HTMLCanvasElement} canvas @param {string} caption */
function figure(canvas, caption) {
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', caption);
  return element('figure', {}, canvas, element('figcaption', {}, caption));
}

/**
 * The film for paper, with a class's map over it if a label is given.
 * @param {Pictures} pictures
 * @param {import('../report/types.js').Label | null} label
 * @param {Report} report
 * @param {string} caption
 */
export function paperFigure(pictures, label, report, caption) {
  return figure(draw(pictures, label, report), caption);
}

/**
 * @param {Pictures} pictures
 * @param {import('../report/types.js').Label | null} label the class whose map lies over the film
 * @param {Report} report
 */
function draw({ film, activation, outline }, label, { frame }) {
  const { canvas, place } = wholeFilm(film, SIDE);
  paint(canvas, place, film);
  const context = canvas.getContext('2d');
  if (context && frame) drawCut(context, place, frame, 2);
  if (!context || !label || !activation) return canvas;
  drawMap(context, place, pictureCanvas(activation[label]), MAP_OPACITY);
  if (outline) drawOutline(context, place, outline, 2);
  return canvas;
}

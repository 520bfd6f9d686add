// The views of <xray-classifier>: no film yet, a film being read, its result, or why there is none.

import { detail } from '../result/detail-view.js';
import { element } from '../ui/dom.js';
import { cautionOf, ownModelLine } from '../result/model-words.js';
import { LABELS } from '../report/film-facts.js';
import { probability } from '../text/format.js';
import { grayCanvas } from '../viewer/gray.js';
import { messages } from '../text/messages.js';
import { reasonsOf, verdictSentence, warningsOf } from '../result/verdict-sentence.js';
import { filmCanvas, mapCanvas } from './picture.js';

/**
 * @typedef {import('../reader/classifier.js').ClassifierError} ClassifierError
 * @typedef {import('../reader/classifier.js').Result} Result
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').PerLabel} PerLabel
 */

/** A film, and an arrow into it. 24 × 24. */
const MARK = ['M4.5 3.5h15a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1Z', 'M12 7.5v8', 'm8.5 12 3.5 3.5 3.5-3.5'];

export function emptyView() {
  return [
    mark(),
    element('p', { class: 'title', part: 'title' }, messages.embed.title),
    element('p', { class: 'hint' }, messages.embed.hint),
    element('p', { class: 'hint' }, messages.embed.research),
  ];
}

/**
 * @param {string} name
 * @param {string} sentence
 * @param {{done: number, of: number}} [progress] where it can be counted
 */
export function busyView(name, sentence, progress) {
  const bar = progress
    ? element('progress', { max: progress.of, value: progress.done, 'aria-labelledby': 'sentence' })
    : element('div', { class: 'busy', 'aria-hidden': 'true' });
  return [element('p', { class: 'name' }, name), element('p', { class: 'title', part: 'title', id: 'sentence' }, sentence), bar];
}

/**
 * @param {ClassifierError} error
 * @param {string | null} name of the film; null where the model failed before a film was given
 */
export function failureView(error, name) {
  const { kind, message } = error;
  const ofFilm = messages.result.failed(error);
  const more = ofFilm ? messages.result.failedDetail(error) : message;
  const isStart = name === null || !ofFilm;
  const sentence = ofFilm || messages.engine.failed(kind);
  return [
    element(
      'div',
      { class: 'error', part: 'error', 'data-error': kind },
      name === null ? null : element('p', { class: 'name' }, name),
      element('p', { class: 'title', part: 'title' }, isStart ? messages.engine.failedTitle : messages.result.failedTitle),
      element('p', {}, sentence),
      more ? detail(more) : null,
    ),
  ];
}

/**
 * @param {Result} result
 * @param {string} name
 * @param {Metrics | null} metrics
 */
export function resultView(result, name, metrics) {
  const { report } = result;
  return [
    element(
      'div',
      { class: 'result', part: 'result', 'data-verdict': report.verdict, 'data-finding': report.finding },
      element(
        'div',
        { class: 'head' },
        element('p', { class: 'name' }, name),
        element('p', { class: 'verdict', part: 'verdict' }, verdictSentence(report)),
        ownModelLine(report),
      ),
      filmFigure(result, name),
      element(
        'div',
        { class: 'rest' },
        sentences('reasons', null, reasonsOf(report)),
        report.probabilities ? probabilities(report.probabilities, report) : null,
        element(
          'p',
          { class: 'caution', part: 'caution' },
          element('strong', {}, messages.embed.research),
          report.probabilities ? ` ${cautionOf(report, metrics)}` : null,
        ),
        sentences('warnings', messages.result.warningsTitle, warningsOf(report)),
      ),
    ),
  ];
}

/**
 * Whether the film is normal first, then each class.
 * @param {PerLabel} values
 * @param {Result['report']} report
 */
function probabilities(values, { abnormal, finding, verdict }) {
  const rows = LABELS.map((label) => row(label, messages.labels[label], values[label], label === verdict));
  if (typeof abnormal === 'number') rows.unshift(row('abnormal', messages.result.abnormal, abnormal, finding === 'not_normal'));
  return element(
    'div',
    {},
    element('p', { class: 'part-title', id: 'probabilities' }, messages.result.probabilitiesTitle),
    element('dl', { class: 'probabilities', part: 'probabilities', 'aria-labelledby': 'probabilities' }, ...rows),
  );
}

/**
 * @param {string} key
 * @param {string} name
 * @param {number} value
 * @param {boolean} isAnswer
 */
function row(key, name, value, isAnswer) {
  const fill = element('span', { class: 'fill', part: isAnswer ? 'fill fill-answer' : 'fill' });
  fill.style.width = `${100 * value}%`;
  return element(
    'div',
    { class: 'probability', 'data-label': key, 'data-value': value, 'data-answer': isAnswer },
    element('dt', {}, name),
    element('dd', {}, element('span', { class: 'bar', part: 'bar', 'aria-hidden': 'true' }, fill), element('span', { class: 'value' }, probability(value))),
  );
}

/**
 * @param {'reasons' | 'warnings'} kind
 * @param {string | null} title
 * @param {import('../result/verdict-sentence.js').Said[]} all
 */
function sentences(kind, title, all) {
  if (all.length === 0) return null;
  const items = all.map(({ kind, sentence }) => element('li', { 'data-kind': kind }, sentence));
  return element('div', { class: kind, part: kind }, title === null ? null : element('p', { class: 'part-title' }, title), element('ul', {}, ...items));
}

/**
 * The film under the map of what speaks for the answer, which can be switched off; or whatever part of that there is.
 * @param {Result} result
 * @param {string} name
 */
function filmFigure({ pictures, thumbnail, report }, name) {
  const film = pictures ? filmCanvas(pictures) : thumbnail ? grayCanvas(thumbnail) : null;
  if (!film) return null;
  film.setAttribute('role', 'img');
  film.setAttribute('aria-label', messages.embed.filmPicture(name));
  const label = report.activation?.label;
  const map = pictures ? mapCanvas(pictures, label) : null;
  map?.setAttribute('aria-hidden', 'true');
  return element(
    'figure',
    { class: 'film', part: 'film' },
    element('div', { class: 'layers' }, film, map),
    map && label
      ? caption(map, messages.embed.where(label), messages.embed.whereCaption(label, report.activation?.inside_lungs ?? null), report.verdict !== 'refused')
      : null,
  );
}

/**
 * @param {HTMLElement} map
 * @param {string} title
 * @param {string} sentence
 * @param {boolean} isShown at first
 */
function caption(map, title, sentence, isShown) {
  const choice = element('input', { type: 'checkbox', checked: isShown });
  const legend = element('p', {}, sentence);
  const show = () => (map.hidden = legend.hidden = !choice.checked);
  show();
  choice.addEventListener('change', show);
  return element('figcaption', {}, element('label', { class: 'toggle' }, choice, element('span', {}, title)), legend);
}

function mark() {
  const svg = (/** @type {string} */ tag, /** @type {Record<string, string>} */ attributes) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const mark = svg('svg', {
    class: 'mark',
    viewBox: '0 0 24 24',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '1.5',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  });
  mark.append(...MARK.map((d) => svg('path', { d })));
  return mark;
}

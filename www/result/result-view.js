// Shows one film's result: the sentence first, then the probabilities, the readers, the film, the figures about the verdict, and why.

import { tableHead } from '../ui/table-head.js';
import { button } from '../ui/button.js';
import { detail } from './detail-view.js';
import { element } from '../ui/dom.js';
import { evidenceView } from './evidence-view.js';
import { isOfAnotherModel, LABELS, mostProbable } from '../report/film-facts.js';
import { probability } from '../text/format.js';
import { unknownView } from './hospitals-view.js';
import { messages } from '../text/messages.js';
import { cautionOf, modelName, ownModelLine } from './model-words.js';
import { printActions } from './print-view.js';
import { isWorthAnotherTry } from '../films/queue.js';
import { tagsView } from './tags-view.js';
import { reasonsOf, verdictSentence, warningsOf, warningsOfAnswers } from './verdict-sentence.js';
import { whyView } from './why-view.js';
import { worthView } from './worth-view.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('../report/types.js').PerLabel} PerLabel
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {import('../report/types.js').ReadAs} ReadAs
 * @typedef {import('../viewer/viewer.js').Viewer} Viewer
 * @typedef {object} Context
 * @property {Model | null} model
 * @property {Metrics | null} metrics
 * @property {Viewer} viewer
 * @property {(film: Film) => void} retry
 * @property {(film: Film) => void} readAgain by the model in use
 * @property {(film: Film, readAs: ReadAs) => void} readAs
 * @property {(film: Film) => void} readAsStored
 * @property {() => void} choose another file
 * @property {(film: Film) => void} compare
 * @property {(film: Film) => Promise<import('../report/types.js').DicomTag[]>} tagsOf
 */

/**
 * @param {Film} film
 * @param {Context} context
 * @returns {HTMLElement[]}
 */
export function resultView(film, context) {
  const { model, retry } = context;
  const report = film.report;
  if (film.state === 'done' && report) return done(film, report, context);
  if (film.state === 'failed' && film.failure) return failed(film, context);
  if (film.state === 'cancelled') return cancelled(film, retry);
  const busy = film.state === 'reading' ? element('div', { class: 'busy', 'aria-hidden': 'true' }) : null;
  const sentence = film.state === 'reading' ? messages.result.reading : model ? messages.result.waiting : messages.result.waitingForEngine;
  return [element('header', { class: 'verdict' }, heading(film, sentence), busy), context.viewer.expect(film)];
}

/**
 * @param {Film} film
 * @param {Report} report
 * @param {Context} context
 */
function done(film, report, context) {
  const { model, metrics, viewer, tagsOf } = context;
  const { probabilities, finding, verdict, explanation, readers } = report;
  const isRefused = verdict === 'refused';
  const why = explanation && readers ? whyView(explanation, mostProbable(readers.texture)) : null;
  const parts = [
    element(
      'header',
      { class: 'verdict', 'data-verdict': verdict, 'data-finding': finding },
      heading(film, verdictSentence(report)),
      altered(film, context),
      reasons(report),
      remedies(film, report, context),
      probabilities ? element('p', { class: 'caution' }, cautionOf(report, metrics)) : null,
    ),
    viewer.show(film, report),
    element(
      'div',
      { class: 'answers' },
      probabilities ? outputs(probabilities, report) : null,
      readers && !isRefused ? readersTable(readers, probabilities) : null,
      warnings(film, report, context),
      probabilities ? unknownView(isOfAnotherModel(film, model) ? null : metrics) : null,
      actions(film, context),
    ),
    about(report, report.film?.format === 'dicom' && film.file ? tagsView(film, tagsOf) : null),
    // A refused film gets no figures: they are about answers.
    ...(probabilities ? worthOf(film, verdict, context) : []),
    readers && isRefused ? answersAllTheSame(readersTable(readers, null), why, report) : why,
  ];
  return parts.filter((part) => part !== null);
}

/**
 * The readers' answers for a refused film, folded away for whoever asks.
 * @param {HTMLElement} readers
 * @param {HTMLElement | null} why
 * @param {Report} report
 */
function answersAllTheSame(readers, why, report) {
  const { title, note } = messages.result.refusedAnswers;
  return element(
    'details',
    { class: 'refused-answers' },
    element('summary', {}, title),
    element('p', { class: 'note' }, note),
    readers,
    ...warningsOfAnswers(report).map(({ kind, sentence }) => element('p', { 'data-warning': kind }, sentence)),
    why,
  );
}

/**
 * How good such answers are.
 * @param {Film} film
 * @param {Report['verdict']} verdict
 * @param {Context} context
 */
function worthOf(film, verdict, { model, metrics, readAgain }) {
  if (isOfAnotherModel(film, model)) return [otherModel(film, readAgain)];
  return [evidenceView(verdict, metrics, film.report?.model?.own === true), model && worthView(model, metrics)];
}

/**
 * @param {Film} film
 * @param {Context} context
 */
function failed(film, context) {
  const { retry } = context;
  const failure = /** @type {import('../report/types.js').Failure} */ (film.failure);
  const again = isWorthAnotherTry(film) ? button('primary', messages.result.retry, () => retry(film)) : null;
  const sentence = messages.result.failed(failure);
  const more = sentence && messages.result.failedDetail(failure);
  return [
    element(
      'div',
      { class: 'notice error', 'data-error': failure.kind },
      heading(film, messages.result.failedTitle),
      element('p', {}, sentence || failure.message),
      more ? detail(more) : null,
      film.before ? wayBack(film, context) : null,
      element('p', { class: 'actions remedies' }, again, film.file ? chooser(context, !again) : null),
    ),
  ];
}

/**
 * @param {Film} film
 * @param {(film: Film) => void} retry
 */
function cancelled(film, retry) {
  const read = button('primary', messages.result.readCancelled, () => retry(film));
  return [
    element(
      'div',
      { class: 'notice' },
      heading(film, messages.result.cancelledTitle),
      element('p', {}, messages.result.cancelled),
      element('p', { class: 'actions' }, read),
    ),
  ];
}

/**
 * @param {Film} film
 * @param {string} sentence
 */
function heading(film, sentence) {
  const elapsed = film.report?.elapsed_ms;
  return element(
    'div',
    { class: 'heading' },
    element('p', { class: 'file-name' }, film.name, elapsed ? element('span', { class: 'elapsed' }, messages.result.elapsed(elapsed.total)) : null),
    element('h2', { id: 'result-title', tabindex: -1 }, sentence),
    film.isSynthetic ? element('p', { class: 'origin synthetic' }, messages.samples.notice) : null,
    film.imported && element('p', { class: 'origin imported' }, messages.import.notice(film.imported)),
    ownModelLine(film.report),
  );
}

/** Buttons for the result. @param {Film} film @param {Context} context */
function actions(film, { compare }) {
  const other = button('quiet', messages.compare.button, () => compare(film));
  other.id = 'compare-with';
  return element('div', { class: 'result-actions' }, other, printActions());
}

/** @param {Film} film @param {Context['readAgain']} readAgain */
function otherModel(film, readAgain) {
  const again = film.file && button('quiet', messages.ownModel.again(1), () => readAgain(film));
  if (again) again.dataset.readAgain = '';
  return element(
    'section',
    { class: 'evidence', 'aria-labelledby': 'evidence-title' },
    element('h3', { id: 'evidence-title' }, messages.evidence.title),
    element('p', {}, film.file ? messages.ownModel.otherModel : messages.import.otherModel),
    again && element('p', { class: 'actions' }, again),
  );
}

/**
 * The probabilities: first of being not normal, then of each class.
 * @param {PerLabel} probabilities
 * @param {Report} report
 */
export function outputs(probabilities, { abnormal, finding, verdict, model }) {
  const rows = LABELS.map((label) => output(label, messages.labels[label], probabilities[label], label === verdict));
  // An imported result may come from a version without this probability.
  const first = typeof abnormal === 'number' ? output('abnormal', messages.result.abnormal, abnormal, finding === 'not_normal') : null;
  return element(
    'section',
    { class: 'outputs', 'aria-labelledby': 'outputs-title' },
    element('h3', { id: 'outputs-title' }, messages.result.probabilitiesTitle),
    element('dl', {}, first, ...rows),
    first && element('p', { class: 'note levels' }, messages.result.levelsNote),
    element('p', { class: 'note' }, model?.own ? messages.ownModel.probabilitiesNote : messages.result.probabilitiesNote),
  );
}

/**
 * @param {string} key
 * @param {string} name
 * @param {number} value
 * @param {boolean} isAnswer
 */
function output(key, name, value, isAnswer) {
  const fill = element('span', { class: 'fill' });
  fill.style.width = `${100 * value}%`;
  return element(
    'div',
    { class: 'output', 'data-label': key, 'data-value': value, 'data-answer': String(isAnswer) },
    element('dt', {}, name),
    element('dd', {}, element('span', { class: 'bar', 'aria-hidden': 'true' }, fill), element('span', { class: 'value' }, probability(value))),
  );
}

/** @param {Report} report */
function reasons(report) {
  const all = reasonsOf(report);
  if (all.length === 0) return null;
  return element('ul', { class: 'reasons' }, ...all.map(({ kind, sentence }) => element('li', { 'data-reason': kind }, sentence)));
}

/** Says that the film was read turned, mirrored or inverted, and offers the way back. @param {Film} film @param {Context} context */
function altered(film, context) {
  const readAs = film.report?.read_as;
  if (!readAs && !film.before) return null;
  return element('p', { class: 'read-as' }, element('span', {}, messages.readAs.was(readAs ?? null)), film.before ? wayBack(film, context) : null);
}

/** @param {Film} film @param {Context} context */
function wayBack(film, { readAsStored }) {
  return button('quiet', messages.readAs.back, () => readAsStored(film));
}

/** A button that chooses another file. @param {Context} context @param {boolean} isFirst whether it is the first button */
function chooser({ choose }, isFirst) {
  const node = button(isFirst ? 'primary' : 'secondary', messages.readAs.choose, choose);
  node.dataset.remedy = 'choose';
  return node;
}

/** A button that reads the film again in this way. @param {Film} film @param {ReadAs} way @param {boolean} isFirst @param {Context} context */
function reader(film, way, isFirst, { readAs }) {
  const node = button(isFirst ? 'primary' : 'secondary', messages.readAs.read(way), () => readAs(film, way));
  node.dataset.readAs = JSON.stringify(way);
  return node;
}

/** Buttons that may help a refused film: read it in another way, or take another file. @param {Film} film @param {Report} report @param {Context} context */
function remedies(film, report, context) {
  /** @type {Map<string, ReadAs>} */
  const ways = new Map();
  const all = (report.gate?.reasons ?? []).flatMap((reason) => reason.remedies ?? []);
  for (const { read_as: way } of all) if (way) ways.set(JSON.stringify(way), way);
  if (!film.file || all.length === 0) return null;
  const buttons = [...ways.values()].map((way, index) => reader(film, way, index === 0, context));
  if (all.some((remedy) => !remedy.read_as)) buttons.push(chooser(context, buttons.length === 0));
  return element('p', { class: 'actions remedies' }, ...buttons);
}

/**
 * The answers of each reader and of both together.
 * @param {NonNullable<Report['readers']>} readers
 * @param {PerLabel | null} probabilities
 */
function readersTable(readers, probabilities) {
  const row = (/** @type {string} */ name, /** @type {string} */ remark, /** @type {PerLabel} */ values, /** @type {string} */ key) =>
    element(
      'tr',
      { 'data-reader': key },
      element('th', { scope: 'row' }, name, element('span', { class: 'minor' }, remark)),
      ...LABELS.map((label) => element('td', { class: 'number', 'data-label': label, 'data-value': values[label] }, probability(values[label]))),
    );
  const { names, remarks } = messages.readers;
  return element(
    'table',
    { class: 'readers' },
    element('caption', {}, messages.readers.title),
    tableHead(
      messages.readers.head,
      LABELS.map((label) => messages.labels[label]),
    ),
    element(
      'tbody',
      {},
      probabilities ? row(names.verdict, remarks.verdict, probabilities, 'verdict') : null,
      row(names.convnet, remarks.convnet, readers.convnet, 'convnet'),
      row(names.texture, remarks.texture, readers.texture, 'texture'),
    ),
  );
}

/** Offers to read a film mirrored whose left and right seem exchanged. @param {Film} film @param {Report} report @param {Context} context */
function unmirror(film, { read_as: now }, context) {
  if (!film.file) return null;
  const { quarter_turns = 0, mirrored = false, inverted = false } = now ?? {};
  return element('p', { class: 'actions' }, reader(film, { quarter_turns, mirrored: !mirrored, inverted }, false, context));
}

/** @param {Film} film @param {Report} report @param {Context} context */
function warnings(film, report, context) {
  const all = warningsOf(report);
  if (all.length === 0) return null;
  return element(
    'section',
    { class: 'warnings', 'aria-labelledby': 'warnings-title' },
    element('h3', { id: 'warnings-title' }, messages.result.warningsTitle),
    element(
      'ul',
      {},
      ...all.map(({ kind, sentence }) => element('li', { 'data-warning': kind }, sentence, kind === 'mirrored' ? unmirror(film, report, context) : null)),
    ),
  );
}

/** @param {Report} report @param {HTMLElement | null} tags the panel of DICOM tags */
function about({ film, frame, elapsed_ms, model, lungs, gate, backend, adapter }, tags) {
  /** @type {HTMLElement[]} */
  const rows = [];
  const row = (/** @type {string} */ name, /** @type {(Node | string)[]} */ ...value) =>
    rows.push(element('div', {}, element('dt', {}, name), element('dd', {}, ...value)));
  if (film) row(messages.result.aboutFilm, messages.film.facts(film), ...(frame ? [element('span', { class: 'minor' }, messages.viewer.cutOff(frame))] : []));
  if (lungs) row(messages.result.aboutLungs, messages.result.lungs(lungs));
  if (gate) row(messages.result.aboutGate, messages.result.gate(gate));
  if (elapsed_ms) {
    row(
      messages.result.aboutTime,
      element('span', { 'data-elapsed': elapsed_ms.total }, messages.result.elapsed(elapsed_ms.total)),
      element('span', { class: 'minor' }, messages.result.elapsedParts(elapsed_ms)),
    );
  }
  if (backend) {
    row(messages.result.aboutBackend, element('span', { 'data-backend': backend }, messages.compute.named(backend, adapter)));
  }
  if (model) {
    row(messages.result.aboutModel, modelName(model), element('span', { class: 'minor' }, `${messages.result.sha256} `, element('code', {}, model.sha256)));
  }
  return element(
    'section',
    { class: 'about', 'aria-labelledby': 'about-title' },
    element('h3', { id: 'about-title' }, messages.result.aboutTitle),
    element('dl', {}, ...rows),
    tags,
  );
}

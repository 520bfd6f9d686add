// Shows the results of a validation, on the screen and on paper. The worker counts every figure; this module only writes them.

import { tableHead } from '../ui/table-head.js';
import { includesNames, namesBox } from '../ui/choices.js';
import { element } from '../ui/dom.js';
import { LABELS } from '../report/film-facts.js';
import { programName } from '../exchange/export.js';
import { worstHospital } from '../result/hospitals-view.js';
import { percent, percentInterval, score, scoreInterval } from '../text/format.js';
import { modelName } from '../result/model-words.js';
import { messages } from '../text/messages.js';
import { button } from '../ui/button.js';
import { calibrationDiagram, riskDiagram } from './diagrams.js';

/**
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Scores} Scores
 * @typedef {import('./validation.js').Answer} Answer
 * @typedef {import('./validation.js').Planned} Planned
 * @typedef {{open: (film: Film) => void, saveFilms: () => void, saveFigures: () => void}} Actions
 * @typedef {{id: string, what: string, isAuc?: boolean, of: (scores: Scores) => Estimate | null | undefined}} Measure
 */

const SAID = /** @type {const} */ (['covid19', 'normal', 'pneumonia', 'uncertain', 'refused']);
/** The set of the model card to compare with: films of hospitals that the model never saw. */
const CARD_SET = 'external';
/** How many wrong films are listed at first. */
const FIRST = 50;

/** @param {Answer} answer @param {Metrics | null} metrics @param {Actions} actions */
export function answerView(answer, metrics, { open, saveFilms, saveFigures }) {
  const { save } = messages.validate;
  return [
    answer.isOwn ? element('p', { class: 'origin own-model' }, messages.ownModel.validated) : null,
    facts(answer),
    verdicts(answer),
    figures(answer, metrics),
    diagrams(answer),
    wrongList(answer.wrong, open),
    part(
      'save',
      save.title,
      element('p', { class: 'note' }, save.note),
      namesBox(save.names),
      element(
        'p',
        { class: 'actions' },
        button('quiet', save.csv, saveFilms),
        button('quiet', save.json, saveFigures),
        button('quiet', save.print, () => window.print()),
      ),
    ),
  ];
}

/**
 * The same for paper.
 * @param {Answer} answer
 * @param {Metrics | null} metrics
 * @param {import('../report/types.js').Model | null} model
 * @param {Film[]} films all films of the page, which number them
 */
export function answerSheet(answer, metrics, model, films) {
  const { print, validate } = messages;
  const name = (/** @type {Film} */ film) => print.film(includesNames() && film.imported?.isNamed !== false ? film.path : null, films.indexOf(film) + 1);
  const { title, lead, none } = validate.wrong;
  return element(
    'section',
    { id: 'sheet', class: 'sheet sheet-long', 'aria-label': validate.title },
    element(
      'header',
      { class: 'sheet-head' },
      element('div', {}, element('p', { class: 'sheet-title' }, messages.page.title), element('p', {}, print.caution)),
      element('p', { class: 'sheet-date' }, print.printed(new Date())),
    ),
    element('h1', {}, validate.title),
    answer.isOwn ? element('p', {}, messages.ownModel.validated) : null,
    facts(answer),
    verdicts(answer),
    figures(answer, metrics),
    diagrams(answer),
    part(
      'wrong',
      title(answer.wrong.length),
      element('p', {}, answer.wrong.length > 0 ? lead : none),
      element('ol', {}, ...answer.wrong.map((one) => element('li', {}, `${name(one.film)}: ${whatOf(one)}`))),
    ),
    element(
      'footer',
      { class: 'sheet-foot' },
      element('p', {}, [model && `${modelName(model)}, ${messages.result.sha256} ${model.sha256}`, programName()].filter(Boolean).join(' · ')),
    ),
  );
}

/** @param {string} id @param {string} title @param {...(Node | null)} content */
function part(id, title, ...content) {
  return element('section', { class: 'validate-part', 'data-part': id }, element('h3', {}, title), ...content);
}

/** @param {Answer} answer */
function facts({ validation, counts, areAllNamed }) {
  const { facts } = messages.validate;
  const fact = (/** @type {string} */ id, /** @type {string} */ what, /** @type {number} */ count, /** @type {string | null} */ more = null) =>
    element('div', { 'data-count': id }, element('dt', {}, what), element('dd', {}, String(count), more ? element('span', { class: 'minor' }, more) : null));
  const others = /** @type {const} */ ([
    ['cancelled', facts.cancelled],
    ['other_model', facts.otherModel],
    ['label_left_out', facts.leftOut],
    ['without_label', facts.without],
    ['rows_without_film', facts.rowsWithout],
  ]);
  return element(
    'div',
    { class: 'validate-part' },
    element(
      'dl',
      { class: 'validate-facts' },
      fact('counted', facts.films, counts.counted, facts.classes(validation.films)),
      fact('patients', facts.patients, validation.patients),
      fact('refused', facts.refused, counts.refused),
      fact('unread', facts.unread, counts.unread),
      ...others.filter(([id]) => counts[id] > 0).map(([id, what]) => fact(id, what, counts[id])),
    ),
    areAllNamed ? null : element('p', { class: 'note' }, facts.unnamed),
  );
}

/** @param {Answer} answer */
function verdicts({ validation }) {
  const { title, truth, said, all } = messages.validate.verdicts;
  return part(
    'verdicts',
    title,
    element(
      'div',
      { class: 'validate-scroll', tabindex: 0, role: 'group', 'aria-label': title },
      element(
        'table',
        { class: 'figures confusion' },
        tableHead(truth, [...SAID.map((one) => said[one]), all]),
        element(
          'tbody',
          {},
          ...LABELS.map((label, row) =>
            element(
              'tr',
              { 'data-label': label },
              element('th', { scope: 'row' }, messages.labels[label]),
              ...validation.verdicts[row].map((count, column) =>
                element('td', { class: `number${row === column ? ' right' : ''}`, 'data-said': SAID[column] }, String(count)),
              ),
              element('td', { class: 'number all' }, String(validation.films[label])),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @returns {Measure[]} */
function measures() {
  const { figures } = messages.validate;
  const { sensitivity, specificity } = messages.evidence;
  /** @type {[Label, Label][]} */
  const pairs = LABELS.flatMap((one, index) => LABELS.slice(index + 1).map((other) => /** @type {[Label, Label]} */ ([one, other])));
  return [
    ...LABELS.flatMap((label) => [
      { id: `sensitivity_${label}`, what: sensitivity(label), of: (/** @type {Scores} */ scores) => scores.sensitivity[label] },
      { id: `specificity_${label}`, what: specificity(label), of: (/** @type {Scores} */ scores) => scores.specificity[label] },
    ]),
    ...pairs.map(([one, other]) => ({
      id: `auc_${one}_${other}`,
      what: figures.pair(one, other),
      isAuc: true,
      of: (/** @type {Scores} */ scores) => scores.auc_of_pairs[`${one} against ${other}`],
    })),
    { id: 'accuracy', what: figures.accuracy, of: ({ accuracy }) => accuracy },
  ];
}

/** @param {Answer} answer @param {Metrics | null} metrics */
function figures({ validation, isOwn }, metrics) {
  const text = { ...messages.validate.figures, ...(isOwn ? messages.ownModel.figures : {}) };
  const reader = (/** @type {Scores['reader']} */ wanted) => validation.scores.find(({ reader }) => reader === wanted);
  const ours = reader('verdict');
  const set = metrics?.verdict?.sets.find(({ id }) => id === CARD_SET);
  const card = set?.scores.find(({ reader }) => reader === 'verdict');
  const row = (/** @type {Measure} */ { id, what, isAuc = false }, /** @type {(HTMLElement | null)[]} */ cells) =>
    element('tr', { 'data-figure': id, 'data-auc': isAuc }, element('th', { scope: 'row' }, what), ...cells);
  const rows = measures().map((measure) =>
    row(measure, [estimateCell(ours && measure.of(ours), measure.isAuc), set ? cardCell(card && measure.of(card), measure.isAuc) : null]),
  );
  const more = /** @type {const} */ ([
    ['accuracy_where_judged', text.judged],
    ['coverage', text.coverage],
  ]).map(([id, what]) => row({ id, what, of: () => null }, [estimateCell(validation[id]), set ? cardCell(null) : null]));
  return part(
    'figures',
    text.title,
    element('p', { class: 'note' }, text.basis),
    element('p', { class: 'note' }, set ? text.compared(messages.evidence.set(set), set.films) : text.noCard),
    table([text.here, ...(set ? [text.card] : [])], [...rows, ...more]),
    normalsLine(validation, isOwn ? null : metrics),
    element(
      'details',
      {},
      element('summary', {}, text.alone),
      table(
        [messages.readers.names.convnet, messages.readers.names.texture],
        measures().map((measure) => {
          const cells = /** @type {const} */ (['convnet', 'texture']).map((name) => {
            const scores = reader(name);
            return estimateCell(scores && measure.of(scores), measure.isAuc);
          });
          return row({ ...measure, id: `alone_${measure.id}` }, cells);
        }),
      ),
    ),
  );
}

/** @param {string[]} heads @param {HTMLElement[]} rows */
function table(heads, rows) {
  return element('table', { class: 'figures' }, tableHead(messages.validate.figures.what, heads), element('tbody', {}, ...rows));
}

/** @param {Estimate | null | undefined} estimate @param {boolean} [isAuc] */
function estimateCell(estimate, isAuc = false) {
  if (!estimate) return element('td', { class: 'number' }, element('span', { class: 'minor' }, messages.validate.figures.few));
  return element(
    'td',
    { class: 'number', 'data-n': estimate.n, 'data-value': estimate.value },
    isAuc ? score(estimate.value) : percent(estimate.value),
    element(
      'span',
      { class: 'minor' },
      `${isAuc ? scoreInterval(estimate) : percentInterval(estimate)}; `,
      element('span', { class: 'unbroken' }, `n = ${estimate.n}`),
    ),
  );
}

/** A figure of the model card, which does not give all of them. @param {Estimate | null | undefined} estimate @param {boolean} [isAuc] */
function cardCell(estimate, isAuc) {
  return estimate ? estimateCell(estimate, isAuc) : element('td', { class: 'number' }, '–');
}

/** The most harmful error: COVID-19 named on a normal film. @param {Answer['validation']} validation @param {Metrics | null} metrics */
function normalsLine({ films, verdicts }, metrics) {
  if (films.normal === 0) return null;
  const text = messages.validate.figures;
  const hospital = metrics?.verdict && worstHospital(metrics.verdict);
  const worst = hospital?.normals_named_covid19;
  const own = text.normalsNamed(verdicts[LABELS.indexOf('normal')][0], films.normal);
  const theirs = hospital && worst ? text.normalsWorst(messages.hospitals.name(hospital), `${percent(worst.value)} (${percentInterval(worst)})`, worst.n) : '';
  return element('p', {}, [own, theirs].filter(Boolean).join(' '));
}

/** @param {Answer} answer */
function diagrams({ validation }) {
  const { calibration, risk_coverage } = validation;
  if (!calibration && !risk_coverage) return null;
  return part(
    'diagrams',
    messages.validate.diagrams.title,
    element('div', { class: 'validate-diagrams' }, calibration ? calibrationDiagram(calibration) : null, risk_coverage ? riskDiagram(risk_coverage) : null),
  );
}

/** @param {Planned} planned */
function whatOf({ film: { report }, label }) {
  const said = /** @type {Label} */ (report?.verdict);
  return messages.validate.wrong.what(label ?? '', said, percent(report?.probabilities?.[said] ?? 0));
}

/** @param {Planned[]} wrong @param {(film: Film) => void} open */
function wrongList(wrong, open) {
  const text = messages.validate.wrong;
  if (wrong.length === 0) return part('wrong', text.title(0), element('p', {}, text.none));
  const list = element('ol', { class: 'validate-wrong' });
  const add = (/** @type {Planned[]} */ some) =>
    list.append(
      ...some.map((one) => {
        const name = element('span', { class: 'validate-wrong-name' }, one.film.path);
        const node = element('button', { type: 'button' }, name, element('span', { class: 'minor' }, whatOf(one)));
        node.addEventListener('click', () => open(one.film));
        return element('li', {}, node);
      }),
    );
  add(wrong.slice(0, FIRST));
  const more =
    wrong.length > FIRST
      ? button('quiet', text.all(wrong.length), () => {
          add(wrong.slice(FIRST));
          more?.remove();
          /** @type {HTMLElement | null} */ (list.children[FIRST].firstElementChild)?.focus();
        })
      : null;
  return part('wrong', text.title(wrong.length), element('p', { class: 'note' }, `${text.lead} ${text.open}`), list, more);
}

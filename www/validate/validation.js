// Validation on the user's labelled films, from the offer to the figures. The queue reads the films like any others. This module keeps
// their labels and, once all are read, has a worker count.

import { byId, element } from '../ui/dom.js';
import { isOfAnotherModel } from '../report/film-facts.js';
import { messages } from '../text/messages.js';
import { answerSheet, answerView } from './answer-view.js';
import { askForMeanings, explain } from './ask.js';
import { button } from '../ui/button.js';
import { labelsOf } from '../exchange/labels.js';
import { saveFigures, saveFilms } from './save.js';

/**
 * @typedef {import('../exchange/label-table.js').LabelTable} LabelTable
 * @typedef {import('../reader/classifier.js').Classifier} Classifier
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('../exchange/labels.js').Labels} Labels
 *
 * @typedef {object} Planned
 * @property {Film} film
 * @property {string} spelling
 * @property {string} patient
 * @property {Label | null} label null where films of this spelling are left out
 *
 * @typedef {object} Plan the validation that a person asked for
 * @property {Planned[]} films
 * @property {Labels['without']} without
 * @property {string[]} rowsWithout
 * @property {import('./ask.js').Meanings} meanings
 *
 * @typedef {object} Counts numbers of films; `rows_without_film` counts rows
 * @property {number} counted
 * @property {number} refused of the counted films
 * @property {number} unread
 * @property {number} cancelled
 * @property {number} other_model
 * @property {number} label_left_out
 * @property {number} without_label
 * @property {number} rows_without_film
 *
 * @typedef {object} Answer
 * @property {import('../report/types.js').Validation} validation
 * @property {Counts} counts
 * @property {Planned[]} wrong films for which another class was named; the surest first
 * @property {boolean} areAllNamed whether every film has a patient
 * @property {boolean} isOwn whether the user's own model read them
 *
 * @typedef {object} Events
 * @property {() => Film[]} films of the page
 * @property {() => LabelTable[]} tables that came in
 * @property {() => Promise<Classifier>} classifier
 * @property {() => Model | null} model
 * @property {() => Metrics | null} metrics
 * @property {(film: Film) => void} open
 * @property {() => void} cancel cancels the films that are not read yet
 * @property {(sentence: string) => void} announce
 */

/** The name of the set of films in the figures. */
const TITLE = 'own films';

export class Validation {
  /** @type {Labels | null} */
  #labels = null;
  /** The films when a person last answered the offer, and how many tables there were. */
  #decided = { films: new Set(), tables: 0 };
  /** Whether the offer has been announced. */
  #isOffering = false;
  /** Whether it is hidden during a blind reading. */
  #isAway = false;
  /** @type {Plan | null} */
  #plan = null;
  /** @type {Answer | null} */
  #answer = null;
  /** The model, films, states and reports behind the answer or the present count. @type {unknown[] | null} */
  #basis = null;
  #root = byId('validation');
  #body = element('div', { class: 'validation-body' });
  /** Makes the present content, to be written again in another language. @type {() => (Node | null)[]} */
  #content = () => [];
  #toggle = button('quiet', '', () => this.#setOpen(!this.isOpen));
  #progress = element('progress', { class: 'bar-progress', max: 1, value: 0, 'aria-labelledby': 'validation-reading' });
  #reading = element('p', { id: 'validation-reading' });
  #events;

  /** @param {Events} events */
  constructor(events) {
    this.#events = events;
    byId('validate-how').addEventListener('click', explain);
  }

  /** Whether the figures are shown in place of a film. */
  get isOpen() {
    return this.#plan !== null && !this.#isAway && this.#root.dataset.open === 'true';
  }

  /** Folds the figures away, for a film to be shown. */
  collapse() {
    if (this.#plan) this.#setOpen(false);
  }

  /** The sheet to print; null where a film is shown or nothing is counted yet. */
  sheet() {
    if (!this.isOpen || !this.#answer || !this.#plan) return null;
    return answerSheet(this.#answer, this.#events.metrics(), this.#events.model(), this.#events.films());
  }

  /** Removes it from the page, or allows it again. @param {boolean} isAway */
  turnAway(isAway) {
    this.#isAway = isAway;
    this.#show();
  }

  /** Films or tables were added or removed. */
  filmsChanged() {
    const films = this.#events.films();
    this.#labels = labelsOf(films, this.#events.tables());
    if (this.#plan) {
      const here = new Set(films);
      this.#plan.films = this.#plan.films.filter(({ film }) => here.has(film));
      this.#plan.without = this.#plan.without.filter(({ film }) => here.has(film));
    }
    this.#show();
    this.update();
  }

  /** All films and tables were removed. */
  clear() {
    this.#labels = this.#plan = this.#answer = this.#basis = null;
    this.#decided = { films: new Set(), tables: 0 };
    this.#show();
  }

  /** Call it when states of films may have changed. It is cheap when they have not. */
  update() {
    if (!this.#plan) return;
    const wanted = this.#plan.films.filter(({ label }) => label !== null);
    const open = wanted.filter(({ film }) => film.state === 'waiting' || film.state === 'reading').length;
    if (open > 0) {
      this.#showProgress(wanted.length - open, wanted.length);
      return;
    }
    const basis = [this.#events.model(), ...wanted.flatMap(({ film }) => [film, film.state, film.report])];
    if (this.#basis?.length === basis.length && basis.every((one, index) => one === this.#basis?.[index])) return;
    void this.#count(this.#plan, wanted, basis);
  }

  /** @param {Plan} plan @param {Planned[]} wanted @param {unknown[]} basis */
  async #count(plan, wanted, basis) {
    this.#basis = basis;
    this.#answer = null;
    const model = this.#events.model();
    const read = wanted.filter(({ film }) => film.state === 'done' && film.report);
    const counted = read.filter(({ film }) => !isOfAnotherModel(film, model));
    if (counted.length === 0) {
      this.#showBody(() => [element('p', {}, messages.validate.noneRead), button('quiet', messages.validate.close, () => this.#end())]);
      return;
    }
    this.#showBody(() => [element('p', {}, messages.validate.counting)]);
    try {
      const classifier = await this.#events.classifier();
      const validation = await classifier.validate(
        TITLE,
        counted.map(({ film, label, patient }) => ({
          label: /** @type {Label} */ (label),
          patient,
          report: /** @type {import('../report/types.js').Report} */ (film.report),
        })),
      );
      if (this.#basis !== basis) return;
      const state = (/** @type {Film['state']} */ wantedState) => wanted.filter(({ film }) => film.state === wantedState).length;
      /** @type {Counts} */
      const counts = {
        counted: counted.length,
        refused: counted.filter(({ film }) => film.report?.verdict === 'refused').length,
        unread: state('failed'),
        cancelled: state('cancelled'),
        other_model: read.length - counted.length,
        label_left_out: plan.films.length - wanted.length,
        without_label: plan.without.length,
        rows_without_film: plan.rowsWithout.length,
      };
      this.#answer = { validation, counts, wrong: wrongOf(counted), areAllNamed: counted.every(({ patient }) => patient), isOwn: model?.own === true };
      this.#showAnswer(this.#answer, plan);
      this.#events.announce(messages.validate.announce(counted.length));
    } catch {
      if (this.#basis !== basis) return;
      const again = () => {
        this.#basis = null;
        this.update();
      };
      this.#showBody(() => [element('p', { class: 'validate-problem' }, messages.validate.failed), button('quiet', messages.validate.again, again)]);
    }
  }

  #show() {
    const isOffered = !this.#isAway && this.#isOffered();
    if (isOffered && !this.#isOffering && this.#labels) this.#events.announce(offerSentence(this.#labels));
    this.#isOffering = isOffered;
    this.#root.hidden = this.#isAway || (!this.#plan && !isOffered);
    this.#root.replaceChildren();
    if (this.#isAway) return;
    if (this.#plan) this.#root.append(this.#head(), this.#body);
    else delete this.#root.dataset.open;
    if (isOffered && this.#labels) this.#root.append(this.#offer(this.#labels));
  }

  #isOffered() {
    if (!this.#labels) return false;
    return this.#events.tables().length > this.#decided.tables || this.#labels.labelled.some(({ film }) => !this.#decided.films.has(film));
  }

  /** @param {Labels} labels */
  #offer(labels) {
    const { offer } = messages.validate;
    const films = labels.labelled.length;
    return element(
      'section',
      { class: 'notice validate-offer', 'aria-labelledby': 'validate-offer-title' },
      element('h2', { id: 'validate-offer-title' }, films === 0 ? offer.titleNoFilms : offer.title),
      element('p', {}, offerSentence(labels)),
      element(
        'p',
        { class: 'actions' },
        films === 0 ? null : button('primary', offer.validate, () => askForMeanings(labels, (meanings) => this.#begin(labels, meanings))),
        button('quiet', offer.dismiss, () => {
          this.#decide(labels);
          this.#show();
          (document.getElementById('result-title') ?? byId('choose')).focus();
        }),
      ),
    );
  }

  /** @param {Labels} labels */
  #decide(labels) {
    this.#decided = { films: new Set(labels.labelled.map(({ film }) => film)), tables: this.#events.tables().length };
  }

  /** @param {Labels} labels @param {import('./ask.js').Meanings} meanings */
  #begin(labels, meanings) {
    this.#decide(labels);
    const films = labels.labelled.map((one) => ({ ...one, label: meanings.get(one.spelling) ?? null }));
    this.#plan = { films, without: labels.without, rowsWithout: labels.rowsWithout, meanings };
    this.#answer = this.#basis = null;
    this.#setOpen(true);
    this.#show();
    byId('validation-title').focus();
    this.update();
  }

  #end() {
    const labels = this.#labels;
    this.#plan = this.#answer = this.#basis = null;
    if (labels) this.#decide(labels);
    this.#show();
    (document.getElementById('result-title') ?? byId('choose')).focus();
  }

  #head() {
    return element(
      'div',
      { class: 'validation-head' },
      element('h2', { id: 'validation-title', tabindex: -1 }, messages.validate.title),
      element(
        'p',
        { class: 'validation-tools' },
        this.#toggle,
        button('quiet', messages.validate.close, () => this.#end()),
      ),
    );
  }

  /** @param {boolean} isOpen */
  #setOpen(isOpen) {
    this.#root.dataset.open = String(isOpen);
    this.#body.hidden = !isOpen;
    this.#toggle.textContent = isOpen ? messages.validate.hide : messages.validate.show;
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
  }

  /** @param {number} done @param {number} of */
  #showProgress(done, of) {
    this.#basis = this.#answer = null;
    this.#progress.max = of;
    this.#progress.value = done;
    const write = () => (this.#reading.textContent = messages.validate.reading(this.#progress.value, this.#progress.max));
    write();
    if (this.#progress.isConnected && this.#progress.parentElement === this.#body) return;
    this.#showBody(() => {
      write();
      return [this.#reading, this.#progress, button('quiet', messages.batch.cancel, this.#events.cancel)];
    });
  }

  /** @param {() => (Node | null)[]} content */
  #showBody(content) {
    this.#content = content;
    const hadFocus = this.#body.contains(document.activeElement);
    this.#body.replaceChildren(...content().filter((node) => node !== null));
    if (hadFocus) byId('validation-title').focus();
  }

  /** Writes everything again in the page's new language. */
  showAgain() {
    this.#show();
    if (!this.#plan) return;
    this.#setOpen(this.isOpen);
    this.#showBody(this.#content);
  }

  /** @param {Answer} answer @param {Plan} plan */
  #showAnswer(answer, plan) {
    const { films, model, metrics, open, announce } = this.#events;
    const saved = (/** @type {() => Promise<boolean>} */ save) => async () => {
      if (await save()) announce(messages.validate.save.saved);
    };
    this.#showBody(() =>
      answerView(answer, metrics(), {
        open,
        saveFilms: saved(() => saveFilms(plan, films(), model())),
        saveFigures: saved(() => saveFigures(answer, plan, model())),
      }),
    );
  }
}

/** @param {Labels} labels */
function offerSentence({ labelled, isByTable }) {
  const { noFilms, table, folders, what } = messages.validate.offer;
  if (labelled.length === 0) return noFilms;
  return `${(isByTable ? table : folders)(labelled.length)} ${what}`;
}

/** @param {Planned[]} counted */
function wrongOf(counted) {
  const sure = (/** @type {Planned} */ { film }) => film.report?.probabilities?.[/** @type {Label} */ (film.report.verdict)] ?? 0;
  return counted
    .filter(({ film, label }) => film.report?.verdict !== label && film.report?.verdict !== 'uncertain' && film.report?.verdict !== 'refused')
    .sort((a, b) => sure(b) - sure(a));
}

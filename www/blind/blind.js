// Reading blind: a mode in which a person reads each film before they see the reader's answer. Until they have answered, nothing in the
// document tells what the reader found.

import { ask } from '../ui/ask.js';
import { element } from '../ui/dom.js';
import { includesNames } from '../ui/choices.js';
import { chosenCsv } from '../exchange/export-dialog.js';
import { saveFile } from '../exchange/save-file.js';
import { inEveryLanguage, messages } from '../text/messages.js';
import { endView } from './end-view.js';
import { readingView, stepOf } from './reading-view.js';
import { toCsv, toJson } from './save.js';
import { BlindSession } from './session.js';
import { startView } from './start-view.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../viewer/viewer.js').Viewer} Viewer
 *
 * @typedef {object} Around what the page provides
 * @property {() => Viewer} viewer
 * @property {() => Film[]} films
 * @property {() => Map<Film, Label | null>} labels of the films that have one
 * @property {(film: Film) => Metrics | null} metricsOf
 * @property {() => boolean} hasModel
 * @property {(films: Film[]) => void} read films whose reading was cancelled, or that another model has read
 * @property {(isOn: boolean) => void} turned the page hides what it says of films, or shows it again
 * @property {() => void} answered answers were given, or were saved to a file
 * @property {(sentence: string) => void} announce
 */

export class BlindReading {
  #root;
  #around;
  /** @type {BlindSession | null} */
  #session = null;
  /** @type {ReturnType<typeof startView> | null} */
  #start = null;
  /** @type {ReturnType<typeof readingView> | null} */
  #reading = null;
  /** Films whose verdict has been on the page. @type {WeakSet<Film>} */
  #shown = new WeakSet();
  /** The viewer's overlay before the blind reading. */
  #overlay = /** @type {Viewer['overlay']} */ ('off');
  #buttons;

  /**
   * @param {HTMLElement} root empty
   * @param {HTMLButtonElement[]} buttons that open it
   * @param {Around} around
   */
  constructor(root, buttons, around) {
    this.#root = root;
    this.#buttons = buttons;
    this.#around = around;
    for (const button of buttons) button.addEventListener('click', () => this.#open());
    inEveryLanguage(() => this.#nameButtons());
    // Listens before the viewer does: two of its keys are used here.
    document.addEventListener('keydown', (event) => this.#press(event), { capture: true });
  }

  get isOn() {
    return !this.#root.hidden;
  }

  /** Whether some answers have not been saved. */
  get isUnsaved() {
    return this.#session?.isSaved === false;
  }

  /** A film's state has changed. @param {Film} film */
  filmChanged(film) {
    if (this.#start) this.#offer();
    if (!this.#reading || !this.#session || film !== this.#session.turn?.film) return;
    const { step } = this.#reading;
    if (step === 'waiting' || step !== stepOf(this.#session)) this.#showTurn();
  }

  /** Films were added or removed. */
  filmsChanged() {
    if (this.#start) {
      this.#offer();
      return;
    }
    // Films that arrive during a reading are not part of it.
    this.#root.querySelector('.blind-later')?.remove();
    this.#root.firstElementChild?.after(element('p', { class: 'note blind-later', role: 'status' }, messages.blind.later));
  }

  /** Shows a sentence about the files that came in. @param {string} sentence */
  note(sentence) {
    this.#start?.note(sentence);
  }

  #open() {
    if (this.isOn) return;
    for (const film of this.#around.films()) if (film.report) this.#shown.add(film);
    this.#overlay = this.#around.viewer().overlay;
    this.#root.hidden = false;
    document.body.dataset.blind = '';
    this.#around.turned(true);
    this.#around.viewer().clear();
    this.#session?.keepOnly(this.#around.films());
    if (this.#session && this.#session.turns.length === 0) this.#session = null;
    this.#around.read(this.#session?.turns.flatMap(({ film, before }) => (before ? [] : [film])) ?? []);
    this.#show();
    scrollTo(0, 0);
  }

  #close() {
    this.#start = this.#reading = null;
    this.#around.viewer().clear();
    this.#around.viewer().setBlind(false);
    this.#around.viewer().overlay = this.#overlay;
    this.#root.replaceChildren();
    this.#root.hidden = true;
    delete document.body.dataset.blind;
    this.#nameButtons();
    this.#around.turned(false);
    this.#buttons.find((button) => button.checkVisibility())?.focus();
  }

  #nameButtons() {
    const session = this.#session;
    const text = messages.blind;
    const name = !session ? text.open : session.turn ? text.goOn(session.number, session.turns.length) : text.toFigures;
    for (const button of this.#buttons) button.textContent = name;
  }

  /** Films that can be read: imported results have no film. */
  #readable() {
    return this.#around.films().filter(({ file, state }) => file !== null && state !== 'failed');
  }

  #offer() {
    const films = this.#readable();
    const labels = this.#around.labels();
    this.#start?.update({
      films: films.length,
      shown: films.filter((film) => this.#shown.has(film)).length,
      labelled: films.filter((film) => labels.get(film)).length,
    });
  }

  #show() {
    if (!this.#session) this.#showStart();
    else if (this.#session.turn) this.#showTurn();
    else this.#showEnd();
  }

  #showStart() {
    this.#reading = null;
    this.#start = startView({
      back: () => this.#close(),
      start: ({ seed, count, usesLabels }) => {
        const labels = usesLabels ? this.#around.labels() : new Map();
        this.#session = new BlindSession(this.#readable(), this.#shown, { seed, count, labels });
        this.#around.read(this.#session.turns.map(({ film }) => film));
        this.#start = null;
        this.#showTurn();
      },
    });
    this.#set('start', this.#start.node);
    this.#offer();
    this.#start.focus();
  }

  #showTurn() {
    const session = /** @type {BlindSession} */ (this.#session);
    const { film } = /** @type {import('./session.js').Turn} */ (session.turn);
    const step = stepOf(session);
    if (step !== 'shown') this.#around.viewer().setBlind(true);
    this.#reading = readingView(
      session,
      { viewer: this.#around.viewer(), metrics: this.#around.metricsOf(film), hasModel: this.#around.hasModel() },
      {
        answer: (said) => {
          session.answer(said);
          this.#around.answered();
          this.#showTurn();
        },
        change: (said) => {
          session.change(said);
          this.#around.answered();
        },
        next: () => this.#next(),
        leave: () => this.#leave(),
      },
    );
    if (step === 'shown') {
      this.#around.viewer().setBlind(false);
      // The map of what speaks for the answer; a refused film has none.
      this.#around.viewer().overlay = (film.report?.verdict !== 'refused' && film.report?.activation?.label) || 'off';
    }
    const { picture, panel } = this.#reading;
    const before = this.#root.querySelector('.blind-film');
    if (before && before.firstElementChild === picture) {
      // The film stays where it is, with its window and its place.
      this.#root.querySelector('.blind-panel')?.replaceWith(panel);
      this.#root.dataset.state = stateOf(step);
    } else {
      this.#set(stateOf(step), element('div', { class: 'blind-reading' }, element('div', { class: 'blind-film' }, picture), panel));
    }
    this.#focusTitle();
  }

  #next() {
    const session = /** @type {BlindSession} */ (this.#session);
    if (session.turn?.before) session.next();
    else session.leaveOut();
    this.#around.viewer().clear();
    this.#around.viewer().setBlind(true);
    if (!session.turn) this.#showEnd();
    else this.#showTurn();
  }

  #leave() {
    const session = /** @type {BlindSession} */ (this.#session);
    const text = messages.blind;
    const end = {
      label: text.endNow,
      press: () => {
        session.end();
        this.#showEnd();
      },
    };
    ask({ title: text.leaveTitle, text: text.leaveText }, [
      { label: text.stay, press: () => {} },
      ...(session.answered > 0 ? [end] : []),
      { label: text.leaveNow, press: () => this.#close() },
    ]);
  }

  #showEnd() {
    const session = /** @type {BlindSession} */ (this.#session);
    this.#reading = this.#start = null;
    this.#around.viewer().clear();
    if (session.turns.length === 0) {
      // None of the films could be read.
      this.#session = null;
      this.#showStart();
      this.note(messages.blind.noneReadable);
      return;
    }
    const view = endView(session, { save: (format) => this.#save(format), again: () => this.#again(), back: () => this.#close() });
    this.#set('end', view.node);
    view.focus();
    scrollTo(0, 0);
  }

  #again() {
    const text = messages.blind;
    const start = () => {
      this.#session = null;
      this.#around.answered();
      this.#showStart();
    };
    // The person has now seen what this reading showed.
    for (const { film, before } of this.#session?.turns ?? []) if (before) this.#shown.add(film);
    if (this.#session?.isSaved) start();
    else
      ask({ title: text.againTitle, text: text.againText }, [
        { label: text.stay, press: () => {} },
        { label: text.again, press: start },
      ]);
  }

  /** @param {'csv' | 'json'} format */
  async #save(format) {
    const session = /** @type {BlindSession} */ (this.#session);
    const now = new Date();
    const terms = { withNames: includesNames(), now };
    const name = `covid-classifier-blind-${now.toISOString().slice(0, 19).replaceAll(':', '')}Z.${format}`;
    const isMade =
      format === 'json'
        ? await saveFile(() => [toJson(session, terms)], 'application/json', name)
        : await saveFile(() => [toCsv(session, { ...terms, csv: chosenCsv() })], 'text/csv;charset=utf-8', name);
    if (!isMade) return;
    session.isSaved = true;
    this.#around.answered();
    this.#around.announce(messages.blind.saved);
  }

  /** @param {'start' | 'reading' | 'revealed' | 'end'} state @param {HTMLElement} node */
  #set(state, node) {
    this.#root.dataset.state = state;
    this.#root.replaceChildren(node);
  }

  #title() {
    return /** @type {HTMLElement | null} */ (this.#root.querySelector('#blind-title'));
  }

  #focusTitle() {
    this.#title()?.focus({ preventScroll: true });
    if (matchMedia('(width >= 60rem)').matches) {
      scrollTo(0, 0);
      return;
    }
    // On a narrow screen the film comes first; the reader's answer is below it and has to be scrolled to.
    const isAsked = this.#reading?.step === 'asked';
    this.#root.querySelector(isAsked ? '.blind-film' : '.blind-panel')?.scrollIntoView({ block: 'start' });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const reading = this.#reading;
    const target = event.target instanceof Element ? event.target : document.body;
    if (!reading || event.ctrlKey || event.altKey || event.metaKey) return;
    // Some keyboards need Shift for digits.
    if (event.shiftKey && !/^\d$/.test(event.key)) return;
    // Keys give no answer while the answers cannot be seen.
    if (document.querySelector('dialog[open]') || document.fullscreenElement) return;
    if (target.matches('input:not([type="radio"], [type="checkbox"], [type="range"]), select, textarea')) return;
    if (/^\d$/.test(event.key)) {
      reading.view?.press(event.key);
      // Enter would press the button that was used last, and not show the verdict.
      if (target.closest('button, summary, a')) this.#title()?.focus({ preventScroll: true });
    } else if (event.key === 'Enter') {
      if (event.repeat || target.closest('button, summary, a')) return;
      reading.go();
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      // On the film, arrow keys move the film; in a group of choices, the browser moves the choice.
      if (target.closest('.viewer, input') || !reading.view?.step(event.key === 'ArrowLeft' ? -1 : 1)) return;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {import('./reading-view.js').Step} step */
function stateOf(step) {
  return step === 'shown' ? 'revealed' : 'reading';
}

// The films section of the page: the table, its filter and order, and the buttons around it.

import { byId } from '../ui/dom.js';
import { countCategories, isFiltered, unarranged } from './order.js';
import { FilmsTable } from './table.js';
import { FilmsTools } from './tools.js';
import { inEveryLanguage, messages } from '../text/messages.js';

/**
 * @typedef {import('./order.js').Arrangement} Arrangement
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {object} Events
 * @property {(film: Film, by: 'pointer' | 'keys') => void} select
 * @property {(film: Film) => void} open
 * @property {(film: Film) => void} remove
 * @property {(film: Film, by: 'pointer' | 'keys') => void} compare
 * @property {(shown: Film[] | null) => void} export the films that a filter lets through; null without a filter
 * @property {(sentence: string) => void} announce
 */

const STATES = /** @type {Film['state'][]} */ (['waiting', 'reading', 'done', 'failed', 'cancelled']);

export class FilmsDesk {
  /** @type {Film[]} */
  #films = [];
  #table;
  #tools;
  #announce;
  /** @type {(arrangement: Arrangement) => void} */
  #arranged;

  /** @param {Events} events */
  constructor(events) {
    this.#announce = events.announce;
    const arrange = (/** @type {Arrangement} */ arrangement) => this.#arrange(arrangement);
    this.#arranged = arrange;
    this.#table = new FilmsTable(byId('film-list'), { ...events, arrange });
    this.#tools = new FilmsTools(byId('films-tools'), this.#table.arrangement, arrange);
    byId('films-show-all').addEventListener('click', () => {
      const { sort, descending } = this.#table.arrangement;
      this.#arrange({ ...unarranged(), sort, descending });
      this.#table.focus();
    });
    byId('films-wide').addEventListener('click', () => this.#setWide(!this.#table.isWide));
    byId('films-export').addEventListener('click', () => events.export(isFiltered(this.#table.arrangement) ? this.#table.shown : null));
    inEveryLanguage(() => this.#write());
  }

  /** Writes the fixed texts in the page's language. */
  #write() {
    byId('films-keys').textContent = messages.films.keys;
    byId('films-none-text').textContent = messages.films.noneShown;
    byId('films-show-all').textContent = messages.films.showAll;
    byId('films-export').textContent = messages.films.export;
    byId('films-title').textContent = messages.films.title(this.#films.length);
    byId('films-tools').replaceChildren();
    this.#tools = new FilmsTools(byId('films-tools'), this.#table.arrangement, this.#arranged);
    this.#setWide(this.#table.isWide);
  }

  /** Sets the films after some were added or removed. @param {Film[]} films */
  setFilms(films) {
    this.#films = films;
    byId('films').hidden = films.length === 0;
    if (films.length === 0) this.#table.setArrangement(unarranged());
    this.#table.setFilms(films);
    byId('films-title').textContent = messages.films.title(films.length);
    // For one film there is nothing to compare.
    const isAlone = films.length < 2;
    if (isAlone && this.#table.isWide) this.#setWide(false);
    byId('films-wide').hidden = isAlone;
  }

  /** A film's state, answer or picture has changed; `update` shows it. @param {Film} film */
  changed(film) {
    this.#table.changed(film);
  }

  /** Shows what has changed. @returns {boolean} false where some of it is left for later */
  update() {
    const isDone = this.#table.update();
    const section = byId('films');
    const states = new Map(STATES.map((state) => [state, 0]));
    for (const { state } of this.#films) states.set(state, (states.get(state) ?? 0) + 1);
    for (const [state, count] of states) section.dataset[state] = String(count);
    section.dataset.total = String(this.#films.length);
    this.#showAround();
    return isDone;
  }

  /** @param {Film | null} film */
  select(film) {
    this.#table.select(film);
  }

  /** @param {Map<Film, string>} compared the films and their letters */
  setCompared(compared) {
    this.#table.setCompared(compared);
  }

  /** @param {Film} film */
  reveal(film) {
    this.#table.reveal(film);
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    return this.#table.focus(options);
  }

  /** The film that takes a film's place when it is removed. @param {Film} film */
  neighbourOf(film) {
    const { shown } = this.#table;
    const at = shown.indexOf(film);
    return shown[at + 1] ?? shown[at - 1] ?? null;
  }

  /** @param {Arrangement} arrangement */
  #arrange(arrangement) {
    const { category, text } = this.#table.arrangement;
    this.#table.setArrangement(arrangement);
    this.#showAround();
    if (category !== arrangement.category || text !== arrangement.text) this.#announce(messages.films.announceShown(this.#table.shown.length));
  }

  #showAround() {
    this.#tools.show(countCategories(this.#films), this.#table.arrangement, this.#table.isWide);
    const isEmpty = this.#films.length > 0 && this.#table.shown.length === 0;
    byId('film-list').hidden = isEmpty;
    byId('films-none').hidden = !isEmpty;
  }

  /** @param {boolean} isWide */
  #setWide(isWide) {
    document.body.dataset.desk = isWide ? 'wide' : 'narrow';
    const button = byId('films-wide');
    button.textContent = isWide ? messages.films.narrow : messages.films.wide;
    button.setAttribute('aria-pressed', String(isWide));
    this.#table.setWide(isWide);
    this.#showAround();
  }
}

// The films as a table: with one column when narrow, with all when wide. Only the rows in sight are in the document, and the row that the
// keyboard is on. Changes are drawn once per frame.

import { element } from '../ui/dom.js';
import { beginsWithLargest, NARROW, WIDE } from './columns.js';
import { arrange, changesAsFilmsAreRead, unarranged } from './order.js';
import { messages } from '../text/messages.js';
import { VirtualRows } from '../ui/virtual-rows.js';

/**
 * @typedef {import('./columns.js').Column} Column
 * @typedef {import('./order.js').Arrangement} Arrangement
 * @typedef {import('../report/types.js').SortKey} SortKey
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {object} Events
 * @property {(film: Film, by: 'pointer' | 'keys') => void} select
 * @property {(film: Film) => void} open
 * @property {(film: Film) => void} remove
 * @property {(film: Film, by: 'pointer' | 'keys') => void} compare with the film that is shown; by keys, the first or second of two
 * @property {(arrangement: Arrangement) => void} arrange the person wants another order
 */

/** While films are read, rows are sorted again at most this often, in milliseconds. */
const REARRANGE_MS = 500;

export class FilmsTable {
  /** The films that are shown, in the order shown. @type {Film[]} */
  shown = [];
  arrangement = unarranged();
  isWide = false;
  /** @type {Film[]} */
  #films = [];
  /** @type {Map<Film, number>} */
  #numbers = new Map();
  /** @type {Film | null} */
  #selected = null;
  /** Films that are compared, and the letter of each. @type {Map<Film, string>} */
  #compared = new Map();
  /** Films whose rows are out of date. @type {Set<Film>} */
  #dirty = new Set();
  #isStale = false;
  #arrangedAt = -Infinity;
  #grid;
  #head = element('div', { class: 'table-head', role: 'rowgroup' });
  #body = element('div', { class: 'table-body', role: 'rowgroup' });
  /** @type {VirtualRows<Film>} */
  #rows;
  #events;

  /**
   * @param {HTMLElement} grid
   * @param {Events} events
   */
  constructor(grid, events) {
    this.#grid = grid;
    this.#events = events;
    grid.append(this.#head, this.#body);
    this.#rows = new VirtualRows(grid, this.#body, {
      create: (film) => this.#newRow(film),
      place: (row, _film, index) => row.setAttribute('aria-rowindex', String(index + (this.isWide ? 2 : 1))),
    });
    grid.addEventListener('keydown', (event) => this.#pressed(event));
    this.#body.addEventListener('click', (event) => this.#clicked(/** @type {Element} */ (event.target), event.ctrlKey || event.metaKey));
    this.#body.addEventListener('dblclick', ({ target }) => {
      const film = this.#filmAt(/** @type {Element} */ (target));
      if (film) events.open(film);
    });
    this.#setHead();
  }

  /** Sets the films after some were added or removed. @param {Film[]} films */
  setFilms(films) {
    this.#films = films;
    this.#numbers = new Map(films.map((film, index) => [film, index + 1]));
    this.#arrange();
    // Films may have moved up to another number.
    if (this.isWide) for (const film of this.shown) this.#dirty.add(film);
  }

  /** A film's state, answer or picture has changed; `update` draws it. @param {Film} film */
  changed(film) {
    this.#dirty.add(film);
    if (changesAsFilmsAreRead(this.arrangement)) this.#isStale = true;
  }

  /** Draws what has changed. @returns {boolean} false where some of it is left for later */
  update() {
    const isDue = performance.now() - this.#arrangedAt >= REARRANGE_MS;
    if (this.#isStale && isDue) this.#arrange();
    for (const film of this.#dirty) {
      const row = this.#rows.rowOf(film);
      if (row) this.#fill(row, film);
    }
    this.#dirty.clear();
    return !this.#isStale;
  }

  /** @param {Arrangement} arrangement */
  setArrangement(arrangement) {
    this.arrangement = arrangement;
    this.#grid.scrollTop = 0;
    this.#arrange();
    this.#setSorted();
  }

  /** @param {boolean} isWide */
  setWide(isWide) {
    this.isWide = isWide;
    this.#setHead();
    this.#rows.rebuild();
    if (this.#selected) this.reveal(this.#selected);
  }

  /** @param {Film | null} film */
  select(film) {
    const before = this.#selected;
    this.#selected = film;
    for (const changed of [before, film]) {
      const row = changed && this.#rows.rowOf(changed);
      if (row) this.#mark(row, changed);
    }
    this.#setTabStop();
  }

  /** @param {Map<Film, string>} compared */
  setCompared(compared) {
    const before = this.#compared;
    this.#compared = compared;
    for (const film of new Set([...before.keys(), ...compared.keys()])) {
      const row = this.#rows.rowOf(film);
      if (row) this.#mark(row, film);
    }
  }

  /** Scrolls the film's row into sight, if it has one. @param {Film} film */
  reveal(film) {
    const index = this.#rows.indexOf(film);
    if (index >= 0) this.#rows.reveal(index);
  }

  /**
   * Focuses the row that the keyboard is on.
   * @param {FocusOptions} [options]
   * @returns {boolean} false where there is no such row
   */
  focus(options) {
    const row = this.#rows.pinned && this.#rows.rowOf(this.#rows.pinned);
    row?.focus(options);
    return Boolean(row);
  }

  #arrange() {
    const hadFocus = this.#body.contains(document.activeElement);
    this.shown = arrange(this.#films, this.arrangement);
    this.#isStale = false;
    this.#arrangedAt = performance.now();
    this.#grid.setAttribute('aria-rowcount', String(this.shown.length + (this.isWide ? 1 : 0)));
    this.#setTabStop(this.shown);
    if (hadFocus && !this.#body.contains(document.activeElement)) this.focus();
  }

  /** @param {Film[]} [items] the new rows */
  #setTabStop(items) {
    const before = this.#rows.pinned;
    if (items) this.#rows.show(items);
    const stop = this.#selected && this.#rows.indexOf(this.#selected) >= 0 ? this.#selected : (this.shown[0] ?? null);
    this.#rows.pinned = stop;
    this.#rows.render();
    for (const film of [before, stop]) {
      const row = film && this.#rows.rowOf(film);
      if (row) row.tabIndex = film === stop ? 0 : -1;
    }
  }

  /** @param {Film} film */
  #newRow(film) {
    const remove = element('button', { type: 'button', class: 'row-remove', tabindex: -1, title: messages.films.removeHint }, '×');
    remove.setAttribute('aria-label', messages.film.remove(film.name));
    const columns = this.#columns().map((column) => {
      const kind = column === NARROW[0] ? 'row-open' : `cell-${column.key}`;
      return element('div', { role: column.key === 'name' ? 'rowheader' : 'gridcell', class: `${kind} ${column.isNumber ? 'number' : ''}`.trim() });
    });
    const row = element('div', { role: 'row', class: 'row', tabindex: film === this.#rows.pinned ? 0 : -1, 'data-film': film.id });
    row.append(...columns, element('div', { role: 'gridcell', class: 'cell-remove' }, remove));
    this.#fill(row, film);
    this.#mark(row, film);
    return row;
  }

  /** @param {HTMLElement} row @param {Film} film */
  #fill(row, film) {
    row.dataset.state = film.state;
    row.classList.toggle('imported', film.imported !== null);
    const number = this.#numbers.get(film) ?? 0;
    for (const [index, column] of this.#columns().entries()) row.children[index].replaceChildren(...column.content(film, number));
  }

  /** @param {HTMLElement} row @param {Film} film */
  #mark(row, film) {
    row.setAttribute('aria-selected', String(film === this.#selected));
    const sign = this.#compared.get(film);
    if (sign) row.dataset.compared = sign;
    else delete row.dataset.compared;
  }

  #columns() {
    return this.isWide ? WIDE : NARROW;
  }

  #setHead() {
    this.#grid.dataset.table = this.isWide ? 'wide' : 'narrow';
    this.#grid.setAttribute('aria-rowcount', String(this.shown.length + (this.isWide ? 1 : 0)));
    this.#head.replaceChildren();
    this.#head.hidden = !this.isWide;
    if (!this.isWide) return;
    const cells = WIDE.map(({ key, isNumber }, index) => {
      const { head, headMeaning } = messages.films.columns[key];
      const sort = element('button', { type: 'button', class: 'sort', tabindex: index === 0 ? 0 : -1, title: headMeaning }, head);
      sort.addEventListener('click', () => this.#sort(key));
      return element('div', { role: 'columnheader', class: `cell-${key} ${isNumber ? 'number' : ''}`.trim(), 'data-sort': key }, sort);
    });
    const last = element('div', { role: 'columnheader', class: 'cell-remove' }, element('span', { class: 'visually-hidden' }, messages.films.removeHead));
    this.#head.append(element('div', { role: 'row', class: 'head-row', 'aria-rowindex': 1 }, ...cells, last));
    this.#setSorted();
  }

  #setSorted() {
    const { sort, descending } = this.arrangement;
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (this.#head.querySelectorAll('[data-sort]'))) {
      cell.setAttribute('aria-sort', cell.dataset.sort !== sort ? 'none' : descending ? 'descending' : 'ascending');
    }
  }

  /** @param {SortKey} key */
  #sort(key) {
    const { sort, descending } = this.arrangement;
    this.#events.arrange({ ...this.arrangement, sort: key, descending: key === sort ? !descending : beginsWithLargest(key) });
  }

  /** @param {Element} target */
  #filmAt(target) {
    const row = /** @type {HTMLElement | null} */ (target.closest('.row'));
    return row ? (this.shown[Number(row.dataset.index)] ?? null) : null;
  }

  /** @param {Element} target @param {boolean} isToCompare */
  #clicked(target, isToCompare) {
    const film = this.#filmAt(target);
    if (!film) return;
    if (target.closest('.row-remove')) {
      this.#events.remove(film);
      return;
    }
    if (isToCompare && film !== this.#selected) {
      this.#events.compare(film, 'pointer');
      return;
    }
    this.#events.select(film, 'pointer');
    // Without scrolling, because the page may be showing the result.
    this.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches('.sort')) this.#pressedOnHead(event, target);
    else if (target.matches('.row')) this.#pressedOnRow(event);
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} target */
  #pressedOnHead(event, target) {
    const buttons = /** @type {HTMLElement[]} */ ([...this.#head.querySelectorAll('.sort')]);
    const at = buttons.indexOf(target);
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.focus();
      return;
    }
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    const next = to === undefined ? undefined : buttons[to];
    if (!next) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  }

  /** @param {KeyboardEvent} event */
  #pressedOnRow(event) {
    const film = this.#rows.pinned;
    if (!film) return;
    const at = this.#rows.indexOf(film);
    const last = this.shown.length - 1;
    const page = this.#rows.pageSize();
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - page, PageDown: at + page, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = this.shown[Math.min(last, Math.max(0, to))];
      this.#events.select(next, 'keys');
      this.reveal(next);
      this.focus();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#events.open(film);
    } else if (event.key === ' ') {
      event.preventDefault();
      this.#events.select(film, 'keys');
    } else if (event.key.toLowerCase() === 'c') {
      event.preventDefault();
      this.#events.compare(film, 'keys');
    } else if (event.key === 'Delete') {
      event.preventDefault();
      this.#events.remove(film);
    }
  }
}

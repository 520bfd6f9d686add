// The tools above several films: the categories with the number of films of each (as buttons where there is room, else as a list), a search
// field for names, and the order.

import { element } from '../ui/dom.js';
import { CATEGORIES } from '../report/film-facts.js';
import { beginsWithLargest, SORTS } from './columns.js';
import { isFiltered, isSorted } from './order.js';
import { messages } from '../text/messages.js';
import { verdictMark } from './verdict-mark.js';

/**
 * @typedef {import('../report/film-facts.js').Category} Category
 * @typedef {import('./order.js').Arrangement} Arrangement
 * @typedef {import('../report/types.js').SortKey} SortKey
 */

/** With fewer films there is no filter, or no search field. */
const FEW = 4;
const FEW_NAMES = 9;

/** The search starts when typing has paused this long, in milliseconds. */
const PAUSE_MS = 120;

export class FilmsTools {
  /** @type {Arrangement} */
  #arrangement;
  #arrange;
  /** @type {Map<Category | 'all', {label: HTMLElement, radio: HTMLInputElement, count: HTMLElement, option: HTMLOptionElement}>} */
  #chips = new Map();
  #search = element('input', { type: 'search', class: 'field', autocomplete: 'off', spellcheck: 'false', placeholder: messages.films.find });
  #category = element('select', { class: 'field category' });
  #select = element('select', { class: 'field' });
  #direction = element('button', { type: 'button', class: 'quiet direction' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #paused;
  #root;

  /**
   * @param {HTMLElement} root
   * @param {Arrangement} arrangement
   * @param {(arrangement: Arrangement) => void} arrange
   */
  constructor(root, arrangement, arrange) {
    this.#root = root;
    this.#arrangement = arrangement;
    this.#arrange = arrange;
    const chips = element('fieldset', { class: 'chips' }, element('legend', { class: 'visually-hidden' }, messages.films.filter));
    for (const category of /** @type {const} */ (['all', ...CATEGORIES])) chips.append(this.#newChip(category));

    this.#category.setAttribute('aria-label', messages.films.filter);
    this.#category.addEventListener('change', () => {
      this.#change({ category: /** @type {Category | 'all'} */ (this.#category.value) });
    });
    this.#search.setAttribute('aria-label', messages.films.find);
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#paused);
      this.#paused = setTimeout(() => this.#change({}), PAUSE_MS);
    });
    this.#select.setAttribute('aria-label', messages.films.sort);
    this.#select.append(...SORTS.map((key) => element('option', { value: key }, messages.films.sorts[key])));
    this.#select.addEventListener('change', () => {
      const sort = /** @type {SortKey} */ (this.#select.value);
      this.#change({ sort, descending: beginsWithLargest(sort) });
    });
    this.#direction.addEventListener('click', () => this.#change({ descending: !this.#arrangement.descending }));
    root.append(chips, element('div', { class: 'choosing' }, this.#category, this.#select, this.#direction), this.#search);
  }

  /**
   * @param {Record<Category | 'all', number>} counts
   * @param {Arrangement} arrangement
   * @param {boolean} isWide the table's heads show the order
   */
  show(counts, arrangement, isWide) {
    const { category: chosen, sort, descending, text } = arrangement;
    if (arrangement !== this.#arrangement) {
      // Text that is still being typed belongs to the previous arrangement.
      clearTimeout(this.#paused);
      if (this.#search.value !== text) this.#search.value = text;
    }
    this.#arrangement = arrangement;
    // A filter in force stays visible, so that it can be undone, and an element with the focus is not hidden.
    const isInForce = isFiltered(arrangement) || (isSorted(arrangement) && !isWide);
    this.#root.hidden = counts.all < FEW && !isInForce && !this.#root.contains(document.activeElement);
    this.#search.hidden = counts.all < FEW_NAMES && text === '';
    for (const [category, { label, radio, count, option }] of this.#chips) {
      // The chosen category stays visible, and so does “all”.
      label.hidden = option.hidden = counts[category] === 0 && category !== 'all' && category !== chosen;
      radio.checked = category === chosen;
      const text = String(counts[category]);
      if (count.textContent === text) continue;
      count.textContent = text;
      option.textContent = messages.films.counted(messages.films.categories[category], counts[category]);
    }
    this.#category.value = chosen;
    // The heads of the wide table offer more orders than this list.
    if (SORTS.includes(sort)) this.#select.value = sort;
    else this.#select.selectedIndex = -1;
    this.#direction.textContent = descending ? '↓' : '↑';
    this.#direction.setAttribute('aria-label', messages.films.direction(descending));
    this.#direction.title = messages.films.direction(descending);
  }

  /** @param {Partial<Arrangement>} change the typed text is added to it */
  #change(change) {
    clearTimeout(this.#paused);
    this.#arrange({ ...this.#arrangement, text: this.#search.value, ...change });
  }

  /** @param {Category | 'all'} category */
  #newChip(category) {
    const radio = element('input', { type: 'radio', name: 'category', value: category, checked: category === 'all' });
    const count = element('span', { class: 'chip-count' });
    const mark = category === 'all' ? null : verdictMark(category);
    const text = element('span', { class: 'chip' }, mark, messages.films.categories[category], count);
    const label = element('label', { 'data-category': category }, radio, text);
    radio.addEventListener('change', () => this.#change({ category }));
    const option = element('option', { value: category });
    this.#category.append(option);
    this.#chips.set(category, { label, radio, count, option });
    return label;
  }
}

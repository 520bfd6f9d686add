// Asks which film to compare the present one with.

import { button } from '../ui/button.js';
import { element } from '../ui/dom.js';
import { closeBeside } from '../ui/close-beside.js';
import { NARROW } from '../films/columns.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {object} Ways
 * @property {(film: Film) => void} film is given the film that was chosen
 * @property {(() => void) | null} sample adds a synthetic film; null where one is among the films
 * @property {() => void} choose files
 */

/** At most this many films are listed; the others are found by name. */
const LISTED = 60;
/** With fewer films than this there is no search field. */
const FEW_NAMES = 9;

/** @param {Film} film @param {Film[]} others @param {Ways} ways */
export function chooseFilm(film, others, ways) {
  const text = messages.compare;
  const dialog = element('dialog', { class: 'dialog compare-dialog', 'aria-labelledby': 'compare-choose-title' });
  const list = element('ul', { class: 'compare-list' });
  const note = element('p', { class: 'note', role: 'status' });
  const search = element('input', {
    type: 'search',
    class: 'field',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: text.find,
    'aria-label': text.find,
  });
  search.hidden = others.length < FEW_NAMES;
  const close = (/** @type {() => void} */ then) => () => {
    dialog.close();
    then();
  };
  const way = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {() => void} */ press) => button(kind, name, close(press));
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = others.filter(({ path }) => path.toLowerCase().includes(wanted));
    list.replaceChildren(
      ...found.slice(0, LISTED).map((other) => {
        const choice = element('button', { type: 'button', class: 'row-open', title: other.path }, ...NARROW[0].content(other, 0));
        choice.addEventListener(
          'click',
          close(() => ways.film(other)),
        );
        return element('li', {}, choice);
      }),
    );
    list.hidden = found.length === 0;
    note.textContent = others.length === 0 ? text.alone : found.length === 0 ? text.noMatch : found.length > LISTED ? text.more(found.length - LISTED) : '';
    note.hidden = note.textContent === '';
  };
  search.addEventListener('input', show);
  dialog.addEventListener('keydown', (event) => {
    const choices = [...list.querySelectorAll('button')];
    const at = choices.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const isInSearch = event.target === search;
    if (at < 0 && !(isInSearch && event.key === 'ArrowDown')) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: choices.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 && !search.hidden) search.focus();
    else choices[Math.min(Math.max(to, 0), choices.length - 1)]?.focus();
  });
  show();
  dialog.append(
    element(
      'div',
      { class: 'dialog-body' },
      element('h2', { id: 'compare-choose-title' }, text.chooseTitle(film.name)),
      search,
      list,
      note,
      element(
        'p',
        { class: 'actions' },
        others.length === 0 ? way('primary', text.choose, ways.choose) : null,
        ways.sample && way('quiet', text.sample, ways.sample),
        way('quiet', text.cancel, () => {}),
      ),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
  (search.hidden ? list.querySelector('button') : search)?.focus();
}

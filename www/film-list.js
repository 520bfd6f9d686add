// The films as a list: one row a film, with its state, its answer or the reason why there is none.

import { element } from './dom.js';
import { thumbnail } from './film-view.js';
import { percent } from './format.js';
import { messages } from './messages.js';

/**
 * @typedef {import('./types.js').Film} Film
 */

/**
 * @param {Film} film
 * @param {{select: (film: Film) => void, remove: (film: Film) => void}} actions
 */
export function filmRow(film, actions) {
  const open = element(
    'button',
    { type: 'button', class: 'row-open' },
    element('span', { class: 'thumbnail placeholder', 'aria-hidden': 'true' }),
    element('span', { class: 'row-name' }, film.name),
    element('span', { class: 'row-state' }),
  );
  open.addEventListener('click', () => actions.select(film));
  const remove = element('button', { type: 'button', class: 'row-remove', 'aria-label': messages.film.remove(film.name) }, '×');
  remove.addEventListener('click', () => actions.remove(film));
  const row = element('li', { class: 'row', 'data-film': film.id }, open, remove);
  showState(row, film);
  return row;
}

/**
 * What a film's new state changes in its row; the row itself stays, and so does the focus.
 * @param {Element} row
 * @param {Film} film
 */
export function showState(row, film) {
  row.setAttribute('data-state', film.state);
  const text = row.querySelector('.row-state');
  if (text) text.textContent = stateText(film);
  const picture = film.reading?.film;
  if (picture) row.querySelector('.placeholder')?.replaceWith(thumbnail(picture));
}

/** @param {Film} film */
function stateText(film) {
  const report = film.reading?.report;
  if (film.state === 'done' && report?.verdict) {
    const value = report.probabilities?.[/** @type {import('./types.js').Label} */ (report.verdict)];
    return `${messages.film.verdictShort(report.verdict)}${value === undefined ? '' : ` ${percent(value)}`}`;
  }
  if (film.state === 'failed' && film.failure) return `${messages.film.states.failed}: ${messages.film.failureShort(film.failure.kind)}`;
  return messages.film.states[film.state] ?? '';
}

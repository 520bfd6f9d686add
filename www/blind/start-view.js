// Asks, before a blind reading, how many films are read and with which seed they are shuffled.

import { button } from '../ui/button.js';
import { byId, element } from '../ui/dom.js';
import { messages } from '../text/messages.js';
import { newSeed, readSeed } from './shuffle.js';

/**
 * @typedef {object} Offer how many films there are
 * @property {number} films
 * @property {number} shown films whose verdict has been on the page
 * @property {number} labelled
 *
 * @typedef {object} Actions
 * @property {(terms: {seed: number, count: number, usesLabels: boolean}) => void} start
 * @property {() => void} back
 */

/** @param {Actions} actions */
export function startView({ start, back }) {
  const text = messages.blind;
  const title = element('h2', { id: 'blind-title', tabindex: -1 }, text.title);
  const films = element('p', { id: 'blind-films' });
  const shown = element('p', { class: 'caution' });
  const labels = element('p', {});
  const count = element('input', {
    type: 'number',
    id: 'blind-count',
    class: 'field',
    min: 1,
    step: 1,
    inputmode: 'numeric',
    'aria-describedby': 'blind-count-error',
  });
  const seed = element('input', {
    type: 'text',
    id: 'blind-seed',
    class: 'field',
    inputmode: 'numeric',
    autocomplete: 'off',
    spellcheck: 'false',
    value: newSeed(),
    'aria-describedby': 'blind-seed-note blind-seed-error',
  });
  const countError = element('p', { id: 'blind-count-error', class: 'blind-error', role: 'alert' });
  const seedError = element('p', { id: 'blind-seed-error', class: 'blind-error', role: 'alert' });
  const usesLabels = element('input', { type: 'checkbox', checked: true });
  const tick = element('label', { class: 'tick' }, usesLabels, element('span', {}, text.useLabels));
  const begin = element('button', { type: 'submit', class: 'primary' }, text.start);
  const form = element(
    'form',
    { class: 'blind-form', novalidate: true },
    element('div', { class: 'blind-field' }, element('label', { for: 'blind-count' }, text.count), count, countError),
    element(
      'div',
      { class: 'blind-field' },
      element('label', { for: 'blind-seed' }, text.seed),
      element(
        'div',
        { class: 'blind-beside' },
        seed,
        button('quiet', text.anotherSeed, () => (seed.value = String(newSeed()))),
      ),
      element('p', { id: 'blind-seed-note', class: 'note' }, text.seedNote),
      seedError,
    ),
    element('div', { class: 'blind-labels' }, labels, tick),
    element('p', { class: 'actions' }, begin, button('quiet', text.back, back)),
  );

  let offer = { films: 0, shown: 0, labelled: 0 };
  // The count is all films until somebody changes it.
  let isTouched = false;
  count.addEventListener('input', () => {
    isTouched = true;
    complain(count, countError, '');
  });
  seed.addEventListener('input', () => complain(seed, seedError, ''));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = count.valueAsNumber;
    const isCount = Number.isInteger(wanted) && wanted >= 1 && wanted <= offer.films;
    const number = readSeed(seed.value);
    complain(count, countError, isCount ? '' : offer.films === 0 ? text.noFilms : text.countWrong(offer.films));
    complain(seed, seedError, number === null ? text.seedWrong : '');
    if (!isCount) (offer.films === 0 ? bring : count).focus();
    else if (number === null) seed.focus();
    else start({ seed: number, count: wanted, usesLabels: usesLabels.checked });
  });

  const bring = button('quiet', messages.page.choose, () => byId('choose').click());
  const note = element('p', { class: 'intake-note', hidden: true });
  const node = element(
    'div',
    { class: 'blind-start' },
    title,
    element('p', { class: 'blind-lead' }, text.lead),
    element('ol', {}, ...text.steps.map((step) => element('li', {}, step))),
    element(
      'div',
      { class: 'blind-bring' },
      films,
      element(
        'p',
        { class: 'actions' },
        bring,
        ...(byId('choose-folder').hidden ? [] : [button('quiet', messages.page.folder, () => byId('choose-folder').click())]),
      ),
      note,
      shown,
    ),
    form,
    element('h3', {}, text.keysTitle),
    keysList(),
  );

  /** @param {Offer} now */
  function update(now) {
    offer = now;
    films.textContent = text.films(now.films);
    shown.hidden = now.shown === 0;
    shown.textContent = text.shownBefore(now.shown, now.films);
    count.max = String(now.films);
    if (!isTouched) count.value = now.films === 0 ? '' : String(now.films);
    labels.textContent = now.films === 0 || now.labelled === 0 ? text.noLabels : text.labels(now.labelled, now.films);
    tick.hidden = now.labelled === 0;
    if (now.films > 0) complain(count, countError, '');
  }

  return {
    node,
    update,
    /** @param {string} sentence empty for none */
    note(sentence) {
      note.textContent = sentence;
      note.hidden = sentence === '';
    },
    focus: () => title.focus(),
  };
}

export function keysList() {
  const rows = messages.blind.keys.map(({ keys, does }) =>
    element('div', {}, element('dt', {}, ...keys.map((key) => element('kbd', {}, key))), element('dd', {}, does)),
  );
  return element('dl', { class: 'shortcut-list' }, ...rows);
}

/** @param {HTMLInputElement} field @param {HTMLElement} place @param {string} sentence empty for none */
function complain(field, place, sentence) {
  place.textContent = sentence;
  if (sentence) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}

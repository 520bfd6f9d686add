// The choice of the language. Another language is another load of the page: films that are open would go with it, so that is asked.

import { closeBeside } from '../ui/close-beside.js';
import { byId, element } from '../ui/dom.js';
import { language, LANGUAGES } from '../text/language.js';
import { messages } from '../text/messages.js';

/**
 * @param {() => boolean} hasFilms
 * @param {() => void} exportFilms
 */
export function listenForLanguage(hasFilms, exportFilms) {
  /** @type {HTMLSelectElement} */
  const select = byId('language');
  select.append(...Object.entries(LANGUAGES).map(([code, name]) => element('option', { value: code, lang: code }, name)));
  const restore = () => (select.value = language);
  restore();
  // Browsers put back what was chosen before, when they come back to a page.
  window.addEventListener('pageshow', restore);
  select.addEventListener('change', () => {
    const wanted = select.value;
    restore();
    if (wanted === language) return;
    if (hasFilms()) ask(() => load(wanted), exportFilms);
    else load(wanted);
  });
}

/** @param {string} wanted */
function load(wanted) {
  const url = new URL(location.href);
  url.searchParams.set('lang', wanted);
  location.assign(url);
}

/**
 * @param {() => void} change
 * @param {() => void} exportFilms
 */
function ask(change, exportFilms) {
  const text = messages.language;
  const dialog = element('dialog', { class: 'dialog language-dialog', 'aria-labelledby': 'language-title', 'aria-describedby': 'language-text' });
  const button = (/** @type {string} */ kind, /** @type {string} */ label, /** @type {() => void} */ press) => {
    const node = element('button', { type: 'button', class: kind }, label);
    node.addEventListener('click', () => {
      dialog.close();
      press();
    });
    return node;
  };
  dialog.append(
    element(
      'div',
      { class: 'dialog-body' },
      element('h2', { id: 'language-title' }, text.title),
      element('p', { id: 'language-text' }, text.text),
      element(
        'p',
        { class: 'actions' },
        button('primary', text.stay, () => {}),
        button('quiet', text.export, exportFilms),
        button('quiet', text.change, change),
      ),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
}

// Changes the language. Everything on the page is written again in the other language, and what is open stays open.

import { byId, element } from '../ui/dom.js';
import { language, LANGUAGES } from '../text/language.js';
import { changeLanguage, inEveryLanguage } from '../text/messages.js';

/** @param {() => void} changed shows everything else on the page again */
export function listenForLanguage(changed) {
  /** @type {HTMLSelectElement} */
  const select = byId('language');
  select.append(...Object.entries(LANGUAGES).map(([code, name]) => element('option', { value: code, lang: code }, name)));
  const restore = () => (select.value = language);
  inEveryLanguage(restore);
  // Browsers restore an earlier choice when they return to a page.
  window.addEventListener('pageshow', restore);
  select.addEventListener('change', () => {
    const wanted = /** @type {import('../text/language.js').Language} */ (select.value);
    keepInAddress(wanted);
    changeLanguage(wanted);
    changed();
  });
}

/** Keeps the language in the address, for a reload, a bookmark or a link. @param {string} wanted */
function keepInAddress(wanted) {
  const url = new URL(location.href);
  url.searchParams.set('lang', wanted);
  try {
    history.replaceState(history.state, '', url);
  } catch {
    // Some browsers refuse to change the address of a page opened from a disk.
  }
}

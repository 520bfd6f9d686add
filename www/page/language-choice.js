// The choice of the language. What is open stays open: everything on the page is written anew in the other language.

import { byId, element } from '../ui/dom.js';
import { language, LANGUAGES } from '../text/language.js';
import { changeLanguage, inEveryLanguage } from '../text/messages.js';

/** @param {() => void} changed everything else that stands on the page is to be shown again */
export function listenForLanguage(changed) {
  /** @type {HTMLSelectElement} */
  const select = byId('language');
  select.append(...Object.entries(LANGUAGES).map(([code, name]) => element('option', { value: code, lang: code }, name)));
  const restore = () => (select.value = language);
  inEveryLanguage(restore);
  // Browsers put back what was chosen before, when they come back to a page.
  window.addEventListener('pageshow', restore);
  select.addEventListener('change', () => {
    const wanted = /** @type {import('../text/language.js').Language} */ (select.value);
    keepInAddress(wanted);
    changeLanguage(wanted);
    changed();
  });
}

/** So that a reload, a bookmark and a link have it too. @param {string} wanted */
function keepInAddress(wanted) {
  const url = new URL(location.href);
  url.searchParams.set('lang', wanted);
  try {
    history.replaceState(history.state, '', url);
  } catch {
    // The address of a page from a disk stays as it is in some browsers.
  }
}

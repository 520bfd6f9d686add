// The language: on this page the one that its address asks for (`?lang=`), else the first of the browser's that there is a catalogue
// of; on other pages the one that the page is in. messages.js changes it.

/** By code, each in its own words. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', de: 'Deutsch' });

/** @typedef {keyof typeof LANGUAGES} Language */

/**
 * @param {string | null} asked
 * @param {readonly string[]} preferred as `navigator.languages`
 * @returns {Language}
 */
export function chooseLanguage(asked, preferred) {
  for (const wanted of [asked, ...preferred]) {
    const code = wanted?.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(LANGUAGES, code)) return /** @type {Language} */ (code);
  }
  return 'en';
}

/** Workers and other programs have no document. @type {HTMLElement | undefined} */
const root = globalThis.document?.documentElement;
const isOurs = root === undefined || root.hasAttribute('data-languages');
const asked = isOurs ? new URLSearchParams(globalThis.location?.search ?? '').get('lang') : root.lang;

/** Who imports it sees a change. */
export let language = chooseLanguage(asked, globalThis.navigator?.languages ?? []);

/** For messages.js alone, which has the sentences follow. @param {Language} wanted */
export function setLanguage(wanted) {
  language = wanted;
}

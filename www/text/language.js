// The language: on this page the one that its address asks for (`?lang=`), else the first of the browser's that there is a catalogue
// of; on other pages the one that the page is in. messages.js changes it.

/** By code, each in its own words. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', de: 'Deutsch', es: 'Español' });

/** @typedef {keyof typeof LANGUAGES} Language */

/**
 * How a language writes numbers, and how its spreadsheets read them.
 * @typedef {object} Writing
 * @property {'.' | ','} decimal
 * @property {string} thousands what stands between groups of three digits
 * @property {number} least the digits that a whole number has at least, if it is written in groups
 * @property {string} to between the ends of an interval
 * @property {'comma' | 'semicolon'} csv what stands between cells; with semicolons, decimals have a comma
 */

/** @type {Record<Language, Writing>} */
export const WRITING = {
  en: { decimal: '.', thousands: ',', least: 4, to: ' to ', csv: 'comma' },
  de: { decimal: ',', thousands: '\u202f', least: 4, to: '–', csv: 'semicolon' },
  es: { decimal: ',', thousands: '\u202f', least: 5, to: ' a ', csv: 'semicolon' },
};

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

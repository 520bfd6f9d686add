// The language. This page uses the one in its address (`?lang=`), else the first of the browser's languages that has a catalogue. Other
// pages set it by their own language. messages.js changes it.

/** Names of the languages, each in that language, by code. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', de: 'Deutsch', es: 'Español' });

/** @typedef {keyof typeof LANGUAGES} Language */

/**
 * How a language writes numbers, and how its spreadsheets read them.
 * @typedef {object} Writing
 * @property {'.' | ','} decimal
 * @property {string} thousands separates groups of three digits
 * @property {number} least whole numbers with fewer digits are not grouped
 * @property {string} to stands between the ends of an interval
 * @property {'comma' | 'semicolon'} csv separates cells; with semicolons, decimals have a comma
 */

/** @type {Record<Language, Writing>} */
export const WRITING = {
  en: { decimal: '.', thousands: ',', least: 4, to: ' to ', csv: 'comma' },
  de: { decimal: ',', thousands: '\u202f', least: 4, to: '–', csv: 'semicolon' },
  es: { decimal: ',', thousands: '\u202f', least: 5, to: ' a ', csv: 'semicolon' },
};

/**
 * @param {string | null} asked
 * @param {readonly string[]} preferred in the form of `navigator.languages`
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

/** A live binding: importers see it change. */
export let language = chooseLanguage(asked, globalThis.navigator?.languages ?? []);

/** Only for messages.js, which changes the sentences with it. @param {Language} wanted */
export function setLanguage(wanted) {
  language = wanted;
}

// Every sentence that the page writes, in the language that is chosen. Who imports `messages` sees a change of it: what is asked for a
// sentence afterwards answers in the other language. What stands on the page already is written anew by `inEveryLanguage`.

import { language, setLanguage } from './language.js';
import { german } from './de.js';
import { english } from './en.js';
import { spanish } from './es.js';

/** @typedef {import('./language.js').Language} Language */

/** @type {Record<Language, typeof english>} */
const CATALOGUES = { en: english, de: german, es: spanish };

export let messages = CATALOGUES[language];

/** What writes sentences that stay, in the order in which they came. @type {(() => void)[]} */
const writers = [];

/** Writes what stays on the page, at once and after each change of the language. @param {() => void} write */
export function inEveryLanguage(write) {
  writers.push(write);
  write();
}

/** From now on everything is said in this language, and what stands on the page is written anew. @param {Language} wanted */
export function changeLanguage(wanted) {
  speak(wanted);
  for (const write of writers) write();
}

/**
 * What is said meanwhile, and only that, in another language.
 * @template Said
 * @param {Language} wanted
 * @param {() => Said} say at once: what it leaves for later is said in the language of the page
 * @returns {Said}
 */
export function inLanguage(wanted, say) {
  const before = language;
  speak(wanted);
  try {
    return say();
  } finally {
    speak(before);
  }
}

/** @param {Language} wanted */
function speak(wanted) {
  setLanguage(wanted);
  messages = CATALOGUES[wanted];
}

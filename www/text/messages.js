// Every sentence of the page in the chosen language. `messages` is a live binding: after a change it holds the other language.
// `inEveryLanguage` rewrites sentences that are already on the page.

import { language, setLanguage } from './language.js';
import { german } from './de.js';
import { english } from './en.js';
import { spanish } from './es.js';

/** @typedef {import('./language.js').Language} Language */

/** @type {Record<Language, typeof english>} */
const CATALOGUES = { en: english, de: german, es: spanish };

export let messages = CATALOGUES[language];

/** Functions that write lasting sentences, in the order of registration. @type {(() => void)[]} */
const writers = [];

/** Calls `write` now and after each change of language. @param {() => void} write */
export function inEveryLanguage(write) {
  writers.push(write);
  write();
}

/** Changes the language and rewrites what is on the page. @param {Language} wanted */
export function changeLanguage(wanted) {
  speak(wanted);
  for (const write of writers) write();
}

/**
 * Calls `say` in another language and returns what it says; everything else stays in the page's language.
 * @template Said
 * @param {Language} wanted
 * @param {() => Said} say must be synchronous: anything later uses the page's language
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

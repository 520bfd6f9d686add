// Results that lie in no file go with the page: before it is left, that is asked. By the browser where it reloads or closes the page, in
// its own words; by the page itself where its own button would.

import { ask } from '../ui/ask.js';
import { messages } from '../text/messages.js';

/** @typedef {import('../report/types.js').Film} Film */

/** What was said of a film when it was exported last. @type {WeakMap<Film, Film['report']>} */
const exported = new WeakMap();
/** How many films would be lost. */
let unsaved = 0;
/** Answers of a blind reading would be lost. */
let hasAnswers = false;
/** It has been asked, and answered. */
let isDecided = false;
let exportFilms = () => {};

/** @param {() => void} exporting asks what to export */
export function listenForLeaving(exporting) {
  exportFilms = exporting;
}

/** Their results lie in a file now. @param {Film[]} films */
export function filmsExported(films) {
  for (const film of films) exported.set(film, film.report);
}

/**
 * The films have changed. A page that listens for its end is not kept by some browsers to come back to: this one listens only while
 * there is something to lose.
 * @param {Film[]} films all
 * @param {boolean} answers of a blind reading lie in no file
 */
export function watchLeaving(films, answers) {
  unsaved = films.filter(isUnsaved).length;
  hasAnswers = answers;
  if (unsaved > 0 || hasAnswers) window.addEventListener('beforeunload', askBrowser);
  else window.removeEventListener('beforeunload', askBrowser);
}

/** Results that were imported still lie in their file. @param {Film} film */
function isUnsaved(film) {
  if (film.state === 'waiting' || film.state === 'reading') return true;
  return film.state === 'done' && film.imported === null && exported.get(film) !== film.report;
}

/** @param {BeforeUnloadEvent} event */
function askBrowser(event) {
  if (isDecided) return;
  event.preventDefault();
  // What older browsers wait for.
  event.returnValue = true;
}

/**
 * Does what closes the page; where films would be lost, only once somebody wants that.
 * @param {() => void} go
 */
export function leave(go) {
  if (unsaved === 0 && !hasAnswers) {
    go();
    return;
  }
  const text = messages.leaving;
  const goOn = () => {
    isDecided = true;
    go();
  };
  ask({ title: text.title, text: text.text(unsaved, hasAnswers) }, [
    { label: text.stay, press: () => {} },
    ...(unsaved > 0 ? [{ label: text.export, press: () => exportFilms() }] : []),
    { label: text.leave, press: goOn },
  ]);
}

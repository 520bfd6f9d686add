// Asks before the page is left with unsaved results. Where the page is reloaded or closed, the browser asks in its own words; where a
// button of the page would reload it, the page asks.

import { ask } from '../ui/ask.js';
import { messages } from '../text/messages.js';

/** @typedef {import('../report/types.js').Film} Film */

/** Each film's report when it was last exported. @type {WeakMap<Film, Film['report']>} */
const exported = new WeakMap();
/** How many films would be lost. */
let unsaved = 0;
/** Whether answers of a blind reading would be lost. */
let hasAnswers = false;
/** Whether the person has agreed to leave. */
let isDecided = false;
let exportFilms = () => {};

/** @param {() => void} exporting asks what to export */
export function listenForLeaving(exporting) {
  exportFilms = exporting;
}

/** These films' results are now in a file. @param {Film[]} films */
export function filmsExported(films) {
  for (const film of films) exported.set(film, film.report);
}

/**
 * Call it when films have changed. Some browsers do not keep a page for the back button while it listens for `beforeunload`, so this page
 * listens only while there is something to lose.
 * @param {Film[]} films all
 * @param {boolean} answers whether answers of a blind reading are unsaved
 */
export function watchLeaving(films, answers) {
  unsaved = films.filter(isUnsaved).length;
  hasAnswers = answers;
  if (unsaved > 0 || hasAnswers) window.addEventListener('beforeunload', askBrowser);
  else window.removeEventListener('beforeunload', askBrowser);
}

/** Imported results are still in their file. @param {Film} film */
function isUnsaved(film) {
  if (film.state === 'waiting' || film.state === 'reading') return true;
  return film.state === 'done' && film.imported === null && exported.get(film) !== film.report;
}

/** @param {BeforeUnloadEvent} event */
function askBrowser(event) {
  if (isDecided) return;
  event.preventDefault();
  // Older browsers need this.
  event.returnValue = true;
}

/**
 * Calls `go`, which closes the page. Where something would be lost, it asks first.
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

// One film of a blind reading: at first only the film and the question; afterwards the person's answer and the reader's.

import { button } from '../ui/button.js';
import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';
import { cautionOf, ownModelLine } from '../result/model-words.js';
import { outputs } from '../result/result-view.js';
import { reasonsOf, verdictSentence } from '../result/verdict-sentence.js';
import { AnswerView } from './answer-view.js';

/**
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('./session.js').BlindSession} BlindSession
 * @typedef {import('./session.js').Said} Said
 * @typedef {import('../viewer/viewer.js').Viewer} Viewer
 *
 * @typedef {'waiting' | 'asked' | 'shown' | 'failed'} Step
 *
 * @typedef {object} Actions
 * @property {(said: Said) => void} answer
 * @property {(said: Said) => void} change
 * @property {() => void} next
 * @property {() => void} leave
 */

/** @param {BlindSession} session @returns {Step} */
export function stepOf({ turn }) {
  if (turn?.before) return 'shown';
  if (turn?.film.state === 'failed') return 'failed';
  return turn?.film.state === 'done' && turn.film.report ? 'asked' : 'waiting';
}

/**
 * @param {BlindSession} session with a film to read
 * @param {{viewer: Viewer, metrics: Metrics | null, hasModel: boolean}} context
 * @param {Actions} actions
 */
export function readingView(session, { viewer, metrics, hasModel }, actions) {
  const text = messages.blind;
  const turn = /** @type {import('./session.js').Turn} */ (session.turn);
  const { film, before } = turn;
  const step = stepOf(session);
  const place = text.place(session.number, session.turns.length);
  const missing = element('p', { class: 'blind-error', role: 'alert' });
  /** @type {AnswerView | null} */
  let view = null;
  let go = () => {};
  /** @type {(Node | null)[]} */
  let parts;

  if (step === 'shown' && before && film.report) {
    view = new AnswerView(text.askAfter, turn.after, actions.change);
    go = actions.next;
    parts = [
      element('p', { class: 'blind-place' }, text.saysAt(place)),
      heading(verdictSentence(film.report)),
      ownModelLine(film.report),
      reasons(film.report),
      element('p', { class: 'blind-said' }, text.youSaid(before.answer, before.sureness)),
      film.report.probabilities ? outputs(film.report.probabilities, film.report) : null,
      view.element,
      element('p', { class: 'note' }, text.afterNote),
      element('p', { class: 'actions' }, button('primary', session.number === session.turns.length ? text.toEnd : text.next, go), leave()),
      film.report.probabilities ? element('p', { class: 'caution' }, cautionOf(film.report, metrics)) : null,
    ];
  } else if (step === 'asked') {
    const answers = new AnswerView(text.ask, null, () => (missing.textContent = ''));
    view = answers;
    go = () => {
      const { said } = answers;
      if (said) actions.answer(said);
      else missing.textContent = answers.askForRest();
    };
    parts = [heading(place), view.element, missing, element('p', { class: 'actions' }, button('primary', text.show, go), leave())];
  } else if (step === 'failed' && film.failure) {
    go = actions.next;
    parts = [
      element('p', { class: 'blind-place' }, place),
      heading(messages.result.failedTitle),
      element('p', {}, messages.result.failed(film.failure) || film.failure.message),
      element('p', { class: 'note' }, text.failedNote),
      element('p', { class: 'actions' }, button('primary', text.next, go), leave()),
    ];
  } else {
    const sentence = film.state === 'reading' ? messages.result.reading : hasModel ? messages.result.waiting : messages.result.waitingForEngine;
    parts = [heading(place), element('p', {}, sentence), element('p', { class: 'actions' }, leave())];
  }

  const picture =
    film.report && (step === 'asked' || step === 'shown')
      ? viewer.show(film, film.report, place)
      : element('div', { class: 'film lightbox dark', 'aria-hidden': 'true' });
  const panel = element('div', { class: 'blind-panel', 'data-step': step }, ...parts.filter((part) => part !== null));

  /** @param {string} sentence */
  function heading(sentence) {
    return element('h2', { id: 'blind-title', tabindex: -1 }, sentence);
  }

  function leave() {
    return button('quiet', text.leave, actions.leave);
  }

  return { picture, panel, view, go: () => go(), step };
}

/** @param {import('../report/types.js').Report} report */
function reasons(report) {
  const all = reasonsOf(report);
  return all.length === 0 ? null : element('ul', { class: 'reasons' }, ...all.map(({ sentence }) => element('li', {}, sentence)));
}

// Shows the state of the engine (loading, ready or failed), which back-end answers and why, and a notice where that back-end is not the one
// asked for, or changes.

import { button } from '../ui/button.js';
import { detail } from '../result/detail-view.js';
import { byId, element } from '../ui/dom.js';
import { inEveryLanguage, messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Failure} Failure
 */

/** The back-end that is shown. @type {Compute | null} */
let shown = null;
let hasTold = false;
/** The sentence shown now, in whichever language. */
let say = () => messages.page.loading;
/** Shows the present failure again. @type {(() => void) | null} */
let failAgain = null;
/** Loads the model again. */
let loadAgain = () => {};
/** Runs out when nothing has arrived for `STALLED_MS`. @type {ReturnType<typeof setTimeout> | undefined} */
let patience;
/** Notices that are not dismissed, with their content. @type {Map<HTMLElement, () => HTMLElement[]>} */
const notices = new Map();

/** A network that is only slow brings a file in less. */
const STALLED_MS = 60_000;

/** @param {() => void} again loads the model again, where nothing arrives any more */
export function watchLoading(again) {
  loadAgain = again;
  showEngine('loading', say);
}

/** Rewrites everything here when the language changes. */
export function listenForEngineLanguage() {
  inEveryLanguage(() => {
    byId('engine-text').textContent = say();
    failAgain?.();
    if (shown) writeCompute(shown);
    for (const [notice, words] of notices) notice.replaceChildren(...words());
  });
}

/** @param {'loading' | 'ready' | 'failed'} state @param {() => string} words */
function showEngine(state, words) {
  say = words;
  failAgain = null;
  clearTimeout(patience);
  if (state === 'loading') {
    patience = setTimeout(showStalled, STALLED_MS);
    byId('engine-failure').querySelector('[data-notice="stalled"]')?.remove();
  }
  byId('engine').dataset.state = state;
  byId('engine-text').textContent = words();
  byId('engine-progress').hidden = state !== 'loading';
}

/** @param {number} done @param {number} of */
export function showProgress(done, of) {
  showEngine('loading', () => messages.engine.loading(done, of));
  const bar = /** @type {HTMLProgressElement} */ (byId('engine-progress'));
  bar.max = of;
  bar.value = done;
}

/** @param {import('../report/types.js').ModelId} model */
export function showReady({ version, own }) {
  showEngine('ready', () => (own ? messages.ownModel : messages.engine).ready(version));
  byId('engine-failure').replaceChildren();
}

/** The model is being loaded again. */
export function showLoadingAgain() {
  showEngine('loading', () => messages.engine.again);
  byId('engine-failure').replaceChildren();
  byId('choose').focus();
}

/** Says that nothing arrives, while it is waited for. */
function showStalled() {
  const { stalledTitle, stalled, loadAgain: label } = messages.engine;
  failAgain = showStalled;
  byId('engine-failure').replaceChildren(
    element(
      'section',
      { class: 'notice', role: 'alert', 'data-notice': 'stalled', 'aria-label': stalledTitle },
      element('h2', {}, stalledTitle),
      element('p', {}, stalled),
      element(
        'p',
        { class: 'actions' },
        button('primary', label, () => loadAgain()),
      ),
    ),
  );
}

/**
 * @param {Failure} failure
 * @param {number} waiting
 * @param {() => void} retry
 */
export function showFailure(failure, waiting, retry) {
  const { kind, message } = failure;
  showEngine('failed', () => messages.engine.failedShort);
  failAgain = () => showFailure(failure, waiting, retry);
  const again = element('button', { type: 'button', class: 'primary' }, messages.engine.retry);
  again.addEventListener('click', () => {
    showLoadingAgain();
    retry();
  });
  byId('engine-failure').replaceChildren(
    element(
      'section',
      { class: 'notice error', role: 'alert', 'data-start-failure': kind, 'aria-label': messages.engine.failedTitle },
      element('h2', {}, messages.engine.failedTitle),
      element('p', {}, `${messages.engine.failed(kind)} ${messages.engine.failedWaiting(waiting)}`.trim()),
      detail(message),
      element('p', { class: 'actions' }, again),
    ),
  );
}

/**
 * @param {Compute} compute
 * @param {string | null} asked the back-end that the page's address asks for
 */
export function showCompute(compute, asked) {
  const before = shown;
  if (JSON.stringify(before) === JSON.stringify(compute)) return;
  shown = compute;
  const { backend, adapter, attempts } = compute;
  byId('engine-compute').hidden = false;
  byId('engine-compute').dataset.backend = backend;
  writeCompute(compute);
  if (before === null) {
    // The back-end that was asked for is tried first. Its name may differ: the program knows aliases.
    const first = attempts[0];
    if (!asked || asked === 'auto' || !first || first.outcome === 'chosen') return;
    notify('not-as-asked', () => {
      const { notAsAskedTitle, notAsAsked, trouble } = messages.compute;
      return { title: notAsAskedTitle(asked), text: notAsAsked(backend, adapter), reason: trouble(first) };
    });
    return;
  }
  const lost = attempts.find(({ outcome }) => outcome === 'lost');
  if (hasTold || (backend === before.backend && !lost)) return;
  // Told once: several workers may lose the same device, one after another.
  hasTold = true;
  notify('changed', () => ({
    title: messages.compute.changedTitle,
    text: messages.compute.changed(lost?.backend ?? null, backend, adapter),
    reason: lost ? messages.compute.trouble(lost) : null,
  }));
}

/** @param {Compute} compute */
function writeCompute({ backend, adapter, attempts }) {
  byId('engine-backend').textContent = messages.compute.runsOn(backend, adapter);
  byId('engine-why').textContent = messages.compute.why;
  byId('engine-attempts').replaceChildren(
    ...attempts.map((attempt) => {
      const { backend, outcome, kind } = attempt;
      const data = { 'data-backend': backend, 'data-outcome': outcome, 'data-kind': kind };
      return element('li', data, messages.compute.attempt(attempt));
    }),
  );
}

/**
 * A notice that stays until it is dismissed.
 * @param {string} kind
 * @param {() => {title: string, text: string, reason: string | null}} words
 */
function notify(kind, words) {
  const notice = element('section', { class: 'notice passing', 'data-notice': kind });
  const parts = () => {
    const { title, text, reason } = words();
    notice.setAttribute('aria-label', title);
    const dismiss = button('quiet', messages.compute.dismiss, () => {
      notices.delete(notice);
      notice.remove();
      (document.getElementById('result-title') ?? byId('choose')).focus();
    });
    const more = reason ? [element('p', { class: 'detail' }, `${messages.result.detail} ${reason}`)] : [];
    return [element('h2', {}, title), element('p', {}, text), ...more, dismiss];
  };
  notices.set(notice, parts);
  notice.append(...parts());
  byId('engine-notice').append(notice);
}

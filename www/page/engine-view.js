// How the engine is: loading, ready or failed; which back-end answers and why; and a notice where that is not the one that was
// asked for, or changes.

import { detail } from '../result/detail-view.js';
import { byId, element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Failure} Failure
 */

/** What is shown. @type {Compute | null} */
let shown = null;
let hasTold = false;

/** @param {'loading' | 'ready' | 'failed'} state @param {string} text */
function showEngine(state, text) {
  byId('engine').dataset.state = state;
  byId('engine-text').textContent = text;
  byId('engine-progress').hidden = state !== 'loading';
}

/** @param {number} done @param {number} of */
export function showProgress(done, of) {
  showEngine('loading', messages.engine.loading(done, of));
  const bar = /** @type {HTMLProgressElement} */ (byId('engine-progress'));
  bar.max = of;
  bar.value = done;
}

/** @param {string} version */
export function showReady(version) {
  showEngine('ready', messages.engine.ready(version));
  byId('engine-failure').replaceChildren();
}

/**
 * @param {Failure} failure
 * @param {number} waiting
 * @param {() => void} retry
 */
export function showFailure({ kind, message }, waiting, retry) {
  showEngine('failed', messages.engine.failedShort);
  const again = element('button', { type: 'button', class: 'primary' }, messages.engine.retry);
  again.addEventListener('click', () => {
    showEngine('loading', messages.engine.again);
    byId('engine-failure').replaceChildren();
    byId('choose').focus();
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
 * @param {string | null} asked what the address of the page asks for
 */
export function showCompute(compute, asked) {
  const before = shown;
  if (JSON.stringify(before) === JSON.stringify(compute)) return;
  shown = compute;
  const { backend, adapter, attempts } = compute;
  byId('engine-compute').hidden = false;
  byId('engine-compute').dataset.backend = backend;
  byId('engine-backend').textContent = messages.compute.runsOn(backend, adapter);
  byId('engine-why').textContent = messages.compute.why;
  byId('engine-attempts').replaceChildren(
    ...attempts.map((attempt) => {
      const { backend, outcome, kind } = attempt;
      const data = { 'data-backend': backend, 'data-outcome': outcome, 'data-kind': kind };
      return element('li', data, messages.compute.attempt(attempt));
    }),
  );
  if (before === null) {
    // What is asked for is tried first; the program knows other names for it as well.
    const first = attempts[0];
    if (!asked || asked === 'auto' || !first || first.outcome === 'chosen') return;
    const { notAsAskedTitle, notAsAsked, trouble } = messages.compute;
    notify('not-as-asked', notAsAskedTitle(asked), notAsAsked(backend, adapter), trouble(first));
    return;
  }
  const lost = attempts.find(({ outcome }) => outcome === 'lost');
  if (hasTold || (backend === before.backend && !lost)) return;
  // Once: several workers may lose the same device, one after another.
  hasTold = true;
  notify(
    'changed',
    messages.compute.changedTitle,
    messages.compute.changed(lost?.backend ?? null, backend, adapter),
    lost ? messages.compute.trouble(lost) : null,
  );
}

/**
 * A notice that stays until it is dismissed.
 * @param {string} kind
 * @param {string} title
 * @param {string} text
 * @param {string | null} reason
 */
function notify(kind, title, text, reason) {
  const dismiss = element('button', { type: 'button', class: 'quiet' }, messages.compute.dismiss);
  const notice = element(
    'section',
    { class: 'notice passing', 'data-notice': kind, 'aria-label': title },
    element('h2', {}, title),
    element('p', {}, text),
    reason && element('p', { class: 'detail' }, `${messages.result.detail} ${reason}`),
    dismiss,
  );
  dismiss.addEventListener('click', () => {
    notice.remove();
    (document.getElementById('result-title') ?? byId('choose')).focus();
  });
  byId('engine-notice').append(notice);
}

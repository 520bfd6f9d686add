// The lines above the films: progress while several are read, and an offer to read cancelled ones.

import { byId } from '../ui/dom.js';
import { inEveryLanguage, messages } from '../text/messages.js';

/**
 * @param {{cancel: () => void, readRest: () => void}} actions
 */
export function listenForBatch({ cancel, readRest }) {
  inEveryLanguage(() => (byId('batch-cancel').textContent = messages.batch.cancel));
  byId('batch-cancel').addEventListener('click', cancel);
  byId('batch-read-rest').addEventListener('click', readRest);
}

/**
 * @param {{done: number, of: number} | null} progress
 * @param {number} cancelled
 */
export function showBatch(progress, cancelled) {
  const hadFocus = ['batch', 'batch-rest'].some((id) => byId(id).contains(document.activeElement));
  const isReading = progress !== null && progress.of > 1;
  byId('batch').hidden = !isReading;
  if (isReading) {
    const { done, of } = progress;
    byId('batch-text').textContent = messages.batch.reading(done, of);
    const bar = /** @type {HTMLProgressElement} */ (byId('batch-progress'));
    bar.max = of;
    bar.value = done;
  }
  byId('batch-rest').hidden = cancelled === 0;
  if (cancelled > 0) {
    byId('batch-rest-text').textContent = messages.batch.cancelled(cancelled);
    byId('batch-read-rest').textContent = messages.batch.readRest(cancelled);
  }
  // The button that was pressed may be gone: the focus moves to the other one, or to the list.
  const active = document.activeElement;
  if (hadFocus && active instanceof HTMLElement && (active.closest('[hidden]') || active === document.body)) {
    byId(cancelled > 0 ? 'batch-read-rest' : isReading ? 'batch-cancel' : 'films-title').focus();
  }
}

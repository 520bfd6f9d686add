// A browser compiles what a film needs while the first one is read, and better once it has seen that it is needed often. A page that
// has nothing to do has a synthetic film read, so that the visitor's first is read and shown as fast as the tenth.

import { measurement } from '../text/format.js';
import { grayCanvas } from '../viewer/gray.js';

/** What is compiled after the first time is in use in the second. */
const TIMES = 2;

/**
 * @param {import('../reader/engine.js').Engine} engine that has started
 * @param {() => boolean} isIdle no film waits or is read
 */
export async function warmUp(engine, isIdle) {
  for (let time = 0; time < TIMES; time++) {
    await idle();
    if (!isIdle()) return;
    try {
      await (await engine.start()).warm({ onPreview: grayCanvas });
    } catch {
      // The first film says what is wrong.
      return;
    }
  }
  // The first number that is written takes longest.
  measurement(0.5);
  // For those who measure.
  document.documentElement.dataset.warm = '';
}

function idle() {
  // Safari has no such call.
  return new Promise((resolve) => (typeof requestIdleCallback === 'function' ? requestIdleCallback(resolve) : setTimeout(resolve, 200)));
}

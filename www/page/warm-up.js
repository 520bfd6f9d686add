// A browser compiles code when it is first used, and optimises it once it is used often. An idle page therefore reads a synthetic film, so
// that the visitor's first film is read and shown as fast as the tenth.

import { measurement } from '../text/format.js';
import { grayCanvas } from '../viewer/gray.js';

/** The second reading uses the code that was compiled after the first. */
const TIMES = 2;

/**
 * @param {import('../reader/engine.js').Engine} engine that has started
 * @param {() => boolean} isIdle whether no film waits or is being read
 */
export async function warmUp(engine, isIdle) {
  for (let time = 0; time < TIMES; time++) {
    await idle();
    if (!isIdle()) return;
    try {
      await (await engine.start()).warm({ onPreview: grayCanvas });
    } catch {
      // The visitor's first film will report what is wrong.
      return;
    }
  }
  // Formatting the first number takes longest.
  measurement(0.5);
  // Benchmarks and tests wait for it.
  document.documentElement.dataset.warm = '';
}

function idle() {
  // Safari lacks `requestIdleCallback`.
  return new Promise((resolve) => (typeof requestIdleCallback === 'function' ? requestIdleCallback(resolve) : setTimeout(resolve, 200)));
}

// A browser compiles code when it is first used, and optimises it once it is used often. An idle page therefore reads a synthetic film, so
// that the visitor's first film is read and shown as fast as the tenth.

import { measurement } from '../text/format.js';
import { resultView } from '../result/result-view.js';
import { grayCanvas } from '../viewer/gray.js';
import { Viewer } from '../viewer/viewer.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Report} Report
 */

/** The second reading uses the code that was compiled after the first. */
const TIMES = 2;

/**
 * @param {import('../reader/engine.js').Engine} engine that has started
 * @param {() => boolean} isIdle whether no film waits or is being read
 * @param {Pick<import('../result/result-view.js').Context, 'model' | 'metrics'>} about the model
 */
export async function warmUp(engine, isIdle, about) {
  /** @type {Report[]} */
  const reports = [];
  for (let time = 0; time < TIMES; time++) {
    await idle();
    if (!isIdle()) return;
    try {
      await (await engine.start()).warm({ onPreview: grayCanvas, onReport: (report) => reports.push(report) });
    } catch {
      // The visitor's first film will report what is wrong.
      return;
    }
  }
  await idle();
  const report = reports.find(({ error }) => !error);
  // A film that has come meanwhile is shown first.
  if (report && isIdle()) rehearse(report, about);
  // Formatting the first number takes longest.
  measurement(0.5);
  // Benchmarks and tests wait for it.
  document.documentElement.dataset.warm = '';
}

/**
 * Makes the result of a film, and shows it nowhere.
 * @param {Report} report
 * @param {Pick<import('../result/result-view.js').Context, 'model' | 'metrics'>} about
 */
function rehearse(report, about) {
  /** @type {Film} */
  const film = {
    id: 0,
    name: '',
    path: '',
    file: null,
    state: 'done',
    report,
    readAs: null,
    before: null,
    thumbnail: null,
    failure: null,
    isSynthetic: true,
    imported: null,
  };
  const viewer = new Viewer(async () => null);
  const nothing = () => {};
  const actions = { retry: nothing, readAgain: nothing, readAs: nothing, readAsStored: nothing, choose: nothing, compare: nothing };
  const context = { ...about, viewer, ...actions, tagsOf: async () => [] };
  resultView({ ...film, state: 'reading' }, context);
  resultView(film, context);
  viewer.end();
}

function idle() {
  // Safari lacks `requestIdleCallback`.
  return new Promise((resolve) => (typeof requestIdleCallback === 'function' ? requestIdleCallback(resolve) : setTimeout(resolve, 200)));
}

// Films that wait in their worker until they are let go, and one that stops it.

import { filmRows } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** The real program, but films called held-* wait, each in its worker, until `release`. */
export const HOLD = `
  const gate = new BroadcastChannel('gate');
  const opened = new Promise((resolve) => gate.addEventListener('message', resolve, { once: true }));
  const read = Classifier.prototype.classify;
  Classifier.prototype.classify = async function (path, ...rest) {
    if (path.startsWith('held-')) await opened;
    return read.call(this, path, ...rest);
  };`;

/** The real program, but a film called ill.png makes it trap with an access out of bounds. Append it to `reader/wasm.js`. */
export const TRAP = `
  const read = Classifier.prototype.classify;
  Classifier.prototype.classify = function (path, ...rest) {
    return read.call(path === 'ill.png' ? Classifier.__wrap(0xfffffff0) : this, path, ...rest);
  };`;

/** @param {Page} page */
export const release = (page) =>
  page.evaluate(() => {
    const gate = new BroadcastChannel('gate');
    setInterval(() => gate.postMessage('open'), 20);
  });

/** @param {Page} page */
export const states = async (page) => (await filmRows(page)).map(({ state }) => state);

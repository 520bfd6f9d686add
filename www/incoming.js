// What came in, as films for the queue: files to be read, results that this page exported once, and what the browser could not get at.

import { mayBeExport, readExport } from './import.js';

/**
 * @typedef {import('./file-tree.js').Source} Source
 * @typedef {import('./queue.js').Incoming} Incoming
 */

/** So many files are looked into at once. */
const AT_ONCE = 32;

/**
 * @param {Source[]} sources
 * @returns {Incoming[] | Promise<Incoming[]>} at once, where nothing has to be looked into
 */
export function toIncoming(sources) {
  return sources.some(({ file }) => file && mayBeExport(file)) ? lookedInto(sources) : sources;
}

/** @param {Source[]} sources */
async function lookedInto(sources) {
  /** @type {Incoming[]} */
  const incoming = [];
  for (let from = 0; from < sources.length; from += AT_ONCE) {
    const some = await Promise.all(sources.slice(from, from + AT_ONCE).map(lookInto));
    for (const films of some) incoming.push(...films);
  }
  return incoming;
}

/** @param {Source} source @returns {Promise<Incoming[]>} */
async function lookInto(source) {
  const { file, path } = source;
  const found = file && mayBeExport(file) ? await readExport(file) : null;
  if (!found) return [source];
  return Array.isArray(found) ? found : [{ file: null, path, failure: found }];
}

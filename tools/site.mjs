// The parts of the built site, and which of its files belong to the page.

import { createHash } from 'node:crypto';
import { modulesOf } from './modules.mjs';
import { filesBelow } from './size.mjs';

/** What the page loads, and what its workers are made of. */
export const PAGE = 'main.js';
export const WORKER = 'reader/worker.js';
/** What the page loads besides; no module, for it speaks where there is none. */
export const FROM_DISK = 'from-disk.js';
/** What wasm-bindgen writes. */
export const PROGRAM = ['wasm.js', 'wasm_bg.wasm'];
/** The service worker; the browser keeps it by itself. */
export const SERVICE_WORKER = 'service-worker.js';
/** Pages that are not this one, and what is about the site and no part of it: the page that checks it, and the list of its sums. */
const BESIDE = /^(examples\/|verify\.html$|verify\/|SHA256SUMS$)/;

/**
 * Paths of all files that the page or the browser may ask for, less the service worker; modules that only other pages import are not
 * among them, and neither is what lies beside the page.
 * @param {string} site
 */
export async function pageFiles(site) {
  const scripts = await modulesOf(site, [PAGE, WORKER]);
  return (await filesBelow(site)).filter((file) => (file.endsWith('.js') ? scripts.has(file) || file === FROM_DISK : !BESIDE.test(file)));
}

/**
 * @param {string | Uint8Array} bytes
 * @param {'hex' | 'base64'} encoding
 */
export const sha256 = (bytes, encoding) => createHash('sha256').update(bytes).digest(encoding);

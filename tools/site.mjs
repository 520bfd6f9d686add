// The parts of the built site, and which of its files belong to the page.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { modulesOf } from './modules.mjs';
import { filesBelow } from './size.mjs';

/** What the page loads, and what its workers are made of. */
export const PAGE = 'main.js';
export const WORKER = 'reader/worker.js';
/** What the page loads besides; no module, for it speaks where there is none. */
export const FROM_DISK = 'from-disk.js';
/** What wasm-bindgen writes, and the same program for browsers with relaxed SIMD: of the two a browser fetches one. */
export const PROGRAM = ['wasm.js', 'wasm_bg.wasm', 'relaxed_wasm_bg.wasm'];
export const RELAXED_PROGRAM = `reader/${PROGRAM[2]}`;
const PROGRAMS = [`reader/${PROGRAM[1]}`, RELAXED_PROGRAM];
/** The service worker; the browser keeps it by itself. */
export const SERVICE_WORKER = 'service-worker.js';
/** What the site is made of, and the hashes of its files: for those who look after it. */
export const SBOM = 'sbom.cdx.json';
export const SUMS = 'SHA256SUMS';
/** Pages that are not this one, and what is about the site and no part of it: the page that checks it, its sums and what it is made of. */
const BESIDE = /^(examples\/|verify\.html$|verify\/|SHA256SUMS$|sbom\.cdx\.json$)/;

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
 * Writes SHA256SUMS of all other files below a folder, as `sha256sum --check` reads it.
 * @param {string} site
 */
export async function writeSums(site) {
  const files = (await filesBelow(site)).filter((file) => file !== SUMS);
  const line = async (/** @type {string} */ file) => `${sha256(await readFile(path.join(site, file)), 'hex')}  ${file}\n`;
  await writeFile(path.join(site, SUMS), (await Promise.all(files.map(line))).join(''));
}

/**
 * What one browser fetches of the files of a site, where it needs the larger of the two programs.
 * @template {import('./size.mjs').FileSize} File
 * @param {File[]} files
 */
export function ofOneVisitor(files) {
  const programs = files.filter(({ path }) => PROGRAMS.includes(path)).sort((a, b) => a.brotli - b.brotli);
  return files.filter((file) => programs.length < 2 || file !== programs[0]);
}

/**
 * @param {string | Uint8Array} bytes
 * @param {'hex' | 'base64'} encoding
 */
export const sha256 = (bytes, encoding) => createHash('sha256').update(bytes).digest(encoding);

// Lists the parts of the built site and the files that belong to the page.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { modulesOf } from './modules.mjs';
import { filesBelow } from './size.mjs';

/** The modules of the page and of its workers. */
export const PAGE = 'main.js';
export const WORKER = 'reader/worker.js';
/** A classic script that the page also loads: it speaks where modules do not run. */
export const FROM_DISK = 'from-disk.js';
/** The output of wasm-bindgen, and the same program for browsers with relaxed SIMD. A browser fetches one of the two programs. */
export const PROGRAM = ['wasm.js', 'wasm_bg.wasm', 'relaxed_wasm_bg.wasm'];
export const RELAXED_PROGRAM = `reader/${PROGRAM[2]}`;
const PROGRAMS = [`reader/${PROGRAM[1]}`, RELAXED_PROGRAM];
/** The service worker; the browser keeps it by itself. */
export const SERVICE_WORKER = 'service-worker.js';
/** The bill of materials and the hashes of the site's files, for its maintainers. */
export const SBOM = 'sbom.cdx.json';
export const SUMS = 'SHA256SUMS';
/** Other pages, and files about the site that the page does not use: the page that checks it, its sums and its bill of materials. */
const BESIDE = /^(examples\/|verify\.html$|verify\/|SHA256SUMS$|sbom\.cdx\.json$)/;

/**
 * Paths of all files that the page or the browser may ask for, except the service worker, modules that only other pages import, and files
 * beside the page.
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
 * The files of a site that one browser fetches if it needs the larger of the two programs.
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

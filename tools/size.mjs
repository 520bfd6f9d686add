// Measures what a visitor's browser has to fetch, and checks the limits.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const compressed = promisify(brotliCompress);

/** @typedef {{ path: string, raw: number, brotli: number }} FileSize bytes on disk, and bytes that a compressing host sends */

/**
 * The number in the text of a limit file: its only line that is not a comment. Digits may be separated by `_`.
 * @param {string} text
 */
export function parseLimit(text) {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length !== 1 || !/^\d[\d_]*$/.test(lines[0])) throw new Error(`a file with a limit holds one number of bytes, not ${JSON.stringify(lines)}`);
  return Number(lines[0].replaceAll('_', ''));
}

/** `1234567` as `1,234,567`. @param {number} number */
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * Paths of all files below a folder, with `/` on every system, sorted.
 * @param {string} folder
 */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/**
 * Sizes of every file below a folder, the largest transfer first, with brotli at quality 11, as static hosts precompress.
 * @param {string} folder
 * @returns {Promise<FileSize[]>}
 */
export async function sizes(folder) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
  const files = await Promise.all(
    (await filesBelow(folder)).map(async (file) => {
      const bytes = await readFile(path.join(folder, file));
      return { path: file, raw: bytes.length, brotli: (await compressed(bytes, { params })).length };
    }),
  );
  return files.sort((a, b) => b.brotli - a.brotli || (a.path < b.path ? -1 : 1));
}

/** @param {FileSize[]} files */
export function total(files) {
  const sum = (/** @type {'raw' | 'brotli'} */ kind) => files.reduce((sum, file) => sum + file[kind], 0);
  return { path: 'total', raw: sum('raw'), brotli: sum('brotli') };
}

/** One line per file, and one for the total. @param {FileSize[]} files */
export function table(files) {
  const all = [...files, total(files)];
  const width = Math.max(...all.map(({ path }) => path.length));
  const line = (/** @type {string} */ file, /** @type {string} */ raw, /** @type {string} */ brotli) =>
    `${file.padEnd(width)}  ${raw.padStart(11)}  ${brotli.padStart(11)}`;
  return [line('file', 'raw bytes', 'brotli'), ...all.map(({ path, raw, brotli }) => line(path, grouped(raw), grouped(brotli)))].join('\n');
}

/**
 * Fails above a limit.
 * @param {string} what
 * @param {number} bytes
 * @param {number} limit
 * @param {string} file the file that states the limit
 */
export function ensureWithin(what, bytes, limit, file) {
  if (bytes > limit) throw new Error(`${what} ${grouped(bytes)} bytes, ${grouped(bytes - limit)} more than the limit of ${grouped(limit)} in ${file}`);
}

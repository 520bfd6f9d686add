// Makes temporary folders with files for the tests of the build.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** @type {string[]} */
const folders = [];

/**
 * A folder with these files; `remove` deletes it.
 * @param {Record<string, string | Buffer>} files
 */
export async function folderWith(files) {
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-tools-'));
  folders.push(folder);
  await write(folder, files);
  return folder;
}

/** @param {string} folder @param {Record<string, string | Buffer>} files */
export async function write(folder, files) {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}

export const removeFolders = () => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));

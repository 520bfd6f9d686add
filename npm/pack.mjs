// Makes the npm package out of the built site: what the two modules for builders import and load, their types, and the licences.
//
// DIST  the built site (dist)
// OUT   where the folder package/ and the tarball go (target)

import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const DIST = path.resolve(ROOT, process.env.DIST ?? 'dist');
const OUT = path.resolve(ROOT, process.env.OUT ?? 'target');

const MODULES = ['covid-classifier.js', 'xray-classifier.js'];
/** What these load when they run. */
const LOADED = ['worker.js', 'covid_classifier_bg.wasm'];
const TYPES = ['covid-classifier.d.ts', 'xray-classifier.d.ts', 'types.d.ts', 'report.d.ts'];

const folder = path.join(OUT, 'package');
await rm(folder, { recursive: true, force: true });
await mkdir(path.join(folder, 'models'), { recursive: true });

const copy = (/** @type {string} */ from, /** @type {string} */ to) => cp(path.join(ROOT, from), path.join(folder, to));
for (const file of await withImports([...MODULES, ...LOADED])) await cp(path.join(DIST, file), path.join(folder, file));
await cp(path.join(DIST, 'models'), path.join(folder, 'models'), { recursive: true });
for (const file of TYPES) await copy(`www/${file}`, file);
for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await copy(file, file);
await copy('models/MODEL_CARD.md', 'models/MODEL_CARD.md');
await copy('npm/README.md', 'README.md');

const description = JSON.parse(await readFile(path.join(ROOT, 'npm/package.json'), 'utf8'));
const { name, ...rest } = description;
const files = (await readdir(folder)).filter((file) => !file.startsWith('README'));
await writeFile(path.join(folder, 'package.json'), `${JSON.stringify({ name, version: await version(), ...rest, files }, null, 2)}\n`);

const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', OUT], { cwd: folder, encoding: 'utf8' });
const [{ filename, size, unpackedSize, entryCount }] = Object.values(JSON.parse(packed));
console.log(`${path.join(OUT, filename)}: ${entryCount} files, ${(size / 1e6).toFixed(1)} MB packed, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked`);

/**
 * These files and all that they import.
 * @param {string[]} files
 */
async function withImports(files) {
  const all = new Set(files);
  for (const file of all) {
    if (!file.endsWith('.js')) continue;
    const source = await readFile(path.join(DIST, file), 'utf8');
    for (const [, imported] of source.matchAll(/^(?:import|export)\b[^;]*?'\.\/([^']+)';/gm)) all.add(imported);
  }
  return all;
}

/** The one version that there is. */
async function version() {
  const manifest = await readFile(path.join(ROOT, 'Cargo.toml'), 'utf8');
  const version = /^\[workspace\.package\]\nversion = "([^"]+)"/m.exec(manifest)?.[1];
  if (!version) throw new Error('Cargo.toml names no version under [workspace.package]');
  return version;
}

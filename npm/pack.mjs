// Makes the npm package out of the built site: what the two modules for builders import and load, their types, and the licences.
//
// DIST  the built site (dist)
// OUT   where the folder package/ and the tarball go (target)

import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { modulesOf } from '../tools/modules.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const DIST = path.resolve(ROOT, process.env.DIST ?? 'dist');
const OUT = path.resolve(ROOT, process.env.OUT ?? 'target');

const MODULES = ['covid-classifier.js', 'xray-classifier.js'];
/** What these load when they run. */
const WORKER = 'reader/worker.js';
const PROGRAMS = ['reader/wasm_bg.wasm', 'reader/relaxed_wasm_bg.wasm'];
const TYPES = ['covid-classifier.d.ts', 'xray-classifier.d.ts', 'reader/classifier.d.ts', 'element/element.d.ts', 'report/types.d.ts', 'report/report.d.ts'];

const folder = path.join(OUT, 'package');
await rm(folder, { recursive: true, force: true });
await mkdir(path.join(folder, 'models'), { recursive: true });

const copy = (/** @type {string} */ from, /** @type {string} */ to) => cp(path.join(ROOT, from), path.join(folder, to));
const scripts = await modulesOf(DIST, [...MODULES, WORKER]);
for (const file of [...scripts.keys(), ...PROGRAMS]) await cp(path.join(DIST, file), path.join(folder, file));
await cp(path.join(DIST, 'models'), path.join(folder, 'models'), { recursive: true });
for (const file of TYPES) await copy(`www/${file}`, file);
for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await copy(file, file);
await copy('models/MODEL_CARD.md', 'models/MODEL_CARD.md');
await copy('models/LICENSE', 'models/LICENSE');
await copy('npm/README.md', 'README.md');

const description = JSON.parse(await readFile(path.join(ROOT, 'npm/package.json'), 'utf8'));
const { name, ...rest } = description;
const files = (await readdir(folder)).filter((file) => !file.startsWith('README'));
await writeFile(path.join(folder, 'package.json'), `${JSON.stringify({ name, version: await version(), ...rest, files }, null, 2)}\n`);

const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', OUT], { cwd: folder, encoding: 'utf8' });
const [{ filename, size, unpackedSize, entryCount }] = Object.values(JSON.parse(packed));
console.log(`${path.join(OUT, filename)}: ${entryCount} files, ${(size / 1e6).toFixed(1)} MB packed, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked`);

/** The one version that there is. */
async function version() {
  const manifest = await readFile(path.join(ROOT, 'Cargo.toml'), 'utf8');
  const version = /^\[workspace\.package\]\nversion = "([^"]+)"/m.exec(manifest)?.[1];
  if (!version) throw new Error('Cargo.toml names no version under [workspace.package]');
  return version;
}

// Assembles the static site, prints the files that a browser must fetch, and fails above the size limit.
//
//   node tools/dist.mjs [--www www] [--models models] [--bindgen target/site] [--examples examples] [--out dist]

import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { modulesOf } from './modules.mjs';
import { sbom } from './sbom.mjs';
import { ofOneVisitor, PAGE, pageFiles, PROGRAM, SBOM, SERVICE_WORKER, sha256, writeSums } from './site.mjs';
import { ensureWithin, filesBelow, grouped, parseLimit, sizes, table, total } from './size.mjs';

const LIMIT = path.join(import.meta.dirname, 'size-limit.txt');

/** The files of the models folder that the page fetches, beside the weight files that the manifest names. */
const MANIFEST = 'manifest.json';
const EVIDENCE = 'evidence.json';

/** The module that gets the manifest's hash and the names of the weight files, and the places for them. */
const LOADER = 'reader/model-files.js';
const HASH_PLACE = `const MANIFEST_SHA256 = '';`;
const WEIGHTS_PLACE = 'const WEIGHTS = [];';

/** The place for the list of files in the text of the service worker. */
const PLACE = `{ version: '', files: {} }`;

/**
 * @typedef {object} Sources folders
 * @property {string} www the page's own files
 * @property {string} models weights with their manifest and evidence
 * @property {string} bindgen the output of wasm-bindgen
 * @property {string} examples pages that use the classifier's modules
 */

/**
 * Replaces `out` by a freshly assembled site, prints its table of sizes, and fails if it is larger than `limit` allows.
 *
 * The site is assembled beside `out` and swapped in whole: a failure on the way keeps the old site, and a success leaves none of its files.
 * A site above the limit is swapped in too, so that it can be inspected.
 * @param {Sources} sources
 * @param {string} out
 * @param {number} limit bytes after brotli
 * @param {string} materials the bill of materials of the site
 */
export async function buildDist(sources, out, limit, materials) {
  await ensureReplaceable(out);
  const parent = path.dirname(path.resolve(out));
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(path.join(parent, '.dist-'));
  try {
    const fresh = path.join(work, 'fresh');
    await assemble(sources, fresh);
    await writeFile(path.join(fresh, SBOM), materials);
    await writeSums(fresh);
    if (existsSync(out)) await rename(out, path.join(work, 'stale'));
    await rename(fresh, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const files = await sizes(out);
  const fetched = total(ofOneVisitor(files)).brotli;
  console.log(`${table(files)}\na browser fetches one of the two programs, in all: ${grouped(fetched)}; limit: ${grouped(limit)} bytes after brotli`);
  ensureWithin('a browser must fetch', fetched, limit, 'tools/size-limit.txt');
}

/** Fails unless `out` is a site, empty or missing, so that a mistyped `--out` cannot delete another folder. @param {string} out */
async function ensureReplaceable(out) {
  if (!existsSync(out) || existsSync(path.join(out, SERVICE_WORKER))) return;
  if ((await stat(out)).isDirectory() && (await readdir(out)).length === 0) return;
  throw new Error(`${out} holds something else than a site; move it away or name another folder`);
}

/** @param {Sources} sources @param {string} fresh */
async function assemble({ www, models, bindgen, examples }, fresh) {
  ensureThere(path.join(www, 'index.html'), 'it is the page');
  await copyTree(www, fresh);
  for (const file of PROGRAM) await copy(path.join(bindgen, file), path.join(fresh, 'reader', file), '`xtask bindgen` makes it');
  // Subfolders there are not for browsers.
  await copyTree(examples, path.join(fresh, 'examples'), (file) => !file.includes('/'));
  for (const file of await modelFiles(models)) await copy(path.join(models, file), path.join(fresh, 'models', file), MAKES_MODELS);
  await writeModel(fresh);
  await writePreloads(fresh);
  await writeList(fresh);
}

const MAKES_MODELS = '`./build.sh train` and `./build.sh evaluate` make it';

/** The files of the models folder that the page fetches. @param {string} models */
async function modelFiles(models) {
  const manifest = path.join(models, MANIFEST);
  ensureThere(manifest, MAKES_MODELS);
  /** @type {{ files: { path: string }[] }} */
  let named;
  try {
    named = JSON.parse(await readFile(manifest, 'utf8'));
  } catch (error) {
    throw new Error(`${manifest} is damaged`, { cause: error });
  }
  return [MANIFEST, EVIDENCE, ...named.files.map(({ path }) => path)];
}

/**
 * Copies everything below a folder, except what is not a part of the site.
 * @param {string} from
 * @param {string} to
 * @param {(file: string) => boolean} [isWanted]
 */
async function copyTree(from, to, isWanted = () => true) {
  for (const file of (await filesBelow(from)).filter((file) => isPublished(file) && isWanted(file))) await copy(path.join(from, file), path.join(to, file), '');
}

/** Leaves out hidden files and those that only people, the type checker or cargo read. @param {string} file */
function isPublished(file) {
  const isHidden = file.split('/').some((name) => name.startsWith('.'));
  return !isHidden && !/(\.d\.ts|\.md|\.rs|(^|\/)tsconfig\.json)$/.test(file);
}

/**
 * Copies one file to a place that must be free.
 * @param {string} from
 * @param {string} to
 * @param {string} remedy what to do if it is missing
 */
async function copy(from, to, remedy) {
  ensureThere(from, remedy);
  if (existsSync(to)) throw new Error(`two sources want to be ${to}`);
  await mkdir(path.dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** @param {string} file @param {string} remedy */
function ensureThere(file, remedy) {
  if (!existsSync(file)) throw new Error(`${file} is not there; ${remedy}`);
}

/**
 * Writes the hash of the model's manifest, and the names of the weight files, into the page.
 * @param {string} site
 */
async function writeModel(site) {
  const file = path.join(site, LOADER);
  let text = await readFile(file, 'utf8');
  const fill = (/** @type {string} */ place, /** @type {string} */ filled) => {
    if (text.split(place).length !== 2) throw new Error(`${LOADER} must hold ${place}, once`);
    text = text.replace(place, filled);
  };
  const manifest = await readFile(path.join(site, 'models', MANIFEST), 'utf8');
  const names = JSON.parse(manifest).files.map((/** @type {{path: string}} */ { path }) => `'${path}'`);
  fill(HASH_PLACE, `const MANIFEST_SHA256 = '${sha256(Buffer.from(manifest), 'hex')}';`);
  fill(WEIGHTS_PLACE, `const WEIGHTS = [${names.join(', ')}];`);
  await writeFile(file, text);
}

/**
 * Names every module in the page's head, so that a browser requests all of them at once instead of one after another.
 * @param {string} site
 */
async function writePreloads(site) {
  const index = path.join(site, 'index.html');
  const html = await readFile(index, 'utf8');
  const script = `<script type="module" src="${PAGE}"></script>\n`;
  if (html.split(script).length !== 2) throw new Error(`index.html must hold ${script.trim()} on a line, once`);
  const modules = [...(await modulesOf(site, [PAGE])).keys()].filter((module) => module !== PAGE);
  const links = modules.map((module) => `<link rel="modulepreload" href="${module}">\n`);
  await writeFile(
    index,
    html.replace(script, () => links.join('') + script),
  );
}

/**
 * Writes the list of files into the service worker of the site. Any change of a file, or of the service worker's own text, changes the
 * list, which makes browsers notice.
 * @param {string} site
 */
async function writeList(site) {
  const file = path.join(site, SERVICE_WORKER);
  const worker = await readFile(file, 'utf8');
  if (worker.split(PLACE).length !== 2) throw new Error(`${SERVICE_WORKER} must hold ${PLACE}, once`);
  const hash = async (/** @type {string} */ name) => [name, sha256(await readFile(path.join(site, name)), 'hex')];
  const files = JSON.stringify(Object.fromEntries(await Promise.all((await pageFiles(site)).map(hash))), null, 2);
  const version = sha256(`${files}\n${worker}`, 'hex');
  await writeFile(
    file,
    worker.replace(PLACE, () => `{ version: "${version}", files: ${files} }`),
  );
}

if (process.argv[1] === import.meta.filename) {
  const text = (/** @type {string} */ preset) => ({ type: /** @type {const} */ ('string'), default: preset });
  const { values } = parseArgs({
    options: { www: text('www'), models: text('models'), bindgen: text('target/site'), examples: text('examples'), out: text('dist') },
  });
  const { out, ...sources } = values;
  try {
    await buildDist(sources, out, parseLimit(await readFile(LIMIT, 'utf8')), await sbom(sources.models));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

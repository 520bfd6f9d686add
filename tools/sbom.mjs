// Writes a CycloneDX bill of materials of the site: the crates that are linked into its module, the model's weights, and the tools that
// worked on it. The page contains no npm package.
//
//   node tools/sbom.mjs [--models models]      prints it
//
// It does not say when or where it was made, so the same sources give the same bytes.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { sha256 } from './site.mjs';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '..');
const PACKAGE = 'covid-classifier';
const TARGET = 'wasm32-unknown-unknown';
/** The packages of package-lock.json that build the site. */
const NPM_TOOLS = ['binaryen', 'esbuild'];
/** The crate whose program writes the JavaScript around the module; its version is that of the crate that is linked. */
const BINDGEN = 'wasm-bindgen-cli-support';

/**
 * @typedef {object} Crate
 * @property {string} name
 * @property {string} version
 * @property {boolean} isMacro whether it runs in the compiler
 * @property {Set<string>} needs keys of the crates that it depends on
 */

/** @typedef {{ license: string | null, repository: string | null, source: string | null }} About */

/**
 * The crates of `cargo tree --prefix depth`, by NAME@VERSION; the first is the root.
 * @param {string} tree
 */
export function cratesOf(tree) {
  /** @type {Map<string, Crate>} */
  const crates = new Map();
  /** @type {Crate[]} the ancestors of the present line */
  const above = [];
  for (const line of tree.split('\n').filter(Boolean)) {
    const [, depth, name, version, rest] = /^(\d+) (\S+) v(\S+)(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`cargo tree says what was not expected: ${line}`);
    const key = `${name}@${version}`;
    const crate = crates.get(key) ?? { name, version, isMacro: rest.includes('(proc-macro)'), needs: new Set() };
    crates.set(key, crate);
    above[Number(depth)] = crate;
    if (Number(depth) > 0) above[Number(depth) - 1].needs.add(key);
  }
  return crates;
}

/**
 * Keys of the linked crates: everything that the root needs, except what only macros need.
 * @param {Map<string, Crate>} crates
 */
export function linked(crates) {
  const found = new Set();
  const follow = (/** @type {string} */ key) => {
    const crate = crates.get(key);
    if (!crate || crate.isMacro || found.has(key)) return;
    found.add(key);
    for (const needed of crate.needs) follow(needed);
  };
  follow([...crates.keys()][0]);
  return found;
}

/** SHA-256 of each crate's archive by NAME@VERSION. @param {string} lock the text of Cargo.lock */
export function checksums(lock) {
  const packages = lock.split('[[package]]').slice(1);
  const value = (/** @type {string} */ text, /** @type {string} */ key) => new RegExp(`^${key} = "(.*)"$`, 'm').exec(text)?.[1];
  return new Map(packages.map((text) => [`${value(text, 'name')}@${value(text, 'version')}`, value(text, 'checksum')]));
}

/**
 * The document.
 * @param {object} known
 * @param {string} known.tree of `cargo tree`
 * @param {Map<string, About>} known.about crates by NAME@VERSION
 * @param {string} known.cargoLock
 * @param {Record<string, { version: string, license?: string, integrity?: string }>} known.npm by name
 * @param {{ version: string, files: { path: string, sha256: string }[] }} known.model
 */
export function document({ tree, about, cargoLock, npm, model }) {
  const crates = cratesOf(tree);
  const sums = checksums(cargoLock);
  const inside = linked(crates);
  const [rootKey, root] = [...crates][0];
  const crateRef = (/** @type {string} */ key) => `pkg:cargo/${key}`;
  const licenses = (/** @type {string | null | undefined} */ license) =>
    // An older notation for OR.
    license ? { licenses: [{ expression: license.replaceAll('/', ' OR ') }] } : {};
  const crateComponent = (/** @type {string} */ key, /** @type {Crate} */ { name, version }) => {
    const { license, repository } = about.get(key) ?? {};
    const sum = sums.get(key);
    return {
      type: 'library',
      'bom-ref': crateRef(key),
      name,
      version,
      scope: inside.has(key) ? 'required' : 'excluded',
      ...(sum ? { hashes: [{ alg: 'SHA-256', content: sum }] } : {}),
      ...licenses(license),
      purl: crateRef(key),
      ...(repository ? { externalReferences: [{ type: 'vcs', url: repository }] } : {}),
    };
  };
  const tool = (/** @type {string} */ name) => {
    const { version, license, integrity } = npm[name];
    const content = Buffer.from(integrity?.replace(/^sha512-/, '') ?? '', 'base64').toString('hex');
    const purl = `pkg:npm/${name}@${version}`;
    const hashes = content ? { hashes: [{ alg: 'SHA-512', content }] } : {};
    return { type: 'application', 'bom-ref': purl, name, version, scope: 'excluded', ...hashes, ...licenses(license), purl };
  };
  const weights = model.files.map((file) => ({
    type: 'machine-learning-model',
    'bom-ref': `model:${file.path}`,
    name: file.path,
    version: model.version,
    scope: 'required',
    hashes: [{ alg: 'SHA-256', content: file.sha256 }],
  }));
  const others = [...crates].filter(([key]) => key !== rootKey).sort(([a], [b]) => (a < b ? -1 : 1));
  const bindgen = [...sums.keys()].find((key) => key.startsWith(`${BINDGEN}@`));
  const tools = bindgen ? [crateComponent(bindgen, { name: BINDGEN, version: bindgen.slice(BINDGEN.length + 1), isMacro: false, needs: new Set() })] : [];
  const components = [...others.map(([key, crate]) => crateComponent(key, crate)), ...tools, ...weights, ...NPM_TOOLS.map(tool)];
  const needs = (/** @type {string} */ key) => [...(crates.get(key)?.needs ?? [])].map(crateRef).sort();
  const dependencies = [
    { ref: crateRef(rootKey), dependsOn: [...needs(rootKey), ...weights.map((file) => file['bom-ref'])] },
    ...others.map(([key]) => ({ ref: crateRef(key), dependsOn: needs(key) })),
  ];
  const { type, name, version, licenses: ours } = { type: 'application', name: root.name, version: root.version, ...licenses(about.get(rootKey)?.license) };
  const body = {
    version: 1,
    metadata: { component: { type, 'bom-ref': crateRef(rootKey), name, version, licenses: ours } },
    components,
    dependencies,
  };
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`, ...body };
}

/** A UUID of version 8, from the hash of a text. @param {string} text */
function uuidOf(text) {
  const digits = sha256(text, 'hex');
  return [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
}

/** The text of the document for the sources in this repository. @param {string} models */
export async function sbom(models) {
  const cargo = async (/** @type {string[]} */ ...args) => (await run('cargo', args, { cwd: ROOT, maxBuffer: 1 << 28 })).stdout;
  const of = ['--locked', '--package', PACKAGE, '--no-default-features', '--target', TARGET];
  const tree = await cargo('tree', ...of, '--edges', 'normal', '--prefix', 'depth', '--format', ' {p}');
  /** @type {{ packages: ({ name: string, version: string } & About)[] }} */
  const { packages } = JSON.parse(await cargo('metadata', '--locked', '--format-version', '1'));
  const text = (/** @type {string} */ file) => readFile(path.join(ROOT, file), 'utf8');
  /** @type {Record<string, { version: string, license?: string, integrity?: string }>} */
  const npm = JSON.parse(await text('package-lock.json')).packages;
  const known = {
    tree,
    about: new Map(packages.map((about) => [`${about.name}@${about.version}`, about])),
    cargoLock: await text('Cargo.lock'),
    npm: Object.fromEntries(NPM_TOOLS.map((name) => [name, npm[`node_modules/${name}`]])),
    model: JSON.parse(await readFile(path.join(models, 'manifest.json'), 'utf8')),
  };
  return `${JSON.stringify(document(known), null, 1)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { models: { type: 'string', default: 'models' } } });
  process.stdout.write(await sbom(values.models));
}

// Lists the modules that a module imports, directly or not, as esbuild resolves them.

import path from 'node:path';
import { build } from 'esbuild';

/** The module that wasm-bindgen generates, which exists only in the built site. */
const GENERATED = /(^|\/)wasm\.js$/;

/**
 * Every module that the entries reach, including the entries, with its own imports; each comes after the modules that it imports. Fails
 * where a module cannot be read or where imports form a cycle.
 * @param {string} folder
 * @param {string[]} entries paths below the folder
 * @param {{ withoutGenerated?: boolean }} [options] `withoutGenerated` is for the source folder, which lacks the generated module
 * @returns {Promise<Map<string, string[]>>} paths below the folder
 */
export async function modulesOf(folder, entries, { withoutGenerated = false } = {}) {
  const { metafile } = await build({
    absWorkingDir: path.resolve(folder),
    entryPoints: entries.map((entry) => `./${entry}`),
    bundle: true,
    format: 'esm',
    metafile: true,
    write: false,
    outdir: 'out',
    logLevel: 'silent',
    plugins: withoutGenerated ? [{ name: 'generated', setup: (build) => build.onResolve({ filter: GENERATED }, () => ({ external: true })) }] : [],
  });
  const imports = (/** @type {string} */ module) => metafile.inputs[module].imports.filter(({ external }) => !external).map(({ path }) => path);
  /** @type {Map<string, string[]>} */
  const found = new Map();
  const visit = (/** @type {string} */ module, /** @type {string[]} */ above) => {
    const circle = above.indexOf(module);
    if (circle >= 0) throw new Error(`modules import each other in a circle: ${[...above.slice(circle), module].join(' -> ')}`);
    if (found.has(module)) return;
    const imported = imports(module);
    for (const other of imported) visit(other, [...above, module]);
    found.set(module, imported);
  };
  for (const entry of entries) visit(entry, []);
  return found;
}

// The rooms of www: a module imports from its own room and from rooms further down the list, without cycles.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { modulesOf } from '../../tools/modules.mjs';
import { folderWith, removeFolders } from './support.mjs';

const WWW = path.resolve(import.meta.dirname, '../../www');

/** From the page down to the rooms that know nothing of it. */
const ROOMS = ['page', 'own-model', 'validate', 'blind', 'compare', 'element', 'result', 'films', 'viewer', 'exchange', 'text', 'reader', 'report', 'ui'];

/** Modules that pages load from the root of www. */
const DOORS = ['main.js', 'covid-classifier.js', 'xray-classifier.js', 'service-worker.js', 'from-disk.js', 'verify/verify.js'];

/** No module imports it: workers are made from it. */
const WORKER = 'reader/worker.js';

/** Place of a module in the list; the doors come before every room. @param {string} module */
function place(module) {
  if (DOORS.includes(module)) return -1;
  const room = ROOMS.indexOf(module.split('/')[0]);
  assert.ok(room >= 0, `${module} lies in no room`);
  return room;
}

/** Imports that point up the list. @param {Iterable<[string, string[]]>} graph */
const upwards = (graph) =>
  [...graph].flatMap(([module, imports]) => imports.filter((other) => place(other) < place(module)).map((other) => `${module} -> ${other}`));

/** Types that modules name, by module. @param {string[]} files */
async function typesOf(files) {
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(path.join(WWW, file), 'utf8');
      const named = [...source.matchAll(/\bimport\('(\.[^']+)'\)|\bfrom '(\.[^']+)';/g)].map(([, type, module]) =>
        path.posix.join(path.posix.dirname(file), type ?? module),
      );
      return /** @type {[string, string[]]} */ ([file, named]);
    }),
  );
}

after(removeFolders);

test('imports point down the list of rooms, in no circle, and no module is left out', async () => {
  const graph = await modulesOf(WWW, [...DOORS, WORKER], { withoutGenerated: true });
  assert.deepEqual(upwards(graph), []);
  const scripts = (await readdir(WWW, { recursive: true })).map((file) => file.replaceAll(path.sep, '/')).filter((file) => file.endsWith('.js'));
  assert.deepEqual([...graph.keys()].sort(), scripts.sort());
});

test('so do the types that they name', async () => {
  const files = (await readdir(WWW, { recursive: true })).map((file) => file.replaceAll(path.sep, '/')).filter((file) => /\.(js|d\.ts)$/.test(file));
  const graph = (await typesOf(files)).map(([file, named]) => /** @type {[string, string[]]} */ ([file.replace(/\.d\.ts$/, '.js'), named]));
  assert.ok(graph.some(([, named]) => named.includes('report/types.js')));
  assert.deepEqual(upwards(graph), []);
});

test('an import up the list is seen', () => {
  assert.deepEqual(
    upwards([
      ['ui/dom.js', ['text/messages.js']],
      ['main.js', ['ui/dom.js']],
      ['ui/dom.js', ['main.js']],
    ]),
    ['ui/dom.js -> text/messages.js', 'ui/dom.js -> main.js'],
  );
  assert.throws(() => upwards([['attic/a.js', ['ui/dom.js']]]), /lies in no room/);
});

test('modules come after those that they import, whatever the form of the import', async () => {
  const folder = await folderWith({
    'main.js':
      "import { a } from './a.js';\nexport * from \"./b/b.js\";\nconst late = () => import('./late.js');\n/** @type {import('./types.js').T} */\nlate(a);\n",
    'a.js': "import './b/b.js'; export const a = 'import \"./none.js\"';\n",
    'b/b.js': "import '../c.js';\n",
    'c.js': '',
    'late.js': '',
    'unused.js': '',
  });
  const graph = await modulesOf(folder, ['main.js']);
  assert.deepEqual([...graph.keys()], ['c.js', 'b/b.js', 'a.js', 'late.js', 'main.js']);
  assert.deepEqual(graph.get('main.js'), ['a.js', 'b/b.js', 'late.js']);
});

test('a circle, and a module that is not there, are errors that name it', async () => {
  const circle = await folderWith({ 'main.js': "import './a.js';\n", 'a.js': "import './b.js';\n", 'b.js': "import './a.js';\n" });
  await assert.rejects(modulesOf(circle, ['main.js']), /in a circle: a\.js -> b\.js -> a\.js/);
  const itself = await folderWith({ 'main.js': "import './main.js';\n" });
  await assert.rejects(modulesOf(itself, ['main.js']), /in a circle: main\.js -> main\.js/);
  const missing = await folderWith({ 'main.js': "import './none.js';\n" });
  await assert.rejects(modulesOf(missing, ['main.js']), /none\.js/);
  const bare = await folderWith({ 'main.js': "import 'three';\n" });
  await assert.rejects(modulesOf(bare, ['main.js']), /three/);
});

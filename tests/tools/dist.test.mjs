// The assembly of the site: its content, the swap as a whole, its list for offline use, and its size limit.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { buildDist } from '../../tools/dist.mjs';
import { sha256 } from '../../tools/site.mjs';
import { ensureWithin, filesBelow, grouped, parseLimit, sizes, table, total } from '../../tools/size.mjs';
import { folderWith, removeFolders, write } from './support.mjs';

after(removeFolders);
test.beforeEach((context) => context.mock.method(console, 'log', () => {}));

const FILES = {
  'www/index.html': '<!doctype html>\n<head>\n<script type="module" src="main.js"></script>\n</head>\n',
  'www/main.js': "import './parts/viewer.js';\n",
  'www/parts/viewer.js': "import '../a.js';\nimport '../reader/model-files.js';\n",
  'www/a.js': '',
  'www/reader/model-files.js': "const MANIFEST_SHA256 = '';\nconst WEIGHTS = [];\n",
  'www/for-other-pages.js': '',
  'www/service-worker.js': "const SITE = { version: '', files: {} };\n",
  'www/reader/worker.js': "import './wasm.js';\n",
  'www/.editor-backup': 'not for visitors',
  'www/tsconfig.json': '{}',
  'www/parts/types.d.ts': 'export {}',
  'examples/embed.html': '<!doctype html>',
  'examples/README.md': 'not for visitors',
  'examples/decoded.rs': 'not for visitors',
  'examples/spark/read_films.py': 'not for visitors',
  'examples/hosting/nginx.conf': 'not for visitors',
  'bindgen/wasm.js': 'export default 1;\n',
  'bindgen/wasm_bg.wasm': '\0asm',
  'bindgen/relaxed_wasm_bg.wasm': '\0asm relaxed',
  'bindgen/from-an-older-build.js': '',
  'models/manifest.json': '{"files":[{"path":"a.safetensors"},{"path":"b.safetensors"}]}',
  'models/a.safetensors': 'a',
  'models/b.safetensors': 'b',
  'models/c.safetensors': 'not named by the manifest',
  'models/evidence.json': '{}',
  'models/metrics.json': 'not fetched by the page',
  'models/MODEL_CARD.md': 'not fetched by the page',
};

const SITE = [
  'SHA256SUMS',
  'a.js',
  'examples/embed.html',
  'for-other-pages.js',
  'index.html',
  'main.js',
  'models/a.safetensors',
  'models/b.safetensors',
  'models/evidence.json',
  'models/manifest.json',
  'parts/viewer.js',
  'reader/model-files.js',
  'reader/relaxed_wasm_bg.wasm',
  'reader/wasm.js',
  'reader/wasm_bg.wasm',
  'reader/worker.js',
  'sbom.cdx.json',
  'service-worker.js',
];

const MATERIALS = '{"bomFormat":"CycloneDX"}\n';

/** A folder with the sources of a small site. @param {Record<string, string>} [changes] */
async function scene(changes = {}) {
  const root = await folderWith({ ...FILES, ...changes });
  const at = (/** @type {string} */ name) => path.join(root, name);
  const sources = { www: at('www'), models: at('models'), bindgen: at('bindgen'), examples: at('examples') };
  const read = (/** @type {string} */ file) => readFile(path.join(at('dist'), file), 'utf8');
  return { root, at, read, files: () => filesBelow(at('dist')), build: (limit = 1e6) => buildDist(sources, at('dist'), limit, MATERIALS) };
}

/** The version and the files that the service worker keeps. @param {string} worker */
function listed(worker) {
  const [, version, files] = /^const SITE = \{ version: "(\w+)", files: (\{.*?\}) \};$/ms.exec(worker) ?? [];
  return { version, files: JSON.parse(files) };
}

test('the site holds page, module, models and examples, and nothing else', async () => {
  const { build, files } = await scene();
  await build();
  assert.deepEqual(await files(), SITE);
});

test('the page names its modules to the browser, those first that others import', async () => {
  const { build, read } = await scene();
  await build();
  const links = [...(await read('index.html')).matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, href]) => href);
  assert.deepEqual(links, ['a.js', 'reader/model-files.js', 'parts/viewer.js']);
});

test('the page knows the hash of its manifest and the names of its weight files', async () => {
  const { build, read } = await scene();
  await build();
  const hash = createHash('sha256').update(FILES['models/manifest.json']).digest('hex');
  assert.equal(await read('reader/model-files.js'), `const MANIFEST_SHA256 = '${hash}';\nconst WEIGHTS = ['a.safetensors', 'b.safetensors'];\n`);
  const { build: fail } = await scene({ 'www/reader/model-files.js': '' });
  await assert.rejects(fail(), /model-files\.js must hold const MANIFEST_SHA256/);
});

test('what an earlier build left vanishes, and nothing is left beside the site', async () => {
  const { build, files, read, root } = await scene();
  await build();
  await write(root, { 'dist/old.js': '', 'www/a.js': '// newer\n' });
  await build();
  assert.deepEqual(await files(), SITE);
  assert.equal(await read('a.js'), '// newer\n');
  assert.deepEqual((await readdir(root)).sort(), ['bindgen', 'dist', 'examples', 'models', 'www']);
});

for (const [file, said] of [
  ['www/index.html', /index\.html is not there/],
  ['bindgen/wasm_bg.wasm', /xtask bindgen/],
  ['models/b.safetensors', /build\.sh train/],
  ['models/manifest.json', /build\.sh train/],
  ['www/a.js', /a\.js/],
]) {
  test(`without ${file} there is an error that says so, and the old site stays`, async () => {
    const { build, files, at, root } = await scene();
    await build();
    await rm(at(/** @type {string} */ (file)));
    await assert.rejects(build(), /** @type {RegExp} */ (said));
    assert.deepEqual(await files(), SITE);
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.startsWith('.dist-')),
      [],
    );
  });
}

test('a file of the page in the place of a generated one is refused', async () => {
  const { build } = await scene({ 'www/reader/wasm.js': 'mine' });
  await assert.rejects(build(), /two sources/);
});

test('a page whose script has another form is refused, and so is a service worker without a place for the list', async () => {
  await assert.rejects((await scene({ 'www/index.html': '<script src="main.js"></script>' })).build(), /index\.html must hold/);
  await assert.rejects((await scene({ 'www/service-worker.js': '' })).build(), /service-worker\.js must hold/);
});

test('a folder that is not a site is not replaced; an empty one is', async () => {
  const { build, files, at, root } = await scene({ 'dist/thesis.txt': 'years of work' });
  await assert.rejects(build(), /something else/);
  assert.deepEqual(await files(), ['thesis.txt']);
  await rm(at('dist'), { recursive: true });
  await mkdir(path.join(root, 'dist'));
  await build();
  assert.deepEqual(await files(), SITE);
});

test('a site above the limit is there to be looked at, and the build fails', async () => {
  const { build, files } = await scene();
  await assert.rejects(build(20), /more than the limit of 20/);
  assert.deepEqual(await files(), SITE);
});

test('the list has the hash of every file of the page, and of no other', async () => {
  const { build, read } = await scene();
  await build();
  const { files } = listed(await read('service-worker.js'));
  assert.deepEqual(
    Object.keys(files),
    SITE.filter((file) => !/^(examples|for-other|service|SHA256SUMS|sbom)/.test(file)),
  );
  // printf '' | sha256sum
  assert.equal(files['a.js'], 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('SHA256SUMS has every other file, as sha256sum writes them, and the bill of materials lies beside it', async () => {
  const { build, read } = await scene();
  await build();
  assert.equal(await read('sbom.cdx.json'), MATERIALS);
  const lines = (await read('SHA256SUMS')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(66)),
    SITE.filter((file) => file !== 'SHA256SUMS'),
  );
  assert.ok(lines.includes('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.js'));
  for (const line of lines) assert.equal(sha256(await read(line.slice(66)), 'hex'), line.slice(0, 64), line);
});

test('the same parts give the same bytes, in whatever folder', async () => {
  const [first, second] = [await scene(), await scene()];
  await first.build();
  await second.build();
  for (const file of SITE) assert.equal(await second.read(file), await first.read(file), file);
});

test('what lies beside the page is published and not kept', async () => {
  const beside = { 'www/verify.html': '<!doctype html>', 'www/verify/verify.js': '', 'www/verify/verify.css': '' };
  const { build, files, read } = await scene(beside);
  await build();
  const published = Object.keys(beside).map((file) => file.slice('www/'.length));
  for (const file of published) assert.ok((await files()).includes(file), file);
  const kept = listed(await read('service-worker.js')).files;
  for (const file of published) assert.ok(!(file in kept), file);
});

test('any change makes another version, and no change the same', async () => {
  const version = async (/** @type {Record<string, string>} */ change) => {
    const { build, read } = await scene(change);
    await build();
    return listed(await read('service-worker.js')).version;
  };
  const first = await version({});
  assert.equal(first.length, 64);
  assert.equal(await version({}), first);
  for (const change of [{ 'www/a.js': '//' }, { 'www/new.txt': '' }, { 'www/service-worker.js': `${FILES['www/service-worker.js']}// newer\n` }]) {
    assert.notEqual(await version(change), first, Object.keys(change)[0]);
  }
});

test('sizes are those of the files and of what brotli makes of them', async () => {
  // Bytes of a linear congruential generator: nothing for brotli to find.
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const noise = Buffer.from(Array.from({ length: 1000 }, next));
  const files = await sizes(await folderWith({ 'a.txt': 'a'.repeat(10_000), 'models/noise': noise }));
  assert.equal(files[0].path, 'models/noise');
  assert.ok(files[0].brotli >= 1000 && files[0].brotli < 1020);
  assert.ok(files[1].brotli < 50);
  assert.equal(total(files).raw, 11_000);
  assert.match(table(files).split('\n').at(-1) ?? '', /^total +11,000 /);
});

test('a limit is one number among comments, and closes one byte above it', async () => {
  assert.equal(parseLimit('# why\n\n 12_345 \n'), 12_345);
  for (const bad of ['', '# only words', '1\n2', '1.0 MB', '-5']) assert.throws(() => parseLimit(bad), /one number/, bad);
  ensureWithin('it has', 100, 100, 'a file');
  assert.throws(() => ensureWithin('it has', 101, 100, 'a file'), /it has 101 bytes, 1 more than the limit of 100 in a file/);
  for (const [file, most] of /** @type {const} */ ([
    ['size-limit.txt', 2_500_000],
    ['single-size-limit.txt', 4_000_000],
  ])) {
    assert.ok(parseLimit(await readFile(path.resolve(import.meta.dirname, '../../tools', file), 'utf8')) <= most);
  }
  assert.deepEqual([0, 999, 1000, 1_234_567].map(grouped), ['0', '999', '1,000', '1,234,567']);
});

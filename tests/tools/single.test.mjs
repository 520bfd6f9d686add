// The single-file page: it names no other file, its policy allows only its own parts and no connection, and content that cannot be inlined
// is an error.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildSingle } from '../../tools/single.mjs';
import { folderWith, removeFolders } from './support.mjs';

after(removeFolders);
test.beforeEach((context) => context.mock.method(console, 'log', () => {}));

const INDEX = `<!doctype html>
<head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; upgrade">
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="manifest" href="site.webmanifest">
<link rel="stylesheet" href="ui/a.css">
<link rel="stylesheet" href="b.css">
<link rel="modulepreload" href="a.js">
<script type="module" src="main.js"></script>
</head>
<body title="a > b"><img src="icon.svg" alt="">
</body>
`;

const FILES = {
  'index.html': INDEX,
  'icon.svg': '<svg/>',
  'icon.png': 'picture',
  'site.webmanifest': '{"icons": [{"src": "icon.png"}]}',
  'ui/a.css': 'p { margin: 0; }',
  'b.css': 'q { background: url(icon.svg); }',
  'main.js': "import { a } from './a.js';\na('first', import.meta.url);\n",
  'a.js': 'export const a = alert;\n',
  'reader/worker.js': "import init, { Reader } from './wasm.js';\ninit(Reader);\n",
  'reader/wasm.js': 'export class Reader {}\nfunction start() {}\nexport { start as default };\n',
  'reader/wasm_bg.wasm': '\0asm',
  'data.json': '{}',
  'service-worker.js': '',
};

/** @param {Record<string, string>} [changes] @param {number} [limit] */
async function single(changes = {}, limit = 100_000) {
  const site = await folderWith({ ...FILES, ...changes });
  const out = path.join(site, 'page.html');
  const done = buildSingle(site, out, limit);
  await done.catch(() => {});
  return { done, html: await readFile(out, 'utf8').catch(() => '') };
}

/** What stands in the element whose tag has this. @param {string} html @param {string} part */
function elementOf(html, part) {
  const at = html.indexOf(part);
  assert.ok(at >= 0, `${part} in ${html}`);
  const begin = html.indexOf('>', at) + 1;
  return html.slice(begin, html.indexOf('</', begin));
}

test('the page names no other file', async () => {
  const { html, done } = await single();
  await done;
  for (const gone of [
    'href="b.css"',
    'src="main.js"',
    'src="icon.svg"',
    'modulepreload',
    'manifest',
    'icon.png',
    'service-worker',
    "'self'",
    'file:a.js',
    'file:main.js',
  ]) {
    assert.ok(!html.includes(gone), `${gone} in ${html}`);
  }
  assert.ok(html.includes('<link rel="icon" href="data:image/svg+xml;base64,PHN2Zy8+" type="image/svg+xml">'), html);
  assert.ok(html.includes('<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="">'), html);
  assert.match(elementOf(html, '<style'), /margin:0.*background:url\("?data:image\/svg\+xml/s);
});

test('the policy allows what lies in the page, and no connection', async () => {
  const { html } = await single();
  const hash = (/** @type {string} */ text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = /content="(default-src[^"]*)"/.exec(html)?.[1];
  assert.equal(
    policy,
    `default-src 'none'; script-src ${hash(elementOf(html, '<script>'))} 'wasm-unsafe-eval'; style-src ${hash(elementOf(html, '<style'))}; img-src data: blob:; worker-src blob:; base-uri 'none'; upgrade`,
  );
});

test('its script is all of its modules, none of which has an address', async () => {
  const { html } = await single();
  /** @type {unknown[]} */
  const said = [];
  new Function('alert', elementOf(html, '<script>'))((/** @type {unknown[]} */ ...words) => said.push(...words));
  assert.deepEqual(said, ['first', 'about:blank']);
});

test('the worker is a classic script with the program in it', async () => {
  const { html } = await single();
  const worker = elementOf(html, 'id="file:reader/worker.js"');
  assert.match(worker, /Reader=class/);
  assert.doesNotMatch(worker, /^\s*(import|export)\b/m);
  new Function(worker)();
  assert.equal(elementOf(html, 'id="file:reader/wasm.js"'), '');
});

test('other files lie in the page as text or compressed', async () => {
  const { html } = await single();
  assert.equal(elementOf(html, 'id="file:data.json" data-type="application/json"'), '{}');
  const packed = elementOf(html, 'id="file:reader/wasm_bg.wasm" data-type="application/wasm" data-encoding="gzip base64"');
  assert.equal(gunzipSync(Buffer.from(packed, 'base64')).toString(), '\0asm');
});

test('text that would end its element is written otherwise, or is an error', async () => {
  const { html, done } = await single({ 'a.js': "export const a = alert;\na('</script>');\n" });
  await done;
  /** @type {unknown[]} */
  const said = [];
  new Function('alert', elementOf(html, '<script>'))((/** @type {unknown} */ word) => said.push(word));
  assert.deepEqual(said.slice(0, 1), ['</script>']);
  await assert.rejects((await single({ 'data.json': '"<!--"' })).done, /data\.json holds <!--/);
});

for (const [what, changes, said] of /** @type {[string, Record<string, string>, RegExp][]} */ ([
  ['a style that names a file that is not there', { 'b.css': 'p { background: url(none.svg) }' }, /none\.svg/],
  ['another script', { 'index.html': INDEX.replace('<body', '<script>alert()</script><body') }, /not known/],
  ['a link of another kind', { 'index.html': INDEX.replace('rel="icon"', 'rel="preconnect"') }, /not known/],
  ['a picture that is not there', { 'index.html': INDEX.replace('src="icon.svg"', 'src="none.png"') }, /none\.png/],
  ['another directive of the policy', { 'index.html': INDEX.replace("base-uri 'none'", "font-src 'self'") }, /font-src/],
  ['no policy', { 'index.html': INDEX.replace('Content-Security-Policy', 'refresh') }, /no Content-Security-Policy/],
])) {
  test(`${what} is an error`, async () => {
    await assert.rejects((await single(changes)).done, said);
  });
}

test('a page above the limit is written, and the build fails', async () => {
  const { html, done } = await single({}, 100);
  await assert.rejects(done, /single-size-limit\.txt/);
  assert.ok(html.length > 100);
});

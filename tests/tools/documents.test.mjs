// The documents: their links resolve, and the tests that docs/security.md names exist.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (/** @type {string} */ file) => readFile(path.join(ROOT, file), 'utf8');

async function documents() {
  const inDocs = (await readdir(path.join(ROOT, 'docs'))).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'models/MODEL_CARD.md', 'npm/README.md', 'examples/README.md', ...inDocs];
}

/** The text without code, whose brackets are no links. @param {string} text */
const prose = (text) => text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()#]/g, ' '));

/** Addresses of links and pictures. @param {string} text */
const links = (text) => [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, address]) => address);

/** The anchors that GitHub gives the headings of a document. @param {string} text */
function anchors(text) {
  const headings = [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The broken links of a document. @param {string} file @param {string} text */
async function broken(file, text) {
  /** @type {string[]} */
  const wrong = [];
  for (const address of links(text)) {
    if (/^[a-z]+:/.test(address)) continue;
    const [name, anchor] = address.split('#');
    const target = name ? path.posix.join(path.posix.dirname(file), name) : file;
    if (name && !existsSync(path.join(ROOT, target))) wrong.push(`${file}: ${target} is not there`);
    else if (anchor && !anchors(target === file ? text : await read(target)).includes(anchor)) wrong.push(`${file}: ${target} has no heading ${anchor}`);
  }
  return wrong;
}

test('every link leads to a file that is there, and to a heading that it has', async () => {
  const wrong = await Promise.all((await documents()).map(async (file) => broken(file, await read(file))));
  assert.deepEqual(wrong.flat(), []);
});

test('a link that leads nowhere is seen', async () => {
  const text = '# A title\n\n[a](none.md) [b](#a-title) [c](#none) ![d](../README.md#two-commands) [e](https://example.org/none) `[f](none)`\n';
  assert.deepEqual(await broken('docs/x.md', text), ['docs/x.md: docs/none.md is not there', 'docs/x.md: docs/x.md has no heading none']);
});

/**
 * The tests that a document names, in the form `file`: *name*; *name*. Dots (…) stand for anything.
 * @param {string} text
 * @returns {[string, string][]}
 */
function namedTests(text) {
  const groups = [...text.matchAll(/`([\w-]+|tests\/\w+\.rs)`: ((?:\*[^*]+\*(?:; )?)+|`\w+`)/g)];
  return groups.flatMap(([, file, names]) =>
    [...names.matchAll(/\*([^*]+)\*|`(\w+)`/g)].map(([, title, name]) => /** @type {[string, string]} */ ([file, title ?? name])),
  );
}

test('every test that docs/security.md names is there', async () => {
  const named = namedTests(await read('docs/security.md'));
  assert.ok(named.length >= 15, `${named.length} tests are named`);
  for (const [file, name] of named) {
    const text = await read(file.endsWith('.rs') ? file : `tests/browser/${file}.test.mjs`);
    const pattern = name.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    assert.match(text, new RegExp(file.endsWith('.rs') ? `fn ${name}\\(` : `test\\(\\s*['\`]${pattern.join('.*')}`), `${file}: ${name}`);
  }
});

test('the configurations for hosts have the policy of the page', async () => {
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(await read('www/index.html'))?.[1];
  assert.ok(policy);
  for (const file of ['examples/hosting/nginx.conf', 'examples/hosting/Caddyfile']) {
    assert.ok((await read(file)).includes(`"${policy}; frame-ancestors 'self'"`), file);
  }
});

test('the citation is of the version that Cargo.toml names', async () => {
  const version = /^\[workspace\.package\]\nversion = "([^"]+)"/m.exec(await read('Cargo.toml'))?.[1];
  assert.match(await read('CITATION.cff'), new RegExp(`^version: ${version}$`, 'm'));
});

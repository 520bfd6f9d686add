// The page that checks the site against its published sums: it finds changed files, says what the check can prove, and needs nothing else
// of the site.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { LANGUAGES } from '../../www/text/language.js';
import { browser, check, DIST, FOLDER, launch, open, sha256, site, suite } from './support.mjs';

const run = promisify(execFile);

/** The page's result, from an attribute of its root. */
const states = { good: 'good', bad: 'bad', none: 'no-list', insecure: 'insecure' };

/** The list of the build, or a similar one if the build has none. @type {string} */
let sums;
/** @type {string[]} */
let files;

suite({
  films: false,
  prepare: async () => {
    const all = (await readdir(DIST, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const names = all.map((entry) => path.relative(DIST, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/')).sort();
    const made = async () => {
      const others = names.filter((name) => name !== 'SHA256SUMS');
      return (await Promise.all(others.map(async (name) => `${sha256(await readFile(path.join(DIST, name)))}  ${name}\n`))).join('');
    };
    sums = names.includes('SHA256SUMS') ? await readFile(path.join(DIST, 'SHA256SUMS'), 'utf8') : await made();
    files = sums
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(66));
  },
});

/** The checking page, once it shows a result. @param {{ lang?: string, state?: string, url?: string, list?: string, context?: any }} [options] */
async function verify({ lang = 'en', state = states.good, url = site.url, list = sums, context = null } = {}) {
  site.add('SHA256SUMS', { type: 'text/plain', body: list });
  const page = await (context ?? (await browser.newContext({ viewport: { width: 1280, height: 900 } }))).newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (/** @type {any} */ message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (/** @type {unknown} */ error) => complaints.push(String(error)));
  await page.goto(`${url}verify.html?lang=${lang}`);
  await page.locator(`html[data-checked="${state}"]`).waitFor();
  return { page, complaints, text: await page.locator('main > section:visible').innerText() };
}

test('a site that is as published is said to be so, with the number of files and the sum of the list', async () => {
  const { page, complaints, text } = await verify();
  assert.match(text, new RegExp(`All ${files.length} files are as in the list\\.`));
  assert.ok(text.includes(sha256(sums)), text);
  assert.doesNotMatch(text, /Not as in the list|does not run here/);
  // It does not claim more than it can know.
  assert.match(text, /It does not find a host that wants to deceive/);
  assert.ok(text.includes(`"${site.url}$file"`), 'the command has the address of this copy');
  assert.deepEqual(complaints, []);
  await check(page, 'verify-1280');
  await page.context().close();
});

test('a file with one byte changed, and one that is missing, are named', async () => {
  site.change['reader/worker.js'] = (bytes) => ({ type: 'text/javascript', body: Buffer.concat([bytes, Buffer.from(' ')]) });
  site.change['models/manifest.json'] = () => ({ status: 404 });
  const { page, text } = await verify({ state: states.bad });
  assert.match(text, new RegExp(`Not as in the list: 2 of ${files.length} files\\.`));
  const named = (/** @type {string} */ list) => page.locator(`main > section:visible [data-list="${list}"] li`).allInnerTexts();
  assert.deepEqual(await named('other'), ['reader/worker.js']);
  assert.deepEqual(await named('missing'), ['models/manifest.json']);
  assert.doesNotMatch(text, /All \d+ files/);
  await check(page, 'verify-bad-1280');
  await page.context().close();
});

test('it runs where everything else of the site is damaged', async () => {
  for (const file of files) if (!file.startsWith('verify')) site.change[file] = () => ({ status: 500 });
  const { page, text } = await verify({ state: states.bad });
  assert.match(text, new RegExp(`${files.length - files.filter((file) => file.startsWith('verify')).length} of ${files.length} files`));
  await page.context().close();
});

test('without a list, or with one of files elsewhere, it says so and vouches for nothing', async () => {
  for (const list of ['', 'Not found\n', sums.replace(/ {2}(.*)\n/, '  ../$1\n'), sums.replace(/ {2}(.*)\n/, '  /$1\n')]) {
    const { page, text } = await verify({ list, state: states.none });
    assert.match(text, /There is no list to compare with/, list.slice(0, 80));
    assert.doesNotMatch(text, /All \d+ files|Compared with/);
    await page.context().close();
  }
});

test('a list of one’s own takes the place of the host’s, which may be false too', async () => {
  const changed = Buffer.from('globalThis.changed = 1;\n');
  site.change['main.js'] = () => ({ type: 'text/javascript', body: changed });
  // A host that changes a file can change its list as well.
  const { page } = await verify({ list: sums.replace(/^[0-9a-f]{64} {2}main\.js$/m, `${sha256(changed)}  main.js`) });
  await page.locator('main > section:visible input[type="file"]').setInputFiles({ name: 'SHA256SUMS', mimeType: 'text/plain', buffer: Buffer.from(sums) });
  await page.locator(`html[data-checked="${states.bad}"]`).waitFor();
  const text = await page.locator('main > section:visible').innerText();
  assert.match(text, /Compared with the list that you chose/);
  assert.deepEqual(await page.locator('main > section:visible [data-list="other"] li').allInnerTexts(), ['main.js']);
  await page.context().close();
});

test('the page leads to it; neither the service worker nor the browser’s cache answers for the host', async () => {
  const { page, context } = await open(browser, site, { keeps: true });
  await page.locator('#offline[data-state="kept"]').waitFor();
  await page.locator('#privacy > summary').click();
  const link = page.getByRole('link', { name: 'Check the files of this page against the published sums' });
  assert.equal(await link.getAttribute('href'), 'verify.html?lang=en');
  const { text, page: first } = await verify({ context });
  const kept = await first.evaluate(async () => (await (await caches.open((await caches.keys())[0])).keys()).length);
  assert.match(text, new RegExp(`Kept in this browser for use without a network: ${kept} files, all as in the list\\.`));
  await first.close();
  site.change['viewer/viewer.js'] = (bytes) => ({ type: 'text/javascript', body: `${bytes}\n` });
  const { page: second } = await verify({ context, state: states.bad });
  assert.deepEqual(await second.locator('main > section:visible [data-list="other"] li').allInnerTexts(), ['viewer/viewer.js']);
});

test('what is kept and is not as in the list is counted', async () => {
  const { page, context } = await open(browser, site, { keeps: true });
  await page.locator('#offline[data-state="kept"]').waitFor();
  await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys())[0]);
    await cache.put(new URL('icon.svg', location.href).href, new Response('<svg/>'));
  });
  const { text } = await verify({ context });
  assert.match(text, /Not as in the list: 1\. What is kept may belong to another version/);
});

test('where the address is not safe, it says so', async () => {
  const other = await launch([`--host-resolver-rules=MAP hospital.test ${new URL(site.origin).host}`]);
  const context = await other.newContext();
  const { text } = await verify({ context, url: `http://hospital.test${FOLDER}`, state: states.insecure });
  assert.match(text, /neither https nor localhost/);
  await other.close();
});

test('without JavaScript the command is there, in every language', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${site.url}verify.html`);
  for (const lang of Object.keys(LANGUAGES)) {
    const section = page.locator(`main > section[lang="${lang}"]`);
    assert.ok(await section.locator('[data-state="off"]').isVisible(), lang);
    assert.match(await section.locator('pre').innerText(), /sha256sum --check/);
  }
  await context.close();
});

test('every language says the same things and fits a phone, light and dark', async () => {
  site.change['films/table.js'] = () => ({ status: 404 });
  const { page, text } = await verify({ state: states.bad });
  const shape = (/** @type {string} */ lang) =>
    page
      .locator(`main > section[lang="${lang}"]`)
      .evaluate((section) =>
        [section, ...section.querySelectorAll('*')].map((part) => [
          part.tagName,
          ...['state', 'value', 'list'].map((key) => /** @type {any} */ (part).dataset[key]),
        ]),
      );
  const english = await shape('en');
  const all = await page.locator('main > section').evaluateAll((sections) => sections.map((section) => /** @type {HTMLElement} */ (section).lang));
  for (const lang of Object.keys(LANGUAGES)) assert.ok(all.includes(lang), `${lang} is missing`);
  for (const lang of all) assert.deepEqual(await shape(lang), english, lang);
  await page.context().close();
  for (const lang of all) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const context = await browser.newContext({ viewport: { width: 360, height: 800 }, colorScheme });
      const small = await verify({ lang, context, state: states.bad });
      assert.equal(await small.page.locator('main > section:visible').count(), 1);
      assert.equal(await small.page.locator('html').getAttribute('lang'), lang);
      if (lang !== 'en') assert.doesNotMatch(small.text, /\b(files|list|host|bytes)\b/, lang);
      await check(small.page, `verify-${lang}-360-${colorScheme}`);
      await context.close();
    }
  }
  assert.match(text, /: 1 of \d+ files/);
});

test('the command finds what the page finds', {
  skip: ['/usr/bin/curl', '/usr/bin/sha256sum'].every(existsSync) ? false : 'curl or sha256sum is missing',
}, async () => {
  const { page } = await verify();
  const command = await page.locator('main > section:visible pre').innerText();
  await page.context().close();
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-verify-'));
  const work = async () => {
    const { stdout, stderr } = await run('bash', ['-c', command], { cwd: folder }).catch((error) => error);
    return stdout + stderr;
  };
  try {
    await writeFile(path.join(folder, 'SHA256SUMS'), sums);
    assert.match(await work(), /^as published$/m);
    // Once more in the same folder, where the earlier copy lies.
    site.change['page/page.css'] = (bytes) => ({ type: 'text/css', body: `${bytes} ` });
    const changed = await work();
    assert.match(changed, /page\/page\.css: FAILED/);
    assert.doesNotMatch(changed, /as published/);
    site.change['page/page.css'] = () => ({ status: 404 });
    const missing = await work();
    assert.match(missing, /page\/page\.css: FAILED open or read/);
    assert.doesNotMatch(missing, /as published/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

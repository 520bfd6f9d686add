// Offline use: what the service worker keeps, how a newer version arrives, and that nothing else on the host is touched.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { check, choose, classifyByCli, DIST, drawFilms, exportFilms, FOLDER, kept, launch, listed, open, publish } from './support.mjs';
import { serveSite, settled, sha256, shownNumbers } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof launch>>} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;
/** @type {Awaited<ReturnType<typeof drawFilms>>} */
let films;
/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

/** @type {string} */
let downloads;

/** A copy of the site within the first one's folder: the most awkward neighbour that it can have. */
const COPY = `${FOLDER}copy/`;

before(async () => {
  downloads = await mkdtemp(path.join(tmpdir(), 'covid-classifier-downloads-'));
  [browser, films] = await Promise.all([launch([], downloads), drawFilms()]);
  site = await serveSite([FOLDER, COPY]);
});
after(async () => {
  await Promise.all([browser?.close(), site?.close(), films?.remove()]);
  await rm(downloads, { recursive: true });
});
afterEach(async () => {
  for (const file of Object.keys(site.change)) delete site.change[file];
  await visit?.close();
});

/** @param {() => boolean | Promise<boolean>} isSo */
async function until(isSo) {
  const end = Date.now() + 20_000 * (Number(process.env.PATIENCE) || 1);
  while (!(await isSo())) {
    if (Date.now() > end) assert.fail(`still not: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const heading = (/** @type {Page} */ page) => page.locator('h1').innerText();
const ready = (/** @type {Page} */ page) => page.locator('#engine[data-state="ready"]').waitFor();
const offered = (/** @type {Page} */ page) => page.locator('[data-notice="update"]').waitFor();

test('with the network cut and the host gone, the page opens, reads and exports', async () => {
  const host = await serveSite();
  const expected = await classifyByCli(films.judged);
  visit = await open(browser, host, { keeps: true });
  const { page, context, complaints } = visit;
  assert.equal(await page.locator('#offline').getAttribute('data-state'), 'kept');
  await host.close();
  await context.setOffline(true);
  for (const address of [host.url, `${host.url}?backend=simd`, `${host.url}index.html`]) {
    await page.goto(address);
    await ready(page);
    await choose(page, films.judged);
    await settled(page, 'done');
    assert.equal((await shownNumbers(page)).verdict, expected.verdict);
    assert.match(await page.locator('#requests').innerText(), /none\.$/);
  }
  const [, film] = await exportFilms(page, downloads);
  assert.match(film, new RegExp(`,${expected.verdict},.*,${expected.model.sha256},`));
  assert.deepEqual(complaints, []);
});

test('kept is what the build lists, each file with the bytes that the list names, and nothing else', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page } = visit;
  await choose(page, films.png);
  await settled(page, 'done');
  const { version, files } = await listed();
  const at = (/** @type {string} */ name) => new URL(name === 'index.html' ? '.' : name, site.url).href;
  // Of the two programs, this browser keeps the one that it runs.
  const isKept = (/** @type {[string, string]} */ [name]) => name !== 'reader/wasm_bg.wasm';
  const expected = Object.fromEntries(
    Object.entries(files)
      .filter(isKept)
      .map(([name, hash]) => [at(name), hash]),
  );
  assert.deepEqual(await kept(page), { [`covid-classifier ${site.url} ${version}`]: expected });
  for (const [name, hash] of Object.entries(files)) assert.equal(sha256(await readFile(path.join(DIST, name))), hash, name);
  // The list has everything that the page needs: unlisted files are for other pages, or are the service worker.
  const all = (await readdir(DIST, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const others = all.map((entry) => path.relative(DIST, path.join(entry.parentPath, entry.name))).filter((name) => !(name in files));
  assert.deepEqual(
    others.filter(
      (name) =>
        !/^(service-worker|xray-classifier|covid-classifier)\.js$|^element\/|^covid-classifier\.html$|^examples\/|^verify(\.html$|\/)|^SHA256SUMS$|^sbom/.test(
          name,
        ),
    ),
    [],
  );
});

test('a newer version is offered; the older one stays until it is wanted', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context, complaints } = visit;
  await publish(site, 'A newer one');
  site.requests.length = 0;
  await page.reload();
  await ready(page);
  await offered(page);
  assert.equal(await heading(page), 'COVID-Classifier');
  await choose(page, films.judged);
  await settled(page, 'done');
  await check(page, 'update-1280');
  await page.setViewportSize({ width: 390, height: 844 });
  await check(page, 'update-390');
  // Only changed files are fetched again.
  const fetched = new Set(site.requests.filter((path) => !path.endsWith('.png') && !path.endsWith('.svg')));
  assert.deepEqual([...fetched].sort(), [FOLDER, `${FOLDER}service-worker.js`]);

  // It can be postponed and is offered again; without a network the older version still opens.
  await page.getByRole('button', { name: 'Not now' }).click();
  assert.equal(await page.locator('[data-notice="update"]').count(), 0);
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  assert.equal(await heading(page), 'COVID-Classifier');
  await context.setOffline(false);
  await offered(page);

  // Another tab has a film open, and keeps it when this one takes the newer version.
  const other = await context.newPage();
  other.on('filechooser', () => {});
  await other.goto(site.url);
  await ready(other);
  await choose(other, films.judged);
  await settled(other, 'done');
  await page.getByRole('button', { name: 'Reload to update' }).click();
  await page.getByRole('heading', { name: 'A newer one', level: 1 }).waitFor();
  await ready(page);
  assert.equal(await heading(other), 'COVID-Classifier');
  await choose(other, films.png);
  await other.waitForFunction(() => document.querySelectorAll('.row[data-state="done"]').length === 2);
  await offered(other);
  await other.getByRole('button', { name: 'Reload to update' }).click();
  // Its films have not been exported.
  await other.getByRole('dialog').getByRole('button', { name: 'Reload and close them' }).click();
  await other.getByRole('heading', { name: 'A newer one', level: 1 }).waitFor();
  assert.deepEqual(Object.keys(await kept(page)), [`covid-classifier ${site.url} ${sha256('A newer one')}`]);
  assert.deepEqual(complaints, []);
});

test('a site that did not arrive whole is not kept, and the page works on', async () => {
  await publish(site, 'Broken', { isWhole: false });
  visit = await open(browser, site, { keeps: true });
  const { page, complaints } = visit;
  assert.equal(await page.locator('#offline').getAttribute('data-state'), 'not-kept');
  assert.deepEqual(await kept(page), {});
  await choose(page, films.judged);
  await settled(page, 'done');
  await check(page, 'not-kept');
  assert.deepEqual(complaints, []);
});

test('a newer version that did not arrive whole leaves the older one as it is', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context } = visit;
  const before = await kept(page);
  await publish(site, 'Broken', { isWhole: false });
  site.requests.length = 0;
  await page.reload();
  await ready(page);
  // The page itself comes from the cache. The newer service worker asks for it twice, the second time bypassing every cache.
  await until(() => site.requests.filter((path) => path === FOLDER).length >= 2);
  // A browser looks for a newer version when the page registers its service worker and again a little later. If the first attempt has failed
  // by then, there is a second one, and what that one has kept so far is there until it fails as well.
  await until(async () => isDeepStrictEqual(await kept(page), before));
  assert.equal(await page.locator('[data-notice="update"]').count(), 0);
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  assert.equal(await heading(page), 'COVID-Classifier');
});

test('what others keep on the same host is left alone, a copy of the site within the folder as well', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context } = visit;
  await page.evaluate(async () => {
    for (const name of ['somebody else', `covid-classifier ${location.origin}/other/ 1`]) {
      await (await caches.open(name)).put('/other/thing', new Response('theirs'));
    }
  });
  const copy = await context.newPage();
  await copy.goto(site.origin + COPY);
  await copy.locator('#offline[data-state="kept"]').waitFor();
  const before = await kept(page);
  assert.equal(Object.keys(before).length, 4);

  await publish(site, 'A newer one');
  await page.reload();
  await offered(page);
  await page.getByRole('button', { name: 'Reload to update' }).click();
  await page.getByRole('heading', { name: 'A newer one', level: 1 }).waitFor();
  await ready(page);
  const { version } = await listed();
  const own = (/** @type {string} */ version) => `covid-classifier ${site.url} ${version}`;
  const { [own(version)]: older, ...others } = before;
  const { [own(sha256('A newer one'))]: newer, ...left } = await kept(page);
  assert.deepEqual(left, others);
  assert.deepEqual(Object.keys(newer).sort(), Object.keys(older).sort());

  // Both open offline, each in its own version; other requests go to the network.
  await context.setOffline(true);
  await copy.reload();
  await ready(copy);
  assert.equal(await heading(copy), 'COVID-Classifier');
  await page.reload();
  await ready(page);
  assert.equal(await heading(page), 'A newer one');
  await assert.rejects(page.goto(`${site.url}of-no-file.html`));
});

test('the page can be installed', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context } = visit;
  const session = await context.newCDPSession(page);
  const { url, errors, data } = await session.send('Page.getAppManifest');
  assert.equal(url, `${site.url}manifest.webmanifest`);
  assert.deepEqual(errors, []);
  // The browser fetches the manifest whenever it sees fit; that is not a request of the page.
  assert.match(await page.locator('#requests').innerText(), /none\.$/);
  const manifest = JSON.parse(data ?? '');
  assert.deepEqual(
    (await session.send('Page.getInstallabilityErrors')).installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
    [],
  );
  for (const { src, sizes, type } of manifest.icons.filter(({ type }) => type === 'image/png')) {
    const size = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, new URL(src, url).href);
    assert.equal(size, sizes, src);
    assert.equal(type, 'image/png');
  }
});

test('no other script can become a service worker', async () => {
  visit = await open(browser, site, { keeps: true });
  const outcome = await visit.page.evaluate(() =>
    Promise.resolve()
      .then(() => navigator.serviceWorker.register('main.js', { type: 'module' }))
      .then(
        () => 'registered',
        (error) => error.name,
      ),
  );
  assert.equal(outcome, 'TypeError');
});

// The single-file page, alone in a folder, opened from the disk: in Chromium, and in Firefox if there is one.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { allSettled, check, choose, classifyByCli, DIST, drawFilms, drop, exportFilms, launch, launchFirefox, noFirefox, open } from './support.mjs';
import { ROOT, serveForeign, settled, shownNumbers } from './support.mjs';

const BUILT = path.join(DIST, 'covid-classifier.html');
await stat(BUILT).catch(() => {
  throw new Error(`the page as one file is not at ${BUILT}: ./build.sh single builds it`);
});

/** @type {Awaited<ReturnType<typeof drawFilms>>} */
let films;
/** @type {Awaited<ReturnType<typeof serveForeign>>} */
let foreign;
/** @type {string} */
let folder;
/** @type {{url: string}} */
let site;

before(async () => {
  [films, foreign, folder] = await Promise.all([drawFilms(), serveForeign(), mkdtemp(path.join(tmpdir(), 'covid-classifier-single-'))]);
  // A name that a person might give it.
  const file = path.join(folder, 'chest films, read here.html');
  await copyFile(BUILT, file);
  site = { url: pathToFileURL(file).href };
});
after(() => Promise.all([films?.remove(), foreign?.close(), folder && rm(folder, { recursive: true })]));

test('it is no larger than its limit, and names no other file', async () => {
  const limit = Number(/^[\d_]+$/m.exec(await readFile(path.join(ROOT, 'tools/single-size-limit.txt'), 'utf8'))?.[0].replaceAll('_', ''));
  assert.ok(limit <= 4_000_000);
  assert.ok((await stat(BUILT)).size <= limit);
  const html = await readFile(BUILT, 'utf8');
  assert.doesNotMatch(html, /<link (?!rel="icon" href="data:)/);
  assert.doesNotMatch(html, /<[^>]+ (src|href)="(?!data:|#)[^"]*"/);
});

for (const [name, start, skip] of /** @type {[string, (downloads: string) => ReturnType<typeof launch>, false | string][]} */ ([
  ['Chromium', (downloads) => launch([], downloads), false],
  ['Firefox', launchFirefox, noFirefox],
])) {
  describe(name, { skip }, () => {
    /** @type {Awaited<ReturnType<typeof launch>>} */
    let browser;
    /** @type {Awaited<ReturnType<typeof open>> | undefined} */
    let visit;
    /** @type {string} */
    let downloads;

    before(async () => {
      downloads = await mkdtemp(path.join(folder, 'downloads-'));
      browser = await start(downloads);
    });
    after(() => browser?.close());

    test('it loads nothing but itself, reads as the command line does, in a worker, and asks for nothing', async () => {
      visit = await open(browser, site, { cores: 2 });
      const { page, asked, complaints } = visit;
      await choose(page, films.judged);
      await settled(page, 'done');
      const report = await classifyByCli(films.judged);
      const shown = await shownNumbers(page);
      assert.equal(shown.verdict, report.verdict);
      for (const [label, value] of Object.entries(report.probabilities)) {
        assert.ok(Math.abs(/** @type {Record<string, number>} */ (shown.probabilities)[label] - /** @type {number} */ (value)) < 1e-3, label);
      }
      assert.ok(page.workers().length > 0, 'a worker reads');
      const [small, jpeg] = await Promise.all([readFile(films.small), readFile(films.jpeg)]);
      await drop(page, [
        { name: 'small.png', bytes: small },
        { name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') },
        { name: 'film.jpg', bytes: jpeg },
      ]);
      await allSettled(page, 4);
      assert.equal(page.workers().length, 2);
      assert.match(await page.locator('#requests').innerText(), /none\.$/);
      // Blobs come from memory.
      assert.deepEqual(
        asked.filter((url) => !url.startsWith('blob:') && url !== site.url),
        [],
      );
      assert.deepEqual(complaints, []);
      // There is no site to keep, and nothing to update.
      assert.equal(await page.locator('#offline').isVisible(), false);

      assert.equal((await exportFilms(page, downloads)).length, 5);
      assert.deepEqual(complaints, []);
      await visit.close();
    });

    test('its own films can be read, and it looks as the site does', async () => {
      for (const [width, height] of [
        [1280, 900],
        [390, 844],
      ]) {
        visit = await open(browser, site, { context: { viewport: { width, height } } });
        const { page } = visit;
        await page.getByRole('button', { name: 'Read two synthetic films' }).click();
        await allSettled(page, 2);
        await settled(page, 'done');
        await check(page, `single-${name.toLowerCase()}-${width}`);
        await visit.close();
      }
    });

    test('it can reach nobody', async () => {
      visit = await open(browser, site);
      const { page } = visit;
      const reach = (/** @type {string} */ url) =>
        fetch(url).then(
          (response) => response.text(),
          () => 'refused',
        );
      // Playwright cannot look into a worker of Firefox.
      for (const place of name === 'Firefox' ? [page] : [page, page.workers()[0]]) assert.equal(await place.evaluate(reach, foreign.origin), 'refused');
      assert.equal(foreign.visits(), 0);
      await visit.close();
    });
  });
}

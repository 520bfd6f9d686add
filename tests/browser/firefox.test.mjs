// The site in Firefox: it reads as in Chromium, with several workers, works offline, and takes a newer version when asked. The single-file
// page is in single.test.mjs.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { allSettled, check, choose, classifyByCli, drawFilms, drop, exportFilms, FOLDER, kept, launch } from './support.mjs';
import { launchFirefox, noFirefox, open, publish, serveSite, settled, shownNumbers } from './support.mjs';

describe('Firefox', { skip: noFirefox }, () => {
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

  before(async () => {
    downloads = await mkdtemp(path.join(tmpdir(), 'covid-classifier-downloads-'));
    [browser, site, films] = await Promise.all([launchFirefox(downloads), serveSite(), drawFilms()]);
  });
  after(async () => {
    await Promise.all([browser?.close(), site?.close(), films?.remove()]);
    await rm(downloads, { recursive: true });
  });
  afterEach(async () => {
    for (const file of Object.keys(site.change)) delete site.change[file];
    await visit?.close();
  });

  test('a film is read to the same numbers as in Chromium and by the command line', async () => {
    visit = await open(browser, site);
    await choose(visit.page, films.judged);
    await settled(visit.page, 'done');
    const numbers = await shownNumbers(visit.page);
    assert.deepEqual(visit.complaints, []);
    await check(visit.page, 'firefox-1280');
    assert.equal(numbers.verdict, (await classifyByCli(films.judged)).verdict);

    const chromium = await launch();
    try {
      const other = await open(chromium, site);
      await choose(other.page, films.judged);
      await settled(other.page, 'done');
      assert.deepEqual(numbers, await shownNumbers(other.page));
    } finally {
      await chromium.close();
    }
  });

  test('several films are read by two workers, and nothing is asked for or stored', async () => {
    visit = await open(browser, site, { keeps: true, cores: 2 });
    const { page, asked, complaints } = visit;
    const [askedOnLoad, keptOnLoad] = [asked.length, await kept(page)];
    site.requests.length = 0;
    const [small, jpeg, png] = await Promise.all([films.small, films.jpeg, films.png].map((file) => readFile(file)));
    await drop(page, [
      { name: 'small.png', bytes: small },
      { name: 'film.jpg', bytes: jpeg },
      { name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') },
      { name: 'film.png', bytes: png },
    ]);
    await allSettled(page, 4);
    assert.equal(page.workers().length, 2);
    assert.equal(await page.locator('.row[data-state="failed"]').count(), 1);
    assert.deepEqual(site.requests, []);
    assert.deepEqual(
      asked.slice(askedOnLoad).filter((url) => !url.startsWith('blob:')),
      [],
    );
    assert.match(await page.locator('#requests').innerText(), /none\.$/);
    assert.deepEqual(await kept(page), keptOnLoad);
    assert.deepEqual(complaints, []);
  });

  test('it fits a small screen', async () => {
    visit = await open(browser, site, { context: { viewport: { width: 390, height: 844 } } });
    await check(visit.page, 'firefox-390-start');
    await choose(visit.page, films.judged);
    await settled(visit.page, 'done');
    await check(visit.page, 'firefox-390');
  });

  test('films are read blind by keys', async () => {
    visit = await open(browser, site);
    const { page, complaints } = visit;
    await choose(page, [films.judged, films.png]);
    await allSettled(page, 2);
    await page.locator('#films-blind').click();
    await page.keyboard.press('Tab');
    await page.locator('#blind-seed').fill('3');
    await page.keyboard.press('Enter');
    for (let film = 0; film < 2; film++) {
      await page.locator('#blind[data-state="reading"] .viewer[data-state="shown"]').waitFor();
      assert.equal(await page.locator('.viewer-row:visible').count(), 1);
      for (const key of ['2', '9', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
      await page.locator('#blind[data-state="revealed"]').waitFor();
      assert.equal(await page.locator('.blind-said').textContent(), 'You said: normal, 80\u202f% sure.');
      await page.keyboard.press('Enter');
    }
    await page.locator('#blind[data-state="end"]').waitFor();
    assert.deepEqual(complaints, []);
    await check(page, 'firefox-blind-end');
  });

  test('with the host gone, the page opens, reads and exports', async () => {
    const host = await serveSite();
    visit = await open(browser, host, { keeps: true });
    const { page, complaints } = visit;
    assert.equal(await page.locator('#offline').getAttribute('data-state'), 'kept');
    await host.close();
    for (const address of [host.url, `${host.url}?backend=simd`]) {
      await page.goto(address);
      await page.locator('#engine[data-state="ready"]').waitFor();
      await choose(page, films.judged);
      await settled(page, 'done');
    }
    const [, film] = await exportFilms(page, downloads);
    const expected = await classifyByCli(films.judged);
    assert.match(film, new RegExp(`,${expected.verdict},.*,${expected.model.sha256},`));
    assert.deepEqual(complaints, []);
  });

  test('a newer version is offered, and comes when it is wanted', async () => {
    visit = await open(browser, site, { keeps: true });
    const { page, complaints } = visit;
    await publish(site, 'A newer one');
    site.requests.length = 0;
    await page.reload();
    await page.locator('[data-notice="update"]').waitFor();
    assert.equal(await page.locator('h1').innerText(), 'COVID-Classifier');
    // On a busy machine Firefox may ask for it twice.
    const asked = site.requests.filter((path) => /\.(js|wasm|css|safetensors)$/.test(path));
    assert.deepEqual([...new Set(asked)], [`${FOLDER}service-worker.js`]);
    await page.getByRole('button', { name: 'Reload to update' }).click();
    await page.getByRole('heading', { name: 'A newer one', level: 1 }).waitFor();
    await page.locator('#engine[data-state="ready"]').waitFor();
    assert.deepEqual(complaints, []);
  });
});

// Accessibility: axe-core finds no fault in any state, in light and dark, and nothing is cut off at widths of 360 to 1920 pixels. Pictures
// of every state are kept in target/screenshots.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { allSettled, browser, check, choose, drop, films, open, screenshot, settled, site, suite } from './support.mjs';

suite();

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    describe(`${colorScheme}, ${width} px`, () => {
      const name = (/** @type {string} */ state) => `${state}-${colorScheme}-${width}`;
      const context = { colorScheme, viewport: { width, height: width < 600 ? 844 : 900 }, reducedMotion: /** @type {const} */ ('reduce') };

      test('empty, result, several films, error', async () => {
        const visit = await open(browser, site, { context });
        const { page } = visit;
        await check(page, name('empty'));
        await choose(page, films.png);
        await settled(page, 'done');
        await check(page, name('result'));
        await drop(page, [
          { name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') },
          { name: 'the film with a name much longer than anybody would want to read, 2021-03-04 (copy).png', bytes: await readFile(films.judged) },
        ]);
        await allSettled(page, 3);
        await check(page, name('error'));
        await page.locator('.row-open').nth(2).click();
        await page.getByRole('button', { name: 'What the readers see' }).click();
        await page.locator('.worth summary').click();
        await check(page, name('several'));
        await visit.close();
      });

      test('loading, the model not loaded, a film waiting', async () => {
        /** @type {() => void} */
        let release = () => {};
        const held = new Promise((resolve) => (release = () => resolve(undefined)));
        const browserContext = await browser.newContext(context);
        await browserContext.route('**/*.safetensors', async (route) => {
          await held;
          await route.fulfill({ status: 503 });
        });
        const page = await browserContext.newPage();
        await page.goto(site.url);
        await page.locator('#engine-progress[value="2"]').waitFor();
        await check(page, name('loading'));
        await choose(page, films.png);
        await page.locator('#result[data-state="waiting"]').waitFor();
        await check(page, name('waiting'));
        release();
        await page.locator('[data-start-failure]').waitFor();
        await check(page, name('start-failure'));
        await browserContext.close();
      });
    });
  }
}

test('a film being read', async () => {
  const visit = await open(browser, site, { context: { reducedMotion: 'reduce' } });
  const { page } = visit;
  await choose(page, [films.large, films.png]);
  await page.locator('#result[data-state="reading"]').waitFor();
  await screenshot(page, 'reading-light-1280');
  await allSettled(page, 2);
  await visit.close();
});

for (const width of [360, 768, 1920]) {
  test(`nothing is cut off at ${width} px`, async () => {
    const visit = await open(browser, site, { context: { viewport: { width, height: 900 } } });
    await choose(visit.page, films.png);
    await settled(visit.page, 'done');
    await check(visit.page, `result-light-${width}`);
    await visit.close();
  });
}

test('text at 200 % on a small screen still fits', async () => {
  const visit = await open(browser, site, { context: { viewport: { width: 640, height: 900 } } });
  const { page } = visit;
  await choose(page, films.png);
  await settled(page, 'done');
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
  assert.ok(scroll <= client, `${scroll} px in ${client} px`);
  await visit.close();
});

test('who asked for less motion gets none', async () => {
  const running = async (/** @type {'reduce' | 'no-preference'} */ reducedMotion) => {
    const visit = await open(browser, site, { context: { reducedMotion } });
    await visit.page.evaluate(() => {
      const busy = document.createElement('div');
      busy.className = 'busy';
      document.querySelector('main')?.append(busy);
    });
    const count = await visit.page.evaluate(() => document.getAnimations().length);
    await visit.close();
    return count;
  };
  assert.equal(await running('reduce'), 0);
  assert.equal(await running('no-preference'), 1);
});

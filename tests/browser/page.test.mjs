// The parts around the films: the samples, the list of requests, and the keys.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, check, open, settled, site, suite } from './support.mjs';

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite({ films: false });

test('a visitor without a film has two synthetic ones read: one with probabilities, one turned away', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, complaints } = visit;
  await page.locator('#offline[data-state="kept"]').waitFor();
  site.requests.length = 0;
  await page.getByRole('button', { name: 'Read two synthetic films' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.row[data-state="done"]').length === 2);
  assert.deepEqual(await page.locator('.row-name').allInnerTexts(), ['synthetic-film-1.bmp', 'synthetic-film-2.bmp']);
  await settled(page, 'done');
  assert.equal(await page.locator('.verdict').getAttribute('data-verdict'), 'uncertain');
  assert.equal(await page.locator('.output').count(), 4);
  await page.locator('.row').nth(1).click();
  await page.locator('.verdict[data-verdict="refused"]').waitFor();
  assert.deepEqual(site.requests, [], 'they are drawn, not fetched');
  assert.deepEqual(complaints, []);
});

for (const { size, scheme } of [
  { size: { width: 1280, height: 900 }, scheme: /** @type {const} */ ('light') },
  { size: { width: 390, height: 844 }, scheme: /** @type {const} */ ('dark') },
]) {
  test(`what left this machine, ${size.width} px wide, ${scheme}: nothing, and every file that came`, async () => {
    visit = await open(browser, site, { context: { viewport: size, colorScheme: scheme } });
    const { page } = visit;
    await page.locator('#requests').click();
    const panel = page.locator('#privacy-body');
    await panel.getByText(/^Nothing\./).waitFor();
    await panel.locator('summary').click();
    const files = await panel.locator('.request-list code').allInnerTexts();
    for (const file of ['main.js', 'reader/relaxed_wasm_bg.wasm', 'models/convnet.safetensors', 'models/evidence.json']) {
      assert.ok(files.includes(file), `${file} is listed`);
    }
    assert.ok(
      files.every((file) => !file.includes('://')),
      'all of them are the site’s own',
    );
    await check(page, `privacy-${size.width}-${scheme}`);

    await page.evaluate(() => fetch('icon.svg?afterwards').then((response) => response.text()));
    await page.locator('#requests[data-count="1"]').waitFor();
    await panel.getByText(/^Requests have been made/).waitFor();
    assert.deepEqual(await panel.locator(':scope > .request-list code').allInnerTexts(), ['icon.svg?afterwards']);
  });

  test(`the keys are listed, ${size.width} px wide, ${scheme}, by button and by keyboard`, async () => {
    visit = await open(browser, site, { context: { viewport: size, colorScheme: scheme } });
    const { page } = visit;
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await page.keyboard.press('Control+/');
    await dialog.waitFor();
    assert.ok((await dialog.locator('.shortcut-list > div').count()) > 15);
    await check(page, `keys-${size.width}-${scheme}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    const button = page.locator('#show-shortcuts');
    await button.focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.ok(await button.evaluate((button) => button === document.activeElement), 'the focus is where it was');
  });
}

// Validating, comparing and reading blind with only the keyboard: every control is reached with Tab, in the order of the page, and is
// visible while focused.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { allSettled, browser, films, open, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Locator} Locator */

suite();

/** More Tab stops than any state of the page has. */
const MOST_STOPS = 150;

/** Moves to the target with Tab only. @param {Page} page @param {Locator} target @param {string} [key] */
async function tabTo(page, target, key = 'Tab') {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press(key);
    if (!(await target.evaluate((node) => node === document.activeElement))) continue;
    const seen = await target.evaluate((node) => {
      const { top, bottom, left, right } = node.getBoundingClientRect();
      const isInView = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
      return { isInView, isMarked: node.matches(':focus-visible'), isVisible: node.checkVisibility({ visibilityProperty: true }) };
    });
    assert.deepEqual(seen, { isInView: true, isMarked: true, isVisible: true }, String(target));
    return;
  }
  assert.fail(`Tab does not reach ${target}`);
}

/** @param {Page} page @param {Locator} target @param {string} [key] */
async function press(page, target, key = 'Enter') {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** By the button that opens the browser's own dialog. @param {Page} page @param {Locator} target @param {Parameters<Page['setInputFiles']>[1]} files */
async function bring(page, target, files) {
  const chooser = page.waitForEvent('filechooser');
  await press(page, target);
  await (await chooser).setFiles(/** @type {any} */ (files));
}

/** @param {Page} page @param {() => Promise<unknown>} act @returns {Promise<string>} the text of what is saved */
async function saved(page, act) {
  const download = page.waitForEvent('download');
  await act();
  return readFile(await (await download).path(), 'utf8');
}

const three = () => [films.judged, films.png, films.jpeg];

/** Films with the table that labels them. */
async function labelled() {
  const all = await Promise.all(three().map(async (file) => ({ name: path.basename(file), mimeType: 'image/png', buffer: await readFile(file) })));
  const labels = ['cov', 'normal', 'pneumonia'];
  const table = `file,label\n${all.map(({ name }, index) => `${name},${labels[index]}\n`).join('')}`;
  return [...all, { name: 'labels.csv', mimeType: 'text/csv', buffer: Buffer.from(table) }];
}

test('validating: bring films and table, say what labels mean, look at a film, save, put away', async () => {
  const { page, complaints } = await open(browser, site);
  const chooser = page.waitForEvent('filechooser');
  await press(page, page.locator('#validate-how'));
  const how = page.getByRole('dialog');
  await press(page, how.getByRole('button', { name: 'Choose films and table…' }));
  await (await chooser).setFiles(await labelled());
  await press(page, page.getByRole('button', { name: 'Validate on these films' }));
  const ask = page.getByRole('dialog', { name: 'What the labels mean' });
  await tabTo(page, ask.locator('[data-spelling="cov"] select'));
  await page.keyboard.press('C');
  assert.equal(await ask.locator('[data-spelling="cov"] select').inputValue(), 'covid19');
  await press(page, ask.getByRole('button', { name: 'Validate', exact: true }));
  await page.locator('[data-part="figures"]').waitFor();
  const figures = JSON.parse(await saved(page, () => press(page, page.getByRole('button', { name: 'Save figures (JSON)' }))));
  assert.equal(figures.films.counted, 3);
  const hide = page.getByRole('button', { name: 'Hide the figures' });
  await press(page, hide);
  assert.equal(await page.locator('[data-part="figures"]').isVisible(), false);
  await press(page, page.getByRole('button', { name: 'Show the figures' }));
  assert.equal(await page.locator('[data-part="figures"]').isVisible(), true);
  await press(page, page.getByRole('button', { name: 'End the validation' }));
  assert.equal(await page.locator('[data-part="figures"]').count(), 0);
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY', 'the focus has a place');
  assert.deepEqual(complaints, []);
});

test('comparing: from the button at a result, through all tools, and back', async () => {
  const { page, complaints } = await open(browser, site);
  await bring(page, page.locator('#choose'), three());
  await allSettled(page, 3);
  await page.locator('.viewer[data-state="shown"]').waitFor();
  await press(page, page.locator('#compare-with'));
  await page.getByRole('dialog').waitFor();
  // The first film has the focus already.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  for (const side of ['A', 'B']) await page.locator(`.compare-films [data-side="${side}"][data-state="shown"]`).waitFor();
  const films = page.locator('.compare-films');
  await press(page, page.getByLabel('Linked'), 'Space');
  assert.equal(await page.getByLabel('Linked').isChecked(), false);
  await page.keyboard.press('Space');
  await tabTo(page, page.getByRole('radio', { name: 'Side by side' }));
  await page.keyboard.press('ArrowRight');
  const slider = page.getByRole('slider', { name: /Film A is seen on the left/ });
  await tabTo(page, slider);
  await page.keyboard.press('ArrowLeft');
  assert.equal(await slider.inputValue(), '49');
  await tabTo(page, films.locator('[data-side="A"] .viewer-view'));
  await page.keyboard.press('+');
  const zooms = () => films.locator('.viewer').evaluateAll((all) => all.map((one) => Number(/** @type {HTMLElement} */ (one).dataset.zoom)));
  await page.waitForFunction(() => document.querySelector('.compare-films [data-side="B"]')?.getAttribute('data-fit') === 'false');
  assert.equal((await zooms()).length, 2);
  await press(page, page.locator('.comparison').getByRole('button', { name: 'Close' }));
  assert.equal(await page.locator('.compare-films').count(), 0);
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY', 'the focus has a place');
  assert.deepEqual(complaints, []);
});

test('reading blind: bring films, answer them, save the figures, leave', async () => {
  const { page, complaints } = await open(browser, site);
  await press(page, page.locator('#blind-first'));
  await bring(page, page.locator('#blind').getByRole('button', { name: 'Choose films…' }), three());
  await page.getByText('3 films are here.').waitFor();
  await press(page, page.getByRole('button', { name: 'Start reading' }));
  for (let film = 0; film < 3; film++) {
    await page.locator('#blind[data-state="reading"] .viewer[data-state="shown"]').waitFor();
    if (film === 0) {
      // Without shortcut keys, by the radio buttons.
      await press(page, page.locator('input[name="blind-answer"]').first(), 'Space');
      await press(page, page.locator('input[name="blind-sure"]').first(), 'Space');
      await press(page, page.getByRole('button', { name: 'Show the verdict' }));
    } else {
      for (const key of [String(film + 1), '8', 'Enter']) await page.keyboard.press(key);
    }
    await page.locator('#blind[data-state="revealed"]').waitFor();
    await page.keyboard.press('Enter');
  }
  await page.locator('#blind[data-state="end"]').waitFor();
  const { figures } = JSON.parse(await saved(page, () => press(page, page.getByRole('button', { name: 'Save as JSON, with the figures' }))));
  assert.equal(figures.films, 3);
  await press(page, page.getByRole('button', { name: 'Back to the films' }));
  await page.locator('#result').waitFor();
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY', 'the focus has a place');
  assert.deepEqual(complaints, []);
});

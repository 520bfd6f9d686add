// Comparing two films: links, differences, and one film over the other, by keys and on a phone; and that nothing of it stays behind.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { sharesValues, windowFor } from '../../www/compare/link.js';
import { dicom, mapped, png } from './made.mjs';
import { madeUpResults } from './results.mjs';
import { allSettled, browser, check, choose, classifyByCli, drawGray, drop, films, open, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const LABELS = /** @type {const} */ (['covid19', 'normal', 'pneumonia']);

/** The synthetic film that the gate accepts. @type {import('./made.mjs').Gray} */
let gray;
/** Its report. @type {any} */
let report;

suite({
  prepare: async () => {
    [gray, report] = await Promise.all([drawGray(), classifyByCli(films.judged)]);
  },
});

/** @param {Page} page */
const comparison = (page) => page.getByRole('region', { name: 'Comparison', exact: true });

/** Film A or B. @param {Page} page @param {'A' | 'B'} side */
const viewer = (page, side) => page.locator(`.compare-films [data-side="${side}"]`);

/** Waits until both films are shown. @param {Page} page */
async function bothShown(page) {
  for (const side of /** @type {const} */ (['A', 'B'])) await page.locator(`.compare-films [data-side="${side}"][data-state="shown"]`).waitFor();
  // By now the film that came last follows the first.
  await page.locator('.viewer-note[data-link="values"], .viewer-note[data-link="range"], .viewer-note[data-link="off"]').waitFor();
}

/** The state that a viewer writes into its attributes. @param {Page} page @param {'A' | 'B'} side */
function seen(page, side) {
  return viewer(page, side).evaluate((node) => {
    const { center, width, inverted, zoom, x, y, overlay, opacity, outline, tool, fit } = /** @type {HTMLElement} */ (node).dataset;
    const numbers = Object.fromEntries(Object.entries({ center, width, zoom, x, y, opacity }).map(([name, value]) => [name, Number(value)]));
    return { ...numbers, inverted, overlay, outline, tool, fit };
  });
}

/** Compares the shown film with another, by the button at its result. @param {Page} page @param {string} other */
async function compareWith(page, other) {
  await page.getByRole('button', { name: 'Compare with…' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: new RegExp(other.replace('.', '\\.')) })
    .click();
  await comparison(page).waitFor();
}

/** Two films, the first of which is shown, compared. @param {string} first @param {string} second @param {Parameters<typeof open>[2]} [options] */
async function compared(first, second, options) {
  const visit = await open(browser, site, options);
  const { page } = visit;
  await choose(page, [first, second]);
  await allSettled(page, 2);
  await page
    .locator('.row')
    .filter({ hasText: path.basename(first) })
    .click();
  await compareWith(page, path.basename(second));
  await bothShown(page);
  return visit;
}

/** @param {Page} page @param {string} row */
async function cells(page, row) {
  return page.locator(`.compare-numbers [data-row="${row}"]`).evaluate((node) => ({
    values: [...node.querySelectorAll('td')].slice(0, 2).map((cell) => cell.getAttribute('data-value')),
    texts: [...node.querySelectorAll('td')].map((cell) => cell.textContent),
    difference: node.querySelector('[data-difference]')?.getAttribute('data-difference') ?? null,
  }));
}

/** @param {number} a @param {number} b @param {number} [within] */
const near = (a, b, within = 1e-6) => assert.ok(Math.abs(a - b) <= within * Math.max(1, Math.abs(a), Math.abs(b)), `${a} is not near ${b}`);

describe('windows', () => {
  const full = (/** @type {number} */ low, /** @type {number} */ high) => ({ full: { center: (low + high) / 2, width: high - low } });
  const eight = { film: { samples: new Uint8Array(1), offset: 0, step: 1, is_inverted: false, windows: full(0, 256) }, isDicom: false };
  const sixteen = { film: { ...eight.film, samples: new Uint16Array(1), windows: full(1000, 5000) }, isDicom: false };
  const ct = (/** @type {number} */ low, /** @type {number} */ high, inverted = false) => ({
    film: { samples: new Uint16Array(1), offset: -1024, step: 0.5, is_inverted: inverted, windows: full(low, high) },
    isDicom: true,
  });
  const shares = (/** @type {any} */ a, /** @type {any} */ b) => sharesValues(a, b);
  const given = (/** @type {any} */ window, /** @type {any} */ from, /** @type {any} */ to) => windowFor(window, from, to);

  test('are in values where these mean the same', () => {
    assert.ok(shares(eight, { ...eight, film: { ...eight.film, windows: full(20, 90) } }));
    assert.ok(shares(ct(0, 4096), ct(100, 3500)));
    const window = { center: 800, width: 300, function: 'sigmoid' };
    assert.deepEqual(given(window, ct(0, 4096), ct(100, 3500)), window);
  });

  test('are relative to what occurs where they do not', () => {
    assert.ok(!shares(eight, sixteen));
    assert.ok(!shares(sixteen, sixteen), 'what 16 bit of two scanners mean, nobody knows');
    assert.ok(!shares(eight, ct(0, 256)));
    assert.ok(!shares(ct(0, 255), ct(0, 4096)));
    assert.ok(!shares(ct(0, 4096), ct(0, 4096, true)));
    assert.deepEqual(given({ center: 128, width: 256 }, eight, sixteen), { center: 3000, width: 4000 });
    assert.deepEqual(given({ center: 64, width: 128 }, eight, sixteen), { center: 2000, width: 2000 });
    assert.deepEqual(given(given({ center: 64, width: 128 }, eight, sixteen), sixteen, eight), { center: 64, width: 128 });
  });

  test('are turned where white and black change places', () => {
    assert.deepEqual(given({ center: 1024, width: 100 }, ct(0, 4096), ct(0, 4096, true)), { center: 3072, width: 100 });
  });
});

test('the button at a result asks for another film; numbers and their differences are those of the reports', async () => {
  const { page, complaints } = await compared(films.judged, films.small);
  const other = await classifyByCli(films.small);
  assert.equal(await page.locator('#result').isVisible(), false);
  assert.equal(await page.locator('#result').evaluate((node) => node.childElementCount), 0, 'there is no second heading and no second answer');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'comparison-title');
  assert.match(await page.locator('#live').innerText(), /Two films are compared\. Film A, phantom-37\.png: .+ Film B, phantom-3\.png: /);
  const heads = page.locator('.compare-film');
  assert.match((await heads.nth(0).textContent()) ?? '', /^AFilm A: phantom-37\.png/);
  assert.match((await heads.nth(1).textContent()) ?? '', /^BFilm B: phantom-3\.png/);
  assert.equal(await heads.nth(0).getAttribute('data-verdict'), report.verdict);

  for (const key of /** @type {const} */ (['area', 'left', 'right'])) {
    const { values, difference, texts } = await cells(page, key);
    assert.deepEqual(values.map(Number), [report.lungs[key], other.lungs[key]]);
    near(Number(difference), other.lungs[key] - report.lungs[key], 1e-12);
    const points = (100 * (other.lungs[key] - report.lungs[key])).toFixed(1).replace('-', '−');
    assert.equal(texts[2], `${points.startsWith('−') || points === '0.0' ? '' : '+'}${points} points`);
  }
  // The gate refuses this film, so there is no difference.
  assert.equal(other.verdict, 'refused');
  for (const label of LABELS) {
    const { values, difference, texts } = await cells(page, label);
    near(Number(values[0]), report.probabilities[label], 1e-5);
    assert.deepEqual([values[1], difference, texts[1]], [null, null, 'not judged']);
    assert.match(texts[2] ?? '', /one of the two numbers is missing/);
  }
  assert.deepEqual(complaints, []);
});

test('differences of probabilities of two films that are judged', async () => {
  const { page } = await open(browser, site);
  const darker = png(mapped(gray, (value) => Math.round(0.8 * value)));
  await drop(page, [{ name: 'before.png', bytes: png(gray) }]);
  await settled(page, 'done');
  await drop(page, [{ name: 'after.png', bytes: darker }]);
  await allSettled(page, 2);
  await page.locator('.row').first().click();
  await compareWith(page, 'after.png');
  const { values, difference } = await cells(page, 'covid19');
  near(Number(difference), Number(values[1]) - Number(values[0]), 1e-12);
  const abnormal = await cells(page, 'abnormal');
  near(Number(abnormal.values[0]), report.abnormal, 1e-5);
  assert.ok(abnormal.difference !== null);
  assert.match((await comparison(page).textContent()) ?? '', /A difference alone does not say whether anything has changed/);
});

test('window, zoom, place, inversion and map of one film are those of the other, until they are unlinked', async () => {
  const { page } = await compared(films.png, films.jpeg);
  const view = viewer(page, 'A').locator('.viewer-view');
  assert.equal(await page.locator('.viewer-note[data-link]').getAttribute('data-link'), 'values');
  const [first, second] = [await seen(page, 'A'), await seen(page, 'B')];
  assert.deepEqual([second.center, second.width], [first.center, first.width], 'they begin alike');
  // 1000 × 900 and 760 × 840, each fitted into a place of the same size.
  const sizes = await Promise.all(/** @type {const} */ (['A', 'B']).map((side) => viewer(page, side).locator('.viewer-view').boundingBox()));
  assert.deepEqual([sizes[0]?.width, sizes[0]?.height, sizes[0]?.y], [sizes[1]?.width, sizes[1]?.height, sizes[1]?.y]);
  assert.notEqual(first.zoom, second.zoom);

  await view.focus();
  for (const key of ['+', '+', '+', 'ArrowRight', 'ArrowDown', 'Shift+ArrowUp', 'Shift+ArrowRight', 'i', 'o', 'h']) await page.keyboard.press(key);
  const [a, b] = [await seen(page, 'A'), await seen(page, 'B')];
  near(a.zoom / first.zoom, 1.25 ** 3);
  near(b.zoom / second.zoom, 1.25 ** 3);
  near(a.x / 1000, b.x / 760);
  near(a.y / 900, b.y / 840);
  assert.ok(a.x > 500 && a.y > 450);
  assert.notEqual(a.center, first.center);
  assert.deepEqual([b.center, b.width, b.inverted, b.overlay, b.tool], [a.center, a.width, 'true', a.overlay, 'pan']);
  assert.notEqual(a.overlay, 'off');

  // The other way round, with the mouse.
  const box = /** @type {{x: number, y: number, width: number, height: number}} */ (await viewer(page, 'B').locator('.viewer-view').boundingBox());
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 140, box.y + 130, { steps: 4 });
  await page.mouse.up();
  const [dragged, with_] = [await seen(page, 'B'), await seen(page, 'A')];
  assert.ok(dragged.x < b.x);
  near(with_.x / 1000, dragged.x / 760);

  // One set of tools serves both.
  assert.equal(await page.getByRole('button', { name: 'Reset' }).count(), 1);
  await page.getByRole('button', { name: 'Reset' }).click();
  assert.deepEqual([(await seen(page, 'A')).fit, (await seen(page, 'B')).fit], ['true', 'true']);
  await page.getByRole('radio', { name: 'Pneumonia' }).check({ force: true });
  assert.deepEqual([(await seen(page, 'A')).overlay, (await seen(page, 'B')).overlay], ['pneumonia', 'pneumonia']);

  await page.getByLabel('Linked').uncheck();
  assert.equal(await page.getByRole('button', { name: 'Reset' }).count(), 2);
  await viewer(page, 'B').locator('.viewer-view').focus();
  for (const key of ['+', 'i', 'o', 'Shift+ArrowUp']) await page.keyboard.press(key);
  const [alone, moved] = [await seen(page, 'A'), await seen(page, 'B')];
  assert.deepEqual([alone.fit, alone.inverted, alone.overlay], ['true', 'false', 'pneumonia']);
  assert.deepEqual([moved.fit, moved.inverted, moved.overlay], ['false', 'true', 'off']);
  // After linking again, the other film follows the one that was touched.
  await page.getByLabel('Linked').check();
  const followed = await seen(page, 'A');
  assert.deepEqual([followed.inverted, followed.overlay, followed.center], ['true', 'off', moved.center]);
});

test('a map that is chosen for both lies over a film that is refused only if it is asked for there', async () => {
  // Film A is refused, so film B's tools serve both.
  const { page } = await compared(films.small, films.judged);
  const overlays = async () => [(await seen(page, 'A')).overlay, (await seen(page, 'B')).overlay];
  await page.getByRole('radio', { name: 'Pneumonia' }).check({ force: true });
  assert.deepEqual(await overlays(), ['off', 'pneumonia']);
  const withheld = page.locator('.viewer-withheld');
  assert.deepEqual([await withheld.count(), await viewer(page, 'A').locator('.viewer-withheld').isVisible()], [1, true]);
  const printed = async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    const captions = await page.locator('#sheet figcaption').allTextContents();
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    return captions.map((text) => text.includes('speaks for'));
  };
  assert.deepEqual(await printed(), [false, true]);
  await check(page, 'compare-withheld');
  // The legend of the colours appears once, whichever film has the map.
  const key = page.locator('.viewer-key[data-key="for"]').filter({ visible: true });
  await page.keyboard.press('b');
  assert.equal(await key.count(), 1);
  await check(page, 'compare-withheld-over');
  await page.keyboard.press('s');
  assert.equal(await key.count(), 1);
  await page.keyboard.press('s');

  await viewer(page, 'A').locator('.viewer-view').focus();
  await page.keyboard.press('o');
  assert.deepEqual(await overlays(), ['pneumonia', 'pneumonia']);
  assert.equal(await withheld.count(), 0);
  assert.equal(await key.count(), 1);
  await page.keyboard.press('b');
  assert.deepEqual(await printed(), [true, true]);
  await page.getByRole('button', { name: 'Swap' }).click();
  assert.deepEqual(await overlays(), ['pneumonia', 'pneumonia']);
  await page.keyboard.press('k');
  await viewer(page, 'A').getByRole('radio', { name: 'Off' }).check({ force: true });
  assert.deepEqual(await overlays(), ['off', 'pneumonia']);
});

test('films of other values share the window relative to what occurs in each, and the page says so', async () => {
  const { page } = await open(browser, site);
  await drop(page, [
    { name: 'eight.png', bytes: png(gray) },
    { name: 'twelve.dcm', bytes: dicom(gray) },
  ]);
  await allSettled(page, 2);
  await page.locator('.row').first().click();
  await compareWith(page, 'twelve.dcm');
  await bothShown(page);
  const note = page.locator('.viewer-note[data-link]');
  assert.equal(await note.getAttribute('data-link'), 'range');
  assert.match((await note.textContent()) ?? '', /relative to what occurs in each\. The numbers are those of film A/);
  await page.getByRole('button', { name: 'Full range' }).click();
  await page.locator('.compare-below').getByLabel('Width').fill('100');
  const [a, b] = [await seen(page, 'A'), await seen(page, 'B')];
  assert.equal(a.width, 100);
  // Its values are sixteen times the other's.
  near(b.width, 1600, 0.02);
  near(b.center / a.center, 16, 0.02);
});

test('two DICOM films of one range share values', async () => {
  const { page } = await open(browser, site);
  await drop(page, [
    { name: 'one.dcm', bytes: dicom(gray) },
    { name: 'two.dcm', bytes: dicom(mapped(gray, (value) => Math.min(255, value + 9))) },
  ]);
  await allSettled(page, 2);
  await page.locator('.row').first().click();
  await compareWith(page, 'two.dcm');
  await bothShown(page);
  assert.equal(await page.locator('.viewer-note[data-link]').getAttribute('data-link'), 'values');
  await page.locator('.compare-below').getByLabel('Center').fill('1500');
  assert.deepEqual([(await seen(page, 'A')).center, (await seen(page, 'B')).center], [1500, 1500]);
});

test('by keys alone: two films of the list, swap, link, one over the other, and back', async () => {
  const { page, complaints } = await open(browser, site);
  await choose(page, [films.judged, films.png, films.jpeg]);
  await allSettled(page, 3);
  await page.locator('.row[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('c');
  assert.match(await page.locator('#live').innerText(), /phantom-37\.png is film A of a comparison|phantom-1\.png is film A|phantom-2\.jpg is film A/);
  const names = await page.locator('.row-name').allTextContents();
  assert.equal(await page.locator('.row').first().getAttribute('data-compared'), 'A');
  await page.keyboard.press('End');
  await page.keyboard.press('c');
  await bothShown(page);
  assert.deepEqual(await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-compared'))), ['A', null, 'B']);
  const heads = async () => (await page.locator('.compare-film .file-name').allTextContents()).map((text) => text.replace(/^[AB]Film [AB]: /, ''));
  assert.deepEqual(await heads(), [names[0], names[2]]);

  await page.keyboard.press('s');
  assert.deepEqual(await heads(), [names[2], names[0]]);
  assert.match(await page.locator('#live').innerText(), new RegExp(`Film A, ${names[2]}: .*Film B, ${names[0]}: `));
  await page.keyboard.press('k');
  assert.equal(await page.getByLabel('Linked').isChecked(), false);
  await page.keyboard.press('k');
  assert.equal(await page.getByLabel('Linked').isChecked(), true);
  await page.keyboard.press('b');
  const slider = page.getByRole('slider', { name: /Film A is seen on the left/ });
  assert.equal(await slider.inputValue(), '50');
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  assert.equal(await slider.inputValue(), '60');
  assert.equal(await slider.getAttribute('aria-valuetext'), '60 per cent film A, 40 per cent film B');
  await page.keyboard.press(',');
  assert.equal(await slider.inputValue(), '55');

  // Typed letters are not commands.
  await page.locator('.compare-below').getByLabel('Center').focus();
  await page.keyboard.press('s');
  assert.deepEqual(await heads(), [names[2], names[0]]);
  // On the film, the first Esc gives the wheel back.
  await viewer(page, 'A').locator('.viewer-view').focus();
  await page.keyboard.press('Escape');
  assert.equal(await comparison(page).isVisible(), true);
  await page.keyboard.press('Escape');
  assert.equal(await comparison(page).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.querySelector('.row-name')?.textContent), names[2], 'back in the list');
  assert.equal(await page.locator('#result').isVisible(), true);
  assert.equal(await page.locator('.row[data-compared]').count(), 0);
  await page.locator('.viewer[data-state="shown"]').waitFor();
  assert.deepEqual(complaints, []);
});

test('a click with Ctrl on another row compares it with the film that is shown; any other film ends the comparison', async () => {
  const { page } = await open(browser, site);
  await choose(page, [films.judged, films.png, films.jpeg]);
  await allSettled(page, 3);
  await page.locator('.row').nth(0).click();
  await page
    .locator('.row')
    .nth(2)
    .click({ modifiers: ['Control'] });
  await bothShown(page);
  await page.locator('.row').nth(0).click();
  assert.equal(await comparison(page).count(), 0, 'the film that was selected is shown again');
  await page.locator('.viewer[data-state="shown"]').waitFor();

  await page
    .locator('.row')
    .nth(1)
    .click({ modifiers: ['Control'] });
  await bothShown(page);
  await page.getByRole('button', { name: 'Whole result of film B' }).click();
  assert.equal(await comparison(page).count(), 0);
  assert.equal(await page.locator('.row').nth(1).getAttribute('aria-selected'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'result-title');

  await page
    .locator('.row')
    .nth(0)
    .click({ modifiers: ['Control'] });
  await bothShown(page);
  // The comparison stays when another film is removed, and ends when one of its own is.
  await page.locator('.row').nth(2).getByRole('button').click();
  assert.equal(await comparison(page).count(), 1);
  await page.locator('.row').nth(0).getByRole('button').click();
  assert.equal(await comparison(page).count(), 0);
  await page.locator('#result .viewer[data-state="shown"]').waitFor();
});

test('on a phone one film lies over the other, and slider and handle move the boundary', async () => {
  const phone = { context: { viewport: { width: 390, height: 844 }, hasTouch: true } };
  const { page } = await compared(films.png, films.judged, phone);
  assert.equal(await page.getByRole('radio', { name: 'Side by side' }).count(), 0, 'there is no room for it');
  const [a, b] = await Promise.all(/** @type {const} */ (['A', 'B']).map((side) => viewer(page, side).locator('.viewer-stage').boundingBox()));
  assert.deepEqual(a, b);
  const box = /** @type {{x: number, y: number, width: number, height: number}} */ (a);
  await page.locator('.compare-films').evaluate((node) => node.scrollIntoView({ block: 'start' }));
  /** The side whose film is touched at this many hundredths of the width. @param {number} percent */
  const at = (percent) =>
    page.evaluate((percent) => {
      const { left, top, width, height } = /** @type {HTMLElement} */ (document.querySelector('.compare-films .viewer-stage')).getBoundingClientRect();
      const node = document.elementFromPoint(left + (width * percent) / 100, top + height / 3);
      return node?.closest('[data-side]')?.getAttribute('data-side') ?? null;
    }, percent);
  assert.deepEqual([await at(10), await at(45), await at(56), await at(90)], ['A', 'A', 'B', 'B']);
  const slider = page.getByRole('slider', { name: /Film A is seen on the left/ });
  await slider.fill('80');
  assert.deepEqual([await at(56), await at(74), await at(86)], ['A', 'A', 'B']);
  await slider.fill('0');
  assert.deepEqual([await at(3), await at(97)], ['B', 'B']);
  await slider.focus();
  await page.keyboard.press('End');
  assert.deepEqual([await at(3), await at(97)], ['A', 'A']);
  // The readers' pictures are not shown here and take no space.
  await viewer(page, 'A').locator('.viewer-view').focus();
  await page.keyboard.press('c');
  assert.deepEqual(await viewer(page, 'B').locator('.viewer-stage').boundingBox(), await viewer(page, 'A').locator('.viewer-stage').boundingBox());
  assert.ok(Math.abs(((await viewer(page, 'B').locator('.viewer-stage').boundingBox())?.width ?? 0) - box.width) < 1);
  await slider.fill('50');
  const handle = /** @type {{x: number, y: number, width: number, height: number}} */ (await page.locator('.compare-line span').boundingBox());
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.25 * box.width, handle.y, { steps: 5 });
  await page.mouse.up();
  near(Number(await slider.inputValue()), 25, 0.05);
  assert.deepEqual([await at(15), await at(40)], ['A', 'B']);
});

test('what is seen on either side of the boundary is the film of that side', async () => {
  const { page } = await open(browser, site);
  const shade = (/** @type {number} */ from) => png(mapped(gray, (value) => from + (value >> 1)));
  await drop(page, [
    { name: 'dark.png', bytes: shade(0) },
    { name: 'bright.png', bytes: shade(127) },
  ]);
  await allSettled(page, 2);
  await page.locator('.row').filter({ hasText: 'dark.png' }).locator('.row-open').click();
  await compareWith(page, 'bright.png');
  await bothShown(page);
  await page.getByRole('radio', { name: 'One over the other' }).check();
  await page.getByRole('button', { name: 'Full range' }).click();
  // Makes the films differ over the range of 8 bits.
  await page.locator('.compare-below').getByLabel('Center').fill('128');
  await page.locator('.compare-below').getByLabel('Width').fill('256');
  await page.mouse.move(0, 0);
  await page.waitForTimeout(400);
  const stage = page.locator('.compare-films .viewer-stage').first();
  await stage.scrollIntoViewIfNeeded();
  const shot = (await stage.screenshot()).toString('base64');
  const [left, right] = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(picture, 0, 0);
    return [0.4, 0.6].map((share) => context.getImageData(share * picture.width, picture.height / 3, 1, 1).data[0]);
  }, shot);
  assert.ok(left < 127, `dark on the left: ${left}`);
  assert.ok(right > 127, `bright on the right: ${right}`);
});

test('results without a film are compared by their numbers, and the page says what is not there', async () => {
  const { page } = await open(browser, site);
  const results = madeUpResults(report, 12);
  await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(results)) }]);
  await allSettled(page, 12);
  await page.locator('.row').first().click();
  await page.getByRole('button', { name: 'Compare with…' }).click();
  const dialog = page.getByRole('dialog', { name: /Compare film-1\.png with/ });
  // Of twelve films, one is the film itself, and one was not read.
  assert.equal(await dialog.locator('li').count(), 10);
  await dialog.getByRole('searchbox').fill('FILM-1');
  assert.deepEqual(await dialog.locator('.row-name').allTextContents(), ['film-10.png', 'film-11.png', 'film-12.png']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await comparison(page).waitFor();
  assert.match(await page.locator('.compare-film').nth(1).innerText(), /film-11\.png/);
  for (const side of /** @type {const} */ (['A', 'B']))
    assert.match(await viewer(page, side).innerText(), /There is no film to show: this result was imported/);
  assert.equal(await page.locator('.viewer-note[data-link]').getAttribute('data-link'), 'none');
  assert.equal(await page.getByRole('slider').count(), 0);
  const [first, other] = [0, 10].map((index) => /** @type {any} */ (results.films[index].report).probabilities);
  for (const label of LABELS) near(Number((await cells(page, label)).difference), other[label] - first[label], 1e-12);
  await check(page, 'compare-imported');

  // Beside one that is there.
  await choose(page, films.judged);
  await settled(page, 'done');
  await compareWith(page, 'film-2.png');
  await page.locator('.compare-films [data-side="A"][data-state="shown"]').waitFor();
  assert.equal(await page.locator('.viewer-note[data-link]').getAttribute('data-link'), 'one');
  await page.getByRole('button', { name: 'Swap' }).click();
  assert.equal(await viewer(page, 'B').getAttribute('data-state'), 'shown');
  assert.equal(await page.getByRole('button', { name: 'Zoom in' }).isVisible(), true, 'the tools are those of the film that is there');
  await page.getByRole('button', { name: 'Zoom in' }).click();
  assert.equal((await seen(page, 'B')).fit, 'false');
});

test('results of different models are said to be on different scales', async () => {
  const { page } = await open(browser, site);
  const results = madeUpResults(report, 2);
  results.films[1].report = { ...results.films[1].report, model: { ...report.model, sha256: '0'.repeat(64) } };
  await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(results)) }]);
  await allSettled(page, 2);
  await page.locator('.row').first().click();
  await compareWith(page, 'film-2.png');
  assert.equal(await page.locator('[data-note="models"]').count(), 1);
  results.films[1].report.model = report.model;
  await drop(page, [{ name: 'again.json', bytes: Buffer.from(JSON.stringify(results)) }]);
  await allSettled(page, 4);
  await page.locator('.row').nth(2).click();
  await page
    .locator('.row')
    .nth(3)
    .click({ modifiers: ['Control'] });
  await comparison(page).waitFor();
  assert.equal(await page.locator('[data-note="models"]').count(), 0);
});

test('a film alone is compared with a synthetic one, which is read meanwhile and is marked as synthetic', async () => {
  const { page } = await open(browser, site);
  await choose(page, films.judged);
  await settled(page, 'done');
  await page.getByRole('button', { name: 'Compare with…' }).click();
  const dialog = page.getByRole('dialog');
  assert.match(await dialog.innerText(), /There is no other film on this page/);
  await dialog.getByRole('button', { name: 'A synthetic film' }).click();
  await bothShown(page);
  assert.match(await page.locator('.compare-film').nth(1).innerText(), /synthetic-film-1\.bmp[\s\S]*A synthetic film, drawn by this program/);
  assert.equal(await page.locator('.row').count(), 2);
  assert.notEqual((await cells(page, 'area')).difference, null);
  await page.getByRole('button', { name: 'Close' }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'compare-with');
  await page.keyboard.press('Enter');
  assert.equal(await dialog.getByRole('button', { name: 'A synthetic film' }).count(), 0, 'it is among the films now');
  assert.equal(await dialog.locator('li').count(), 1);
});

test('another language keeps what is compared, and how it is seen', async () => {
  const { page, complaints } = await compared(films.png, films.judged);
  await page.keyboard.press('b');
  await page.keyboard.press('.');
  await viewer(page, 'A').locator('.viewer-view').focus();
  for (const key of ['+', 'i', 'o', 'Shift+ArrowUp']) await page.keyboard.press(key);
  const before = [await seen(page, 'A'), await seen(page, 'B')];
  const numbers = await page.locator('.compare-numbers [data-value]').evaluateAll((all) => all.map((cell) => cell.getAttribute('data-value')));
  await page.locator('#language').selectOption('de');
  const region = page.getByRole('region', { name: 'Vergleich', exact: true });
  await region.waitFor();
  await bothShown(page);
  assert.deepEqual([await seen(page, 'A'), await seen(page, 'B')], before);
  assert.deepEqual(await page.locator('.compare-numbers [data-value]').evaluateAll((all) => all.map((cell) => cell.getAttribute('data-value'))), numbers);
  assert.equal(await page.getByRole('slider', { name: /Links bis hierher/ }).inputValue(), '55');
  assert.doesNotMatch(await region.innerText(), /\b(Window|Linked|judged|film|Swap|points)\b/);
  assert.equal(await page.getByRole('button', { name: 'Zurücksetzen' }).count(), 1, 'one set of tools');
  // The new viewers are still linked.
  await viewer(page, 'B').locator('.viewer-view').focus();
  await page.keyboard.press('i');
  assert.deepEqual([(await seen(page, 'A')).inverted, (await seen(page, 'B')).inverted], ['false', 'false']);
  assert.deepEqual(complaints, []);
});

test('who reads blind finds nothing of a comparison in the document', async () => {
  const { page } = await compared(films.judged, films.png);
  await page.getByRole('button', { name: 'Read blind…' }).first().click();
  await page.locator('#blind:not([hidden])').waitFor();
  const left = await page.evaluate(() => ({
    children: document.getElementById('comparison')?.childElementCount,
    text: document.documentElement.outerHTML.match(/phantom-\d+|data-compared|data-verdict|data-difference|Two films are compared/)?.[0] ?? null,
  }));
  assert.deepEqual(left, { children: 0, text: null });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /Back/ }).click();
  await page.locator('#result .viewer[data-state="shown"]').waitFor();
  assert.equal(await comparison(page).count(), 0);
});

test('the comparison is printed on one sheet, with names where they are asked for', async () => {
  const { page } = await compared(films.judged, films.png);
  await viewer(page, 'A').locator('.viewer-view').focus();
  await page.keyboard.press('o');
  const sheet = async () => {
    await page.setViewportSize({ width: 695, height: 960 });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const found = await page.locator('#sheet').evaluate((node) => ({
      text: node.textContent ?? '',
      pictures: node.querySelectorAll('canvas').length,
      rows: node.querySelectorAll('[data-row]').length,
      isWhole: node.scrollHeight <= node.clientHeight && node.scrollWidth <= node.clientWidth,
    }));
    const pdf = await page.pdf({ format: 'A4' });
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.emulateMedia({ media: null });
    await page.setViewportSize({ width: 1280, height: 900 });
    return { ...found, pages: pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length };
  };
  const plain = await sheet();
  assert.deepEqual([plain.pictures, plain.rows, plain.isWhole, plain.pages], [2, 7, true, 1]);
  assert.match(plain.text, /two films compared[\s\S]*Film A: Film \d of this session[\s\S]*Film B: Film \d of this session/);
  assert.match(plain.text, /with what speaks for/);
  assert.doesNotMatch(plain.text, /phantom/);
  await page.getByLabel('With the file names').check();
  assert.match((await sheet()).text, /Film A: phantom-37\.png[\s\S]*Film B: phantom-1\.png/);
});

test('with the figures of a validation opened the comparison stands back', async () => {
  const { page } = await open(browser, site);
  const table = `file,label\nphantom-37.png,normal\nphantom-1.png,pneumonia\n`;
  await drop(page, [
    { name: 'phantom-37.png', bytes: await readFile(films.judged) },
    { name: 'phantom-1.png', bytes: await readFile(films.png) },
    { name: 'labels.csv', bytes: Buffer.from(table) },
  ]);
  await allSettled(page, 2);
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Validate', exact: true }).click();
  await page.locator('[data-part="verdicts"]').waitFor();
  await page.locator('.row').nth(0).click();
  await page
    .locator('.row')
    .nth(1)
    .click({ modifiers: ['Control'] });
  await bothShown(page);
  assert.equal(await page.locator('[data-part="verdicts"]').isVisible(), false);
  await page.getByRole('button', { name: 'Show the figures' }).click();
  assert.equal(await comparison(page).isVisible(), false);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Hide the figures' }).click();
  assert.equal(await comparison(page).isVisible(), true, 'a key that cannot be seen to do something does nothing');
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [width, locale] of /** @type {const} */ ([
    [1280, 'en'],
    [1280, 'de'],
    [390, 'en'],
    [360, 'de'],
  ])) {
    test(`for everyone: ${colorScheme}, ${width} px, ${locale}`, async () => {
      const height = width < 600 ? 844 : 900;
      const visit = await open(browser, site, {
        context: { colorScheme, locale, viewport: { width, height }, hasTouch: width < 600, reducedMotion: 'reduce' },
      });
      const { page } = visit;
      await page.locator('#file').setInputFiles([films.judged, films.png]);
      await allSettled(page, 2);
      await page.locator('.row').first().click();
      await page.locator('#compare-with').click();
      await check(page, `compare-dialog-${colorScheme}-${width}-${locale}`);
      await page.locator('.compare-list button').first().click();
      await bothShown(page);
      await viewer(page, 'A').locator('.viewer-view').focus();
      await page.keyboard.press('o');
      await check(page, `compare-${colorScheme}-${width}-${locale}`);
      await page.keyboard.press('b');
      await page.keyboard.press('k');
      await check(page, `compare-over-${colorScheme}-${width}-${locale}`);
    });
  }
}

test('a comparison that is opened before new films are shown stays open', async () => {
  const { page } = await open(browser, site);
  await choose(page, [films.png, films.small]);
  await allSettled(page, 2);
  const data = await page.evaluateHandle(() => new DataTransfer());
  await data.evaluate((data, bytes) => void data.items.add(new File([new Uint8Array(bytes)], 'third.png')), [...(await readFile(films.small))]);
  await data.evaluate((dataTransfer) => {
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
    document.querySelectorAll('.row .row-open')[1].dispatchEvent(new MouseEvent('click', { ctrlKey: true, bubbles: true }));
  });
  await allSettled(page, 3);
  assert.ok(await comparison(page).isVisible());
  assert.equal(await page.locator('.row[data-compared]').count(), 2);
});

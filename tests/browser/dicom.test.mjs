// DICOM films: shown through their own windows in their own values. Data of the patient appear only on request.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fillTable, limited } from '../../www/viewer/window.js';
import { dicom, mapped } from './made.mjs';
import { browser, check, drawGray, drop, inState, kept, open, screenshot, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./made.mjs').Element} Element */

/** @type {import('./made.mjs').Gray} */
let gray;
/** @type {Awaited<ReturnType<typeof open>> | undefined} */
let visit;

suite({
  films: false,
  prepare: async () => {
    gray = await drawGray();
  },
});

const MARKER = 'QZXMARKERVJW';

/** Every attribute with text that a film may have, each with the marker. @type {Element[]} */
const MARKED = /** @type {const} */ ([
  [0x0008, 0x0018, 'UI'],
  [0x0008, 0x0020, 'DA'],
  [0x0008, 0x0021, 'DA'],
  [0x0008, 0x0030, 'TM'],
  [0x0008, 0x0050, 'SH'],
  [0x0008, 0x0070, 'LO'],
  [0x0008, 0x0080, 'LO'],
  [0x0008, 0x0081, 'ST'],
  [0x0008, 0x0090, 'PN'],
  [0x0008, 0x1010, 'SH'],
  [0x0008, 0x1030, 'LO'],
  [0x0008, 0x103e, 'LO'],
  [0x0008, 0x1040, 'LO'],
  [0x0008, 0x1048, 'PN'],
  [0x0008, 0x1050, 'PN'],
  [0x0008, 0x1060, 'PN'],
  [0x0008, 0x1070, 'PN'],
  [0x0008, 0x1090, 'LO'],
  [0x0010, 0x0010, 'PN'],
  [0x0010, 0x0020, 'LO'],
  [0x0010, 0x0030, 'DA'],
  [0x0010, 0x0040, 'CS'],
  [0x0010, 0x1000, 'LO'],
  [0x0010, 0x1010, 'AS'],
  [0x0010, 0x1040, 'LO'],
  [0x0010, 0x21b0, 'LT'],
  [0x0010, 0x4000, 'LT'],
  [0x0018, 0x0015, 'CS'],
  [0x0018, 0x1000, 'LO'],
  [0x0018, 0x1020, 'LO'],
  [0x0018, 0x1030, 'LO'],
  [0x0018, 0x1400, 'LO'],
  [0x0018, 0x5101, 'CS'],
  [0x0020, 0x000d, 'UI'],
  [0x0020, 0x000e, 'UI'],
  [0x0020, 0x0010, 'SH'],
  [0x0020, 0x0020, 'CS'],
  [0x0020, 0x0060, 'CS'],
  [0x0020, 0x4000, 'LT'],
  [0x0028, 0x1055, 'LO'],
  [0x0032, 0x1032, 'PN'],
  [0x0032, 0x1060, 'LO'],
  [0x0040, 0x0254, 'LO'],
]).map(([group, element, vr]) => [group, element, vr, MARKER]);

/** @type {Element[]} */
const WINDOW = [
  [0x0028, 0x1050, 'DS', '2048'],
  [0x0028, 0x1051, 'DS', '4096'],
];

/** @param {Page} page @param {Buffer} bytes @param {string} [name] */
async function show(page, bytes, name = 'film.dcm') {
  await drop(page, [{ name, bytes }]);
  await settled(page, 'done');
  await page.locator('.viewer[data-state="shown"]').waitFor();
}

/** @param {Page} page */
const windowOf = (page) => page.locator('.viewer').evaluate((/** @type {HTMLElement} */ viewer) => [viewer.dataset.center, viewer.dataset.width].map(Number));

test('windows are those of the standard', () => {
  const table = new Uint32Array(256);
  const gray = (/** @type {number} */ sample) => table[sample] & 0xff;
  const scale = { offset: -100, step: 2 };
  fillTable(table, { center: 0, width: 101 }, false, scale);
  // The values -50 and 50.
  assert.deepEqual([gray(24), gray(25), gray(50), gray(75), gray(76)], [0, 1, 129, 255, 255]);
  fillTable(table, { center: 0, width: 100, function: 'linear_exact' }, false, scale);
  assert.deepEqual([gray(25), gray(50), gray(75)], [0, 128, 255]);
  fillTable(table, { center: 0, width: 100, function: 'sigmoid' }, true, scale);
  // 1 / (1 + e^4), 1 / (1 + e^2), a half, and the other way round.
  assert.deepEqual([gray(0), gray(25), gray(50), gray(75)], [250, 225, 127, 30]);
  const film = { offset: -100, step: 2, samples: new Uint8Array(1) };
  assert.deepEqual(limited({ center: -1e9, width: 0 }, /** @type {any} */ (film)), { center: -612, width: 1 });
});

test('a film begins with its own window, and has its windows by name, in its own values', async () => {
  visit = await open(browser, site);
  const { page, complaints } = visit;
  /** @type {Element[]} */
  const elements = [
    [0x0028, 0x1050, 'DS', '2000\\1500'],
    [0x0028, 0x1051, 'DS', '3000\\900'],
    [0x0028, 0x1055, 'LO', 'NORMAL\\SOFT TISSUE'],
  ];
  await show(page, dicom(gray, { elements }));
  assert.deepEqual(await windowOf(page), [2000, 3000]);
  const select = page.getByLabel('The file’s windows');
  assert.deepEqual(await select.locator('option').allInnerTexts(), ['NORMAL (2000 / 3000)', 'SOFT TISSUE (1500 / 900)', 'Full range', 'Another']);
  assert.equal(await select.inputValue(), '0');
  await select.selectOption('SOFT TISSUE (1500 / 900)');
  assert.deepEqual(await windowOf(page), [1500, 900]);
  assert.deepEqual([await page.getByLabel('Center').inputValue(), await page.getByLabel('Width').inputValue()], ['1500', '900']);
  // The full range of the 12-bit values: 16 times the greys of the film.
  await select.selectOption('Full range');
  const sorted = gray.pixels.toSorted();
  const [low, high] = [16 * sorted[0], 16 * sorted[sorted.length - 1]];
  assert.deepEqual(await windowOf(page), [(low + high + 1) / 2, high - low + 1]);
  // A window that the user sets is neither.
  await page.getByLabel('Width').fill('1234');
  assert.equal(await select.inputValue(), '');
  await page.getByRole('button', { name: 'Reset' }).click();
  assert.deepEqual(await windowOf(page), [2000, 3000]);
  // The value in the middle is the film's own 12-bit value.
  const value = Number(/: (\S+)$/.exec(await page.locator('.viewer-value').innerText())?.[1]);
  const { width, height, pixels } = gray;
  assert.equal(value, 16 * pixels[(height >> 1) * width + (width >> 1)]);
  assert.deepEqual(complaints, []);
  await check(page, 'dicom');
});

test('values below zero, and films whose least value is white, are seen as they are meant', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const middle = () =>
    page.locator('.viewer-view canvas').evaluate(async (/** @type {HTMLCanvasElement} */ canvas) => {
      // The choice is drawn in the next frame.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const data = canvas.getContext('2d')?.getImageData(canvas.width / 2 - 20, canvas.height / 2 - 20, 40, 40).data ?? [];
      let sum = 0;
      for (let k = 0; k < data.length; k += 4) sum += data[k];
      return sum / (data.length / 4);
    });
  await show(page, dicom(gray, { elements: [...WINDOW, [0x0028, 0x1052, 'DS', '-1000'], [0x0028, 0x1053, 'DS', '1']] }));
  assert.match(await page.locator('.viewer-value').innerText(), new RegExp(`: ${16 * gray.pixels[512 * 1024 + 512] - 1000}$`));
  await page.getByLabel('The file’s windows').selectOption('Full range');
  const expected = await middle();
  await page.getByRole('button', { name: 'Clear all' }).click();
  const inverted = mapped(gray, (value) => 255 - value);
  await show(page, dicom(inverted, { elements: [...WINDOW, [0x0028, 0x0004, 'CS', 'MONOCHROME1']] }));
  await page.getByLabel('The file’s windows').selectOption('Full range');
  assert.ok(Math.abs((await middle()) - expected) < 6, `${await middle()}, not ${expected}`);
});

test('what a film says of the patient is nowhere before somebody asks, and in no file, print, log or store', async () => {
  /** @type {string[]} */
  const logged = [];
  visit = await open(browser, site, { keeps: true, before: async (page) => void page.on('console', (message) => logged.push(message.text())) });
  const { page, complaints } = visit;
  const film = dicom(gray, { elements: [...MARKED, ...WINDOW] });
  await drop(page, [
    { name: 'film.dcm', bytes: film },
    { name: 'cut.dcm', bytes: film.subarray(0, film.length - 1000) },
    { name: 'none.dcm', bytes: film.subarray(0, film.indexOf(Buffer.from([0x28, 0, 2, 0]))) },
  ]);
  await inState(page, 'failed', 2);
  await inState(page, 'done', 1);
  const documentText = () =>
    page.evaluate(() => {
      const parts = [document.title, document.documentElement.outerHTML];
      for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input, select, textarea'))) parts.push(field.value);
      return parts.join('\n');
    });
  const isNowhere = async (/** @type {string} */ where) => assert.ok(!(await documentText()).includes(MARKER), where);
  for (const row of [0, 2, 1]) {
    await page.locator('.row-open').nth(row).click();
    await page.waitForTimeout(200);
    await isNowhere(`row ${row}`);
  }
  await page.locator('.viewer[data-state="shown"]').waitFor();
  const summary = page.locator('.tags summary');
  assert.equal(await summary.innerText(), 'What the file says (may name the patient)');
  await isNowhere('before it is opened');

  // The opened panel shows it, so the test looks for the right thing.
  await summary.click();
  await page.locator('.tags-table').waitFor();
  const table = await page.locator('.tags-table').innerText();
  assert.equal(table.split(MARKER).length - 1, MARKED.length);
  assert.match(table, new RegExp(`0010,0010\\s+Patient's Name\\s+${MARKER}`));
  assert.match(await page.locator('.tags-warning').innerText(), /never in prints, exports or copies/);
  await screenshot(page, 'dicom-tags');

  // Even while the panel is open, nothing of it goes anywhere.
  const exports = [];
  for (const format of ['CSV', 'JSON']) {
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export the results' });
    await dialog.getByRole('radio', { name: new RegExp(`^${format}`) }).check();
    await dialog.getByRole('checkbox', { name: 'Include file names' }).check();
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save file' }).click();
    const saved = await download;
    exports.push(saved.suggestedFilename(), await readFile(await saved.path(), 'utf8'));
  }
  assert.ok(!exports.join('\n').includes(MARKER), 'exports');
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.ok(!(await page.locator('#sheet').innerHTML()).includes(MARKER), 'the sheet');
  await page.emulateMedia({ media: 'print' });
  assert.ok(!(await page.evaluate(() => document.body.innerText)).includes(MARKER), 'all that is printed');
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  const copied = await page.evaluate(() => {
    getSelection()?.selectAllChildren(document.body);
    return getSelection()?.toString() ?? '';
  });
  assert.ok(copied.includes('COVID-Classifier') && !copied.includes(MARKER), 'what is copied');
  assert.ok(![...logged, ...complaints].join('\n').includes(MARKER), 'the console');
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href]));
  assert.ok(!stored.includes(MARKER), 'what is stored');
  assert.ok(!JSON.stringify(await kept(page)).includes(MARKER), 'the caches');

  await summary.click();
  await page.locator('.tags-table').waitFor({ state: 'detached' });
  await isNowhere('after it is closed');
});

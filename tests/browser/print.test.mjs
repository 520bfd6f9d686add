// One film's result on one sheet: complete, not cut off, black on white, with the name only on request.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { madeUpResults } from './results.mjs';
import { browser, choose, classifyByCli, drop, films, open, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const SHEETS = path.resolve(import.meta.dirname, '../../target/screenshots');

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite({
  prepare: async () => {
    await mkdir(SHEETS, { recursive: true });
  },
});

/**
 * Prints the page as the browser's menu does.
 * @param {Page} page
 * @param {'A4' | 'Letter'} format
 * @param {string} [name] the PDF is kept under this name for a person to look at
 * @returns {Promise<{pages: number, text: string | null, isWhole: boolean, colors: string[], pictures: number}>}
 */
async function print(page, format, name) {
  await page.evaluate(() => {
    addEventListener(
      'beforeprint',
      () => {
        const sheet = document.getElementById('sheet');
        const text = sheet && [...sheet.querySelectorAll('p, h1, h2, li, th, td, figcaption')].map((node) => node.textContent).join('\n');
        const pictures = [...(sheet?.querySelectorAll('canvas') ?? [])].filter((canvas) => {
          const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
          return new Set(pixels).size > 50;
        }).length;
        Object.assign(globalThis, { printed: { text, pictures } });
      },
      { once: true },
    );
  });
  const pdf = await page.pdf({ format, path: name && path.join(SHEETS, `${name}.pdf`) });
  const { text, pictures } = await page.evaluate(() => /** @type {any} */ (globalThis).printed);
  assert.equal(await page.locator('#sheet').count(), 0, 'it is gone when it is printed');

  // The same sheet on a screen as wide as the paper: anything cut off there is cut off on paper.
  await page.setViewportSize({ width: format === 'A4' ? 695 : 718, height: 960 });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const { isWhole, colors } = await page.evaluate(() => {
    const sheet = document.getElementById('sheet');
    if (!sheet) return { isWhole: false, colors: [] };
    const foot = sheet.lastElementChild?.getBoundingClientRect().bottom ?? 0;
    const isWhole = sheet.scrollHeight <= sheet.clientHeight && sheet.scrollWidth <= sheet.clientWidth && foot <= sheet.getBoundingClientRect().bottom;
    const all = [document.body, sheet, ...sheet.querySelectorAll('*')].map((node) => getComputedStyle(node));
    return { isWhole, colors: [...new Set(all.flatMap(({ color, backgroundColor }) => [color, backgroundColor]))] };
  });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: null });
  return { pages: pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0, text, isWhole, colors, pictures };
}

/** The viewer has the film's pictures, and so has the sheet. @param {Page} page */
const picturesAreThere = (page) => page.locator('.viewer[data-state="shown"]').waitFor();

for (const { film, format, colorScheme } of /** @type {const} */ ([
  { film: 'judged', format: 'A4', colorScheme: 'dark' },
  { film: 'judged', format: 'Letter', colorScheme: 'light' },
  { film: 'png', format: 'A4', colorScheme: 'light' },
  { film: 'large', format: 'Letter', colorScheme: 'dark' },
])) {
  test(`a ${film} film on one sheet of ${format}, from a ${colorScheme} page`, async () => {
    visit = await open(browser, site, { context: { colorScheme } });
    const { page } = visit;
    const report = await classifyByCli(films[film]);
    await choose(page, films[film]);
    await settled(page, 'done');
    await picturesAreThere(page);
    const sentence = (await page.locator('#result-title').textContent()) ?? '';
    const { pages, text, isWhole, colors, pictures } = await print(page, format, `sheet-${film}-${format}`);
    assert.equal(pages, 1);
    assert.ok(isWhole, 'nothing is cut off');
    // For a refused film, neither answers of readers nor evidence for them are printed.
    const isRefused = report.verdict === 'refused';
    assert.equal(pictures, report.activation && !isRefused ? 2 : 1);
    assert.ok(text);
    assert.equal(text.includes('Convnet reader'), !isRefused);
    const warnings = report.warnings.filter((/** @type {{kind: string}} */ { kind }) => !isRefused || kind !== 'readers_disagree');
    for (const words of [
      sentence,
      'Research tool, not a medical device.',
      'Do not take it for a diagnosis.',
      'Film 1 of this session',
      'Printed on ',
      ...[...report.gate.reasons, ...report.abstentions, ...warnings].map(({ message }) => message),
      `SHA-256 ${report.model.sha256}`,
      `Model ${report.model.version}`,
      'WebAssembly SIMD',
      'Read in ',
      `${report.film.width_px} × ${report.film.height_px} pixels`,
    ]) {
      assert.ok(text.includes(words), `${words} is not on the sheet:\n${text}`);
    }
    assert.ok(!text.includes('phantom'), 'no name unless it is asked for');
    // Each figure of the evidence has its number of films and its interval.
    // For a refused film, no figures about other films are printed.
    const hasFigures = /\n\d+\n\d+(\.\d+)?(\u202f%)?\n\d+(\.\d+)? to \d+(\.\d+)?(\u202f%)?/.test(text);
    assert.equal(hasFigures, report.probabilities !== null, text);
    assert.deepEqual(
      colors.filter((color) => !/^rgba?\((0, 0, 0|255, 255, 255|51, 51, 51)(, 0)?\)$/.test(color)),
      [],
      'black on white',
    );
    assert.deepEqual(visit.complaints, []);
  });
}

/**
 * The colours [red, green, blue] of a picture in view, at places given in shares of its sides.
 * @param {Page} page
 * @param {import('playwright-core').Locator} canvas
 * @param {number[][]} places
 * @returns {Promise<number[][]>}
 */
async function seen(page, canvas, places) {
  const inside = await canvas.evaluate((node) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (node);
    return { width, height };
  });
  const base64 = (await canvas.screenshot()).toString('base64');
  return page.evaluate(
    async ({ base64, inside, places }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      if (!context) throw new Error('there is no canvas');
      context.drawImage(bitmap, 0, 0);
      // On paper it is in the upper left corner of its place, as large as fits.
      const scale = Math.min(bitmap.width / inside.width, bitmap.height / inside.height);
      return places.map(([x, y]) => [
        ...context.getImageData(Math.floor(x * inside.width * scale), Math.floor(y * inside.height * scale), 1, 1).data.slice(0, 3),
      ]);
    },
    { base64, inside, places },
  );
}

test('on paper the map lies over the film as on the screen, and beside it the film is without', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const { activation } = await classifyByCli(films.judged);
  await choose(page, films.judged);
  await settled(page, 'done');
  await picturesAreThere(page);
  const grid = Array.from({ length: 900 }, (_, k) => [((k % 30) + 0.5) / 30, (Math.floor(k / 30) + 0.5) / 30]);
  // The map is as strong as on paper. Only the map makes a place differ from grey.
  const tint = (/** @type {number[]} */ [red, , blue]) => red - blue;
  await page.locator(`.viewer input[value="${activation.label}"]`).check();
  await page.getByLabel('Opacity').fill('75');
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const screen = (await seen(page, page.locator('.viewer-view canvas'), grid)).map(tint);

  await page.setViewportSize({ width: 695, height: 960 });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const sheet = page.locator('#sheet canvas');
  assert.equal(await sheet.count(), 2);
  const [plain, mapped] = [await seen(page, sheet.first(), grid), await seen(page, sheet.last(), grid)];
  assert.ok(
    plain.every((pixel) => tint(pixel) === 0),
    'the film alone is grey',
  );
  assert.ok(new Set(plain.map(([gray]) => gray)).size > 50, 'the film alone is a film');

  const { left, top, width, height } = activation.crop;
  const isOutside = ([x, y]) => x < left - 0.02 || x > left + width + 0.02 || y < top - 0.02 || y > top + height + 0.02;
  const outside = grid.flatMap((place, k) => (isOutside(place) ? [k] : []));
  assert.ok(outside.length > 20);
  // The two are not aligned alike with the paper's pixels.
  for (const k of outside)
    assert.ok(tint(mapped[k]) === 0 && Math.abs(mapped[k][0] - plain[k][0]) < 40, `at ${grid[k]}, outside of what was read: ${mapped[k]}, ${plain[k]}`);
  const strong = grid.flatMap((_, k) => (Math.abs(screen[k]) > 30 ? [k] : []));
  assert.ok(strong.length > 50, `the map is seen on the screen at ${strong.length} places`);
  // Some of them are under the outline of the lungs, which the screen does not show.
  const alike = strong.filter((k) => Math.abs(tint(mapped[k]) - screen[k]) < 12);
  assert.ok(alike.length > 0.85 * strong.length, `the map is alike at ${alike.length} of ${strong.length} places`);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
});

test('the button prints; the name is on the sheet where it is asked for, and that is one choice with the export', async () => {
  visit = await open(browser, site, {
    before: (page) => page.addInitScript(() => Object.assign(globalThis, { prints: 0, print: () => /** @type {any} */ (globalThis).prints++ })),
  });
  const { page } = visit;
  const name = 'A film with a name that is much longer than anybody would want to read on a sheet of paper, 2021-03-04 (second copy).png';
  await drop(page, [{ name, bytes: await readFile(films.judged) }]);
  await settled(page, 'done');
  await page.getByRole('button', { name: 'Print or save as PDF' }).click();
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).prints), 1);
  await page.getByRole('checkbox', { name: 'With the file name' }).check();
  await page.getByRole('button', { name: 'Export…' }).click();
  assert.ok(await page.getByRole('checkbox', { name: 'Include file names' }).isChecked());
  await page.getByRole('button', { name: 'Cancel' }).click();
  const { text, pages, isWhole } = await print(page, 'A4');
  assert.ok(text?.includes(name));
  assert.ok(isWhole && pages === 1);
});

for (const { language, more } of [
  { language: 'en', more: /and 9 more, on the page/ },
  { language: 'de', more: null },
]) {
  test(`a film with everything to be said of it, and a tall one, still fit: ${language}`, async () => {
    const long = 'This sentence says something about the film that is as long as the longest that the program has to say about any film at all, and then some.';
    site.change['reader/wasm.js'] = (bytes) => ({
      type: 'text/javascript',
      body: `${bytes}
        const read = Classifier.prototype.classify;
        Classifier.prototype.classify = async function (path, bytes) {
          const reading = await read.call(this, path, bytes);
          const many = Array.from({ length: 12 }, (_, k) => ({ kind: 'k' + k, message: ${JSON.stringify(long)} }));
          const report = { ...reading.report(), warnings: many, verdict: 'uncertain', abstentions: many };
          reading.report = () => report;
          return reading;
        };`,
    });
    visit = await open(browser, site, { query: `?lang=${language}` });
    const { page } = visit;
    await page.setInputFiles('#file', films.large);
    await settled(page, 'done');
    await picturesAreThere(page);
    for (const format of /** @type {const} */ (['A4', 'Letter'])) {
      const { pages, isWhole, text } = await print(page, format, `sheet-full-${language}-${format}`);
      assert.equal(pages, 1, format);
      assert.ok(isWhole, format);
      if (more) assert.match(text ?? '', more);
    }
  });
}

test('an imported result says on paper that it was imported', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const results = madeUpResults(await classifyByCli(films.judged), 3);
  await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(results)) }]);
  await settled(page, 'done');
  const { text, pages, pictures } = await print(page, 'A4');
  assert.equal(pages, 1);
  assert.equal(pictures, 0);
  assert.match(text ?? '', /Imported: read by covid-classifier 0\.0\.9, exported on 3 February 2026/);
});

test('a film that was not read has no sheet: the page is printed as it is', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, [{ name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') }]);
  await settled(page, 'failed');
  const { text } = await print(page, 'A4');
  assert.equal(text, null);
});

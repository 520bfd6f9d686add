// One film's result on one sheet of paper: everything on it, nothing cut off, black on white, the name only where it is asked for.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { madeUpResults } from './results.mjs';
import { choose, classifyByCli, drawFilms, drop, launch, open, serveSite, settled } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const SHEETS = path.resolve(import.meta.dirname, '../../target/screenshots');

/** @type {Awaited<ReturnType<typeof launch>>} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;
/** @type {Awaited<ReturnType<typeof drawFilms>>} */
let films;
/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

before(async () => {
  [browser, site, films] = await Promise.all([launch(), serveSite(), drawFilms()]);
  await mkdir(SHEETS, { recursive: true });
});
after(() => Promise.all([browser?.close(), site?.close(), films?.remove()]));
afterEach(async () => {
  delete site.change['covid_classifier.js'];
  await visit?.close();
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

  // The same sheet on the screen, as wide as the paper: what is cut off there is cut off on paper.
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
    assert.equal(pictures, report.activation ? 2 : 1);
    assert.ok(text);
    for (const words of [
      sentence,
      'Research tool, not a medical device.',
      'Do not take it for a diagnosis.',
      'Film 1 of this session',
      'Printed on ',
      ...[...report.gate.reasons, ...report.abstentions, ...report.warnings].map(({ message }) => message),
      `SHA-256 ${report.model.sha256}`,
      `Model ${report.model.version}`,
      'WebAssembly SIMD',
      'Read in ',
      `${report.film.width_px} × ${report.film.height_px} pixels`,
    ]) {
      assert.ok(text.includes(words), `${words} is not on the sheet:\n${text}`);
    }
    assert.ok(!text.includes('phantom'), 'no name unless it is asked for');
    // Of the evidence, each figure with its number of films and its interval.
    assert.match(text, /\n\d+\n\d+(\.\d+)?(\u202f%)?\n\d+(\.\d+)? to \d+(\.\d+)?(\u202f%)?/);
    assert.deepEqual(colors.filter((color) => !/^rgba?\((0, 0, 0|255, 255, 255|51, 51, 51)(, 0)?\)$/.test(color)), [], 'black on white');
    assert.deepEqual(visit.complaints, []);
  });
}

test('the button prints; the name is on the sheet where it is asked for, and that is one choice with the export', async () => {
  visit = await open(browser, site, { before: (page) => page.addInitScript(() => Object.assign(globalThis, { prints: 0, print: () => /** @type {any} */ (globalThis).prints++ })) });
  const { page } = visit;
  const name = 'A film with a name that is much longer than anybody would want to read on a sheet of paper, 2021-03-04 (second copy).png';
  await drop(page, [{ name, bytes: await readFile(films.judged) }]);
  await settled(page, 'done');
  await page.getByRole('button', { name: 'Print or save as PDF' }).click();
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).prints), 1);
  await page.getByRole('checkbox', { name: 'With the file name' }).check();
  await page.getByRole('button', { name: 'Export …' }).click();
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
    site.change['covid_classifier.js'] = (bytes) => ({
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

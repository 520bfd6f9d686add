// Nothing is lost silently: what the page asks before it is left, what it keeps when the language changes, and what it says where it cannot
// run.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { german } from '../../www/text/de.js';
import { english } from '../../www/text/en.js';
import { OTHER_CODES, OTHERS } from './languages.mjs';
import { dicom } from './made.mjs';
import {
  allSettled,
  append,
  browser,
  check,
  choose,
  DIST,
  drawGray,
  drop,
  films,
  late,
  launchFirefox,
  noFirefox,
  open,
  publish,
  settled,
  site,
  suite,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite();

/**
 * Reloads as a person does, and stays where the browser asks.
 * @param {Page} page
 * @returns {Promise<boolean>} whether it asked
 */
async function asksBeforeReload(page) {
  let hasAsked = false;
  page.once('dialog', (dialog) => {
    hasAsked = dialog.type() === 'beforeunload';
    void dialog.dismiss();
  });
  await page.evaluate(() => setTimeout(() => location.reload()));
  // Either the browser has asked, or another page has loaded.
  await Promise.race([
    page.waitForFunction(() => performance.now() > 0 && !('isThePageBefore' in window), null, { timeout: 5000 }).catch(() => {}),
    new Promise((resolve) => page.once('dialog', resolve)),
  ]);
  page.removeAllListeners('dialog');
  return hasAsked;
}

/** @param {Page} page */
const mark = (page) => page.evaluate(() => Object.assign(window, { isThePageBefore: true }));

describe('leaving the page', () => {
  test('with a result open the browser asks, and after an export it does not', async () => {
    visit = await open(browser, site);
    const { page } = visit;
    await mark(page);
    await choose(page, films.judged);
    await settled(page, 'done');
    assert.equal(await asksBeforeReload(page), true);
    assert.equal(await page.locator('.row').count(), 1, 'it is still there');

    const download = page.waitForEvent('download');
    await page.locator('#films-export').click();
    await page.locator('.export-dialog .primary').click();
    await download;
    assert.equal(await asksBeforeReload(page), false);
    await page.locator('#engine[data-state="ready"]').waitFor();
    assert.equal(await page.locator('.row').count(), 0);
  });

  test('while a film is read, or waits, it asks too', async () => {
    const model = late();
    site.change['reader/wasm_bg.wasm'] = model.change;
    visit = await open(browser, site, { until: 'loading' });
    const { page } = visit;
    await mark(page);
    await choose(page, films.judged);
    await page.locator('#result[data-state="waiting"]').waitFor();
    assert.equal(await asksBeforeReload(page), true);
    model.release();
  });

  test('there is no question without films, after they were removed, or of results that lie in a file already', async () => {
    visit = await open(browser, site);
    const { page } = visit;
    await mark(page);
    await choose(page, films.judged);
    await settled(page, 'done');
    const download = page.waitForEvent('download');
    await page.locator('#films-export').click();
    await page.locator('.export-dialog input[name="export-format"][value="json"]').check();
    await page.locator('.export-dialog .primary').click();
    const results = await readFile(await (await download).path());
    await page.locator('#clear').click();
    await drop(page, [{ name: 'results.json', bytes: results }]);
    await settled(page, 'done');
    assert.equal(await page.locator('.row.imported').count(), 1);
    assert.equal(await asksBeforeReload(page), false);
  });

  test('the button of a newer version asks in the page', async () => {
    visit = await open(browser, site, { keeps: true });
    const { page } = visit;
    await page.locator('#offline[data-state="kept"]').waitFor();
    await choose(page, films.judged);
    await settled(page, 'done');
    await publish(site, 'Newer');
    await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.update()));
    const dialog = page.getByRole('dialog', { name: english.leaving.title });
    const update = page.getByRole('button', { name: english.offline.update.reload });
    await update.click();
    await dialog.waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), english.leaving.stay, 'what loses nothing has the keyboard');
    await check(page, 'leaving-light-1280');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.locator('.row').count(), 1);

    await update.click();
    await dialog.getByRole('button', { name: english.leaving.export }).click();
    await page.getByRole('dialog', { name: english.export.title }).getByRole('button', { name: english.export.cancel }).click();
    assert.equal(await page.locator('.row').count(), 1);

    await update.click();
    // The page has asked once, so the browser does not ask again.
    let asked = 0;
    page.on('dialog', (dialog) => {
      asked++;
      void dialog.accept();
    });
    await dialog.getByRole('button', { name: english.leaving.leave }).click();
    await page.getByRole('heading', { name: 'Newer' }).waitFor();
    assert.equal(asked, 0);
  });
});

describe('another language', () => {
  test('keeps films, results, the one that is selected, and how it is looked at', async () => {
    visit = await open(browser, site, { query: '?backend=simd' });
    const { page, complaints } = visit;
    await choose(page, [films.judged, films.small]);
    await allSettled(page, 2);
    await drop(page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
    await allSettled(page, 3);
    await page
      .locator('.row')
      .filter({ hasText: path.basename(films.judged) })
      .click();
    const viewer = page.locator('.viewer[data-state="shown"]');
    await viewer.waitFor();
    await page.locator('.viewer-view').click();
    for (const key of ['i', 'o', 'c', '+', '+', 'ArrowLeft', 'Shift+ArrowUp']) await page.keyboard.press(key);
    await page.locator('.worth summary').click();
    const seen = () =>
      page.evaluate(() => {
        const { state, held, ...data } = /** @type {HTMLElement} */ (document.querySelector('.viewer')).dataset;
        return {
          ...data,
          values: [...document.querySelectorAll('[data-value]')].map((node) => node.getAttribute('data-value')),
          verdict: document.querySelector('.verdict')?.getAttribute('data-verdict'),
          open: document.querySelectorAll('#result details[open]').length,
          selected: document.querySelector('.row[aria-selected="true"]')?.getAttribute('data-film'),
          rows: document.querySelectorAll('.row').length,
          elapsed: document.querySelector('[data-elapsed]')?.getAttribute('data-elapsed'),
          canvas: /** @type {HTMLCanvasElement} */ (document.querySelector('.viewer-view canvas')).width,
        };
      });
    const before = await seen();
    assert.equal(before.inverted, 'true');
    assert.equal(before.open, 1);
    await page.locator('#language').focus();
    await page.locator('#language').selectOption('de');
    await page.getByText(german.page.badge).waitFor();
    await viewer.waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(await seen(), before);
    assert.equal(new URL(page.url()).search, '?backend=simd&lang=de');
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'language');
    assert.match(await page.locator('link[rel="manifest"]').evaluate((link) => /** @type {HTMLLinkElement} */ (link).href), /manifest\.de\.webmanifest$/);
    assert.match(await page.locator('#engine-text').innerText(), /^Bereit/);
    assert.match(await page.locator('#requests').innerText(), /^Anfragen/);
    assert.equal(await page.locator('.row[aria-selected="true"] .row-name').innerText(), path.basename(films.judged));
    assert.equal(await page.locator('.viewer-button').filter({ hasText: german.viewer.invert }).getAttribute('aria-pressed'), 'true');
    await check(page, 'changed-to-german-light-1280');
    // The keys act on the present viewer.
    await page.locator('.viewer-view').click();
    await page.keyboard.press('i');
    assert.equal(await page.locator('.viewer').getAttribute('data-inverted'), 'false');
    await page.locator('#language').selectOption('en');
    await page.getByText(english.page.badge).waitFor();
    assert.match(await page.locator('#engine-text').innerText(), /^Ready/);
    assert.deepEqual(complaints, []);
  });

  test('while films are read, none is lost', async () => {
    visit = await open(browser, site);
    const { page } = visit;
    await choose(page, [films.png, films.jpeg, films.small, films.judged]);
    await page.locator('#language').selectOption('de');
    await page.waitForTimeout(50);
    await page.locator('#language').selectOption('en');
    await page.waitForTimeout(50);
    await page.locator('#language').selectOption('de');
    await allSettled(page, 4);
    assert.equal(await page.locator('#films').getAttribute('data-done'), '4');
    assert.match(await page.locator('#films-title').innerText(), /^Aufnahmen/);
  });

  test('an element speaks the language of its attribute, beside one of another, and changes it', async () => {
    const tags =
      '<script type="module" src="xray-classifier.js"></script><xray-classifier id="a" lang="de"></xray-classifier><xray-classifier id="b"></xray-classifier>';
    site.add('two.html', { type: 'text/html', body: `<!doctype html><html lang="en"><title>Two</title><body>${tags}</body></html>` });
    const page = await browser.newPage();
    await page.goto(`${site.url}two.html`);
    await page.locator('#a').getByText(german.embed.title).waitFor();
    await page.locator('#b').getByText(english.embed.title).waitFor();
    assert.equal(await page.locator('#a .frame').getAttribute('lang'), 'de');
    await page.locator('#a input[type="file"]').setInputFiles(films.judged);
    await page.locator('#a .frame[data-state="done"]').waitFor();
    const text = async () => (await page.locator('#a .result').innerText()).replace(/\s+/g, ' ');
    assert.match(await text(), new RegExp(german.result.probabilitiesTitle));
    assert.match(await text(), /\d,\d\d\b/);
    const values = () => page.locator('#a [data-value]').evaluateAll((all) => all.map((node) => node.getAttribute('data-value')));
    const before = await values();
    await page.locator('#a').evaluate((node) => /** @type {HTMLElement} */ ((node.lang = 'en')));
    assert.match(await text(), new RegExp(english.result.probabilitiesTitle));
    assert.doesNotMatch(await text(), /\d,\d\d\b/);
    assert.deepEqual(await values(), before);
    await page.locator('#b').getByText(english.embed.title).waitFor();
    await page.close();
  });
});

describe('where the page cannot run', () => {
  const index = pathToFileURL(path.join(DIST, 'index.html')).href;

  /** @param {import('playwright-core').Browser} browser @param {string} locale */
  async function fromDisk(browser, locale) {
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(index);
    await page.locator('#from-disk').waitFor();
    return { context, page, text: await page.locator('body').innerText() };
  }

  for (const [locale, title, other] of [
    ['en-GB', 'This page was opened from a disk', 'Datenträger'],
    ...OTHER_CODES.map((code) => [OTHERS[code].locale, OTHERS[code].disk, 'opened from a disk']),
  ]) {
    test(`index.html from a disk says what to do, and loads nothing for ever: ${locale}`, async () => {
      const { context, page, text } = await fromDisk(browser, locale);
      assert.ok(text.includes(title));
      assert.ok(!text.includes(other));
      assert.match(text, /covid-classifier\.html/);
      assert.match(text, /python3 -m http\.server/);
      assert.doesNotMatch(text, /Loading the model/);
      assert.equal(await page.locator('#choose').count(), 0);
      // The rest of the page is in this language or absent.
      assert.equal(text.includes('Research tool'), locale === 'en-GB');
      assert.equal(await page.evaluate(() => document.documentElement.lang), locale.slice(0, 2));
      await check(page, `from-disk-${locale}-1280`);
      await page.setViewportSize({ width: 390, height: 844 });
      await check(page, `from-disk-${locale}-390`);
      await context.close();
    });
  }

  test('Firefox says so too', { skip: noFirefox }, async () => {
    const firefox = await launchFirefox();
    try {
      const { text } = await fromDisk(firefox, 'en-GB');
      assert.match(text, /This page was opened from a disk/);
      assert.doesNotMatch(text, /Loading the model/);
    } finally {
      await firefox.close();
    }
  });

  test('without JavaScript it says so in every language', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(site.url);
    const text = await page
      .locator('noscript')
      .first()
      .evaluate((node) => node.textContent ?? '')
      .catch(() => page.content());
    assert.match(text, /switched off here/);
    for (const code of OTHER_CODES) assert.ok(text.includes(OTHERS[code].copied), code);
    await context.close();
  });

  test('each language has its manifest, of the same app', async () => {
    const manifest = async (/** @type {string} */ file) => JSON.parse(await readFile(path.join(DIST, file), 'utf8'));
    const en = await manifest('manifest.webmanifest');
    assert.equal(en.description, english.page.description);
    for (const code of OTHER_CODES) {
      const file = `manifest.${code}.webmanifest`;
      const other = await manifest(file);
      assert.equal(other.description, OTHERS[code].catalogue.page.description);
      assert.equal(other.lang, code);
      assert.deepEqual({ ...other, lang: en.lang, description: en.description }, en);
      visit = await open(browser, site, { query: `?lang=${code}` });
      assert.equal(await visit.page.locator('link[rel="manifest"]').getAttribute('href'), file);
    }
    await visit.page.locator('#privacy summary').first().click();
    assert.equal(await visit.page.locator('#requests').getAttribute('data-count'), '0');
  });
});

describe('the first look', () => {
  test('a film is seen before anything is known of it, even before the model is loaded', async () => {
    const model = late();
    site.change['reader/wasm_bg.wasm'] = model.change;
    visit = await open(browser, site, { until: 'loading' });
    const { page } = visit;
    const bytes = await readFile(films.judged);
    await page.evaluate(() => {
      const watch = new MutationObserver(() => {
        if (document.querySelector('.viewer-first canvas')) document.documentElement.dataset.seen ??= String(performance.now());
      });
      watch.observe(document.body, { subtree: true, childList: true });
      document.addEventListener('drop', () => (document.documentElement.dataset.dropped = String(performance.now())), true);
    });
    await drop(page, [{ name: 'film.png', type: 'image/png', bytes }]);
    const picture = page.locator('.viewer-first canvas');
    await picture.waitFor();
    const took = await page.evaluate(() => Number(document.documentElement.dataset.seen) - Number(document.documentElement.dataset.dropped));
    console.log(`# first look ${took.toFixed(0)} ms after the drop`);
    assert.equal(await page.locator('#result').getAttribute('data-state'), 'waiting');
    // The picture is the film: dark beside the body and bright inside.
    const greys = await picture.evaluate((node) => {
      const canvas = /** @type {HTMLCanvasElement} */ (node);
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
      return {
        least: data.filter((_, at) => at % 4 === 0).reduce((a, b) => Math.min(a, b)),
        most: data.filter((_, at) => at % 4 === 0).reduce((a, b) => Math.max(a, b)),
      };
    });
    assert.ok(greys.most - greys.least > 100, JSON.stringify(greys));
    await check(page, 'first-look-light-1280');
    const place = await picture.boundingBox();
    model.release();
    await settled(page, 'done');
    await page.locator('.viewer[data-state="shown"]').waitFor();
    assert.equal(await picture.count(), 0);
    const after = await page.locator('.viewer-view').boundingBox();
    assert.ok(place && after && Math.abs(place.width - after.width) < 2, 'the film takes its place');
  });

  test('what the browser cannot decode is seen once the worker has decoded it', async () => {
    const pixels = await drawGray();
    const film = dicom(pixels, {
      elements: [
        [0x0028, 0x1050, 'DS', '2048'],
        [0x0028, 0x1051, 'DS', '4096'],
      ],
    });
    visit = await open(browser, site);
    const { page } = visit;
    await page.evaluate(() => {
      const watch = new MutationObserver(() => {
        const [canvas] = document.querySelectorAll('.viewer-first canvas');
        if (!canvas || 'seen' in document.documentElement.dataset) return;
        const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
        document.documentElement.dataset.seen = `${document.getElementById('result')?.dataset.state} ${width} × ${height}`;
      });
      watch.observe(document.body, { subtree: true, childList: true });
    });
    await drop(page, [{ name: 'film.dcm', bytes: film }]);
    await settled(page, 'done');
    const scale = Math.min(1, 1024 / Math.max(pixels.width, pixels.height));
    const size = `${Math.round(scale * pixels.width)} × ${Math.round(scale * pixels.height)}`;
    assert.equal(await page.evaluate(() => document.documentElement.dataset.seen), `reading ${size}`);
    await page.locator('.viewer[data-state="shown"]').waitFor();
    assert.equal(await page.locator('.viewer-first canvas').count(), 0);
  });

  test('what nobody can decode is not seen', async () => {
    const model = late();
    site.change['reader/wasm_bg.wasm'] = model.change;
    visit = await open(browser, site, { until: 'loading' });
    const { page } = visit;
    await drop(page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
    await page.locator('.viewer[data-state="expected"]').waitFor();
    await page.waitForTimeout(100);
    assert.equal(await page.locator('.viewer-first canvas').count(), 0);
    model.release();
    await settled(page, 'failed');
  });
});

describe('where a film is refused or fails', () => {
  test('what to do and the button that does it, and no sentence about other films', async () => {
    for (const [lang, catalogue] of /** @type {const} */ ([
      ['en', english],
      ['de', german],
    ])) {
      visit = await open(browser, site, { query: `?lang=${lang}` });
      const { page } = visit;
      await page.locator('#file').setInputFiles(films.small);
      await settled(page, 'done');
      assert.equal(await page.locator('.verdict').getAttribute('data-verdict'), 'refused');
      for (const part of ['.caution', '.evidence', '.worth', '.unknown', '.hospitals']) assert.equal(await page.locator(`#result ${part}`).count(), 0, part);
      // No reader's answer is shown until somebody asks for it.
      const { labels, result } = catalogue;
      const said = async () => (await page.locator('#result > :not(.viewer)').allInnerTexts()).join('\n');
      const classes = new RegExp(`${labels.covid19}|${labels.pneumonia}`);
      assert.doesNotMatch(await said(), classes);
      for (const part of ['.readers', '.why']) assert.equal(await page.locator(`#result ${part}`).isVisible(), false, part);
      await page.getByText(result.refusedAnswers.title).click();
      assert.match(await said(), classes);
      assert.ok((await said()).includes(result.refusedAnswers.note));
      for (const part of ['.readers', '.why']) assert.ok(await page.locator(`#result ${part}`).isVisible(), part);
      const chooser = page.waitForEvent('filechooser');
      await page.locator('.remedies').getByRole('button', { name: catalogue.readAs.choose }).click();
      await (await chooser).setFiles(films.png);
      await allSettled(page, 2);
      await page.locator('#films-wide').click();
      const row = page.locator('.row', { hasText: path.basename(films.small) });
      for (const key of ['convnet', 'texture', 'covid19']) assert.equal(await row.locator(`.cell-${key}`).innerText(), catalogue.films.none, key);
      await page.locator('#films-wide').click();
      await page.locator('.viewer[data-state="shown"]').waitFor();
      await check(page, `refused-${lang}-light-1280`);
      await page.locator('#file').setInputFiles([{ name: 'cut.png', mimeType: 'image/png', buffer: (await readFile(films.png)).subarray(0, 3000) }]);
      await settled(page, 'failed');
      const notice = page.locator('.notice.error[data-error="decode"]');
      assert.match(
        await notice.locator('.detail').innerText(),
        lang === 'de' ? /^Einzelheit.*: Das PNG ist beschädigt oder abgeschnitten\.$/ : /the PNG is damaged or cut short/,
      );
      assert.equal(await notice.locator('.detail [lang]').count(), 0);
      const again = page.waitForEvent('filechooser');
      await notice.getByRole('button', { name: catalogue.readAs.choose }).click();
      await again;
      await check(page, `failed-${lang}-light-1280`);
      await visit.close();
    }
    for (const failures of [english, german].map(({ result }) => ['internal', 'crashed'].map((kind) => result.failed({ kind, message: '' })))) {
      for (const sentence of failures) assert.doesNotMatch(sentence, /other films|anderen Aufnahmen/);
    }
  });

  test('a film that seems to be mirrored is read mirrored, and back, by buttons', async () => {
    // Where it is read as it lies in its file, this reader warns.
    site.change['reader/worker.js'] = (bytes) => {
      const report = 'reading.report()';
      return {
        type: 'text/javascript',
        body: `${bytes.toString().replaceAll(report, `warned(${report})`)}
          function warned(report) {
            if (report.warnings && !report.read_as) report.warnings.push({ kind: 'mirrored', message: 'The heart seems to lie on the right.' });
            return report;
          }`,
      };
    };
    visit = await open(browser, site);
    const { page } = visit;
    await choose(page, films.judged);
    await settled(page, 'done');
    await check(page, 'mirrored-light-1280');
    await page.locator('[data-warning="mirrored"]').getByRole('button', { name: 'Read it mirrored' }).click();
    await page.locator('.read-as').waitFor();
    await settled(page, 'done');
    assert.match(await page.locator('.read-as').innerText(), /was read mirrored/);
    assert.equal(await page.locator('[data-warning="mirrored"]').count(), 0);
    await page.getByRole('button', { name: english.readAs.back }).click();
    await page.locator('[data-warning="mirrored"] button').waitFor();
  });
});

test('a screen of 3840 px is used: list, film and result stand side by side, as wide as helps', async () => {
  visit = await open(browser, site, { context: { viewport: { width: 3840, height: 2160 }, deviceScaleFactor: 1 } });
  const { page } = visit;
  await choose(page, films.judged);
  await settled(page, 'done');
  await page.locator('.viewer[data-state="shown"]').waitFor();
  const boxes = await Promise.all(['#films', '.viewer', '.verdict', '.answers'].map((place) => page.locator(place).boundingBox()));
  const [list, viewer, verdict, answers] = boxes.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 });
  assert.ok(list.x < 100 && list.width > 400 && list.x + list.width < viewer.x, JSON.stringify(list));
  assert.ok(viewer.width > 1500 && viewer.height < 2160, JSON.stringify(viewer));
  assert.ok(verdict.x > viewer.x + viewer.width && verdict.width > 1200 && verdict.x + verdict.width > 3700, JSON.stringify(verdict));
  assert.ok(answers.y < 2160 && Math.abs(verdict.y - viewer.y) < 60);
  await check(page, 'result-light-3840');

  // The film that is read blind is as high as the screen allows.
  await page.locator('#films-blind').click();
  await page.getByRole('button', { name: 'Start reading' }).click();
  await page.locator('.blind-film .viewer[data-state="shown"]').waitFor();
  const [film, panel] = await Promise.all(['.viewer-stage', '.blind-panel'].map((place) => page.locator(place).first().boundingBox()));
  assert.ok(film && film.height > 1600, JSON.stringify(film));
  assert.ok(panel && panel.x < film.x + film.width + 100, JSON.stringify(panel));
  await check(page, 'blind-3840');
  await page.getByRole('button', { name: 'Leave…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: english.blind.leaveNow }).click();

  // A figure of a validation stands near its name, and the diagrams beside the figures.
  await drop(page, [{ name: 'labels.csv', bytes: Buffer.from(`file,label\n${path.basename(films.judged)},normal\n`) }]);
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Validate', exact: true }).click();
  const [figures, diagrams] = await Promise.all(['[data-part="figures"]', '[data-part="diagrams"]'].map((place) => page.locator(place).boundingBox()));
  assert.ok(figures && figures.width < 1700, JSON.stringify(figures));
  assert.ok(diagrams && diagrams.x > figures.x + figures.width && diagrams.y < figures.y, JSON.stringify(diagrams));
  await check(page, 'validation-3840');
});

test('a page that is idle warms its reader up, which nobody notices; a film that comes meanwhile is read', async () => {
  // Counts how often the program is asked to read a film.
  site.change['reader/worker.js'] = append(`
    const read0 = Classifier.prototype.classify;
    Classifier.prototype.classify = function (...args) {
      self.postMessage({ type: 'requests', count: 0 });
      console.warn('classify', JSON.stringify(args[0]), args[1].slice(0, 4).join(' '));
      return read0.apply(this, args);
    };`);
  // Counts which results are made.
  const begin = 'export function resultView(film, context) {';
  site.change['result/result-view.js'] = (bytes) => {
    const code = `${bytes}`;
    assert.ok(code.includes(begin));
    return { type: 'text/javascript', body: code.replace(begin, `${begin} (globalThis.made ??= []).push(film.state);`) };
  };
  /** @type {string[]} */
  const read = [];
  visit = await open(browser, site, {
    warms: true,
    before: async (page) => page.on('console', (message) => message.text().startsWith('classify') && read.push(message.text())),
  });
  const { page, complaints } = visit;
  await page.locator('html[data-warm]').waitFor({ state: 'attached' });
  // The result that was made for it.
  assert.deepEqual(await page.evaluate(() => Reflect.get(window, 'made')), ['reading', 'done']);
  // JPEG, and DICOM that begins with its modality.
  const once = ['classify "" 255 216 255 224', 'classify "" 8 0 96 0'];
  assert.deepEqual(read, [...once, ...once]);
  assert.equal(await page.locator('.row').count(), 0);
  assert.equal(await page.locator('#live p').count(), 1, 'nothing is said of it');
  assert.equal(await page.locator('#requests').getAttribute('data-count'), '0');
  assert.equal(await asksBeforeReload(page), false);
  await page.locator('#engine[data-state="ready"]').waitFor();
  await choose(page, films.judged);
  await settled(page, 'done');
  assert.equal(await page.locator('.row').count(), 1);
  assert.deepEqual(complaints, []);
});

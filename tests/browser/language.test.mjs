// The page in German: by its address, by the browser's language, with nothing English left; and the two catalogues, which agree.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chooseLanguage, LANGUAGES } from '../../www/text/language.js';
import { german } from '../../www/text/de.js';
import { english } from '../../www/text/en.js';
import {
  allSettled,
  browser,
  check,
  classifyByCli,
  DIST,
  drop,
  films,
  inState,
  launch,
  open,
  ROOT,
  settled,
  site,
  SOFTWARE_WEBGPU,
  suite,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>> | undefined} */
let visit;

suite();

/** The page's own button is named in its language. @param {Page} page @param {Parameters<Page['setInputFiles']>[1]} files */
const take = (page, files) => page.locator('#file').setInputFiles(files);

/** What is the same in both languages: names, units, keys and numbers. */
const SAME = new Set([
  'Arrow',
  'Auto',
  'BMP',
  'COVID-19',
  'COVID-Classifier',
  'CSV',
  'Deutsch',
  'English',
  'Esc',
  'Format',
  'Fourier',
  'JPEG',
  'Maximum',
  'Median',
  'Minimum',
  'Name',
  'Normal',
  'SHA-256',
  'Tab',
  'WebAssembly SIMD',
  'Wavelet',
  'WebGPU',
  '1:1',
  'AUC:',
]);

/** Words that no German sentence has. */
const ENGLISH = /\b(the|and|of|is|are|not|with|this|that|film|films|reader|readers|read|on|to|by|from|for|lungs|mean)\b/i;

/** The same in both languages, or in neither: a whole number with its unit too, as when two readings took as long. @param {string} text */
const isNeutral = (text) =>
  SAME.has(text) ||
  !/\p{L}{2}/u.test(text) ||
  /^\d+\s(ms|px|[kM]B)$/.test(text) ||
  /^(phantom|broken|synthet)\S*$/.test(text) ||
  /^[0-9a-f]{64}$/.test(text) ||
  /^\S+\.(js|wasm|json|css|safetensors|png|svg)$/.test(text);

/**
 * Every text and every name that the page holds and does not hide, each on its own.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
function textsOf(page) {
  return page.evaluate(() => {
    /** @type {string[]} */
    const texts = [];
    const isElsewhere = (/** @type {Element} */ node) =>
      node.closest('[hidden], noscript, script, style, main [lang="en"], option, datalist, pre, .request-list');
    /** @param {Document | ShadowRoot} root */
    const collect = (root) => {
      const walker = document.createTreeWalker(root instanceof Document ? document.body : root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node instanceof Element) {
          if (isElsewhere(node)) continue;
          for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) texts.push(node.getAttribute(name) ?? '');
          if (node.shadowRoot) collect(node.shadowRoot);
        } else if (node.parentElement && !isElsewhere(node.parentElement)) {
          texts.push(node.textContent ?? '');
        }
      }
    };
    collect(document);
    return texts.map((text) => text.trim().replace(/\s+/g, ' ')).filter(Boolean);
  });
}

/**
 * The main states of the page, one after another.
 * @param {Page} page
 * @param {(state: string) => Promise<unknown>} at
 */
async function tour(page, at) {
  await at('start');
  await page.locator('#engine-compute summary').click();
  await page.locator('#privacy summary').first().click();
  await page.locator('#privacy-body ol').waitFor();
  await at('privacy');
  await page.locator('#privacy summary').first().click();
  await page.locator('#show-shortcuts').click();
  await at('keys');
  await page.keyboard.press('Escape');
  await page.locator('#validate-how').click();
  await at('validate-how');
  await page.keyboard.press('Escape');

  await take(page, films.judged);
  await settled(page, 'done');
  await page.locator('.viewer[data-state="shown"]').waitFor();
  await page.locator('.worth summary').click();
  await at('result');
  await page.locator('.viewer-view').click();
  await page.keyboard.press('o');
  await page.keyboard.press('c');
  await page.locator('.viewer-check input').check();
  await at('viewer');
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await at('print');
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));

  await take(page, films.small);
  await inState(page, 'done', 2);
  await page.locator('.viewer[data-state="shown"]').waitFor();
  await at('refused');
  await drop(page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
  await settled(page, 'failed');
  await at('failed');

  await take(page, [films.png, films.jpeg, films.large]);
  await allSettled(page, 6);
  await page.locator('#films-wide').click();
  await at('table');
  await page.locator('#films-wide').click();
  const labels =
    'file,label,patient\nphantom-1.png,phantom-c,a\nphantom-2.jpg,phantom-n,b\nphantom-37.png,x,c\nbroken.png,phantom-n,\nphantom-9.png,phantom-n,';
  await take(page, { name: 'labels.csv', mimeType: 'text/csv', buffer: Buffer.from(labels) });
  await page.locator('.validate-offer .primary').click();
  await at('validate-ask');
  await page.getByRole('dialog').locator('select').first().selectOption('normal');
  await page.getByRole('dialog').locator('select').last().selectOption('pneumonia');
  await page.getByRole('dialog').locator('.primary').click();
  await page.locator('[data-part="figures"]').waitFor();
  await at('validate-answer');
  await page.locator('.validation-tools .quiet').last().click();
  await page.locator('#films-wide').click();
  await page.locator('#films-export').click();
  await at('export');
  await page.keyboard.press('Escape');
  const chip = page.locator('.chips [data-category="unread"]');
  if (await chip.isVisible()) await chip.click();
  else await page.locator('.choosing .category').selectOption('unread');
  await page.locator('#films-export').click();
  await at('export-shown');
  await page.keyboard.press('Escape');
  const language = await page.locator('html').getAttribute('lang');
  await page.locator('#films-blind').click();
  await at('blind-start');
  await page.locator('#blind-count').fill('3');
  await page.locator('.blind-form .primary').click();
  for (let film = 0; film < 3; film++) {
    await page.locator('#blind[data-state="reading"] .viewer[data-state="shown"]').waitFor();
    if (film === 0) await page.keyboard.press('Enter');
    await at(`blind-asked-${film}`);
    for (const key of [String(film + 2), '8', 'Enter']) await page.keyboard.press(key);
    await at(`blind-shown-${film}`);
    if (film === 0) await page.keyboard.press('1');
    if (film === 1) {
      await page.getByRole('button', { name: language === 'de' ? 'Verlassen …' : 'Leave …' }).click();
      await at('blind-leave');
      await page.keyboard.press('Escape');
      await page.locator('#blind-title').focus();
    }
    await page.keyboard.press('Enter');
  }
  await page.locator('#blind[data-state="end"]').waitFor();
  await at('blind-end');
  await page.locator('.blind-ways button').last().click();
  await page.locator('#clear').click();
  await at('cleared');
}

describe('the catalogues', () => {
  /**
   * @param {any} ours
   * @param {any} theirs
   * @param {string} at
   */
  function agree(ours, theirs, at) {
    assert.equal(typeof ours, typeof theirs, at);
    if (typeof theirs === 'string') {
      assert.notEqual(ours.trim(), '', `${at} is empty`);
      assert.ok(ours !== theirs || isNeutral(ours) || ours === '–', `${at} is the same in both: ${ours}`);
    } else if (typeof theirs === 'function') {
      assert.equal(ours.length, theirs.length, `${at} takes as much`);
    } else {
      assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort(), at);
      for (const key of Object.keys(theirs)) agree(ours[key], theirs[key], `${at}.${key}`);
    }
  }

  test('both have the same parts, none empty, none left in English', () => agree(german, english, 'messages'));

  test('German quotes and dashes, no English ones', async () => {
    const source = await readFile(path.join(ROOT, 'www/text/de.js'), 'utf8');
    const literals = [...source.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(([, plain, template]) => plain ?? template);
    assert.ok(literals.length > 300);
    for (const wrong of [/[“”]\p{L}/u, /\p{L}”/u, /\.\.\./, /\p{L} - /u, /\p{L}…/u])
      assert.deepEqual(
        literals.filter((text) => wrong.test(text)),
        [],
      );
  });

  test('every kind that Rust can give has its German sentence', async () => {
    // As a test of the Rust side writes them from its types.
    const shapes = await readFile(path.join(ROOT, 'www/report/report.d.ts'), 'utf8');
    const variants = (/** @type {string} */ name) => {
      const union = new RegExp(`^export type ${name} = (.*);$`, 'm').exec(shapes)?.[1] ?? '';
      return [...union.matchAll(/"(\w+)"/g)].map(([, kind]) => kind);
    };
    const kinds = {
      warning: variants('WarningKind'),
      trouble: [...variants('TroubleKind'), ...variants('SetbackKind')],
      error: variants('ErrorKind'),
      reason: variants('ReasonKind'),
    };
    const found = Object.fromEntries(Object.entries(kinds).map(([name, all]) => [name, all.length]));
    assert.deepEqual(found, { warning: 18, trouble: 11, error: 9, reason: 15 }, 'kinds were found in the types');

    const report = await classifyByCli(films.judged);
    report.prediction_set = ['covid19', 'pneumonia'];
    const message = '12 of the 252 features: English';
    const isGerman = (/** @type {string | null} */ said, /** @type {string} */ kind) => {
      assert.ok(said && said !== message && /[.]$/.test(said) && !ENGLISH.test(said), `${kind}: ${said}`);
    };
    for (const kind of kinds.warning) isGerman(german.result.warning({ kind, message }, report), kind);
    for (const kind of kinds.reason) isGerman(german.result.reason({ kind, message }, report), kind);
    for (const kind of kinds.error) isGerman(german.result.failed({ kind, message: '' }), kind);
    for (const kind of kinds.trouble) isGerman(german.compute.trouble({ backend: 'webgpu', outcome: 'failed', kind, reason: message }), kind);
  });

  test('what has no kind here stays as Rust says it; what is missing in a report does no harm', async () => {
    const report = await classifyByCli(films.judged);
    const bare = { ...report, film: null, readers: null, prediction_set: null };
    const message = 'Something new.';
    for (const kind of ['a_new_kind', 'toString', '__proto__']) {
      assert.equal(german.result.warning({ kind, message }, report), message);
      assert.equal(german.result.reason({ kind, message }, report), message);
      assert.equal(german.compute.trouble({ backend: null, outcome: 'failed', kind, reason: message }), message);
    }
    for (const kind of ['upscaled', 'aspect_ratio', 'readers_disagree', 'outside_training_range'])
      assert.equal(german.result.warning({ kind, message }, bare), message);
    assert.equal(german.result.reason({ kind: 'several_classes', message }, bare), message);
  });

  test('numbers of Rust’s sentences are in the German ones', () => {
    const trouble = (/** @type {string} */ kind, /** @type {string} */ reason) =>
      german.compute.trouble({ backend: 'webgpu', outcome: 'failed', kind, reason });
    assert.match(trouble('slower', 'it works, but takes 12.3 ms for what the processor does in 4.5 ms') ?? '', /12,3\u202fms .* 4,5\u202fms/);
    assert.match(trouble('self_test', 'its answer to the known film is off by 3.1 %') ?? '', /3,1\u202f%/);
    assert.match(trouble('self_test', 'its answer to the known film is off by inf %') ?? '', /weicht ab/);
    assert.match(trouble('software_adapter', 'the adapter (SwiftShader (LLVM)) is software that runs on the processor') ?? '', / \(SwiftShader \(LLVM\)\) /);
    assert.match(trouble('unknown_name', 'there is no back-end "abacus"; there are webgpu, simd and candle') ?? '', /„abacus“/);
  });

  test('every feature and figure of the model has a German name', async () => {
    const report = await classifyByCli(films.judged);
    const names = [
      'texture_image_root_mean_squared',
      'gray_level_difference_up_right_mean_absolute_deviation',
      'cooccurrence_135deg_standard_deviation',
      'wavelet_ch1_range',
      'fourier_magnitude_sum',
    ];
    for (const name of [...names, ...report.explanation.features.map(({ name }) => name)]) {
      const { block, statistic } = german.feature(name);
      assert.ok(block && !ENGLISH.test(statistic) && !/deg|up|right|range|sum|squared|deviation|uniformity/.test(statistic), `${name}: ${block} ${statistic}`);
    }
    assert.equal(german.feature('wavelet_ch1_entropy').statistic, 'cH1, Entropie');
    assert.equal(german.feature('texture_image_mean_absolute_deviation').statistic, 'mittlere absolute Abweichung');

    const metrics = JSON.parse(await readFile(path.join(ROOT, 'models/metrics.json'), 'utf8'));
    for (const figure of metrics.elsewhere) {
      const { what, remark } = german.worth.elsewhere(figure, false);
      assert.ok(!ENGLISH.test(what) && !/ of |copies|adults|children/.test(remark), `${figure.id}: ${what}; ${remark}`);
    }
    for (const set of metrics.verdict.sets) assert.doesNotMatch(german.evidence.set(set), /\((val|external)\)|adults|children/);
  });

  test('the language that is chosen', () => {
    assert.equal(chooseLanguage('de', ['en-GB']), 'de');
    assert.equal(chooseLanguage('EN', ['de-AT']), 'en');
    assert.equal(chooseLanguage(null, ['fr-FR', 'de-CH', 'en']), 'de');
    assert.equal(chooseLanguage('constructor', ['it']), 'en');
  });
});

test('index.html says what the English catalogue says, word for word, and nothing else', async () => {
  const html = await readFile(path.join(ROOT, 'www/index.html'), 'utf8');
  const page = await browser.newPage();
  const { named, attributes, rest } = await page.evaluate((html) => {
    const found = new DOMParser().parseFromString(html, 'text/html');
    const plain = (/** @type {string | null} */ text) => (text ?? '').trim().replace(/\s+/g, ' ');
    const named = [...found.querySelectorAll('[data-text]')].map((node) => [node.getAttribute('data-text'), plain(node.textContent)]);
    const attributes = ['aria-label', 'content'].flatMap((name) =>
      [...found.querySelectorAll(`[data-text-${name}]`)].map((node) => [node.getAttribute(`data-text-${name}`), node.getAttribute(name)]),
    );
    for (const node of found.querySelectorAll('[data-text], noscript, script, #from-disk, #not-whole')) node.remove();
    const labels = [...found.querySelectorAll('[aria-label]:not([data-text-aria-label])')].map((node) => node.getAttribute('aria-label'));
    const rest = [...plain(found.body.textContent).split(' '), ...labels].filter((text) => /\p{L}{2}/u.test(text ?? ''));
    return { named, attributes, rest };
  }, html);
  await page.close();
  const used = [...named, ...attributes];
  for (const [key, text] of used) assert.equal(text, english.page[/** @type {keyof typeof english.page} */ (key)], key ?? '');
  assert.deepEqual([...new Set(used.map(([key]) => key))].sort(), Object.keys(english.page).sort());
  assert.deepEqual(rest, ['COVID-Classifier'], 'what is not in the catalogue');
});

test('nothing English is left, in any state', async () => {
  /** @type {Map<string, string[]>} */
  const inEnglish = new Map();
  const context = { reducedMotion: /** @type {const} */ ('reduce') };
  visit = await open(browser, site, { query: '?lang=en', context });
  const { page: first } = visit;
  await tour(first, async (state) => inEnglish.set(state, await textsOf(first)));
  await visit.close();

  visit = await open(browser, site, { query: '?lang=de', context });
  const { page } = visit;
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.match((await page.locator('meta[name="description"]').getAttribute('content')) ?? '', /Forschungswerkzeug, kein Medizinprodukt/);
  await tour(page, async (state) => {
    const texts = await textsOf(page);
    const there = new Set(inEnglish.get(state));
    // Both pages hold as much, so that nothing is merely missing in German.
    assert.ok(texts.length > 0.9 * (inEnglish.get(state)?.length ?? 0), `${state}: ${texts.length} texts`);
    assert.deepEqual(
      [...new Set(texts)].filter((text) => there.has(text) && !isNeutral(text)),
      [],
      `${state}: the same as in English`,
    );
    assert.deepEqual(
      texts.filter((text) => ENGLISH.test(text.replace(/\S+\.\w{2,4}\b|COVID-19 Radiography Database|\?lang=\w+/g, ''))),
      [],
      `${state}: English words`,
    );
  });
  assert.deepEqual(visit.complaints, []);
});

for (const width of [1280, 390, 360]) {
  for (const colorScheme of /** @type {const} */ (width === 390 ? ['light', 'dark'] : ['light'])) {
    test(`axe-core finds nothing in German and nothing is cut off: ${width} px, ${colorScheme}`, async () => {
      visit = await open(browser, site, {
        query: '?lang=de',
        context: { viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme, reducedMotion: 'reduce' },
      });
      const { page } = visit;
      await tour(page, async (state) => {
        // What is printed is no part of the screen.
        if (state === 'print') return;
        await check(page, `german-${state}-${colorScheme}-${width}`);
        const cut = await page.evaluate(() =>
          [...document.querySelectorAll('button, summary, th, td, dt, dd, h1, h2, h3, p, label, legend, figcaption, li')]
            .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest('.visually-hidden, .film-list'))
            .filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== 'inline')
            .map((node) => `${node.tagName} ${node.className}: ${node.textContent?.slice(0, 60)}`),
        );
        assert.deepEqual(cut, [], `${state}: text that does not fit`);
      });
    });
  }
}

test('what can stand in a row of the list fits there, in every language', async () => {
  for (const [lang, { film }] of /** @type {[string, typeof english][]} */ ([
    ['en', english],
    ['de', german],
  ])) {
    const source = await readFile(path.join(ROOT, `www/text/${lang}.js`), 'utf8');
    const kinds = [...(/const failuresShort = {([^}]*)}/.exec(source)?.[1] ?? '').matchAll(/^ {2}(\w+):/gm)].map(([, kind]) => kind);
    assert.equal(kinds.length, 17, 'kinds were found in the source');
    const verdicts = ['covid19', 'normal', 'pneumonia', 'not_normal', 'uncertain', 'refused'].map((verdict) => film.verdictShort(verdict));
    const texts = [...Object.values(film.states), ...['a new kind', ...kinds].map(film.failureShort), ...verdicts.map((verdict) => `${verdict} 100\u202f%`)];
    for (const width of [1280, 1024, 390, 360]) {
      visit = await open(browser, site, { query: `?lang=${lang}`, context: { viewport: { width, height: 900 } } });
      await drop(visit.page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
      await settled(visit.page, 'failed');
      for (const table of ['narrow', 'wide']) {
        if (table === 'wide') {
          await drop(visit.page, [{ name: 'broken-2.png', bytes: Buffer.from('Sehr geehrter Kollege,\n') }]);
          await inState(visit.page, 'failed', 2);
          await visit.page.locator('#films-wide').click();
        }
        // Found and measured at once: a row may be filled anew at any time.
        const cut = await visit.page.evaluate((texts) => {
          const span = /** @type {HTMLElement} */ (document.querySelector('.row-state > span'));
          return texts.filter((text) => {
            span.textContent = text;
            const [cell, row] = [span.getBoundingClientRect(), /** @type {Element} */ (span.closest('.row')).getBoundingClientRect()];
            return span.scrollWidth > span.clientWidth || cell.top < row.top || cell.bottom > row.bottom;
          });
        }, texts);
        assert.deepEqual(cut, [], `${lang}, ${width} px, ${table}`);
      }
      await visit.close();
    }
  }
});

test('the browser’s language is the page’s, unless its address asks for another', async () => {
  for (const [locale, query, lang] of [
    ['de-AT', '', 'de'],
    ['de-DE', '?lang=en', 'en'],
    ['de-DE', '?lang=fr', 'de'],
    ['fr-FR', '', 'en'],
    ['en-US', '?lang=de', 'de'],
  ]) {
    visit = await open(browser, site, { query, context: { locale } });
    const { page } = visit;
    assert.equal(await page.locator('html').getAttribute('lang'), lang, `${locale} ${query}`);
    assert.equal(await page.locator('#intake-title').innerText(), { de: german, en: english }[lang]?.page.intake);
    assert.equal(await page.locator('#language').inputValue(), lang);
    assert.equal(await page.locator('html').getAttribute('data-languages'), Object.keys(LANGUAGES).join(' '));
    assert.deepEqual(await page.locator('#language option').evaluateAll((all) => all.map((option) => [option.getAttribute('lang'), option.textContent])), [
      ['en', 'English'],
      ['de', 'Deutsch'],
    ]);
    await visit.close();
  }
});

test('numbers have a comma, what Rust says is said in German, and exports are the same in both languages', async () => {
  /** @type {Record<string, {csv: string[][], json: any}>} */
  const exported = {};
  for (const lang of ['de', 'en']) {
    visit = await open(browser, site, { query: `?lang=${lang}&backend=simd` });
    const { page } = visit;
    await take(page, films.judged);
    await settled(page, 'done');
    await take(page, films.small);
    await inState(page, 'done', 2);
    await drop(page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
    await settled(page, 'failed');
    if (lang === 'de') {
      assert.match(await page.locator('.notice').innerText(), /Das ist kein Bild\. Gelesen werden/);
      assert.equal(await page.locator('.notice .detail').count(), 0, 'the sentence says it all');
      await page.locator('.row-open').nth(1).click();
      await settled(page, 'done');
      const numbers = await page.locator('.readers td').allInnerTexts();
      assert.ok(numbers.length >= 6);
      for (const number of numbers) assert.match(number, /^[<>]?\u202f?\d,\d\d$/);
      assert.match(await page.locator('[data-warning="upscaled"]').innerText(), /^Diese Aufnahme hat 300 × 260 Pixel/);
      assert.doesNotMatch((await page.locator('#result').innerText()).replace(/\d+\.\d+\.\d+/, ''), /\d\.\d/, 'a point in a number');
      await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
      assert.match((await page.locator('.sheet-date').textContent()) ?? '', /Gedruckt am \d+\. \p{L}+ \d{4}/u);
    }
    const files = [];
    for (const format of [0, 1]) {
      await page.locator('#films-export').click();
      await page.locator('.export-dialog input[name="export-format"]').nth(format).check();
      await page.locator('.export-dialog [data-choice="names"]').check();
      const download = page.waitForEvent('download');
      await page.locator('.export-dialog .primary').click();
      files.push(await readFile(await (await download).path(), 'utf8'));
    }
    // German spreadsheets want semicolons and decimal commas.
    exported[lang] = {
      csv: files[0]
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split(lang === 'de' ? ';' : ',')),
      json: JSON.parse(files[1]),
    };
    await visit.close();
  }
  const timeless = (/** @type {string} */ key, /** @type {any} */ value) => (key === 'elapsed_ms' || key === 'exported_at' ? undefined : value);
  assert.equal(JSON.stringify(exported.de.json, timeless), JSON.stringify(exported.en.json, timeless));
  const [heads] = exported.en.csv;
  const fixed = heads.flatMap((head, index) => (['elapsed_ms', 'exported_at'].includes(head.replace('\ufeff', '')) ? [] : [index]));
  assert.deepEqual(exported.de.csv[0], heads);
  // The cells of the film that was read; quoted ones are not looked into.
  const withPoint = (/** @type {string} */ cell) => (/^-?\d+,\d+(e-?\d+)?$/.test(cell) ? cell.replace(',', '.') : cell);
  assert.ok(
    exported.de.csv[1].some((cell) => /^0,\d+$/.test(cell)),
    'decimal commas',
  );
  assert.deepEqual(
    fixed.map((index) => withPoint(exported.de.csv[1][index])),
    fixed.map((index) => exported.en.csv[1][index]),
  );
});

test('another language is written at once, and the address has it with what else it asks for', async () => {
  visit = await open(browser, site, { query: '?backend=simd' });
  const { page, complaints } = visit;
  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
  await page.getByRole('heading', { name: german.page.intake }).waitFor();
  assert.equal(new URL(page.url()).search, '?backend=simd&lang=de');
  await page.reload();
  await page.getByRole('heading', { name: german.page.intake }).waitFor();
  assert.equal(await page.locator('#language').inputValue(), 'de');
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('English');
  await page.getByRole('heading', { name: english.page.intake }).waitFor();
  assert.equal(new URL(page.url()).search, '?backend=simd&lang=en');
  assert.deepEqual(complaints, []);
});

test('without a network the other language is there too', async () => {
  visit = await open(browser, site, {});
  const { page, context } = visit;
  await page.locator('#offline[data-state="kept"]').waitFor();
  await context.setOffline(true);
  await page.locator('#language').selectOption('de');
  await page.getByRole('heading', { name: german.page.intake }).waitFor();
  await page.locator('#engine[data-state="ready"]').waitFor();
});

test('why another back-end reads is said in German', async () => {
  const software = await launch(SOFTWARE_WEBGPU);
  try {
    for (const query of ['?lang=de', '?lang=de&backend=abacus']) {
      visit = await open(software, site, { query });
      const { page } = visit;
      const attempts = await page.locator('#engine-attempts li').allTextContents();
      assert.ok(attempts.length >= 2);
      for (const attempt of attempts) assert.doesNotMatch(attempt, ENGLISH);
      if (query.includes('abacus')) assert.match(await page.locator('[data-notice="not-as-asked"]').innerText(), /„abacus“ gibt es nicht/);
      await visit.close();
    }
  } finally {
    await software.close();
  }
});

test('on a page of others the element speaks that page’s language, whatever the browser’s', async () => {
  const element = '<script type="module" src="xray-classifier.js"></script><xray-classifier></xray-classifier>';
  for (const [lang, locale, query] of [
    ['de', 'en-US', ''],
    ['en', 'de-DE', '?lang=de'],
  ]) {
    site.add(`others-${lang}.html`, { type: 'text/html', body: `<!doctype html><html lang="${lang}"><title>Others</title><body>${element}</body></html>` });
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await page.goto(`${site.url}others-${lang}.html${query}`);
    const { embed } = { de: german, en: english }[lang] ?? english;
    await page.getByRole('group', { name: embed.label }).waitFor();
    await page.getByText(embed.title).waitFor();
    assert.equal(await page.locator('xray-classifier .frame').getAttribute('lang'), lang);
    if (lang === 'de') {
      await page.locator('xray-classifier input[type="file"]').setInputFiles(films.judged);
      await page.locator('xray-classifier .frame[data-state="done"]').waitFor();
      const texts = await textsOf(page);
      assert.ok(texts.length > 15);
      assert.deepEqual(
        texts.filter((text) => ENGLISH.test(text)),
        [],
      );
    }
    await context.close();
  }
});

const SINGLE = path.join(DIST, 'covid-classifier.html');
test('the page as one file changes its language too', { skip: existsSync(SINGLE) ? false : `${SINGLE} is not there` }, async () => {
  visit = await open(browser, { url: pathToFileURL(SINGLE).href }, {});
  const { page, complaints } = visit;
  await page.locator('#language').selectOption('de');
  await page.getByRole('heading', { name: german.page.intake }).waitFor();
  await page.locator('#engine[data-state="ready"]').waitFor();
  await take(page, films.judged);
  await settled(page, 'done');
  assert.doesNotMatch(await page.locator('#result-title').innerText(), ENGLISH);
  assert.deepEqual(complaints, []);
});

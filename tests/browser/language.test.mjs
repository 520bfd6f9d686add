// The page in its languages: chosen by its address or the browser, with no English left; and the catalogues, which must agree.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chooseLanguage, LANGUAGES, WRITING } from '../../www/text/language.js';
import { german } from '../../www/text/de.js';
import { english } from '../../www/text/en.js';
import { zip } from './made.mjs';
import { CATALOGUES, ENGLISH, isNeutral, OTHER_CODES, OTHERS } from './languages.mjs';
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

/** A user's own model: a ZIP of the page's model with another version. */
async function ownModel() {
  const folder = path.join(DIST, 'models');
  const names = (await readdir(folder)).filter((name) => name !== 'evidence.json');
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(path.join(folder, name)) })));
  const manifest = files.find(({ name }) => name === 'manifest.json') ?? assert.fail('the model has a manifest');
  manifest.bytes = Buffer.from(JSON.stringify({ ...JSON.parse(manifest.bytes.toString()), version: '7.7.7' }));
  return zip(files);
}

/**
 * Every visible text and accessible name of the page.
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
  await page.locator('.refused-answers summary').click();
  await at('refused-answers');
  await drop(page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
  await settled(page, 'failed');
  await at('failed');

  await take(page, [films.png, films.jpeg, films.large]);
  await allSettled(page, 6);
  await page.locator('#films-wide').click();
  await at('table');
  await page.locator('#films-wide').click();
  await page.locator('.row').first().click();
  await page.locator('#compare-with').click();
  await at('compare-ask');
  await page.getByRole('dialog').locator('.compare-list button').first().click();
  for (const side of ['A', 'B']) await page.locator(`.compare-films [data-side="${side}"][data-state="shown"]`).waitFor();
  await page.keyboard.press('o');
  await at('compare-first');
  await page.keyboard.press('b');
  await at('compare-second');
  await page.keyboard.press('Escape');
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
  const language = /** @type {keyof typeof CATALOGUES} */ (await page.locator('html').getAttribute('lang'));
  await page.locator('#films-blind').click();
  await at('blind-start');
  await page.locator('#blind-count').fill('3');
  // The same films in every language.
  await page.locator('#blind-seed').fill('1');
  await page.locator('.blind-form .primary').click();
  for (let film = 0; film < 3; film++) {
    await page.locator('#blind[data-state="reading"] .viewer[data-state="shown"]').waitFor();
    if (film === 0) await page.keyboard.press('Enter');
    await at(`blind-asked-${film}`);
    for (const key of [String(film + 2), '8', 'Enter']) await page.keyboard.press(key);
    await at(`blind-shown-${film}`);
    if (film === 0) await page.keyboard.press('1');
    if (film === 1) {
      await page.getByRole('button', { name: CATALOGUES[language].blind.leave }).click();
      await at('blind-leave');
      await page.keyboard.press('Escape');
      await page.locator('#blind-title').focus();
    }
    await page.keyboard.press('Enter');
  }
  await page.locator('#blind[data-state="end"]').waitFor();
  await at('blind-end');
  await page.locator('.blind-ways button').first().click();
  await at('blind-again');
  await page.keyboard.press('Escape');
  await page.locator('.blind-ways button').last().click();

  await page.locator('#clear').click();
  await take(page, films.judged);
  await settled(page, 'done');
  const model = (/** @type {Buffer} */ buffer) =>
    page.locator('input[data-own-model="files"]').setInputFiles({ name: 'model.zip', mimeType: 'application/zip', buffer });
  await page.locator('#own-model-open').click();
  await at('own-model-how');
  await model(zip([{ name: 'manifest.json', bytes: Buffer.from('{}') }]));
  await page.locator('[data-own-model-failure]').waitFor();
  await at('own-model-failed');
  await model(await ownModel());
  await page.locator('.own-model-notice[data-own]').waitFor();
  await at('own-model');
  await page.locator('[data-own-model="again"]').click();
  await page.locator('[data-own-model="again"]').waitFor({ state: 'detached' });
  await settled(page, 'done');
  await page.locator('.viewer[data-state="shown"]').waitFor();
  await at('own-model-result');
  await page.locator('#clear').click();
  await at('cleared');
}

describe('the catalogues', () => {
  /**
   * All that is wrong with ours.
   * @param {any} ours
   * @param {any} theirs
   * @param {string} at
   * @param {import('./languages.mjs').Other} code
   * @returns {string[]}
   */
  function disagreements(ours, theirs, at, code) {
    if (typeof ours !== typeof theirs) return [`${at} is of another type`];
    if (typeof theirs === 'function') return ours.length === theirs.length ? [] : [`${at} takes another number of arguments`];
    if (typeof theirs !== 'string') {
      const missing = Object.keys(theirs).filter((key) => !(key in ours));
      const more = Object.keys(ours).filter((key) => !(key in theirs));
      const both = Object.keys(theirs).filter((key) => key in ours);
      return [
        ...missing.map((key) => `${at}.${key} is missing`),
        ...more.map((key) => `${at}.${key} is not in English`),
        ...both.flatMap((key) => disagreements(ours[key], theirs[key], `${at}.${key}`, code)),
      ];
    }
    if (ours.trim() === '') return [`${at} is empty`];
    if (isNeutral(ours, code) || ours === '–') return [];
    if (ours === theirs) return [`${at} is the same in both: ${ours}`];
    return ENGLISH.test(ours) ? [`${at} has English words: ${ours}`] : [];
  }

  /** Keys of a constant of a module that is an object, or the number of entries where it is a list. @param {string} source @param {string} name */
  function entries(source, name) {
    const [, bracket, body] = new RegExp(`^const ${name} = ([{[])\\n(.*?)^[}\\]];`, 'ms').exec(source) ?? assert.fail(`there is no ${name}`);
    return bracket === '['
      ? [...body.matchAll(/^ {2}\[/gm)].length
      : [...body.matchAll(/^ {2}(?:'([^']+)'|(\w+))[:,(]/gm)].map(([, quoted, plain]) => quoted ?? plain).sort();
  }

  test('there is a catalogue of every language that can be chosen, and tests of each', () => {
    assert.deepEqual(Object.keys(CATALOGUES).sort(), Object.keys(LANGUAGES).sort());
  });

  for (const code of OTHER_CODES) {
    const { catalogue, wrong, features, sets } = OTHERS[code];
    const message = '12 of the 252 features: English';
    const trouble = (/** @type {string | null} */ kind, /** @type {string} */ reason) =>
      catalogue.compute.trouble({ backend: 'webgpu', outcome: 'failed', kind, reason });

    describe(LANGUAGES[code], () => {
      test('has the same parts as English, none empty, none left in English', () => {
        assert.deepEqual(disagreements(catalogue, english, 'messages', code), []);
      });

      // Functions of the catalogue look these up, and do without an entry that is missing.
      test('has the same entries as German where English has none', async () => {
        const read = (/** @type {string} */ file) => readFile(path.join(ROOT, 'www/text', file), 'utf8');
        for (const [file, names] of /** @type {const} */ ([
          ['', ['failures', 'failuresShort', 'starts', 'kinds', 'unread', 'unreadKinds', 'reasons', 'modalities', 'warnings', 'troubles', 'hospitals']],
          ['details-', ['things', 'parts', 'details']],
        ])) {
          const [ours, theirs] = [await read(`${file}${code}.js`), await read(`${file}de.js`)];
          for (const name of names) assert.deepEqual(entries(ours, name), entries(theirs, name), name);
        }
      });

      test('has its own quotes and dashes, no English ones', async () => {
        const source = await readFile(path.join(ROOT, `www/text/${code}.js`), 'utf8');
        const literals = [...source.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(([, plain, template]) => plain ?? template.replace(/\$\{[^{}]*\}/g, '0'));
        assert.ok(literals.length > 300);
        for (const pattern of [...wrong, /\.\.\./])
          assert.deepEqual(
            literals.filter((text) => pattern.test(text)),
            [],
            String(pattern),
          );
      });

      test('has a sentence for every kind that Rust can give', async () => {
        // The kinds as a Rust test writes them from its types.
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
        for (const [name, all] of Object.entries(kinds)) assert.ok(all.length >= 9, `kinds of ${name} were found in the types: ${all}`);

        const report = await classifyByCli(films.judged);
        report.prediction_set = ['covid19', 'pneumonia'];
        const isOurs = (/** @type {string | null} */ said, /** @type {string} */ kind) => {
          assert.ok(said && said !== message && /[.]$/.test(said) && !ENGLISH.test(said), `${kind}: ${said}`);
        };
        for (const kind of kinds.warning) isOurs(catalogue.result.warning({ kind, message }, report), kind);
        for (const kind of kinds.reason) isOurs(catalogue.result.reason({ kind, message }, report), kind);
        for (const kind of kinds.error) isOurs(catalogue.result.failed({ kind, message: '' }), kind);
        for (const kind of kinds.trouble) isOurs(trouble(kind, message), kind);
      });

      test('what has no kind here stays as Rust says it; what is missing in a report does no harm', async () => {
        const report = await classifyByCli(films.judged);
        const bare = { ...report, film: null, readers: null, prediction_set: null };
        for (const kind of ['a_new_kind', 'toString', '__proto__']) {
          assert.equal(catalogue.result.warning({ kind, message }, report), message);
          assert.equal(catalogue.result.reason({ kind, message }, report), message);
          assert.equal(trouble(kind, message), message);
        }
        for (const kind of ['upscaled', 'aspect_ratio', 'readers_disagree']) assert.equal(catalogue.result.warning({ kind, message }, bare), message);
        assert.equal(catalogue.result.warning({ kind: 'outside_training_range', message: 'Something new.' }, bare), 'Something new.');
        assert.equal(catalogue.result.reason({ kind: 'several_classes', message }, bare), message);
      });

      test('says of every set of classes what it leaves open', () => {
        for (const [set, said] of sets)
          assert.match(catalogue.result.reason({ kind: 'several_classes', message }, /** @type {any} */ ({ prediction_set: set })), said);
      });

      test('has the numbers and names of Rust’s sentences', () => {
        const number = (/** @type {string} */ digits) => digits.replace('.', WRITING[code].decimal);
        const says = (/** @type {string} */ kind, /** @type {string} */ reason, /** @type {string[]} */ ...parts) => {
          const said = trouble(kind, reason) ?? '';
          for (const part of parts) assert.ok(said.includes(part), `${part}: ${said}`);
          return said;
        };
        const [its, ours] = [number('12.3\u202fms'), number('4.5\u202fms')];
        const said = says('slower', 'it works, but takes 12.3 ms for what the processor does in 4.5 ms', its, ours);
        assert.ok(said.indexOf(its) < said.indexOf(ours), said);
        says('self_test', 'its answer to the known film is off by 3.1 %', number('3.1\u202f%'));
        assert.doesNotMatch(says('self_test', 'its answer to the known film is off by inf %'), /inf|undefined/);
        says('software_adapter', 'the adapter (SwiftShader (LLVM)) is software that runs on the processor', ' (SwiftShader (LLVM)) ');
        says('unknown_name', 'there is no back-end "abacus"; there are webgpu, simd and candle', 'abacus');
      });

      test('has a name for every feature and figure of the model', async () => {
        const report = await classifyByCli(films.judged);
        const names = [
          'texture_image_root_mean_squared',
          'gray_level_difference_up_right_mean_absolute_deviation',
          'cooccurrence_135deg_standard_deviation',
          'wavelet_ch1_range',
          'fourier_magnitude_sum',
        ];
        for (const name of [...names, ...report.explanation.features.map(({ name }) => name)]) {
          const { block, statistic } = catalogue.feature(name);
          const isOurs = block && !ENGLISH.test(statistic) && !/\b(deg|up|right|range|sum|squared|deviation|uniformity)\b/.test(statistic);
          assert.ok(isOurs, `${name}: ${block} ${statistic}`);
        }
        for (const [name, written] of Object.entries(features)) assert.equal(catalogue.feature(name).statistic, written);

        const metrics = JSON.parse(await readFile(path.join(ROOT, 'models/metrics.json'), 'utf8'));
        for (const figure of metrics.elsewhere) {
          const { what, remark } = catalogue.worth.elsewhere(figure, false);
          assert.ok(!ENGLISH.test(what) && !/copies|adults|children/.test(remark), `${figure.id}: ${what}; ${remark}`);
        }
        for (const set of metrics.verdict.sets) assert.doesNotMatch(catalogue.evidence.set(set), /\((val|external)\)|adults|children/);
        for (const hospital of metrics.verdict.hospitals) {
          const name = catalogue.hospitals.name(hospital);
          assert.ok(!ENGLISH.test(name) && !/\((val|external)\)|adults|children|publications/.test(name), `${hospital.id}: ${name}`);
        }
      });

      test('has details of failures, and what nobody knows stays as it is', () => {
        for (const [words, expected] of OTHERS[code].details) {
          assert.match(catalogue.result.detailWords(words) ?? '', expected);
          assert.equal(english.result.detailWords(words), words);
        }
        for (const words of ['RuntimeError: unreachable', 'toString']) assert.equal(catalogue.result.detailWords(words), null);
      });

      test('knows all that Rust says of a damaged picture', async () => {
        const ways = await damages();
        assert.ok(ways.length > 30, String(ways.length));
        for (const words of ways) assert.ok(catalogue.result.detailWords(words), words);
      });
    });
  }

  /** Rust's messages about damaged pictures, found in its sources. */
  async function damages() {
    const sources = ['decode/codec/jpeg.rs', 'decode/codec/jpeg_ls.rs', 'decode/codec/lossless.rs', 'decode/codec/run_length.rs', 'decode/codec/jpeg2000.rs'];
    const rust = (/** @type {string} */ file) => readFile(path.join(ROOT, 'src', file), 'utf8');
    const found = (/** @type {string} */ text) => [...text.matchAll(/\bdamaged\("([^"]+)"\)/g)].map(([, what]) => what);
    return [
      ...(await Promise.all(sources.map(rust))).flatMap(found).map((what) => `the ${what} is damaged or cut short: copy or export the film again`),
      ...found(await rust('decode/dicom/pixels.rs')).map((what) => `the DICOM file is damaged: ${what}; copy or export the film again`),
      ...(await Promise.all(['decode/tiff.rs', 'decode/tiff/compression.rs', 'decode/tiff/chunks.rs', 'decode/tiff/directory.rs'].map(rust)))
        .flatMap(found)
        .map((what) => `the TIFF is damaged or cut short (${what}): copy or export the film again`),
    ];
  }

  test('the language that is chosen', () => {
    assert.equal(chooseLanguage('de', ['en-GB']), 'de');
    assert.equal(chooseLanguage('EN', ['de-AT']), 'en');
    assert.equal(chooseLanguage(null, ['tlh', 'de-CH', 'en']), 'de');
    assert.equal(chooseLanguage('constructor', ['it']), 'en');
    for (const code of OTHER_CODES) assert.equal(chooseLanguage(null, ['tlh', OTHERS[code].locale, 'en']), code);
  });
});

test('index.html names every language, and says in each what to do where the page cannot run', async () => {
  const html = await readFile(path.join(ROOT, 'www/index.html'), 'utf8');
  assert.equal(/data-languages="([^"]*)"/.exec(html)?.[1], Object.keys(LANGUAGES).join(' '));
  const parts = [/<noscript>.*?<\/noscript>/s, /<section id="from-disk".*?<\/section>/s, /<section id="not-whole".*?<\/section>/s].map(
    (pattern) => pattern.exec(html)?.[0] ?? '',
  );
  for (const part of parts) assert.deepEqual([...part.matchAll(/ lang="(\w+)"/g)].map(([, code]) => code).sort(), Object.keys(LANGUAGES).sort());
  for (const code of OTHER_CODES) {
    assert.ok(parts[0].includes(OTHERS[code].copied), code);
    assert.ok(parts[1].includes(OTHERS[code].disk), code);
  }
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

/** What the page holds in each state of the tour, in English. @type {Map<string, string[]>} */
const inEnglish = new Map();

for (const code of OTHER_CODES) {
  test(`nothing English is left, in any state: ${LANGUAGES[code]}`, async () => {
    const { page: first } = await open(browser, site, { query: '?lang=en', context: { reducedMotion: 'reduce' } });
    if (inEnglish.size === 0) await tour(first, async (state) => inEnglish.set(state, await textsOf(first)));
    visit = await open(browser, site, { query: `?lang=${code}`, context: { reducedMotion: 'reduce' } });
    const { page } = visit;
    assert.equal(await page.locator('html').getAttribute('lang'), code);
    assert.equal(await page.locator('meta[name="description"]').getAttribute('content'), OTHERS[code].catalogue.page.description);
    await tour(page, async (state) => {
      const texts = await textsOf(page);
      const there = new Set(inEnglish.get(state));
      // Both pages hold equally many texts, so none is missing in the other language.
      assert.ok(texts.length > 0.9 * (inEnglish.get(state)?.length ?? 0), `${state}: ${texts.length} texts`);
      assert.deepEqual(
        [...new Set(texts)].filter((text) => there.has(text) && !isNeutral(text, code)),
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
}

/** Every language at every width; light and dark alternate, so that two languages cover everything. */
const LOOKS = OTHER_CODES.flatMap((code, index) =>
  [1280, 390, 360].map((width, place) => ({ code, width, colorScheme: /** @type {const} */ (['light', 'dark'])[(index + place) % 2] })),
);
for (const { code, width, colorScheme } of LOOKS) {
  test(`axe-core finds nothing and nothing is cut off: ${LANGUAGES[code]}, ${width} px, ${colorScheme}`, async () => {
    visit = await open(browser, site, {
      query: `?lang=${code}`,
      context: { viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme, reducedMotion: 'reduce' },
    });
    const { page } = visit;
    await tour(page, async (state) => {
      // The printed sheet is not part of the screen.
      if (state === 'print') return;
      await check(page, `${code}-${state}-${colorScheme}-${width}`);
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

test('what can stand in a row of the list fits there, in every language', async () => {
  for (const [lang, { film }] of Object.entries(CATALOGUES)) {
    const source = await readFile(path.join(ROOT, `www/text/${lang}.js`), 'utf8');
    const kinds = [...(/const failuresShort = {([^}]*)}/.exec(source)?.[1] ?? '').matchAll(/^ {2}(\w+):/gm)].map(([, kind]) => kind);
    assert.equal(kinds.length, 19, 'kinds were found in the source');
    const verdicts = ['covid19', 'normal', 'pneumonia', 'not_normal', 'uncertain', 'refused'].map((verdict) => film.verdictShort(verdict));
    const texts = [...Object.values(film.states), ...['a new kind', ...kinds].map(film.failureShort), ...verdicts.map((verdict) => `${verdict} 100\u202f%`)];
    visit = await open(browser, site, { query: `?lang=${lang}` });
    const { page } = visit;
    for (const table of ['narrow', 'wide']) {
      await drop(page, [{ name: `broken-${table}.png`, bytes: Buffer.from(`Dear colleague, ${table}\n`) }]);
      await inState(page, 'failed', table === 'wide' ? 2 : 1);
      if (table === 'wide') await page.locator('#films-wide').click();
      for (const width of [1280, 1024, 390, 360]) {
        await page.setViewportSize({ width, height: 900 });
        // Found and measured in one call, because a row may be rewritten at any time.
        const cut = await page.evaluate((texts) => {
          const span = /** @type {HTMLElement} */ (document.querySelector('.row-state > span'));
          return texts.filter((text) => {
            span.textContent = text;
            const [cell, row] = [span.getBoundingClientRect(), /** @type {Element} */ (span.closest('.row')).getBoundingClientRect()];
            return span.scrollWidth > span.clientWidth || cell.top < row.top || cell.bottom > row.bottom;
          });
        }, texts);
        assert.deepEqual(cut, [], `${lang}, ${width} px, ${table}`);
      }
    }
    await visit.close();
  }
});

test('the browser’s language is the page’s, unless its address asks for another', async () => {
  for (const [locale, query, lang] of [
    ['de-DE', '?lang=en', 'en'],
    ['de-DE', '?lang=tlh', 'de'],
    ['is-IS', '', 'en'],
    ['en-US', '?lang=de', 'de'],
    ...OTHER_CODES.map((code) => [OTHERS[code].locale, '', code]),
  ]) {
    visit = await open(browser, site, { query, context: { locale } });
    const { page } = visit;
    assert.equal(await page.locator('html').getAttribute('lang'), lang, `${locale} ${query}`);
    assert.equal(await page.locator('#intake-title').innerText(), CATALOGUES[/** @type {keyof typeof CATALOGUES} */ (lang)].page.intake);
    assert.equal(await page.locator('#language').inputValue(), lang);
    assert.equal(await page.locator('html').getAttribute('data-languages'), Object.keys(LANGUAGES).join(' '));
    const options = await page.locator('#language option').evaluateAll((all) => all.map((option) => [option.getAttribute('lang'), option.textContent]));
    assert.deepEqual(options, Object.entries(LANGUAGES));
    await visit.close();
  }
});

test('numbers are written as the language has them, what Rust says is said in it, and exports are the same in all', async () => {
  /** @type {Record<string, {csv: string[][], json: any}>} */
  const exported = {};
  for (const lang of /** @type {(keyof typeof CATALOGUES)[]} */ (Object.keys(CATALOGUES))) {
    visit = await open(browser, site, { query: `?lang=${lang}&backend=simd` });
    const { page } = visit;
    await take(page, films.judged);
    await settled(page, 'done');
    await take(page, films.small);
    await inState(page, 'done', 2);
    await drop(page, [{ name: 'broken.png', bytes: Buffer.from('Sehr geehrte Kollegin,\n') }]);
    await settled(page, 'failed');
    if (lang !== 'en') {
      assert.doesNotMatch(await page.locator('.notice p:not(.file-name)').first().innerText(), ENGLISH);
      assert.equal(await page.locator('.notice .detail').count(), 0, 'the sentence says it all');
      await page.locator('.row-open').nth(1).click();
      await settled(page, 'done');
      await page.locator('.refused-answers summary').click();
      const numbers = await page.locator('.readers td').allInnerTexts();
      assert.ok(numbers.length >= 6);
      const { decimal } = WRITING[lang];
      for (const number of numbers) assert.match(number.replace(decimal, '!'), /^[<>]?\u202f?\d!\d\d$/);
      const upscaled = await page.locator('[data-warning="upscaled"]').innerText();
      assert.ok(upscaled.includes('300 × 260') && !ENGLISH.test(upscaled), upscaled);
      const others = new RegExp(`\\d[${'.,'.replace(decimal, '')}]\\d`);
      assert.doesNotMatch((await page.locator('#result').innerText()).replace(/\d+\.\d+\.\d+/, ''), others, 'the sign of another language in a number');
      await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
      assert.match((await page.locator('.sheet-date').textContent()) ?? '', OTHERS[lang].printed);
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
    // Spreadsheets expect the number format of their language.
    exported[lang] = {
      csv: files[0]
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split({ comma: ',', semicolon: ';' }[WRITING[lang].csv])),
      json: JSON.parse(files[1]),
    };
    await visit.close();
  }
  const timeless = (/** @type {string} */ key, /** @type {any} */ value) => (key === 'elapsed_ms' || key === 'exported_at' ? undefined : value);
  const [heads] = exported.en.csv;
  const fixed = heads.flatMap((head, index) => (['elapsed_ms', 'exported_at'].includes(head.replace('\ufeff', '')) ? [] : [index]));
  // The cells of the film that was read; quoted ones are not looked into.
  const withPoint = (/** @type {string} */ cell) => (/^-?\d+,\d+(e-?\d+)?$/.test(cell) ? cell.replace(',', '.') : cell);
  for (const code of OTHER_CODES) {
    assert.equal(JSON.stringify(exported[code].json, timeless), JSON.stringify(exported.en.json, timeless));
    assert.deepEqual(exported[code].csv[0], heads);
    assert.equal(
      exported[code].csv[1].some((cell) => /^0,\d+$/.test(cell)),
      WRITING[code].csv === 'semicolon',
      'decimal commas',
    );
    assert.deepEqual(
      fixed.map((index) => withPoint(exported[code].csv[1][index])),
      fixed.map((index) => exported.en.csv[1][index]),
    );
  }
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

test('without a network the other languages are there too', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context } = visit;
  await page.locator('#offline[data-state="kept"]').waitFor();
  await context.setOffline(true);
  for (const code of OTHER_CODES) {
    await page.locator('#language').selectOption(code);
    await page.getByRole('heading', { name: OTHERS[code].catalogue.page.intake }).waitFor();
    await page.locator('#engine[data-state="ready"]').waitFor();
  }
});

test('why another back-end reads is said in the language of the page', async () => {
  const software = await launch(SOFTWARE_WEBGPU);
  try {
    for (const query of OTHER_CODES.flatMap((code) => [`?lang=${code}`, `?lang=${code}&backend=abacus`])) {
      visit = await open(software, site, { query });
      const { page } = visit;
      const attempts = await page.locator('#engine-attempts li').allTextContents();
      assert.ok(attempts.length >= 2);
      for (const attempt of attempts) assert.doesNotMatch(attempt, ENGLISH);
      if (query.includes('abacus')) assert.match(await page.locator('[data-notice="not-as-asked"]').innerText(), /[\p{Pi}\p{Ps}]abacus[\p{Pi}\p{Pf}]/u);
      await visit.close();
    }
  } finally {
    await software.close();
  }
});

test('on a page of others the element speaks that page’s language, whatever the browser’s', async () => {
  const element = '<script type="module" src="xray-classifier.js"></script><xray-classifier></xray-classifier>';
  for (const [lang, locale, query] of /** @type {[keyof typeof CATALOGUES, string, string][]} */ ([
    ...OTHER_CODES.map((code) => [code, 'en-US', '']),
    ['en', 'de-DE', '?lang=de'],
  ])) {
    site.add(`others-${lang}.html`, { type: 'text/html', body: `<!doctype html><html lang="${lang}"><title>Others</title><body>${element}</body></html>` });
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await page.goto(`${site.url}others-${lang}.html${query}`);
    const { embed } = CATALOGUES[lang];
    await page.getByRole('group', { name: embed.label }).waitFor();
    await page.getByText(embed.title).waitFor();
    assert.equal(await page.locator('xray-classifier .frame').getAttribute('lang'), lang);
    if (lang !== 'en') {
      await page.locator('xray-classifier input[type="file"]').setInputFiles(films.judged);
      await page.locator('xray-classifier .frame[data-state="done"]').waitFor();
      const texts = await textsOf(page);
      assert.ok(texts.length > 15);
      assert.ok(texts.includes(OTHERS[lang].catalogue.embed.another));
      assert.deepEqual(
        texts.filter((text) => ENGLISH.test(text)),
        [],
      );
    }
    await context.close();
  }
});

test('on a page of others the element speaks the language of the part that it stands in', async () => {
  const body = `<!doctype html><html lang="en"><title>Others</title><body><section lang="es-MX"><xray-classifier></xray-classifier>
<xray-classifier lang="de"></xray-classifier></section><xray-classifier></xray-classifier><script type="module" src="xray-classifier.js"></script></body></html>`;
  site.add('parts.html', { type: 'text/html', body });
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${site.url}parts.html`);
  for (const [index, code] of /** @type {const} */ (['es', 'de', 'en']).entries()) {
    const frame = page.locator('xray-classifier').nth(index).locator('.frame');
    await frame.getByText(CATALOGUES[code].embed.title).waitFor();
    assert.equal(await frame.getAttribute('lang'), code);
    assert.equal(await frame.getAttribute('aria-label'), CATALOGUES[code].embed.label);
  }
  // Moved elsewhere, it speaks as there.
  await page.evaluate(() => document.body.append(document.querySelector('section xray-classifier') ?? ''));
  await page.locator('body > xray-classifier').last().getByText(CATALOGUES.en.embed.title).waitFor();
  await context.close();
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

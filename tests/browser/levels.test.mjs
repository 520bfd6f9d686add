// The two levels of the verdict: whether a film is normal, and which class it shows. Every kind of answer appears on the page, in the list,
// in files and on paper. Results of earlier versions, which have only the second level, are shown as before.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseExport } from '../../www/exchange/import.js';
import { CATALOGUES } from './languages.mjs';
import { madeUpResults } from './results.mjs';
import { browser, check, classifyByCli, drop, filmRows, films, inState, open, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;
/** @type {any} */
let report;

suite({
  prepare: async () => {
    report = await classifyByCli(films.judged);
  },
});

/** @typedef {{verdict: string, finding?: string | null, values: number[] | null, set: string[], mark: string} & Record<keyof typeof CATALOGUES, [string, string]>} Kind */

/** One film of each kind: sentence and row in every language. A narrow space is before each per cent. @type {Record<string, Kind>} */
const KINDS = {
  normal: {
    ...{ verdict: 'normal', finding: 'normal', values: [0.05, 0.86, 0.09], set: ['normal'], mark: 'normal' },
    en: ['The readers’ verdict: normal (86 %)', 'Normal 86 %'],
    de: ['Gesamtergebnis: Normalbefund (86 %)', 'Normal 86 %'],
    es: ['Resultado conjunto: normal (86 %)', 'Normal 86 %'],
  },
  covid19: {
    ...{ verdict: 'covid19', finding: 'not_normal', values: [0.87, 0.02, 0.11], set: ['covid19'], mark: 'covid19' },
    en: ['Not normal: COVID-19 (87 %)', 'COVID-19 87 %'],
    de: ['Nicht normal: COVID-19 (87 %)', 'COVID-19 87 %'],
    es: ['Anormal: COVID-19 (87 %)', 'COVID-19 87 %'],
  },
  pneumonia: {
    ...{ verdict: 'pneumonia', finding: 'not_normal', values: [0.1, 0.01, 0.89], set: ['pneumonia'], mark: 'pneumonia' },
    en: ['Not normal: pneumonia (89 %)', 'Pneumonia 89 %'],
    de: ['Nicht normal: Pneumonie (89 %)', 'Pneumonie 89 %'],
    es: ['Anormal: neumonía (89 %)', 'Neumonía 89 %'],
  },
  either: {
    ...{ verdict: 'uncertain', finding: 'not_normal', values: [0.5, 0.06, 0.44], set: ['covid19', 'pneumonia'], mark: 'not_normal' },
    en: ['Not normal (94 %): COVID-19 or another pneumonia, which cannot be told apart here', 'Not normal 94 %'],
    de: ['Nicht normal (94 %): COVID-19 oder eine andere Pneumonie, hier nicht zu unterscheiden', 'Nicht normal 94 %'],
    es: ['Anormal (94 %): COVID-19 u otra neumonía, que aquí no se pueden distinguir', 'Anormal 94 %'],
  },
  unclear: {
    ...{ verdict: 'uncertain', finding: 'cannot_say', values: [0.4, 0.45, 0.15], set: ['normal', 'covid19'], mark: 'uncertain' },
    en: ['Cannot say whether this film is normal', 'Uncertain'],
    de: ['Es lässt sich nicht sagen, ob diese Aufnahme normal ist', 'Unklar'],
    es: ['No se puede decir si esta radiografía es normal', 'Indeterminada'],
  },
  refused: {
    ...{ verdict: 'refused', finding: null, values: null, set: [], mark: 'refused' },
    en: ['This film is not judged', 'Not judged'],
    de: ['Diese Aufnahme wird nicht beurteilt', 'Nicht beurteilt'],
    es: ['Esta radiografía no es valorable', 'No valorable'],
  },
  'earlier-uncertain': {
    ...{ verdict: 'uncertain', values: [0.5, 0.06, 0.44], set: ['covid19', 'pneumonia'], mark: 'uncertain' },
    en: ['No class can be named for this film', 'Uncertain'],
    de: ['Für diese Aufnahme lässt sich keine Klasse nennen', 'Unklar'],
    es: ['No se puede nombrar ninguna clase para esta radiografía', 'Indeterminada'],
  },
  'earlier-named': {
    ...{ verdict: 'covid19', values: [0.87, 0.02, 0.11], set: ['covid19'], mark: 'covid19' },
    en: ['The readers’ verdict: COVID-19 (87 %)', 'COVID-19 87 %'],
    de: ['Gesamtergebnis: COVID-19 (87 %)', 'COVID-19 87 %'],
    es: ['Resultado conjunto: COVID-19 (87 %)', 'COVID-19 87 %'],
  },
};

/** @param {string} text */
const spaced = (text) => text.replaceAll('\u202f', ' ');

/** A report of this kind; reports of earlier versions lack the keys. @param {Kind} kind */
function reportOf({ verdict, finding, values, set }) {
  const probabilities = values && { covid19: values[0], normal: values[1], pneumonia: values[2] };
  const { finding: _, abnormal: __, ...earlier } = report;
  const levels = finding === undefined ? {} : { finding, abnormal: probabilities && probabilities.covid19 + probabilities.pneumonia };
  const abstentions = set.length > 1 ? [{ kind: 'several_classes', message: 'Classes cannot be told apart.' }] : [];
  return { ...earlier, verdict, probabilities, prediction_set: values && set, abstentions, gate: { ...report.gate, doubtful: false }, ...levels };
}

/** An export with one film of each kind. */
function results() {
  const made = madeUpResults(report, 1);
  const one = made.films[0];
  made.films = Object.entries(KINDS).map(([id, kind], index) => ({ ...one, number: index + 1, name: `${id}.png`, path: `${id}.png`, report: reportOf(kind) }));
  return { name: 'results.json', bytes: Buffer.from(JSON.stringify(made)) };
}

/** @param {Parameters<typeof open>[2]} [options] */
async function openWithKinds(options) {
  visit = await open(browser, site, options);
  await drop(visit.page, [results()]);
  await inState(visit.page, 'done', Object.keys(KINDS).length);
  return visit.page;
}

/** @param {Page} page @param {string} id */
async function select(page, id) {
  await page.locator('.row', { hasText: `${id}.png` }).click();
  await page.locator('#result .file-name', { hasText: `${id}.png` }).waitFor();
}

/** Every language, wide and narrow; light and dark alternate. */
const LOOKS = /** @type {(keyof typeof CATALOGUES)[]} */ (Object.keys(CATALOGUES)).flatMap((lang, index) =>
  [
    { width: 1280, height: 900 },
    { width: 390, height: 844 },
  ].map((size, place) => ({ lang, size, scheme: /** @type {const} */ (['light', 'dark'])[(index + place) % 2] })),
);
for (const { lang, size, scheme } of LOOKS) {
  test(`each kind of answer has its sentence, row, mark and bars: ${lang}, ${size.width} px, ${scheme}`, async () => {
    const page = await openWithKinds({ query: `?lang=${lang}`, context: { viewport: size, colorScheme: scheme } });
    const messages = CATALOGUES[lang];
    const rows = Object.fromEntries((await filmRows(page)).map(({ name, text }) => [name, spaced(text)]));
    for (const [id, kind] of Object.entries(KINDS)) {
      const [sentence, row] = kind[lang];
      assert.equal(rows[`${id}.png`], row, id);
      await select(page, id);
      assert.equal(spaced(await page.locator('#result h2').innerText()), sentence, id);
      assert.equal(await page.locator('.row[aria-selected="true"] .row-state .verdict-mark').getAttribute('data-mark'), kind.mark, id);
      const answers = await page.locator('.output[data-answer="true"]').evaluateAll((all) => all.map((node) => node.getAttribute('data-label')));
      const named = ['covid19', 'normal', 'pneumonia'].filter((label) => label === kind.verdict);
      assert.deepEqual(answers, [...(kind.finding === 'not_normal' ? ['abnormal'] : []), ...named], id);
      const outputs = await page.locator('.output dt').allInnerTexts();
      const { labels, result } = messages;
      const classes = [labels.covid19, labels.normal, labels.pneumonia];
      assert.deepEqual(outputs, !kind.values ? [] : kind.finding ? [result.abnormal, ...classes] : classes, id);
      assert.deepEqual(await page.locator('.levels').allInnerTexts(), kind.finding ? [result.levelsNote] : [], id);
      if (kind.finding === 'not_normal') {
        const value = await page.locator('.output[data-label="abnormal"]').getAttribute('data-value');
        assert.equal(Number(value), /** @type {any} */ (reportOf(kind)).abnormal);
      }
      if (['covid19', 'either', 'unclear'].includes(id)) await check(page, `levels-${id}-${lang}-${size.width}-${scheme}`);
    }
    assert.deepEqual(visit.complaints, []);
  });
}

test('every language explains the two levels in two sentences', () => {
  for (const { result } of Object.values(CATALOGUES)) assert.equal(result.levelsNote.match(/[.]( |$)/g)?.length, 2);
});

test('films that are not normal, and no more is known of, are a category with a shape of its own', async () => {
  const page = await openWithKinds({ context: { viewport: { width: 1600, height: 900 } } });
  const category = page.getByRole('combobox', { name: 'Show films by answer' });
  assert.deepEqual(await category.locator('option:not([hidden])').allInnerTexts(), [
    ...['All (8)', 'COVID-19 (2)', 'Normal (1)', 'Pneumonia (1)', 'Not normal (1)', 'Uncertain (2)', 'Not judged (1)'],
  ]);
  const names = async () => (await filmRows(page)).map(({ name }) => name.replace('.png', ''));
  await category.selectOption('not_normal');
  assert.deepEqual(await names(), ['either']);
  await page.getByRole('button', { name: 'Wide table' }).click();
  await page.locator('.chips label[data-category="all"]').click();
  const shapes = await page.locator('.chips .verdict-mark path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
  assert.equal(new Set(shapes).size, shapes.length, 'no two categories have the same shape');

  // By the probability of not being normal, the largest first; what has none is last.
  await page.getByRole('columnheader', { name: 'Not normal' }).getByRole('button').click();
  assert.deepEqual((await names()).slice(0, 5), ['pneumonia', 'covid19', 'either', 'unclear', 'normal']);
  // By what is said, classes first.
  await page.getByRole('button', { name: 'Verdict', exact: true }).click();
  assert.deepEqual(await names(), ['covid19', 'earlier-named', 'normal', 'pneumonia', 'either', 'unclear', 'earlier-uncertain', 'refused']);
  const cells = await page.locator('.row', { hasText: 'either.png' }).locator('.cell-verdict, .cell-probability, .cell-abnormal').allInnerTexts();
  assert.deepEqual(cells.map(spaced), ['Not normal', '94 %', '0.94']);
  assert.equal(await page.locator('.row', { hasText: 'earlier-named.png' }).locator('.cell-abnormal').innerText(), '–');
  await check(page, 'levels-wide-table');
});

test('a file has what is said of every film, and an empty cell where an earlier version said nothing', async () => {
  const page = await openWithKinds();
  const save = async (/** @type {string} */ format) => {
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export the results' });
    await dialog.getByRole('radio', { name: new RegExp(`^${format}`) }).check();
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save file' }).click();
    return readFile(await (await download).path(), 'utf8');
  };
  const [head, ...lines] = (await save('CSV'))
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  const column = (/** @type {string} */ name) => lines.map((line) => line[head.indexOf(name)]);
  const reports = Object.values(KINDS).map((kind) => /** @type {any} */ (reportOf(kind)));
  assert.deepEqual(
    column('finding'),
    reports.map(({ finding }) => finding ?? ''),
  );
  assert.deepEqual(
    column('abnormal'),
    reports.map(({ abnormal }) => String(abnormal ?? '')),
  );
  const { films: saved } = JSON.parse(await save('JSON'));
  assert.deepEqual(
    saved.map((film) => [film.report.finding, film.report.abnormal]),
    reports.map(({ finding, abnormal }) => [finding ?? null, abnormal ?? null]),
  );
});

test('a finding that there is not, or a probability above 1, is damage', () => {
  const parse = (/** @type {any} */ change) => {
    const made = madeUpResults(report, 1);
    Object.assign(/** @type {any} */ (made.films[0].report), change);
    return /** @type {any} */ (parseExport(JSON.stringify(made), true));
  };
  assert.equal(parse({})[0].report.finding, 'not_normal');
  assert.equal(parse({ finding: 'abnormal' }).kind, 'import_damaged');
  assert.equal(parse({ abnormal: 1.1 }).kind, 'import_damaged');
});

test('on paper, too, it says first that the film is not normal, and how probable that is', async () => {
  const page = await openWithKinds();
  const sheet = async (/** @type {string} */ id) => {
    await select(page, id);
    return page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      const texts = [...document.querySelectorAll('#sheet :is(h1, th)')].map((node) => node.textContent ?? '');
      dispatchEvent(new Event('afterprint'));
      return texts;
    });
  };
  const either = await sheet('either');
  assert.equal(spaced(either[0]), KINDS.either.en[0]);
  assert.ok(
    either.some((text) => text.endsWith('calibrated probabilities; not normal: 0.94')),
    either.join('\n'),
  );
  assert.ok((await sheet('earlier-uncertain')).some((text) => text.endsWith('calibrated probabilities')));
});

test('the element on other pages says it as well', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const reports = Object.values(KINDS).map(reportOf);
  const shown = await page.evaluate(async (reports) => {
    const { XrayClassifierElement } = await import(new URL('xray-classifier.js', location.href).href);
    const element = new XrayClassifierElement();
    document.body.append(element);
    const all = [];
    for (const report of reports) {
      element.classifier = { metrics: null, classify: async () => ({ report, pictures: null, thumbnail: null }), close() {} };
      await element.classify(new Blob(['film']));
      const { shadowRoot } = element;
      all.push({
        sentence: shadowRoot.querySelector('.verdict').textContent,
        rows: [...shadowRoot.querySelectorAll('.probability dt')].map((node) => node.textContent),
        answers: [...shadowRoot.querySelectorAll('[data-answer]')].map((node) => node.dataset.label),
      });
    }
    return all;
  }, reports);
  for (const [index, kind] of Object.values(KINDS).entries()) {
    const { sentence, rows, answers } = shown[index];
    assert.equal(spaced(sentence), kind.en[0]);
    assert.equal(rows[0] === 'Not normal', Boolean(kind.finding), sentence);
    assert.equal(answers.includes('abnormal'), kind.finding === 'not_normal', sentence);
  }
});

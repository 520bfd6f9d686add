// Results are exported as CSV and JSON, without names unless they are asked for, and the JSON can be imported again.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { toCsv, toJson } from '../../www/exchange/export.js';
import { mayBeExport, parseExport, readExport } from '../../www/exchange/import.js';
import { PROGRAM } from '../../www/exchange/program.js';
import { madeUpResults } from './results.mjs';
import { allSettled, browser, check, choose, classifyByCli, drop, filmRows, films, inState, open, settled, shownNumbers, site, suite } from './support.mjs';

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

/**
 * What the page saves.
 * @param {Page} page
 * @param {{format?: 'CSV' | 'JSON', names?: boolean, all?: boolean}} [choice]
 */
async function exported(page, { format = 'CSV', names = false, all = false } = {}) {
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export the results' });
  await dialog.getByRole('radio', { name: new RegExp(`^${format}`) }).check();
  await dialog.getByRole('checkbox', { name: 'Include file names' }).setChecked(names);
  if (all) await dialog.getByRole('radio', { name: /^All/ }).check();
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save file' }).click();
  const saved = await download;
  await dialog.waitFor({ state: 'detached' });
  return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), 'utf8') };
}

/**
 * Parses CSV strictly by RFC 4180.
 * @param {string} text
 * @param {',' | ';'} between
 */
function parseCsv(text, between = ',') {
  /** @type {string[][]} */
  const lines = [[]];
  const cells = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${between}\\r\\n]*))(${between}|\\r\\n)`, 'y');
  let at = 0;
  while (at < text.length) {
    cells.lastIndex = at;
    const match = cells.exec(text);
    assert.ok(match, `no cell at ${at}: ${text.slice(at, at + 40)}`);
    lines[lines.length - 1].push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] !== between) lines.push([]);
    at = cells.lastIndex;
  }
  assert.deepEqual(lines.pop(), [], 'it ends with a line break');
  const [heads, ...rows] = lines;
  for (const row of rows) assert.equal(row.length, heads.length);
  return rows.map((row) => Object.fromEntries(heads.map((head, k) => [head, row[k]])));
}

/** @param {any} ours @param {any} theirs @param {string} at numbers may differ by what two builds of the program may */
function assertSame(ours, theirs, at) {
  if (typeof theirs === 'number') {
    assert.ok(Math.abs(ours - theirs) <= 1e-4 * Math.max(1, Math.abs(theirs)), `${at}: ${ours}, not ${theirs}`);
  } else if (theirs === null || typeof theirs !== 'object') {
    assert.equal(ours, theirs, at);
  } else {
    assert.deepEqual(Object.keys(ours), Object.keys(theirs), at);
    for (const key of Object.keys(theirs)) assertSame(ours[key], theirs[key], `${at}.${key}`);
  }
}

test('the version in an export is the program’s', async () => {
  const cargo = await readFile(new URL('../../Cargo.toml', import.meta.url), 'utf8');
  assert.equal(PROGRAM.version, /^version = "([^"]+)"/m.exec(cargo)?.[1]);
});

test('JSON: every field of the CLI’s report, and no name unless it is asked for', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, [
    { name: 'Jane Doe 1980.png', bytes: await readFile(films.judged) },
    { name: 'letter to John.png', bytes: Buffer.from('Dear colleague,\n') },
  ]);
  await allSettled(page, 2);
  await page.waitForLoadState('networkidle');
  site.requests.length = 0;
  const silent = await exported(page, { format: 'JSON' });
  assert.match(silent.name, /^covid-classifier-\d{4}-\d\d-\d\dT\d{6}Z\.json$/);
  for (const part of ['Jane', 'Doe', 'John', 'letter', '.png']) assert.ok(!silent.text.includes(part), part);
  const { schema, exported_at, program, model, films: found } = JSON.parse(silent.text);
  assert.equal(schema, 'covid-classifier-results/1');
  assert.ok(Math.abs(Date.parse(exported_at) - Date.now()) < 60_000);
  assert.equal(new Date(exported_at).toISOString(), exported_at);
  assert.deepEqual(program, PROGRAM);
  assert.deepEqual(model, report.model);
  assert.deepEqual(
    found.map(({ number, state }) => [number, state]),
    [
      [1, 'done'],
      [2, 'failed'],
    ],
  );
  const { path: _path, elapsed_ms: _elapsed, backend: _backend, adapter: _adapter, ...expected } = report;
  const { elapsed_ms, backend, adapter: __, ...ours } = found[0].report;
  assertSame(ours, expected, 'report');
  assert.ok(elapsed_ms.total > 0);
  assert.equal(backend, 'simd');
  assert.equal(found[1].failure.kind, 'unsupported_format');
  assert.equal(found[1].report.error.kind, 'unsupported_format');

  const named = JSON.parse((await exported(page, { format: 'JSON', names: true })).text);
  assert.deepEqual(
    named.films.map(({ name, path, report }) => [name, path, report.path]),
    [Array(3).fill('Jane Doe 1980.png'), Array(3).fill('letter to John.png')],
  );
  assert.deepEqual(site.requests, [], 'no request is made for it');
  assert.deepEqual(visit.complaints, []);
});

test('a synthetic film stays one: on the page, on paper, in both exports, and imported again', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const notice = page.locator('#result .origin.synthetic');
  const onPaper = () =>
    page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      const text = document.getElementById('sheet')?.textContent ?? '';
      dispatchEvent(new Event('afterprint'));
      return text.includes('A synthetic film');
    });
  await page.getByRole('button', { name: 'Read two synthetic films' }).click();
  await inState(page, 'done', 2);
  assert.match(await notice.innerText(), /^A synthetic film, drawn by this program\. It shows no real person/);
  assert.equal(await onPaper(), true);
  await choose(page, films.png);
  await inState(page, 'done', 3);
  await page.locator('#result .file-name', { hasText: 'phantom-1.png' }).waitFor();
  assert.equal(await notice.count(), 0);
  assert.equal(await onPaper(), false);

  const json = async () => (await exported(page, { format: 'JSON' })).text;
  const synthetic = (/** @type {string} */ text) => JSON.parse(text).films.map((/** @type {any} */ film) => film.synthetic);
  const text = await json();
  assert.deepEqual(synthetic(text), [true, true, undefined]);
  assert.deepEqual(
    parseCsv((await exported(page)).text.slice(1)).map(({ synthetic }) => synthetic),
    ['true', 'true', 'false'],
  );
  await page.getByRole('button', { name: 'Clear all' }).click();
  await drop(page, [{ name: 'results.json', bytes: Buffer.from(text) }]);
  await inState(page, 'total', 3);
  await notice.waitFor();
  assert.deepEqual(synthetic(await json()), [true, true, undefined]);
  await page.locator('.row-open').nth(2).click();
  await notice.waitFor({ state: 'detached' });
});

test('CSV: the same numbers in full, a line a film, and no name unless it is asked for', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, [
    { name: 'Jane, "the" patient.png', bytes: await readFile(films.judged) },
    { name: '=SUM(A1).png', bytes: Buffer.alloc(0) },
    { name: '@home.png', bytes: await readFile(films.png) },
  ]);
  await allSettled(page, 3);
  const { name, text } = await exported(page);
  assert.match(name, /\.csv$/);
  assert.ok(text.startsWith('\ufeffnumber,state,verdict,'));
  for (const part of ['Jane', 'patient', 'SUM', 'home', '.png']) assert.ok(!text.includes(part), part);
  const json = JSON.parse((await exported(page, { format: 'JSON', names: true })).text);
  const named = parseCsv((await exported(page, { names: true })).text.slice(1));
  assert.deepEqual(
    parseCsv(text.slice(1)).map(({ state }) => state),
    named.map(({ state }) => state),
  );
  const byName = Object.fromEntries(named.map((row) => [row.file_name, row]));
  assert.deepEqual(Object.keys(byName).sort(), ["'=SUM(A1).png", "'@home.png", 'Jane, "the" patient.png'].sort(), 'no cell is a formula');
  for (const { name, number, state, report, failure } of json.films) {
    const row = byName[/^[=@]/.test(name) ? `'${name}` : name];
    assert.equal(row.number, String(number));
    assert.equal(row.state, state);
    assert.equal(row.error_kind, failure?.kind ?? '');
    const text = (value) => (value === null || value === undefined ? '' : String(value));
    for (const label of ['covid19', 'normal', 'pneumonia']) {
      assert.equal(row[`probability_${label}`], text(report.probabilities?.[label]));
      assert.equal(row[`convnet_${label}`], text(report.readers?.convnet[label]));
      assert.equal(row[`texture_${label}`], text(report.readers?.texture[label]));
    }
    assert.equal(row.verdict, text(report.verdict));
    assert.equal(row.finding, text(report.finding));
    assert.equal(row.abnormal, text(report.abnormal));
    assert.equal(row.gate_accepted, text(report.gate?.accepted));
    assert.equal(row.gate_frontal, text(report.gate?.frontal));
    assert.equal(row.gate_child, text(report.gate?.child));
    assert.equal(row.gate_reasons, (report.gate?.reasons ?? []).map(({ kind }) => kind).join(' | '));
    assert.equal(row.abstentions, (report.abstentions ?? []).map(({ kind }) => kind).join(' | '));
    assert.equal(row.warnings, (report.warnings ?? []).map(({ kind }) => kind).join(' | '));
    assert.equal(row.prediction_set, (report.prediction_set ?? []).join(' | '));
    assert.equal(row.lungs_area, text(report.lungs?.area));
    assert.equal(row.inside_lungs, text(report.activation?.inside_lungs));
    assert.equal(row.film_width_px, text(report.film?.width_px));
    assert.equal(row.elapsed_ms, text(report.elapsed_ms?.total));
    assert.equal(row.model_sha256, text(report.model?.sha256));
    assert.equal(row.program, `covid-classifier ${PROGRAM.version}`);
    assert.ok(!Number.isNaN(Date.parse(row.exported_at)));
  }
});

test('a table reads back, whatever stands in names, with commas or semicolons', () => {
  const names = ['a,b;c.png', 'say "film".png', 'two\nlines.png', ' space .png', "d'accord.png", '1,5.png', 'tab\there.png', 'plain.png'];
  const films = names.map((name, index) => ({
    film: /** @type {any} */ ({ name, path: `ward/${name}`, state: 'done', report: { ...report, abnormal: 0.125 }, failure: null, imported: null }),
    number: index + 1,
  }));
  for (const csv of /** @type {const} */ (['comma', 'semicolon'])) {
    const rows = parseCsv(
      toCsv(films, { now: new Date(0), model: null, withNames: true, csv })
        .join('')
        .slice(1),
      csv === 'comma' ? ',' : ';',
    );
    assert.deepEqual(
      rows.map(({ file_name }) => file_name),
      names,
    );
    assert.deepEqual(
      rows.map(({ path }) => path),
      names.map((name) => `ward/${name}`),
    );
    for (const row of rows) {
      assert.equal(row.abnormal, csv === 'comma' ? '0.125' : '0,125');
      assert.equal(Number(row.gate_child.replace(',', '.')), report.gate.child);
      assert.equal(row.gate_accepted, 'true');
      assert.equal(row.frame_left, '');
    }
  }
  const [framed] = films.map(({ film }) => ({
    film: {
      ...film,
      report: { ...report, frame: { left: 0.25, top: 0, width: 0.5, height: 1 }, read_as: { quarter_turns: 1, mirrored: false, inverted: true } },
    },
    number: 1,
  }));
  const [row] = parseCsv(
    toCsv([framed], { now: new Date(0), model: null, withNames: false })
      .join('')
      .slice(1),
  );
  assert.deepEqual([row.frame_left, row.frame_top, row.frame_width, row.frame_height, row.read_as], ['0.25', '0', '0.5', '1', 'turned 90 | inverted']);
});

test('the dialog offers semicolons and decimal commas', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, [{ name: 'film.png', bytes: await readFile(films.judged) }]);
  await settled(page, 'done');
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export the results' });
  await dialog.getByRole('radio', { name: /^JSON/ }).check();
  assert.ok(await dialog.getByRole('radio', { name: /^Semicolon/ }).isHidden(), 'JSON has one form');
  await dialog.getByRole('radio', { name: /^CSV/ }).check();
  assert.ok(await dialog.getByRole('radio', { name: /^Comma/ }).isChecked());
  await dialog.getByRole('radio', { name: /^Semicolon/ }).check();
  await page.keyboard.press('Escape');
  const [row] = parseCsv((await exported(page)).text.slice(1), ';');
  assert.match(row.gate_frontal, /^[01],\d+$/);
});

test('a report’s frame, ways of reading and formats come in again as they went out', () => {
  const read_as = { quarter_turns: 2, mirrored: false, inverted: true };
  const full = {
    ...report,
    frame: { left: 0.1, top: 0.2, width: 0.5, height: 0.6 },
    read_as,
    gate: {
      ...report.gate,
      reasons: [
        {
          kind: 'inverted',
          message: 'x',
          remedies: [
            { kind: 'read_as', read_as },
            { kind: 'crop', read_as: null },
          ],
        },
      ],
    },
  };
  const film = /** @type {any} */ ({ name: 'a.png', path: 'a.png', state: 'done', report: full, failure: null, imported: null });
  const heic = /** @type {any} */ ({
    name: 'b.heic',
    path: 'b.heic',
    state: 'failed',
    report: null,
    failure: { kind: 'unsupported_format', message: 'x', format: 'heic' },
    imported: null,
  });
  const terms = { now: new Date(0), model: null, withNames: true };
  const text = toJson(
    [
      { film, number: 1 },
      { film: heic, number: 2 },
    ],
    terms,
  ).join('');
  const found = /** @type {any[]} */ (parseExport(text, true));
  for (const key of ['frame', 'read_as', 'gate']) assert.deepEqual(found[0].report[key], full[key], key);
  assert.deepEqual(found[1].failure, heic.failure);
  // From earlier versions.
  const { read_as: _readAs, frame: _frame, ...older } = report;
  const old = toJson(
    [{ film: { ...film, report: { ...older, gate: { ...older.gate, reasons: [{ kind: 'cropped', message: 'x' }] } } }, number: 1 }],
    terms,
  ).join('');
  const [first] = /** @type {any[]} */ (parseExport(old, true));
  assert.deepEqual([first.report.read_as, first.report.frame, first.report.gate.reasons], [null, null, [{ kind: 'cropped', message: 'x', remedies: [] }]]);
  assert.equal(/** @type {any} */ (parseExport(text.replace('"quarter_turns":2', '"quarter_turns":7'), true)).kind, 'import_damaged');
});

test('text that a spreadsheet takes for a formula, and names inside messages', () => {
  /** @type {any} */
  const film = {
    name: '-2+3.png',
    path: 'ward (1)/-2+3.png',
    state: 'failed',
    report: null,
    failure: { kind: 'unreadable', message: 'ward (1)/-2+3.png: "-2+3.png" cannot be opened, x-2+3.pngs can' },
    imported: null,
  };
  const terms = { now: new Date(0), model: null };
  for (const csv of /** @type {const} */ (['comma', 'semicolon'])) {
    const between = csv === 'comma' ? ',' : ';';
    for (const start of ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']) {
      const [, line] = toCsv([{ film: { ...film, name: `${start}1` }, number: 1 }], { ...terms, csv, withNames: true });
      assert.ok(line.startsWith(/\s/.test(start) ? `1${between}"'${start}1"` : `1${between}'${start}1`), JSON.stringify(line));
    }
  }
  const silent = toJson([{ film, number: 1 }], { ...terms, withNames: false }).join('');
  assert.equal(JSON.parse(silent).films[0].failure.message, '…: "…" cannot be opened, x-2+3.pngs can');
  assert.match(toCsv([{ film, number: 1 }], { ...terms, withNames: false })[1], /,"…: ""…"" cannot/);
  // Only names are removed: a film called "e" removes no letters.
  const short = { ...film, name: 'e', path: 'e', failure: { kind: 'decode', message: 'the end of e is missing' } };
  assert.equal(JSON.parse(toJson([{ film: short, number: 1 }], { ...terms, withNames: false }).join('')).films[0].failure.message, 'the end of … is missing');
  assert.deepEqual(JSON.parse(toJson([], { ...terms, withNames: true }).join('')).films, []);
});

test('only what the filter shows is exported, or all of it', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(madeUpResults(report, 40))) }]);
  await inState(page, 'total', 40);
  await page.getByRole('combobox', { name: 'Show films by answer' }).selectOption('refused');
  const shown = parseCsv((await exported(page)).text.slice(1));
  assert.ok(shown.length > 0 && shown.length < 40);
  assert.ok(
    shown.every(({ verdict, number }) => verdict === 'refused' && Number(number) % 5 === 0),
    'numbers are those of all films',
  );
  assert.equal(parseCsv((await exported(page, { all: true })).text.slice(1)).length, 40);
});

for (const names of [false, true]) {
  test(`what is exported ${names ? 'with' : 'without'} names is imported, and shows the same`, async () => {
    visit = await open(browser, site, { context: { timezoneId: 'UTC' } });
    const { page } = visit;
    await choose(page, [films.judged, films.png]);
    await drop(page, [{ name: 'torn.png', bytes: (await readFile(films.png)).subarray(0, 4000) }]);
    await allSettled(page, 3);
    const numbersOf = async () => {
      const all = [];
      for (const row of await page.locator('.row-open').all()) {
        await row.click();
        all.push({ numbers: await shownNumbers(page), title: await page.locator('#result-title').innerText() });
      }
      return all;
    };
    const before = await numbersOf();
    const texts = (await filmRows(page)).map(({ text }) => text);
    const { text } = await exported(page, { format: 'JSON', names });
    await page.getByRole('button', { name: 'Clear all' }).click();

    await drop(page, [{ name: 'results.json', bytes: Buffer.from(text) }]);
    await inState(page, 'total', 3);
    assert.deepEqual(await numbersOf(), before);
    const rows = await filmRows(page);
    assert.deepEqual(
      rows.map(({ text }) => text),
      texts,
    );
    assert.deepEqual(
      rows.map(({ name }) => name),
      names ? ['phantom-1.png', 'phantom-37.png', 'torn.png'] : ['Film 1', 'Film 2', 'Film 3'],
    );
    assert.equal(await page.locator('.row.imported').count(), 3);
    await page.locator('.row-open').nth(1).click();
    const note = await page.locator('.origin.imported').innerText();
    const [, day, time] = /-(\d\d)T([\d:]{8})/.exec(JSON.parse(text).exported_at) ?? [];
    assert.ok(note.startsWith(`Imported: read by covid-classifier ${PROGRAM.version}, exported on ${Number(day)} `), note);
    assert.ok(note.endsWith(` ${time} UTC. The film itself is not here.`), note);
    await page.getByText('There is no film to show').waitFor();
    assert.equal((await page.locator('.evidence [data-figure]').count()) > 0, true, 'it is the same model');
    assert.equal(page.workers().length > 0, true);

    // Exporting again loses nothing and adds no name.
    const again = JSON.parse((await exported(page, { format: 'JSON', names: true })).text);
    const first = JSON.parse(text);
    assert.deepEqual(
      again.films.map(({ imported: _, ...film }) => film),
      first.films,
    );
    assert.deepEqual(
      again.films.map(({ imported }) => imported),
      Array(3).fill({ at: first.exported_at, program: `covid-classifier ${PROGRAM.version}` }),
    );
    assert.deepEqual(visit.complaints, []);
  });
}

test('results of another model are shown without the figures of this one', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const results = madeUpResults({ ...report, model: { version: '0.0.1', sha256: 'f'.repeat(64) } }, 2);
  await drop(page, [{ name: 'old.json', bytes: Buffer.from(JSON.stringify(results)) }]);
  await settled(page, 'done');
  await page.getByText('Another version of the model read this film.').waitFor();
  assert.equal(await page.locator('[data-figure]').count(), 0);
  assert.equal(await page.locator('.worth').count(), 0);
  assert.equal(await page.locator('.caution').innerText(), 'Do not take it for a diagnosis.');
});

test('films that were not read yet when they were exported are said to be that', async () => {
  const results = madeUpResults(report, 1);
  results.films = [{ number: 4, name: 'later.png', path: 'later.png', state: 'waiting', report: null, failure: null }];
  visit = await open(browser, site);
  await drop(visit.page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(results)) }]);
  await settled(visit.page, 'failed');
  assert.match(await visit.page.locator('#result').innerText(), /It had not been read when the results were exported/);
  assert.equal(await visit.page.getByRole('button', { name: 'Try this film again' }).count(), 0);
});

test('what is not as the page writes it is refused, with the reason and the place', () => {
  const good = () => /** @type {any} */ (madeUpResults(report, 8));
  /** @param {(results: any) => void} change */
  const changed = (change) => {
    const results = good();
    change(results);
    return /** @type {any} */ (parseExport(JSON.stringify(results), true));
  };
  assert.equal(changed(() => {}).length, 8);
  for (const [place, change] of /** @type {[string, (results: any) => void][]} */ ([
    ['exported_at', (results) => (results.exported_at = 'yesterday')],
    ['exported_at', (results) => (results.exported_at = 1770091506789)],
    ['exported_at', (results) => (results.exported_at = '3 Feb 2026 (Jane Doe)')],
    ['exported_at', (results) => (results.exported_at = '2026-02-03T04:05:06Z')],
    ['exported_at', (results) => (results.exported_at = '2026-02-30T04:05:06.789Z')],
    ['films[0].imported.at', ({ films }) => (films[0].imported = { at: '2026-02-03', program: 'x' })],
    ['program.version', (results) => delete results.program.version],
    ['films', (results) => (results.films = {})],
    ['films', (results) => (results.films = [])],
    ['films[0].state', ({ films }) => (films[0].state = 'perfect')],
    ['films[1].report.probabilities.normal', ({ films }) => (films[1].report.probabilities.normal = 1.5)],
    ['films[1].report.probabilities.covid19', ({ films }) => (films[1].report.probabilities.covid19 = '0.5')],
    ['films[2].report.probabilities', ({ films }) => (films[2].report = { verdict: 'covid19' })],
    ['films[2].report.verdict', ({ films }) => (films[2].report.verdict = 'healthy')],
    ['films[2].report.warnings[0].message', ({ films }) => (films[2].report.warnings = [{ kind: 'x' }])],
    ['films[3].report.elapsed_ms.total', ({ films }) => (films[3].report.elapsed_ms.total = -1)],
    ['films[4].report', ({ films }) => (films[4].report = null)],
    ['films[6].failure', ({ films }) => (films[6].failure = null)],
    ['films[5].report.gate.reasons', ({ films }) => (films[5].report.gate.reasons = 'none')],
    ['films[0].name', ({ films }) => (films[0].name = ['a'])],
    // Every object has something by these names.
    ['films[6].failure.kind', ({ films }) => (films[6].failure.kind = 'toString')],
    ['films[2].report.warnings[0].kind', ({ films }) => (films[2].report.warnings = [{ kind: '__proto__', message: 'x' }])],
    ['films[1].report.film.format', ({ films }) => (films[1].report.film.format = 'constructor')],
    ['films[1].report.backend', ({ films }) => (films[1].report.backend = 'valueOf')],
  ])) {
    const { kind, message } = changed(change);
    assert.equal(kind, 'import_damaged', place);
    assert.ok(message.startsWith(`${place} is not `), `${place}: ${message}`);
    assert.ok(!message.includes('Jane'), message);
  }
  assert.equal(changed((results) => (results.schema = 'covid-classifier-results/2')).kind, 'import_schema');
  assert.equal(changed((results) => (results.schema = 'shopping-list/1')).kind, 'import_foreign');
  assert.equal(/** @type {any} */ (parseExport('[1, 2]', true)).kind, 'import_foreign');
  assert.equal(/** @type {any} */ (parseExport('{"a":', true)).kind, 'import_foreign');
  assert.equal(parseExport('{"a":', false), null, 'not called JSON and not ours: a film that cannot be read, as any other');
  assert.equal(/** @type {any} */ (parseExport(JSON.stringify(good()).slice(0, -10), false)).kind, 'import_damaged');
  // The browser's message about invalid JSON quotes the file.
  const quoted = JSON.stringify(good()).replace('"film-3.png"', 'Jane Doe.png');
  assert.throws(() => JSON.parse(quoted), /Jane/);
  assert.deepEqual(parseExport(quoted, true), { kind: 'import_damaged', message: 'The file is not JSON, or not all of it is there.' });
  // Unknown keys are dropped, not trusted. In JSON, "__proto__" is a name like any other.
  const strange = JSON.stringify(good()).replaceAll(/"(report|model)":{/g, '"$1":{"invented":"x","__proto__":{"strange":true},');
  assert.ok(Object.hasOwn(JSON.parse(strange).films[0].report.model, '__proto__'));
  const [{ report: known }] = /** @type {any} */ (parseExport(strange, true));
  for (const shape of [known, known.model]) {
    assert.ok(!Object.hasOwn(shape, 'invented') && !Object.hasOwn(shape, '__proto__'));
    assert.equal(Object.getPrototypeOf(shape), Object.prototype);
  }
});

test('an export is known by its content, whatever its name; films are not looked into', async () => {
  const text = `\ufeff \n${JSON.stringify(madeUpResults(report, 3))}`;
  const found = await readExport(new File([text], 'results.txt'));
  assert.equal(/** @type {any} */ (found).length, 3);
  assert.equal(await readExport(new File(['\x89PNG'], 'results.json')), null);
  assert.deepEqual(
    ['a.PNG', 'b.jpeg', 'c.tif', 'd.json', 'e'].map((name) => mayBeExport(new File([], name))),
    [false, false, false, true, true],
  );
});

test('a damaged export among films is a row with its reason', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const text = JSON.stringify(madeUpResults(report, 3));
  await drop(page, [
    { name: 'a film.png', bytes: await readFile(films.judged) },
    { name: 'b cut.json', bytes: Buffer.from(text.slice(0, -100)) },
    { name: 'c future.json', bytes: Buffer.from(text.replace('results/1', 'results/99')) },
    { name: 'd other.json', bytes: Buffer.from('{"films": []}') },
    { name: 'e good.json', bytes: Buffer.from(text) },
  ]);
  await allSettled(page, 7);
  assert.deepEqual((await filmRows(page)).map(({ name, text }) => [name, text]).slice(1, 5), [
    ['b cut.json', 'Damaged results'],
    ['c future.json', 'From another version'],
    ['d other.json', 'No film, no results'],
    ['film-1.png', (await filmRows(page))[4].text],
  ]);
  await page.locator('.row-open', { hasText: 'c future.json' }).click();
  assert.match(await page.locator('[data-error="import_schema"]').innerText(), /“covid-classifier-results\/99”/);
});

test('a click beside a dialog closes it, one in it or a drag out of it does not', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(madeUpResults(report, 2))) }]);
  await inState(page, 'total', 2);
  for (const [name, show] of /** @type {[string, () => Promise<unknown>][]} */ ([
    ['Export the results', () => page.getByRole('button', { name: 'Export…' }).click()],
    ['Keys', () => page.keyboard.press('Control+/')],
  ])) {
    const dialog = page.getByRole('dialog', { name });
    await show();
    await dialog.getByRole('heading', { name }).click();
    assert.ok(await dialog.isVisible(), name);
    // A drag from the content to the outside, and one back, as when text is selected.
    await dialog.getByRole('heading', { name }).hover();
    await page.mouse.down();
    await page.mouse.move(4, 4, { steps: 3 });
    await page.mouse.up();
    assert.ok(await dialog.isVisible(), `${name}: dragged out`);
    await page.mouse.down();
    await dialog.getByRole('heading', { name }).hover();
    await page.mouse.up();
    assert.ok(await dialog.isVisible(), `${name}: dragged in`);
    await page.mouse.click(4, 4);
    await dialog.waitFor({ state: 'hidden' });
  }
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing in the export dialog and in an imported result: ${colorScheme}, ${width} px`, async () => {
      const context = { colorScheme, viewport: { width, height: width < 600 ? 844 : 900 }, reducedMotion: /** @type {const} */ ('reduce') };
      visit = await open(browser, site, { context });
      const { page } = visit;
      await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(madeUpResults(report, 9))) }]);
      await inState(page, 'total', 9);
      await check(page, `imported-${colorScheme}-${width}`);
      await page.getByRole('combobox', { name: 'Show films by answer' }).selectOption('refused');
      await page.getByRole('button', { name: 'Export…' }).click();
      await check(page, `export-${colorScheme}-${width}`);
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('dialog', { name: 'Export the results' }).count(), 0);
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'films-export', 'the keyboard is back where it was');
    });
  }
}

// Validation on the user's own films: labels from tables and folders, their meanings, and the figures, which must equal those of the Rust
// code.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { parseLabelTable } from '../../www/exchange/label-table.js';
import { guess, labelsOf } from '../../www/exchange/labels.js';
import { madeUpResults } from './results.mjs';
import { allSettled, append, browser, check, choose, classifyByCli, drop, films, inState, open, ROOT, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const LABELS = /** @type {const} */ (['covid19', 'normal', 'pneumonia']);
const SAID = [...LABELS, 'uncertain', 'refused'];

/** The shipped model's report on a film that it accepts. @type {any} */
let report;

suite({
  prepare: async () => {
    report = await classifyByCli(films.judged);
  },
});

/** @param {string} name @param {string} text */
const file = (name, text) => ({ name, bytes: Buffer.from(text) });

/** @param {Page} page */
const panel = (page) => page.getByRole('region', { name: 'Validation', exact: true });

/** Presses a button that saves a file. @param {Page} page @param {string} button @returns {Promise<string>} its text */
async function saved(page, button) {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  return readFile(await (await download).path(), 'utf8');
}

/** From the offer to the figures; labels keep the meanings that are guessed. @param {Page} page */
async function validate(page) {
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Validate', exact: true }).click();
  await page.locator('[data-part="figures"]').waitFor();
}

/** Counted by hand. @param {{label: string, verdict: string}[]} films */
const confusion = (films) => LABELS.map((label) => SAID.map((said) => films.filter((film) => film.label === label && film.verdict === said).length));

/** @param {Page} page */
const shownConfusion = (page) =>
  page
    .locator('.confusion tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td[data-said]')].map((cell) => Number(cell.textContent))));

/** @param {Page} page */
const counts = (page) =>
  page
    .locator('.validate-facts [data-count]')
    .evaluateAll((facts) =>
      Object.fromEntries(facts.map((fact) => [fact.getAttribute('data-count'), Number(fact.querySelector('dd')?.firstChild?.textContent)])),
    );

/**
 * Results of this model as if the page had read so many films, and a table that labels them.
 * @param {number} count
 */
function madeUp(count) {
  const results = madeUpResults(report, count);
  const labelled = results.films.map(({ path, report }, index) => ({
    path,
    verdict: report?.verdict ?? null,
    report,
    // Not in step with the verdicts.
    label: LABELS[Math.floor(index / 4) % 3],
    patient: `p${Math.floor(index / 2)}`,
  }));
  const table = `path,label,patient\n${labelled.map(({ path, label, patient }) => `${path},${label},${patient}\n`).join('')}`;
  return { labelled, results: file('results.json', JSON.stringify(results)), table: file('labels.csv', table) };
}

describe('tables', () => {
  test('are read however they are written', () => {
    const rows = [
      { path: 'a, 1.png', label: 'COVID-19', patient: 'p1', line: 2 },
      { path: 'sub/b.png', label: 'no "finding"', patient: '', line: 4 },
    ];
    assert.deepEqual(parseLabelTable('file,label,patient\n"a, 1.png",COVID-19,p1\n\nsub/b.png,"no ""finding"""\n'), rows);
    assert.deepEqual(parseLabelTable('\ufeff Label;PATH ; Patient_Group\r\nCOVID-19;a, 1.png; p1\r\n\r\n"no ""finding""";sub\\b.png;'), rows);
    assert.deepEqual(parseLabelTable('sep=\t\r\npath\tage\tlabel\tpatient\ra, 1.png\t70\tCOVID-19\tp1\r\rsub/b.png\t\t"no ""finding"""\t\r'), rows);
  });

  test('without the columns are none, and neither is what this page exports', () => {
    assert.equal(parseLabelTable('file,view\na.png,normal\n'), null);
    assert.equal(parseLabelTable('number,path,label,verdict,model_sha256\n1,a.png,normal,covid19,00\n'), null);
    assert.deepEqual(parseLabelTable('path,label,verdict\na.png,normal,by hand\n')?.length, 1);
  });

  /** @param {string[]} paths */
  const queue = (...paths) => paths.map((path, id) => /** @type {any} */ ({ id, path, name: path.split('/').pop(), file: { size: id } }));
  /** @param {string} table @param {string} [at] */
  const table = (table, at = 'data/labels.csv') => ({ path: at, rows: parseLabelTable(table) ?? [] });

  test('name films by their places', () => {
    const films = queue('data/x/a.png', 'data/y/a.png', 'data/b.PNG', 'c.dcm', 'data/d.png', 'data/e.png');
    const text = 'path,label\nx/a.png,one\nY\\A.png,two\nb.png,three\n/mnt/store/c,four\nd.png,five\nd.png,six\ne.png,\nnone.png,seven\n,eight\n';
    const { labelled, without, rowsWithout, spellings } = labelsOf(films, [table(text)]) ?? assert.fail();
    assert.deepEqual(
      labelled.map(({ film, spelling }) => [film.path, spelling]),
      [
        ['data/x/a.png', 'one'],
        ['data/y/a.png', 'two'],
        ['data/b.PNG', 'three'],
        ['c.dcm', 'four'],
      ],
    );
    assert.deepEqual(
      without.map(({ film, why }) => [film.path, why]),
      [
        ['data/d.png', 'contradicted'],
        ['data/e.png', 'no_label'],
      ],
    );
    assert.deepEqual(rowsWithout, ['none.png', '']);
    assert.equal(spellings.size, 4);
  });

  test('that may mean either of two films label neither', () => {
    const { labelled, without } = labelsOf(queue('x/a.png', 'y/a.png'), [table('path,label\na.png,normal\n', 'labels.csv')]) ?? assert.fail();
    assert.deepEqual(labelled, []);
    assert.deepEqual(
      without.map(({ why }) => why),
      ['ambiguous', 'ambiguous'],
    );
  });

  test('folders say it where there is no table; a file that came twice counts once', () => {
    const films = queue('set/covid/1.png', 'set/NORMAL/2.png', 'set/tuberculosis/3.png', 'set/4.png');
    films.push({ ...films[0] });
    const { labelled, without } = labelsOf(films, []) ?? assert.fail();
    assert.deepEqual(
      labelled.map(({ spelling }) => spelling),
      ['covid', 'NORMAL', 'tuberculosis'],
    );
    assert.deepEqual(
      without.map(({ why }) => why),
      ['no_label', 'twice'],
    );
    assert.equal(labelsOf(queue('ward 3/1.png', 'covid/2.png'), []), null, 'one class alone may be the name of anything');
  });

  test('spellings are guessed where they leave no doubt', () => {
    /** @type {Record<string, string[]>} */
    const meant = {
      covid19: ['covid', 'COVID-19', 'covid19_positive', 'SARS-CoV-2', 'covid pneumonia', 'COVID-19 patients', 'Coronavirus (3)', 'covid19-xrays'],
      normal: [
        'Normal',
        'no finding',
        'No_Findings',
        'healthy',
        'ohne Befund',
        'unauffällig',
        'o. B.',
        'sin hallazgos',
        'sin hallazgos patológicos',
        'Sana',
        'Normal (healthy)',
      ],
      pneumonia: [
        'PNEUMONIA',
        'viral pneumonia',
        'Pneumonie',
        'non-COVID pneumonia',
        'Lungenentzündung',
        'Bakterielle Pneumonie',
        'neumonía',
        'Neumonía viral',
      ],
      null: [
        '0',
        '1',
        'negative',
        'positive',
        'covid negative',
        'COVID ruled out',
        'suspected COVID-19',
        'covid excluded',
        'no pneumonia',
        'sin neumonía',
        'sin covid',
        'abnormal',
        'tuberculosis',
        'covid or pneumonia',
        '',
      ],
    };
    for (const [label, spellings] of Object.entries(meant)) {
      for (const spelling of spellings) assert.equal(String(guess(spelling)), label, spelling);
    }
  });
});

test('a table whose columns have other names is said to be no table of labels, and which names it needs', async () => {
  const { page } = await open(browser, site);
  const film = { name: 'a.png', bytes: await readFile(films.judged) };
  await drop(page, [film, file('labels.csv', 'Aufnahme;Ansicht\na.png;PA\n')]);
  await allSettled(page, 2);
  await page.locator('.row').filter({ hasText: 'labels.csv' }).click();
  const said = page.locator('[data-error="label_columns"]');
  assert.match(await said.innerText(), /This table does not say what films show\. .*file \(or path\) and label/);
  await check(page, 'label-columns');
  // With these names it is a table, and beside no film.
  await drop(page, [file('labels.csv', 'file;label\na.png;normal\n')]);
  await page.getByRole('button', { name: 'Validate on these films' }).waitFor();
  // A file that is not a table is read as what it is, whatever its name; an empty one is reported as empty.
  await drop(page, [{ name: 'film.csv', bytes: film.bytes }, file('empty.csv', '')]);
  await allSettled(page, 4);
  await inState(page, 'done', 2);
  assert.equal(await page.locator('.row[data-state="failed"]').filter({ hasText: 'empty.csv' }).getByText('Empty file').count(), 1);
});

test('30 films with labels: the page, the module and counting by hand agree', async () => {
  const folder = path.join(films.folder, 'thirty');
  await mkdir(folder);
  const seeds = Array.from({ length: 30 }, (_, index) => index + 7);
  const draw = promisify(execFile);
  for (const seed of seeds) {
    const out = path.join(folder, `p${seed}.png`);
    await draw(path.resolve(ROOT, process.env.CLI ?? 'target/release/covid-classifier'), [
      'phantom',
      '--seed',
      `${seed}`,
      '--width',
      '640',
      '--height',
      '640',
      '--out',
      out,
    ]);
  }
  // The figures follow the order of the table, not that of the names.
  const rows = [...seeds].reverse().map((seed, index) => ({ name: `p${seed}.png`, label: LABELS[index % 3], patient: `patient ${seed >> 1}` }));
  await writeFile(
    path.join(folder, 'own.csv'),
    `\ufefflabel;file;patient\r\n${rows.map(({ name, label, patient }) => `${label};films\\${name};${patient}\r\n`).join('')}`,
  );
  const { page, asked } = await open(browser, site);
  await choose(
    page,
    [...seeds.map((seed) => `p${seed}.png`), 'own.csv'].map((name) => path.join(folder, name)),
  );
  await validate(page);

  const exported = JSON.parse(await saved(page, 'Save figures (JSON)'));
  const download = page.waitForEvent('download');
  await page.locator('#films-export').click();
  await page.getByRole('dialog').getByText('JSON').click();
  await page.getByRole('dialog').getByText('file names').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const results = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  const reports = new Map(results.films.map((/** @type {any} */ { name, report }) => [name, report]));
  const labelled = rows.map(({ name, label, patient }) => ({ label, patient, report: reports.get(name) }));
  assert.ok(labelled.every(({ report }) => report));

  // The module by itself, without worker and page.
  const counted = await page.evaluate(async (labelled) => {
    const { default: init, Classifier } = await import(`${location.href}reader/wasm.js`);
    await init({ module_or_path: new URL('reader/wasm_bg.wasm', location.href) });
    const bytes = async (/** @type {string} */ name) => new Uint8Array(await (await fetch(`models/${name}`)).arrayBuffer());
    const manifest = await bytes('manifest.json');
    const { files } = JSON.parse(new TextDecoder().decode(manifest));
    const weights = Object.fromEntries(await Promise.all(files.map(async (/** @type {{path: string}} */ { path }) => [path, await bytes(path)])));
    const classifier = await Classifier.create(manifest, weights, 'simd');
    return classifier.validate('own films', labelled);
  }, labelled);
  assert.deepEqual(exported.figures, JSON.parse(JSON.stringify(counted)));
  assert.equal(exported.schema, 'covid-classifier-validation/1');
  assert.equal(exported.model.sha256, report.model.sha256);

  const byHand = confusion(labelled.map(({ label, report }) => ({ label, verdict: report.verdict })));
  assert.deepEqual(exported.figures.verdicts, byHand);
  assert.deepEqual(await shownConfusion(page), byHand);
  assert.equal(exported.figures.patients, new Set(rows.map(({ patient }) => patient)).size);
  const refused = byHand.reduce((sum, row) => sum + row[4], 0);
  assert.ok(refused > 0 && refused < 30, `${refused} of 30 refused`);
  assert.deepEqual(await counts(page), { counted: 30, patients: exported.figures.patients, refused, unread: 0 });
  const right = labelled.filter(({ label, report: { readers } }) => Object.entries(readers.convnet).sort(([, a], [, b]) => b - a)[0][0] === label).length;
  const convnet = exported.figures.scores.find((/** @type {any} */ { reader }) => reader === 'convnet');
  assert.equal(convnet.accuracy.value, right / 30);
  // The shown figures equal the exported ones.
  const verdict = exported.figures.scores.find((/** @type {any} */ { reader }) => reader === 'verdict');
  for (const label of LABELS) {
    const cell = page.locator(`[data-figure="sensitivity_${label}"] td`).first();
    assert.equal(Number(await cell.getAttribute('data-value')), verdict.sensitivity[label].value);
    assert.equal(await cell.getAttribute('data-n'), '10');
  }
  const auc = page.locator('[data-figure="auc_covid19_pneumonia"] td');
  assert.equal(Number(await auc.first().getAttribute('data-value')), verdict.auc_of_pairs['covid19 against pneumonia'].value);
  // Beside it the model card.
  const card = JSON.parse(await readFile(path.join(ROOT, 'models/evidence.json'), 'utf8')).verdict.sets.find((/** @type {any} */ { id }) => id === 'external');
  const theirs = card.scores[0].auc_of_pairs['covid19 against pneumonia'];
  assert.equal(Number(await auc.nth(1).getAttribute('data-value')), theirs.value);
  assert.ok(asked.every((url) => url.startsWith(site.origin) || url.startsWith('blob:')));
});

test('results of 300 films and a table: what went wrong opens, files hold it', async () => {
  const { page } = await open(browser, site);
  const { labelled, results, table } = madeUp(300);
  await drop(page, [results, table]);
  await validate(page);
  const read = labelled.flatMap(({ label, verdict }) => (verdict ? [{ label, verdict }] : []));
  assert.deepEqual(await shownConfusion(page), confusion(read));
  const refused = read.filter(({ verdict }) => verdict === 'refused').length;
  assert.deepEqual(await counts(page), {
    counted: read.length,
    patients: await page.evaluate(() => Number(document.querySelector('[data-count="patients"] dd')?.textContent)),
    refused,
    unread: 300 - read.length,
  });
  const wrong = labelled.filter(({ label, verdict }) => LABELS.some((one) => one === verdict) && verdict !== label);
  assert.equal(await page.getByRole('heading', { name: /^Films that it got wrong/ }).innerText(), `Films that it got wrong: ${wrong.length}`);
  await page.getByRole('button', { name: `Show all ${wrong.length}` }).click();
  const names = await page.locator('.validate-wrong-name').allInnerTexts();
  assert.deepEqual([...names].sort(), wrong.map(({ path }) => path).sort());
  const sure = names.map((name) => Math.max(.../** @type {number[]} */ (Object.values(labelled.find(({ path }) => path === name)?.report.probabilities))));
  assert.deepEqual(
    sure,
    [...sure].sort((a, b) => b - a),
    'the surest first',
  );

  await page.getByRole('button', { name: names[3] }).click();
  assert.equal(await page.locator('#result-title').evaluate((node) => node === document.activeElement), true);
  assert.equal(await page.locator('.row[aria-selected="true"] .row-name, [aria-selected="true"] .row-name').first().innerText(), names[3].split('/').pop());
  assert.equal(await page.locator('[data-part="figures"]').isVisible(), false);
  await page.getByRole('button', { name: 'Show the figures' }).click();
  assert.equal(await page.locator('[data-part="figures"]').isVisible(), true);
  assert.equal(await page.locator('#result').isVisible(), false);

  const csv = await saved(page, 'Save films (CSV)');
  const [heads, ...lines] = csv
    .trimEnd()
    .replace(/^\ufeff/, '')
    .split('\r\n')
    .map((line) => line.split(','));
  assert.equal(lines.length, 300);
  const column = (/** @type {string} */ head) => lines.map((line) => line[heads.indexOf(head)]);
  assert.deepEqual(
    column('label'),
    labelled.map(({ label }) => label),
  );
  assert.deepEqual(
    column('verdict'),
    labelled.map(({ verdict }) => verdict ?? ''),
  );
  assert.deepEqual(column('patient_number').slice(0, 4), ['1', '1', '2', '2']);
  assert.ok(!csv.includes('film-1.png') && !/\bp\d+\b/.test(csv), 'neither names nor patients');
  await page.getByLabel('With file names').check();
  assert.ok((await saved(page, 'Save films (CSV)')).includes('ward-1/film-1.png'));
});

test('1,000 films are counted in a worker', async () => {
  const { page } = await open(browser, site);
  const { labelled } = madeUp(1166);
  const thousand = labelled.filter(({ report }) => report).slice(0, 1000);
  assert.equal(thousand.length, 1000);
  const { ms, validation, problem } = await page.evaluate(async (films) => {
    const { createClassifier } = await import(`${location.href}covid-classifier.js`);
    const classifier = await createClassifier({ workers: 1 });
    const start = performance.now();
    const validation = await classifier.validate('made up', films);
    const ms = performance.now() - start;
    // A wrong list is reported and costs no worker.
    const problem = await classifier
      .validate('made up', [{ ...films[0], label: 'flu' }])
      .catch((/** @type {Error} */ error) => `${error.name}: ${error.message}`);
    await classifier.validate('made up', films.slice(0, 1));
    classifier.close();
    return { ms, validation, problem };
  }, thousand);
  console.log(`validate: ${(ms / 1000).toFixed(2)} s for 1,000 films`);
  assert.deepEqual(validation.verdicts, confusion(/** @type {any} */ (thousand)));
  assert.match(problem, /^TypeError: .*flu/);
});

test('labels of other spelling are given a meaning, by keys alone; what has none is left out and counted', async () => {
  const { page } = await open(browser, site);
  const { labelled, results } = madeUp(60);
  const spellings = { covid19: '1', normal: 'no finding', pneumonia: 'viral pneumonia' };
  const rows = labelled.slice(0, 50).map(({ path, label }, index) => `${path};${index === 49 ? 'tuberculosis' : spellings[label]}`);
  await drop(page, [results, file('labels.tsv', ['file;label', ...rows, 'lost.png;1', 'lost-2.png;1'].join('\r\n'))]);
  await page.getByRole('button', { name: 'Validate on these films' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'What the labels mean' });
  const chosen = () =>
    dialog
      .locator('select')
      .evaluateAll((all) =>
        Object.fromEntries(all.map((one) => [one.closest('[data-spelling]')?.getAttribute('data-spelling'), /** @type {HTMLSelectElement} */ (one).value])),
      );
  assert.deepEqual(await chosen(), { 1: 'leave_out', 'no finding': 'normal', 'viral pneumonia': 'pneumonia', tuberculosis: 'leave_out' });
  assert.equal(await dialog.getByText('10 films without a label are left out').count(), 1);
  assert.equal(await dialog.getByText('2 rows without their films are left out').count(), 1);
  await dialog.locator('[data-spelling="1"] select').focus();
  await page.keyboard.press('c');
  assert.equal((await chosen())['1'], 'covid19');
  await dialog.getByRole('button', { name: 'Validate', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-part="figures"]').waitFor();
  const used = labelled.slice(0, 49);
  assert.deepEqual(await shownConfusion(page), confusion(/** @type {any} */ (used.filter(({ verdict }) => verdict))));
  const { label_left_out, without_label, rows_without_film, unread } = await counts(page);
  assert.deepEqual({ label_left_out, without_label, rows_without_film, unread }, { label_left_out: 1, without_label: 10, rows_without_film: 2, unread: 7 });
  assert.equal(await page.getByText('Not all patients are named.').count(), 1);
  // Once said, it is known.
  await page.getByRole('button', { name: 'End the validation' }).click();
  assert.equal(await panel(page).count(), 0);
});

test('a label that nobody gives a meaning is no validation; few films give no figures', async () => {
  const { page } = await open(browser, site);
  const { labelled, results } = madeUp(12);
  await drop(page, [results, file('labels.csv', `path,label\n${labelled.map(({ path, label }) => `${path},${label === 'normal' ? 'x' : 'y'}\n`).join('')}`)]);
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Validate', exact: true }).click();
  assert.equal(await dialog.getByRole('alert').innerText(), 'Say for at least one label which class it means.');
  await dialog.getByRole('combobox').last().selectOption('normal');
  await dialog.getByRole('button', { name: 'Validate', exact: true }).click();
  await page.locator('[data-part="figures"]').waitFor();
  assert.equal(await page.locator('[data-figure="sensitivity_normal"] td').first().innerText(), 'fewer than 5 films');
  assert.equal(await page.locator('[data-figure="auc_covid19_normal"] td').first().innerText(), 'fewer than 5 films');
});

test('a folder with folders named by labels; cancelling leaves what is read; the rest can follow', async () => {
  site.change['reader/wasm.js'] = append(`
    const gate = new BroadcastChannel('gate');
    const released = new Promise((resolve) => gate.addEventListener('message', resolve, { once: true }));
    const read = Classifier.prototype.classify;
    Classifier.prototype.classify = async function (path, bytes) {
      if (path.startsWith('held-')) await released;
      return read.call(this, path, bytes);
    };`);
  const folder = path.join(films.folder, 'own films');
  const small = await readFile(films.small);
  for (const [name, bytes] of /** @type {const} */ ([
    ['covid/1.png', small],
    ['covid/2.png', await readFile(films.judged)],
    ['normal/1.png', small],
    ['normal/broken.png', Buffer.from('Dear colleague,')],
    ['normal/held-1.png', small],
  ])) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  const { page } = await open(browser, site, { cores: 2 });
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Validate on your own films…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Choose a folder…' }).click();
  await (await chooser).setFiles(folder);
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Validate', exact: true }).click();
  await panel(page).getByText('Reading… 4 of 5 labelled films').waitFor();
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await page.locator('[data-part="figures"]').waitFor();
  const { counted, unread, cancelled } = await counts(page);
  assert.deepEqual({ counted, unread, cancelled }, { counted: 3, unread: 1, cancelled: 1 });
  await page.evaluate(() => {
    const gate = new BroadcastChannel('gate');
    setInterval(() => gate.postMessage('open'), 20);
  });
  await page.locator('#batch-read-rest').click();
  await page.locator('[data-count="counted"] dd').getByText('4', { exact: false }).waitFor();
  assert.equal((await counts(page)).cancelled, undefined);
});

test('a film that goes, goes from the figures; with all of them goes the validation', async () => {
  const { page } = await open(browser, site);
  const { results, table } = madeUp(20);
  await drop(page, [table]);
  await panel(page).getByText('none of its films is here').waitFor();
  await panel(page).getByRole('heading', { name: 'The films of the table are missing' }).waitFor();
  await drop(page, [results]);
  await validate(page);
  const before = (await counts(page)).counted;
  await page.locator('.row-remove').first().click();
  await page
    .locator('[data-count="counted"] dd')
    .getByText(String(before - 1), { exact: false })
    .waitFor();
  await page.locator('#clear').click();
  assert.equal(await panel(page).count(), 0);
  await drop(page, [results]);
  await inState(page, 'total', 20);
  assert.equal(await page.getByRole('button', { name: 'Validate on these films' }).count(), 0, 'the table is gone too');
});

test('a table that this page has exported, and results of another model, are not taken for labels and reports of this one', async () => {
  const { page } = await open(browser, site);
  const { results, table } = madeUp(20);
  await drop(page, [results, table]);
  await validate(page);
  await page.getByLabel('With file names').check();
  const own = await saved(page, 'Save films (CSV)');
  await page.locator('#clear').click();
  const foreign = JSON.parse(results.bytes.toString());
  for (const film of foreign.films) if (film.report) film.report.model = { version: '0', sha256: '0'.repeat(64) };
  await drop(page, [file('results.json', JSON.stringify(foreign)), file('own.csv', own)]);
  await allSettled(page, 21);
  assert.equal(await page.getByRole('button', { name: 'Validate on these films' }).count(), 0);
  await drop(page, [table]);
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Validate', exact: true }).click();
  await page.getByText('None of the labelled films was read.').waitFor();
});

test('on paper: the figures, whole, black on white, names only where they are asked for', async () => {
  const { page } = await open(browser, site, { context: { colorScheme: 'dark' } });
  const { results, table } = madeUp(120);
  await drop(page, [results, table]);
  await validate(page);
  const sheet = () =>
    page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      const sheet = /** @type {HTMLElement} */ (document.getElementById('sheet'));
      const all = [sheet, ...sheet.querySelectorAll('*')];
      const colors = all.map((node) => getComputedStyle(node).color).filter((color) => !/^rgb\((0, 0, 0|51, 51, 51)\)$/.test(color));
      const { scrollWidth, clientWidth } = sheet;
      const found = { text: sheet.innerText, colors: [...new Set(colors)], diagrams: sheet.querySelectorAll('svg').length, isWide: scrollWidth > clientWidth };
      dispatchEvent(new Event('afterprint'));
      return found;
    });
  await page.setViewportSize({ width: 695, height: 960 });
  await page.emulateMedia({ media: 'print' });
  const { text, colors, diagrams, isWide } = await sheet();
  assert.match(text, /Validation on your own films.*What it said.*Sensitivity: COVID-19 films.*Calibration.*Films that it got wrong/s);
  assert.deepEqual({ colors, diagrams, isWide }, { colors: [], diagrams: 2, isWide: false });
  assert.ok(!text.includes('film-3.png') && /Film 3\b/.test(text));
  await page.emulateMedia({ media: 'screen' });
  await page.getByLabel('With file names').check();
  await page.emulateMedia({ media: 'print' });
  assert.match((await sheet()).text, /film-3\.png/);
  const pdf = await page.pdf({ format: 'A4', path: path.join(ROOT, 'target/screenshots/validate.pdf') });
  assert.ok(pdf.length > 10_000);
  // While a film is shown, that film is printed.
  await page.emulateMedia({ media: 'screen' });
  await page.locator('.validate-wrong button').first().click();
  await page.emulateMedia({ media: 'print' });
  assert.ok(!(await sheet()).text.includes('Films that it got wrong'));
});

for (const language of /** @type {const} */ (['en', 'de'])) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [1280, 390]) {
      test(`for everyone: ${language}, ${colorScheme}, ${width} px`, async () => {
        const context = { colorScheme, viewport: { width, height: width < 600 ? 844 : 900 }, reducedMotion: /** @type {const} */ ('reduce') };
        const { page } = await open(browser, site, { context, query: `?lang=${language}` });
        const name = (/** @type {string} */ state) => `validate-${state}-${language}-${colorScheme}-${width}`;
        await page.locator('#validate-how').click();
        await check(page, name('how'));
        await page.keyboard.press('Escape');
        const { results, table } = madeUp(240);
        await drop(page, [results, table, file('extra.csv', 'path,label\nlost.png,unknown\nfilm-8.png,other\n')]);
        await page.locator('.validate-offer').waitFor();
        await check(page, name('offer'));
        await page.locator('.validate-offer .primary').click();
        await page.locator('.validate-names summary').first().click();
        await check(page, name('ask'));
        await page.getByRole('dialog').locator('.primary').click();
        await page.locator('[data-part="figures"]').waitFor();
        for (const summary of await page.locator('.validate-part summary').all()) await summary.click();
        await check(page, name('answer'));
        await page.locator('.validate-wrong button').first().click();
        await check(page, name('film'));
      });
    }
  }
}

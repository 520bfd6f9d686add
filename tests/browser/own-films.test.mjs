// Real labelled films, validated in the page and by `covid-lab evaluate --manifest`: the figures must be the same.
//
// COVID_CLASSIFIER_DATA  the films (../shared/data), as lab/src/dataset.rs reads them; nothing of them is kept
// LAB                    the laboratory's program (target/release/covid-lab, else that of target/debug)
// OWN_FILMS              how many films (60)

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { agree, browser, films, open, ROOT, site, suite } from './support.mjs';

const DATA = path.resolve(ROOT, process.env.COVID_CLASSIFIER_DATA ?? '../shared/data');
const built = ['target/release/covid-lab', 'target/debug/covid-lab'];
const LAB = path.resolve(ROOT, process.env.LAB ?? built.find((file) => existsSync(path.join(ROOT, file))) ?? built[0]);
const COUNT = Number(process.env.OWN_FILMS ?? 60);

/** The names of the classes in the two collections. @type {Record<string, string>} */
const CLASSES = { covid: 'covid19', normal: 'normal', pneumonia: 'pneumonia' };

/** The page and the laboratory give the set of films different names. */
const NAMES = ['id', 'title'];

const missing = [path.join(DATA, 'manifest.csv'), LAB].find((file) => !existsSync(file));

suite();

/** Rows of a table whose cells hold no commas. @param {string} text @returns {Record<string, string>[]} */
function rowsOf(text) {
  const [heads, ...rows] = text.trim().split(/\r?\n/);
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, index) => [heads.split(',')[index], cell])));
}

/** Films that trained nothing, from every source and class in turn, always the same. */
async function chosen() {
  const tables = ['manifest.csv', 'manifest-2.csv'].map((name) => path.join(DATA, name)).filter((file) => existsSync(file));
  const all = (await Promise.all(tables.map((file) => readFile(file, 'utf8')))).flatMap(rowsOf);
  /** @type {Map<string, Record<string, string>[]>} */
  const kinds = new Map();
  for (const row of all) {
    if (!['val', 'external'].includes(row.split) || !CLASSES[row.label]) continue;
    const kind = `${row.source} ${row.label}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), row]);
  }
  const most = Math.max(...[...kinds.values()].map((rows) => rows.length));
  return Array.from({ length: most }, (_, index) => [...kinds.values()].flatMap((rows) => rows.slice(index, index + 1)))
    .flat()
    .slice(0, COUNT);
}

test('a validation in the page gives the figures of `evaluate --manifest`', { skip: missing ? `${missing} is not there` : false }, async () => {
  const rows = await chosen();
  assert.equal(rows.length, COUNT);
  const folder = path.join(films.folder, 'own');
  const named = rows.map((row) => ({ ...row, file: `${row.source}/${path.basename(row.path)}` }));
  for (const { file, path: from } of named) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await copyFile(path.join(DATA, from), path.join(folder, file));
  }
  const table = path.join(folder, 'own.csv');
  await writeFile(table, `path,label,patient\n${named.map(({ file, label, patient_group }) => `${file},${CLASSES[label]},${patient_group}\n`).join('')}`);

  const out = path.join(films.folder, 'evaluated.json');
  await promisify(execFile)(LAB, ['evaluate', '--manifest', table, '--model', path.join(ROOT, 'models'), '--out', out], { maxBuffer: 1 << 24 });
  const [evaluated] = JSON.parse(await readFile(out, 'utf8'));

  const { page, complaints } = await open(browser, site, { query: '?backend=simd' });
  const before = Date.now();
  await page.locator('#folder').setInputFiles(folder);
  await page.locator('.validate-offer .primary').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Validate', exact: true }).click();
  await page.locator('[data-part="figures"]').waitFor({ timeout: 10_000 + 5000 * COUNT });
  const seconds = (Date.now() - before) / 1000;
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save figures (JSON)' }).click();
  const { figures, films: counts } = JSON.parse(await readFile(await (await download).path(), 'utf8'));

  const { numbers, largest } = agree(figures, evaluated, { within: 1e-4, passOver: NAMES });
  assert.ok(numbers > 100, `${numbers} numbers were compared`);
  assert.deepEqual(figures.verdicts, evaluated.verdicts);
  assert.equal(
    figures.verdicts.flat().reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count, 0),
    COUNT,
  );
  assert.equal(counts.counted, COUNT);
  assert.deepEqual(complaints, []);
  const sources = new Set(rows.map(({ source }) => source)).size;
  console.log(
    `# ${COUNT} films of ${sources} sources, ${figures.patients} patients: ${numbers} numbers agree within ${largest.toExponential(1)}; ${seconds.toFixed(0)} s in the page`,
  );
});

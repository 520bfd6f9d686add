// Tables of labels as the page reads them; `covid-lab evaluate --manifest` reads the same ones (lab/src/dataset.rs).

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parseLabelTable } from '../../www/exchange/label-table.js';
import { guess } from '../../www/exchange/labels.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CASES = path.join(ROOT, 'tests/goldens/label-tables.json');

test('the page and the laboratory know the same names, in the same order', async () => {
  const [rust, script] = await Promise.all(['lab/src/dataset.rs', 'www/exchange/label-table.js'].map((file) => readFile(path.join(ROOT, file), 'utf8')));
  const columns = /const COLUMNS: [^=]*= \[(.*?)^\];/ms.exec(rust)?.[1] ?? '';
  for (const [column, constant] of [
    ['path', 'PATH'],
    ['label', 'LABEL'],
    ['patient_group', 'PATIENT'],
  ]) {
    const listed = new RegExp(`"${column}",\\s*&\\[([^\\]]*)\\]`).exec(columns)?.[1] ?? '';
    const names = [...listed.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
    assert.ok(names.length > 10, column);
    assert.deepEqual(new RegExp(`const ${constant} =\\s+'([^']+)'`).exec(script)?.[1].split(' '), names, column);
  }
});

test('columns go by several names, in the languages of the page', async () => {
  for (const { table, rows } of JSON.parse(await readFile(CASES, 'utf8'))) {
    const read = parseLabelTable(table)?.map(({ path, label, patient }) => ({ path, label: guess(label), patient })) ?? null;
    assert.deepEqual(read, rows, table);
  }
});

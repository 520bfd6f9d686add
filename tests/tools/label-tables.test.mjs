// Tables of labels as the page reads them; `covid-lab evaluate --manifest` reads the same ones (lab/src/dataset.rs).

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parseLabelTable } from '../../www/exchange/label-table.js';
import { guess } from '../../www/exchange/labels.js';

const CASES = path.resolve(import.meta.dirname, '../goldens/label-tables.json');

test('columns go by several names, in the languages of the page', async () => {
  for (const { table, rows } of JSON.parse(await readFile(CASES, 'utf8'))) {
    const read = parseLabelTable(table)?.map(({ path, label, patient }) => ({ path, label: guess(label), patient })) ?? null;
    assert.deepEqual(read, rows, table);
  }
});

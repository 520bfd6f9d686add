// Tables of labels as the page reads them; `covid-lab evaluate --manifest` reads the same ones (lab/src/dataset.rs).

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parseLabelTable } from '../../www/exchange/label-table.js';
import { guess } from '../../www/exchange/labels.js';
import { LANGUAGES } from '../../www/text/language.js';
import { OTHER_CODES, OTHERS } from '../browser/languages.mjs';

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

// If each looked back over its cell, this would take minutes.
test('quotes inside a cell are letters, however many there are', { timeout: 30_000 }, () => {
  const many = 'a"'.repeat(500_000);
  const rows = parseLabelTable(`file,label\n${many},x\n "b, c" ,y\n`) ?? assert.fail();
  assert.deepEqual(
    rows.map(({ path }) => path),
    [many, 'b, c'],
  );
});

for (const code of OTHER_CODES) {
  test(`tables and labels in ${LANGUAGES[code]} are understood, and a label that denies COVID-19 is not taken for it`, () => {
    const { columns, labels } = OTHERS[code];
    assert.deepEqual(parseLabelTable(`${columns.join(';')}\na.png;x;7\n`), [{ path: 'a.png', label: 'x', patient: '7', line: 2 }]);
    for (const [spelling, meaning] of labels) assert.equal(guess(spelling), meaning, spelling);
    for (const meaning of ['normal', 'pneumonia'])
      assert.ok(
        labels.some(([, other]) => other === meaning),
        `a word for ${meaning}`,
      );
    assert.ok(labels.filter(([spelling, meaning]) => /covid/i.test(spelling) && meaning === null).length >= 3, 'ways to deny COVID-19');
  });
}

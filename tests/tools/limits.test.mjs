// docs/limits.md states the page's bounds as they are.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import * as limits from '../../www/reader/limits.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

test('the table of limits has the numbers of the page', async () => {
  const table = await readFile(path.join(ROOT, 'docs/limits.md'), 'utf8');
  assert.ok(Object.keys(limits).length > 8);
  for (const [name, value] of Object.entries(limits)) {
    const row = new RegExp(`\\| ([\\d,]+)(?: bytes| letters)? \\| \`${name}\` \\|`).exec(table);
    assert.equal(row?.[1], value.toLocaleString('en-US'), name);
  }
});

test('the worker has the same most pixels as the program', async () => {
  const [worker, program] = await Promise.all(['www/reader/worker.js', 'src/decode/limits.rs'].map((file) => readFile(path.join(ROOT, file), 'utf8')));
  const inWorker = Number(/^const MOST_PIXELS = (.+);$/m.exec(worker)?.[1]);
  const inProgram = Number(/^pub const MAX_PIXELS: u64 = ([\d_]+);$/m.exec(program)?.[1].replaceAll('_', ''));
  assert.equal(inWorker, inProgram);
});

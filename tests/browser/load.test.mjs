// Many films in one batch (benches/load.mjs reads more): each gets a result or a reason, and after all are cleared the page's memory is as
// before.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { heap, makeFiles } from '../../benches/load.mjs';
import { allSettled, browser, open, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

suite({ films: false });

/** @param {Page} page @param {{name: string, base64: string}[]} files @param {number} films as many, of these files in turn */
const dropMany = (page, files, films) =>
  page.evaluate(
    ({ files, films }) => {
      const blobs = files.map(({ base64 }) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
      const all = Array.from({ length: films }, (_, k) => new File([blobs[k % files.length]], `film-${k + 1}-${files[k % files.length].name}`));
      const event = new Event('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: { files: all, types: ['Files'] } });
      document.body.dispatchEvent(event);
    },
    { files, films },
  );

/** @param {Page} page */
async function clear(page) {
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.waitForFunction(() => document.getElementById('films')?.hidden);
}

test('150 films of all kinds, some broken: each has a result or a reason, and cleared they leave nothing behind', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-load-'));
  const names = await makeFiles(folder, true);
  const files = await Promise.all(names.map(async (name) => ({ name, base64: (await readFile(path.join(folder, name))).toString('base64') })));
  await rm(folder, { recursive: true });
  files.push({ name: 'cut.png', base64: files[0].base64.slice(0, 400) }, { name: 'empty.png', base64: '' });

  const { page, context, complaints } = await open(browser, site, { keeps: true, warms: true, cores: 2 });
  const session = await context.newCDPSession(page);
  for (let round = 0; round < 2; round++) {
    await dropMany(page, files, 20);
    await allSettled(page, 20);
    await clear(page);
  }
  const before = await heap(session);
  await dropMany(page, files, 150);
  await allSettled(page, 150);
  const { done, failed } = await page.evaluate(() => ({ .../** @type {HTMLElement} */ (document.getElementById('films')).dataset }));
  const broken = Array.from({ length: 150 }, (_, k) => files[k % files.length].name).filter((name) => /cut|empty/.test(name)).length;
  assert.deepEqual([Number(done), Number(failed)], [150 - broken, broken]);
  const kept = await heap(session);
  await clear(page);
  const after = await heap(session);
  assert.ok(kept > 1.1 * before, `with 150 results on the page ${kept} bytes, before ${before}: the heap is measured`);
  assert.ok(after < 1.05 * before, `${after} bytes after all were cleared, ${before} before`);
  assert.deepEqual(complaints, []);
});

// The two builds of the program: a browser fetches, runs and keeps the one that suits it, and both give the same results.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, choose, films, kept, open, settled, shownNumbers, site, suite } from './support.mjs';

const PROGRAMS = ['reader/wasm_bg.wasm', 'reader/relaxed_wasm_bg.wasm'];

suite();

/** A film as the page reads it; the programs that the page asked for and those that are kept. @param {boolean} canRelax */
async function reading(canRelax) {
  site.requests.length = 0;
  if (!canRelax) {
    // Makes the browser deny the instruction wherever it is probed.
    site.change['service-worker.js'] = (bytes) => ({ type: 'text/javascript', body: `WebAssembly.validate = () => false;\n${bytes}` });
  }
  const before = (/** @type {import('playwright-core').Page} */ page) =>
    canRelax ? Promise.resolve() : page.addInitScript('WebAssembly.validate = () => false');
  const { page, complaints, close } = await open(browser, site, { keeps: true, before });
  await choose(page, films.judged);
  await settled(page, 'done');
  const numbers = await shownNumbers(page);
  const backend = await page.locator('#engine').innerText();
  const addresses = Object.values(await kept(page)).flatMap((files) => Object.keys(files));
  const isProgram = (/** @type {string} */ address) => PROGRAMS.find((program) => address.endsWith(`/${program}`)) ?? [];
  assert.deepEqual(complaints, []);
  await close();
  return { numbers, backend, asked: [...new Set(site.requests.flatMap(isProgram))], kept: addresses.flatMap(isProgram) };
}

test('a browser with relaxed SIMD has the program that uses it, any other the plain one, and they agree', async () => {
  const relaxed = await reading(true);
  assert.deepEqual(relaxed.asked, ['reader/relaxed_wasm_bg.wasm']);
  assert.deepEqual(relaxed.kept, relaxed.asked);
  const plain = await reading(false);
  assert.deepEqual(plain.asked, ['reader/wasm_bg.wasm']);
  assert.deepEqual(plain.kept, plain.asked);
  // Each passes the self-test, and no slower back-end replaces it.
  assert.equal(plain.backend, relaxed.backend);
  assert.equal(plain.numbers.verdict, relaxed.numbers.verdict);
  let differs = false;
  for (const [label, probability] of Object.entries(plain.numbers.probabilities)) {
    const other = relaxed.numbers.probabilities[label];
    assert.ok(Math.abs(probability - other) < 1e-4, `${label}: ${probability} ${other}`);
    differs ||= probability !== other;
  }
  assert.ok(differs, 'numbers that are the same to the last digit were computed by one program');
});

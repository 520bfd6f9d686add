// The parity suite (tests/parity) in the browser, in a worker: SIMD kernels and shaders against candle.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, serveSite, SOFTWARE_WEBGPU } from './support.mjs';

/** @typedef {{case: string, difference: number | null, trouble: string | null, passed: boolean}} Finding */

const WORKER = `
  import init, * as parity from './wasm.js';
  await init({ module_or_path: new URL('wasm_bg.wasm', import.meta.url) });
  self.onmessage = async ({ data: [name, ...args] }) => {
    try {
      self.postMessage({ answer: await parity[name](...args) });
    } catch (error) {
      self.postMessage({ error: String(error) });
    }
  };
  self.postMessage({ answer: 'ready' });`;

const PAGE = '<!doctype html><title>parity</title>';

/** @type {Awaited<ReturnType<typeof launch>>} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  [browser, site] = await Promise.all([launch(SOFTWARE_WEBGPU), serveSite()]);
  site.add('parity/index.html', { type: 'text/html', body: PAGE });
  site.add('parity/worker.js', { type: 'text/javascript', body: WORKER });
  page = await browser.newPage();
  await page.goto(`${site.url}parity/index.html`);
  await page.evaluate(async () => {
    const worker = new Worker('worker.js', { type: 'module' });
    const answer = () =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.answer));
        worker.onerror = (event) => reject(new Error(event.message || 'the worker did not start'));
      });
    await answer();
    Object.assign(globalThis, {
      ask: (/** @type {unknown[]} */ ...call) => {
        const result = answer();
        worker.postMessage(call);
        return result;
      },
    });
  });
});
after(() => Promise.all([browser?.close(), site?.close()]));

/** @param {unknown[]} call @returns {Promise<any>} */
const ask = (...call) => page.evaluate((call) => /** @type {any} */ (globalThis).ask(...call), call);

/** @param {string} json @param {number} atLeast */
function allPass(json, atLeast) {
  /** @type {Finding[]} */
  const findings = JSON.parse(json);
  assert.ok(findings.length >= atLeast, `${findings.length} cases`);
  assert.deepEqual(
    findings.filter(({ passed }) => !passed),
    [],
  );
}

test('there is a WebGPU adapter to test on', async () => {
  assert.match(await ask('adapter'), /swiftshader/i);
});

test('SIMD kernels agree with candle', async () => allPass(await ask('suite', 'simd', 0), 270));

for (const enough of [0, 100, 2 ** 31]) {
  test(`shaders agree with candle, tiles for ${enough} threads`, async () => allPass(await ask('suite', 'webgpu', enough), 270));
}

for (const backend of ['simd', 'webgpu']) {
  test(`whole films on ${backend} are read as by candle`, async () => allPass(await ask('films', backend), 3));
}

test('wrong shaders are found', async () => {
  /** @type {[string, Finding | null][]} */
  const found = JSON.parse(await ask('wrong'));
  assert.ok(found.length >= 15);
  assert.deepEqual(
    found.filter(([, finding]) => finding === null),
    [],
  );
});

// Many films at once: several workers, one queue, progress and cancelling; and what the page says about the back-end.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { poolSize } from '../../www/reader/pool.js';
import { HOLD, release, states } from './held.mjs';
import {
  allSettled,
  append,
  browser,
  check,
  choose,
  drop,
  filmRows,
  films,
  inState,
  open,
  settled,
  shownNumbers,
  site,
  suite,
  workersAre,
} from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;
/** @type {Buffer} */
let small;

suite({
  prepare: async () => {
    small = await readFile(films.small);
  },
});

/** @param {string} name @param {number} count */
const copies = (name, count) => Array.from({ length: count }, (_, k) => ({ name: `${name}-${k + 1}.png`, bytes: small }));

/** @param {Page} page */
const rowTexts = async (page) => (await filmRows(page)).map(({ name, text }) => [name, text]);

/** @param {Page} page @param {RegExp} sentence */
const said = async (page, sentence) => (await page.locator('#live p').allTextContents()).filter((text) => sentence.test(text)).length;

test('the number of workers follows from cores and memory', () => {
  assert.equal(poolSize({}), 1);
  assert.equal(poolSize({ hardwareConcurrency: 2, deviceMemory: 8 }), 2);
  assert.equal(poolSize({ hardwareConcurrency: 32, deviceMemory: 8 }), 16);
  assert.equal(poolSize({ hardwareConcurrency: 32, deviceMemory: 2 }), 4);
  assert.equal(poolSize({ hardwareConcurrency: 32, deviceMemory: 0.25 }), 1);
  assert.equal(poolSize({ hardwareConcurrency: 32 }), 4);
});

test('several workers give what one gives, in the order of the films, and ask the network for nothing', async () => {
  const sources = await Promise.all([films.png, films.jpeg, films.small, films.judged].map((file) => readFile(file)));
  const many = Array.from({ length: 8 }, (_, k) => ({ name: `film-${k + 1}`, bytes: sources[k % sources.length] }));
  /** @param {number} cores */
  const readAll = async (cores) => {
    visit = await open(browser, site, { cores });
    const { page } = visit;
    assert.equal(page.workers().length, 1, 'one worker, before there is a film');
    await page.waitForLoadState('networkidle');
    site.requests.length = 0;
    let most = 1;
    page.on('worker', () => (most = Math.max(most, page.workers().length)));
    await drop(page, many);
    await allSettled(page, many.length);
    assert.equal(await page.locator('#batch').isVisible(), false);
    assert.equal(await said(page, /^All films are done: 8 read, 0 not read\.$/), 1);
    const numbers = [];
    for (const row of await page.locator('.row-open').all()) {
      await row.click();
      numbers.push(await shownNumbers(page));
    }
    assert.deepEqual(site.requests, []);
    assert.equal(await page.locator('#requests').innerText(), 'Requests since the model was loaded: none.');
    assert.deepEqual(visit.complaints, []);
    const rows = await rowTexts(page);
    await visit.close();
    return { rows, numbers, most };
  };
  const one = await readAll(1);
  const four = await readAll(4);
  assert.equal(one.most, 1);
  assert.equal(four.most, 4);
  assert.deepEqual(
    four.rows.map(([name]) => name),
    many.map(({ name }) => name),
  );
  assert.deepEqual(four.rows, one.rows);
  assert.deepEqual(four.numbers, one.numbers);
  assert.ok(new Set(one.numbers.slice(0, 4).map((numbers) => JSON.stringify(numbers))).size === 4, 'the films differ');
});

test('with the network cut, several workers read', async () => {
  site.change['reader/wasm.js'] = append(HOLD);
  visit = await open(browser, site, { cores: 3 });
  const { page, context } = visit;
  await context.setOffline(true);
  await drop(page, copies('held', 6));
  await workersAre(page, 3);
  await inState(page, 'reading', 3);
  await release(page);
  await inState(page, 'done', 6);
});

test('progress, cancelling, and reading the rest', async () => {
  site.change['reader/wasm.js'] = append(HOLD);
  visit = await open(browser, site, { cores: 2 });
  const { page } = visit;
  await page.evaluate(() => {
    const state = { given: 0 };
    Object.assign(globalThis, { state });
    const give = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (message.type === 'classify') state.given++;
      give.call(this, message, transfer);
    };
  });
  await drop(page, [...copies('free', 3), ...copies('held', 5)]);
  await inState(page, 'done', 3);
  await inState(page, 'reading', 2);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).state.given), 5, 'a worker gets a film when it is its turn');
  assert.equal(await page.locator('#batch-text').innerText(), 'Reading… 3 of 8 films');
  const bar = page.getByRole('progressbar', { name: 'Reading… 3 of 8 films' });
  assert.deepEqual([await bar.getAttribute('value'), await bar.getAttribute('max')], ['3', '8']);
  const [done, reading, waiting] = ['done', 'reading', 'waiting'];
  assert.deepEqual(await states(page), [done, done, done, reading, reading, waiting, waiting, waiting], 'in their order');

  const workers = page.workers();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(await states(page), ['done', 'done', 'done', ...Array(5).fill('cancelled')]);
  assert.equal(await page.locator('#batch').isVisible(), false);
  assert.equal((await rowTexts(page))[7][1], 'Cancelled');
  assert.equal(await said(page, /^Reading is cancelled\. 5 films are not read/), 1);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'batch-read-rest', 'the keyboard goes on');
  assert.deepEqual(page.workers(), workers, 'no worker is killed for it');

  // One of them by itself: it is still held, and the result of its first reading is dropped.
  await page.locator('.row-open').nth(7).click();
  await page.locator('#result[data-state="cancelled"]').waitFor();
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.locator('#result[data-state="waiting"]').waitFor();
  await release(page);
  await settled(page, 'done');
  assert.deepEqual(await states(page), ['done', 'done', 'done', ...Array(4).fill('cancelled'), 'done'], 'what was dropped stays dropped');

  // New films are taken at once; the others do not change.
  await drop(page, copies('new', 1));
  await inState(page, 'done', 5);
  for (const read of [4, 5]) {
    assert.equal(await said(page, new RegExp(`^Reading is done: ${read} read, 0 not read, 4 cancelled\\.$`)), 1);
  }
  await page.getByRole('button', { name: 'Read the remaining films' }).click();
  await inState(page, 'done', 9);
  assert.equal(await page.locator('#batch-rest').isVisible(), false);
  assert.deepEqual(
    (await rowTexts(page)).map(([name]) => name),
    [...['free-1.png', 'free-2.png', 'free-3.png'], ...['held-1.png', 'held-2.png', 'held-3.png', 'held-4.png', 'held-5.png', 'new-1.png']],
  );
});

test('films are removed, and all cleared, in the middle of it', async () => {
  site.change['reader/wasm.js'] = append(HOLD);
  visit = await open(browser, site, { cores: 2 });
  const { page } = visit;
  await drop(page, copies('held', 6));
  await inState(page, 'reading', 2);
  await page.getByRole('button', { name: 'Remove held-1.png' }).click();
  await page.getByRole('button', { name: 'Remove held-5.png' }).click();
  assert.equal(await page.locator('#batch-text').innerText(), 'Reading… 0 of 4 films');
  assert.deepEqual(await states(page), ['reading', 'waiting', 'waiting', 'waiting'], 'the worker of a removed film is at it still');
  await page.getByRole('button', { name: 'Clear all' }).click();
  assert.equal(await page.locator('.row').count(), 0);
  await drop(page, copies('free', 3));
  await page.locator('#batch-text').filter({ hasText: 'Reading… 0 of 3 films' }).waitFor();
  await release(page);
  await inState(page, 'done', 3);
  assert.equal(await page.locator('.row').count(), 3);
  assert.equal(await said(page, /^held-/), 0, 'of films that are gone nothing is said');
});

for (const { what, death } of [
  { what: 'traps', death: `throw new WebAssembly.RuntimeError('unreachable');` },
  { what: 'traps where nobody waits', death: `Promise.reject(new WebAssembly.RuntimeError('unreachable')); return new Promise(() => {});` },
  { what: 'dies outside of any call', death: `self.postMessage = () => {}; setTimeout(() => { throw new Error('out of the blue'); });` },
]) {
  test(`a worker ${what} among others: one film fails, the others are read`, async () => {
    site.change['reader/wasm.js'] = append(`${HOLD}
      const held = Classifier.prototype.classify;
      Classifier.prototype.classify = function (path, bytes) {
        if (path === 'ill.png') { ${death} }
        return held.call(this, path, bytes);
      };`);
    visit = await open(browser, site, { cores: 2 });
    const { page } = visit;
    await page.waitForLoadState('networkidle');
    site.requests.length = 0;
    await drop(page, [...copies('held', 1), { name: 'ill.png', bytes: small }, ...copies('later', 4)]);
    await inState(page, 'failed', 1);
    await inState(page, 'done', 4);
    assert.deepEqual(await states(page), ['reading', 'failed', ...Array(4).fill('done')], 'the other worker was let be');
    await workersAre(page, 2);
    await release(page);
    await inState(page, 'done', 5);
    assert.equal((await rowTexts(page))[1][1], 'Reader stopped');
    assert.equal(await page.locator('[data-start-failure]').count(), 0);
    assert.deepEqual(site.requests, [], 'the successor makes no request');
  });
}

test('an extra worker that does not start disturbs nobody', async () => {
  visit = await open(browser, site, {
    cores: 4,
    before: (page) =>
      page.addInitScript(() => {
        const state = { tries: 0 };
        Object.assign(globalThis, { state });
        // All except the first fail: the browser refuses the second, the others break before they are ready.
        const real = URL.createObjectURL;
        const broken = new Blob(['throw new Error("broken")'], { type: 'text/javascript' });
        URL.createObjectURL = (blob) => real(state.tries > 0 ? broken : blob);
        globalThis.Worker = class extends Worker {
          /** @param {string | URL} url @param {WorkerOptions} options */
          constructor(url, options) {
            if (++state.tries === 2) throw new Error('no more of them');
            super(url, options);
          }
        };
      }),
  });
  const { page } = visit;
  await drop(page, copies('film', 6));
  await inState(page, 'done', 6);
  assert.ok((await page.evaluate(() => /** @type {any} */ (globalThis).state.tries)) >= 4, 'it was tried');
  assert.equal(page.workers().length, 1);
  assert.equal(await page.locator('#engine').getAttribute('data-state'), 'ready');
  assert.equal(await page.locator('[data-start-failure]').count(), 0);
});

test('where the kept text of the scripts is of no use, an extra worker loads them from their addresses', async () => {
  site.change['reader/wasm.js'] = append(`${HOLD} if (import.meta.url.startsWith('blob:')) throw new Error('not from a blob');`);
  visit = await open(browser, site, { cores: 2 });
  const { page } = visit;
  await drop(page, copies('held', 4));
  await inState(page, 'reading', 2);
  await workersAre(page, 2);
  await release(page);
  await inState(page, 'done', 4);
  // And the page does not hide it.
  assert.match(await page.locator('#requests').innerText(), /^Requests since the model was loaded: [1-9]/);
});

test('workers without work are let go, the first stays', async () => {
  visit = await open(browser, site, { cores: 3, before: (page) => page.clock.install() });
  const { page } = visit;
  const [first] = page.workers();
  await drop(page, copies('film', 6));
  await inState(page, 'done', 6);
  await workersAre(page, 3);
  await page.clock.fastForward(20_000);
  await choose(page, films.png);
  await inState(page, 'done', 7);
  assert.equal(page.workers().length, 3);
  await page.clock.fastForward(60_000);
  await workersAre(page, 1);
  assert.deepEqual(page.workers(), [first]);
  await drop(page, copies('again', 3));
  await inState(page, 'done', 10);
});

test('300 films are read, in their order', async () => {
  // This test is about the page: the program answers at once, each time with different pictures.
  site.change['reader/wasm.js'] = append(`
    const read = Classifier.prototype.classify;
    let first;
    Classifier.prototype.classify = async function (path, bytes) {
      first ??= read.call(this, path, bytes).then((reading) => ({ report: reading.report(), thumbnail: reading.thumbnail() }));
      const { report, thumbnail } = await first;
      return { report: () => ({ ...report, path }), thumbnail: () => structuredClone(thumbnail), pictures: () => null, free() {} };
    };`);
  visit = await open(browser, site, { cores: 2 });
  const { page } = visit;
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const files = Array.from({ length: 300 }, (_, k) => new File([bytes], `${k}.png`));
    const event = new Event('drop', { bubbles: true });
    Object.defineProperty(event, 'dataTransfer', { value: { files, types: ['Files'] } });
    document.body.dispatchEvent(event);
  }, small.toString('base64'));
  await inState(page, 'done', 300);
  assert.deepEqual(
    (await rowTexts(page)).map(([name]) => name),
    Array.from({ length: 300 }, (_, k) => `${k}.png`),
  );
  assert.equal(await said(page, /^All films are done: 300 read/), 1);
});

/**
 * The real program, with a WebGPU that it loses at a film for which `isLost` is true.
 * @param {string} isLost
 * @param {string} [before] attempts before that
 */
const computeOf = (isLost, before = '') => `
  const answer = Classifier.prototype.classify;
  Classifier.prototype.classify = async function (path, bytes) {
    const reading = await answer.call(this, path, bytes);
    if (${isLost}) this.lostBy ??= path;
    const { backend, adapter } = this.compute();
    const report = { ...reading.report(), backend, adapter };
    reading.report = () => report;
    return reading;
  };
  Classifier.prototype.compute = function () {
    return this.lostBy
      ? { backend: 'simd', adapter: null, attempts: [ ${before}
          { backend: 'webgpu', outcome: 'chosen', kind: null, reason: null },
          { backend: 'webgpu', outcome: 'lost', kind: 'device_lost', reason: 'The device was reset, at ' + this.lostBy },
          { backend: 'simd', outcome: 'chosen', kind: null, reason: null } ] }
      : { backend: 'webgpu', adapter: 'Test adapter', attempts: [ ${before}
          { backend: 'webgpu', outcome: 'chosen', kind: null, reason: null } ] };
  };`;

test('which back-end answers is said, with the reasons; when it is lost in the middle, one notice says so', async () => {
  site.change['reader/wasm.js'] = append(`${HOLD} ${computeOf(`path.startsWith('held-')`)}`);
  visit = await open(browser, site, { cores: 3 });
  const { page } = visit;
  const line = page.locator('#engine-backend');
  assert.equal(await line.innerText(), 'Runs on WebGPU (Test adapter)');
  await page.getByText('Why', { exact: true }).click();
  assert.deepEqual(await page.locator('#engine-attempts li').allInnerTexts(), ['WebGPU: chosen.']);
  const notices = page.locator('#engine-notice [data-notice]');
  assert.equal(await notices.count(), 0);

  await drop(page, [...copies('free', 1), ...copies('held', 6)]);
  await page.locator('.row-open').first().click();
  await settled(page, 'done');
  assert.equal(await page.locator('.about [data-backend]').innerText(), 'WebGPU (Test adapter)');
  await inState(page, 'reading', 3);
  await release(page);
  await notices.first().waitFor();
  await allSettled(page, 7);
  assert.equal(await notices.count(), 1, 'three workers have lost it, one notice');
  assert.equal(await page.locator('#engine-notice').getAttribute('role'), 'status');
  const words = await notices.innerText();
  assert.match(words, /The graphics processor was lost while films were being read\. Reading continues on the processor; no film is lost\./);
  assert.match(words, /Detail: The device was reset, at held-\d\.png\./);
  assert.deepEqual(await states(page), Array(7).fill('done'));
  assert.equal(await line.innerText(), 'Runs on this processor (WebAssembly SIMD)');
  const attempts = (await page.locator('#engine-attempts li').allInnerTexts()).join(' ');
  assert.match(attempts, /^WebGPU: chosen\. WebGPU: lost\. The device was reset, at held-\d\.png\. WebAssembly SIMD: chosen\.$/);
  await page.locator('.row-open').last().click();
  assert.equal(await page.locator('.about [data-backend]').getAttribute('data-backend'), 'simd');

  await page.getByRole('button', { name: 'Dismiss' }).click();
  assert.equal(await notices.count(), 0);
  await drop(page, copies('free', 3));
  await inState(page, 'done', 10);
  assert.equal(await notices.count(), 0, 'no second notice');
});

test('a back-end that the address asks for reaches the program; where it is not the one that reads, a notice says so', async () => {
  site.change['reader/wasm.js'] = append(`
    // Like the program, it first tries the back-end that was asked for, under any of its names.
    const create = Classifier.create;
    Classifier.create = async (manifest, weights, backend) =>
      Object.assign(await create.call(Classifier, manifest, weights), { asked: backend });
    const none = { backend: null, outcome: 'failed', kind: 'unknown_name', reason: 'there is no back-end "abacus"' };
    const webgpu = { backend: 'webgpu', outcome: 'failed', kind: 'no_adapter', reason: 'the browser offers no adapter' };
    const simd = { backend: 'simd', outcome: 'chosen', kind: null, reason: null };
    Classifier.prototype.compute = function () {
      const attempts = { abacus: [none, webgpu, simd], webgpu: [webgpu, simd], wasm: [simd], simd: [simd] }[this.asked] ?? [webgpu, simd];
      return { backend: 'simd', adapter: null, attempts };
    };`);
  for (const { query, notice } of [
    { query: '?backend=abacus', notice: /“abacus” could not be used.*This page’s address asks for it.*There is no back-end "abacus"\./s },
    { query: '?backend=webgpu', notice: /“WebGPU” could not be used.*read on WebAssembly SIMD instead.*The browser offers no adapter\./s },
    { query: '?backend=simd', notice: null },
    { query: '?backend=wasm', notice: null },
    { query: '?backend=auto', notice: null },
    { query: '', notice: null },
  ]) {
    visit = await open(browser, site, { query });
    const { page } = visit;
    await page.locator('#engine-compute[data-backend="simd"]').waitFor();
    const shown = await page.locator('[data-notice="not-as-asked"]').allInnerTexts();
    assert.equal(shown.length, notice ? 1 : 0, query);
    if (notice) assert.match(shown[0], notice);
    const attempts = await page.locator('#engine-attempts li').allTextContents();
    assert.equal(attempts.at(-1), 'WebAssembly SIMD: chosen.');
    if (query.endsWith('abacus')) assert.equal(attempts[0], 'There is no back-end "abacus".');
    await visit.close();
  }
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing in a batch, in a cancelled one, and with notices: ${colorScheme}, ${width} px`, async () => {
      const candle = `{ backend: 'candle', outcome: 'failed', kind: 'model', reason: 'its answer to the known film is off by 7 %' },`;
      site.change['reader/wasm.js'] = append(`${HOLD} ${computeOf(`path.startsWith('gone-')`, candle)}`);
      const context = { colorScheme, viewport: { width, height: width < 600 ? 844 : 900 }, reducedMotion: /** @type {const} */ ('reduce') };
      visit = await open(browser, site, { context, cores: 2, query: '?backend=candle' });
      const { page } = visit;
      const name = (/** @type {string} */ state) => `${state}-${colorScheme}-${width}`;
      await page.getByText('Why', { exact: true }).click();
      await page.locator('[data-notice="not-as-asked"]').waitFor();
      await check(page, name('back-end'));
      await drop(page, [...copies('gone', 2), ...copies('held', 5)]);
      await page.locator('[data-notice="changed"]').waitFor();
      await inState(page, 'reading', 2);
      await check(page, name('batch'));
      await page.getByRole('button', { name: 'Cancel' }).click();
      await check(page, name('cancelled'));
      await page.locator('.row-open').last().click();
      await check(page, name('cancelled-film'));
    });
  }
}

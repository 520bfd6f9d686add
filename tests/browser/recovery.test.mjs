// Failures are reported, and whatever can continue does.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { allSettled, append, browser, check, choose, films, FOLDER, late, open, settled, site, suite } from './support.mjs';

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite();

const missing = () => ({ status: 404 });
const garbage = () => ({ body: 'no such thing' });

for (const { what, file, change, kind, words } of [
  { what: 'the program is missing', file: 'reader/wasm_bg.wasm', change: missing, kind: 'fetch', words: /wasm_bg\.wasm: 404/ },
  { what: 'the program is damaged', file: 'reader/wasm_bg.wasm', change: garbage, kind: 'wasm', words: /WebAssembly program/ },
  { what: 'the weights are missing', file: 'models/texture.safetensors', change: missing, kind: 'fetch', words: /texture\.safetensors: 404/ },
  { what: 'the weights are damaged', file: 'models/texture.safetensors', change: garbage, kind: 'model', words: /do not fit the program/ },
  { what: 'the manifest is damaged', file: 'models/manifest.json', change: garbage, kind: 'model', words: /do not fit the program/ },
  { what: 'the worker is missing', file: 'reader/worker.js', change: missing, kind: 'worker', words: /background worker/ },
]) {
  test(`${what}: the page says so, keeps the film, and reads it after another try`, async () => {
    site.change[file] = change;
    visit = await open(browser, site, { until: 'failed' });
    const { page } = visit;
    const notice = page.locator(`[data-start-failure="${kind}"]`);
    await notice.waitFor();
    assert.equal(await notice.getAttribute('role'), 'alert');
    assert.match(await notice.innerText(), words);

    // A new film is a new attempt; it fails as well, and the film waits.
    await choose(page, films.png);
    await page.getByText('One film is waiting and is not lost.').waitFor();
    assert.equal(await page.locator('.row').getAttribute('data-state'), 'waiting');

    delete site.change[file];
    await page.getByRole('button', { name: 'Try again' }).click();
    await settled(page, 'done');
    assert.equal(await notice.count(), 0);
    assert.match(await page.locator('#engine-text').innerText(), /^Ready/);
  });
}

for (const { what, file, change, slow, isAsked } of [
  // The figures of a model that did not start are not fetched.
  { what: 'the manifest is damaged and the figures', file: 'models/manifest.json', change: garbage, slow: 'models/evidence.json', isAsked: false },
  { what: 'the worker is missing and weights', file: 'reader/worker.js', change: missing, slow: 'models/convnet.safetensors', isAsked: true },
]) {
  test(`${what} come late: the failure stays`, async () => {
    const held = late();
    site.change[file] = change;
    site.change[slow] = held.change;
    visit = await open(browser, site, { until: 'failed' });
    const { page, asked } = visit;
    held.release();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    assert.equal(
      asked.some((url) => url.endsWith(slow)),
      isAsked,
    );
    assert.equal(await page.locator('#engine').getAttribute('data-state'), 'failed');
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 1);
  });
}

for (const { file, what } of [
  { file: 'models/convnet.safetensors', what: 'weights' },
  { file: 'reader/wasm_bg.wasm', what: 'the program' },
  { file: 'reader/wasm.js', what: 'a worker’s script' },
]) {
  test(`nothing arrives of ${what}: the page says so, and reads the film once it has loaded again`, async () => {
    site.change[file] = () => new Promise(() => {});
    visit = await open(browser, site, {
      until: 'loading',
      before: (page) =>
        page.addInitScript(() => {
          const { setTimeout } = globalThis;
          const sooner = (/** @type {() => void} */ call, /** @type {number} */ ms) => setTimeout(call, ms >= 60_000 ? ms / 20 : ms);
          Object.assign(globalThis, { setTimeout: sooner });
        }),
    });
    const { page } = visit;
    await choose(page, films.judged);
    const notice = page.locator('[data-notice="stalled"]');
    await notice.waitFor();
    assert.match(await notice.innerText(), /Nothing has arrived for a minute\. Keep waiting, or load the model again\./);
    await check(page, `stalled-${path.basename(file)}`);
    delete site.change[file];
    await notice.getByRole('button', { name: 'Load again' }).click();
    await settled(page, 'done');
    assert.equal(await notice.count(), 0);
    assert.equal(await page.locator('[data-start-failure]').count(), 0);
  });
}

test('a second try that fails as well says so, and keeps the films', async () => {
  site.change['models/texture.safetensors'] = missing;
  visit = await open(browser, site, { until: 'failed' });
  const { page } = visit;
  await choose(page, [films.png, films.small]);
  await page.getByText('2 films are waiting and are not lost.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#engine[data-state="failed"]').waitFor();
  await page.getByText('2 films are waiting and are not lost.').waitFor();
  assert.ok(await page.locator('#batch').isHidden(), 'nothing is being read');
  delete site.change['models/texture.safetensors'];
  await page.getByRole('button', { name: 'Try again' }).click();
  await allSettled(page, 2);
});

test('films do not wait for the figures, which are shown when they come', async () => {
  const figures = late();
  site.change['models/evidence.json'] = figures.change;
  visit = await open(browser, site, { until: 'loading' });
  const { page } = visit;
  await choose(page, films.judged);
  await settled(page, 'done');
  assert.equal(await page.locator('.figures').count(), 0);
  figures.release();
  await page.locator('.figures').first().waitFor();
  assert.equal(await page.locator('#engine').getAttribute('data-state'), 'ready');
});

test('without its figures the model still reads, and the page says that they are missing', async () => {
  site.change['models/evidence.json'] = missing;
  visit = await open(browser, site);
  await choose(visit.page, films.judged);
  await settled(visit.page, 'done');
  assert.match(await visit.page.locator('.worth').innerText(), /figures that belong to this model could not be loaded/);
});

test('figures that the metrics file does not hold are not shown', async () => {
  site.change['models/evidence.json'] = (bytes) => ({
    type: 'application/json',
    body: JSON.stringify({ schema: 1, elsewhere: JSON.parse(bytes.toString()).elsewhere.slice(0, 1) }),
  });
  visit = await open(browser, site);
  await choose(visit.page, films.judged);
  await settled(visit.page, 'done');
  assert.equal(await visit.page.locator('.figures tbody tr').count(), 1);
});

test('a server that does not know WebAssembly serves it all the same', async () => {
  site.change['reader/wasm_bg.wasm'] = (bytes) => ({ type: 'application/octet-stream', body: bytes });
  visit = await open(browser, site);
  await choose(visit.page, films.png);
  await settled(visit.page, 'done');
});

/** The real program, except for a film called phantom-1.png. */
const dieOf = (/** @type {string} */ death) =>
  append(`
    const classify = Classifier.prototype.classify;
    Classifier.prototype.classify = function (path, bytes) {
      if (path === 'phantom-1.png') { ${death} }
      return classify.call(this, path, bytes);
    };`);

test('the weights do not wait for the manifest', async () => {
  const held = late();
  site.change['models/manifest.json'] = held.change;
  site.requests.length = 0;
  visit = await open(browser, site, { until: 'loading' });
  const ofWeights = () => site.requests.filter((path) => path.endsWith('.safetensors'));
  while (ofWeights().length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  held.release();
  await visit.page.locator('#engine[data-state="ready"]').waitFor();
  assert.equal(new Set(ofWeights()).size, 4);
  assert.equal(ofWeights().length, 4, 'none is asked for twice');
});

for (const { what, death } of [
  { what: 'traps', death: `throw new WebAssembly.RuntimeError('unreachable');` },
  { what: 'dies outside of any call', death: `self.postMessage = () => {}; setTimeout(() => { throw new Error('out of the blue'); });` },
]) {
  test(`the program ${what}: that film gets the reason, the next is read by a new worker, without a download`, async () => {
    site.change['reader/wasm.js'] = dieOf(death);
    // One worker, as on a machine with one core; batch.test.mjs has several.
    visit = await open(browser, site, { cores: 1 });
    const { page } = visit;
    site.requests.length = 0;
    await choose(page, [films.small, films.png, films.jpeg]);
    await allSettled(page, 3);
    assert.deepEqual(await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state'))), ['failed', 'done', 'done']);
    assert.equal(await page.locator('.row-state').first().innerText(), 'Reader stopped');
    assert.equal(page.workers().length, 1, 'the dead worker is gone');
    assert.deepEqual(
      [...new Set(site.requests)].filter((path) => /\.(js|wasm|safetensors|json)$/.test(path)),
      [],
    );

    await page.locator('.row-open').first().click();
    await page.locator('[data-error="crashed"]').waitFor();
    await page.getByRole('button', { name: 'Try this film again' }).click();
    await page.locator('#result[data-state="failed"]').waitFor();
    assert.ok(site.requests.every((path) => path.startsWith(FOLDER)));
  });
}

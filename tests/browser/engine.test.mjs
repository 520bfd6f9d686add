// The choice of the back-end on a real WebGPU, and what the page does when that fails at the start or in a batch.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { allSettled, browser, choose, classifyByCli, drop, films, launch, open, settled, site, suite } from './support.mjs';
import { shownNumbers, SOFTWARE_WEBGPU } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{name: string, bytes: Buffer, report: any}} Film */
/** @typedef {[backend: string | null, outcome: string, kind: string | null]} Attempt */

/** @type {Awaited<ReturnType<typeof launch>>} */
let plain;
/** Different films, the second of which is judged, with the command-line program's reports. @type {Film[]} */
let batch;
/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite({
  flags: SOFTWARE_WEBGPU,
  prepare: async () => {
    plain = await launch();
    const files = [films.small, films.judged, films.jpeg];
    const read = async (/** @type {string} */ file, /** @type {number} */ k) => ({
      name: `film-${k + 1}`,
      bytes: await readFile(file),
      report: await classifyByCli(file),
    });
    batch = await Promise.all(files.map(read));
  },
});
after(() => plain?.close());

/**
 * The real program, on a WebGPU with some calls replaced. `code` wraps them by `around(type, name, call)`, where `call` gets the real
 * function and its arguments. `seen` has the device, the number of the film that is being read (0 before the first), the number of the
 * network's run on it, and a promise that a film has to wait for.
 * @param {string} code
 */
function change(code) {
  // The film that the idle page reads to warm up is not counted.
  site.change['page/warm-up.js'] = () => ({ type: 'text/javascript', body: 'export const warmUp = () => {};' });
  const wrapped = `
    const seen = (self.seen = { device: null, film: 0, run: 0, gate: null });
    const isRun = (film, run) => seen.film === film && seen.run === run;
    const never = () => new Promise(() => {});
    const refuse = () => Promise.reject(new DOMException('out of sorts', 'OperationError'));
    const around = (type, name, call) => {
      const real = type.prototype[name];
      type.prototype[name] = function (...args) {
        return call.call(this, (...args) => real.apply(this, args), ...args);
      };
    };
    ${code}
    around(GPUQueue, 'writeBuffer', (real, ...args) => (seen.run++, real(...args)));
    around(GPUAdapter, 'requestDevice', async (real, ...args) => (seen.device = await real(...args)));`;
  site.change['reader/wasm.js'] = (bytes) => ({
    type: 'text/javascript',
    body: `{ ${wrapped} }
      ${bytes}
      const read = Classifier.prototype.classify;
      Classifier.prototype.classify = async function (...film) {
        Object.assign(seen, { film: seen.film + 1, run: 0 });
        await seen.gate;
        return read.call(this, ...film);
      };`,
  });
}

/** @param {Page} page @returns {Promise<Attempt[]>} */
const attempts = (page) =>
  page
    .locator('#engine-attempts li')
    .evaluateAll((items) => items.map(({ dataset: { backend = null, outcome = '', kind = null } }) => [backend, outcome, kind]));

/** @param {Page} page */
const why = async (page) => (await page.locator('#engine-attempts li').allTextContents()).join(' ');

/** @param {Page} page */
const notices = (page) => page.locator('[data-notice]').evaluateAll((all) => all.map((one) => one.getAttribute('data-notice')));

/**
 * The page's numbers for the shown film equal the command-line program's.
 * @param {Page} page
 * @param {any} report
 * @returns {Promise<string | null>} the back-end that read it
 */
async function isAsByCli(page, { verdict, abnormal, probabilities, readers }) {
  const shown = await shownNumbers(page);
  assert.equal(shown.verdict, verdict);
  /** @param {Record<string, unknown>} ours @param {Record<string, number>} theirs */
  const close = (ours, theirs) => {
    for (const [label, value] of Object.entries(theirs)) {
      assert.ok(Math.abs(Number(ours[label]) - value) <= 1e-3, `${label}: ${ours[label]}, not ${value}`);
    }
  };
  assert.equal(Object.keys(shown.probabilities).length, probabilities ? 4 : 0);
  close(shown.probabilities, probabilities ? { ...probabilities, abnormal } : {});
  const expected = probabilities ? { ...readers, verdict: probabilities } : readers;
  assert.deepEqual(shown.readers.map(({ name }) => name).sort(), Object.keys(expected).sort());
  for (const { name, ...values } of shown.readers) close(values, expected[String(name)]);
  return page.locator('.about [data-backend]').getAttribute('data-backend');
}

/** Reads films and compares them with the command-line program's. @param {Page} page @param {Film[]} films */
async function readAll(page, films) {
  await drop(page, films);
  return areRead(page, films);
}

/** @param {Page} page @param {Film[]} films @returns {Promise<(string | null)[]>} the back-end of each */
async function areRead(page, films) {
  await allSettled(page, films.length);
  const rows = page.locator('.row');
  assert.deepEqual(
    await rows.locator('.row-name').allTextContents(),
    films.map(({ name }) => name),
    'in their order',
  );
  const backends = [];
  for (const [k, { report }] of films.entries()) {
    assert.equal(await rows.nth(k).getAttribute('data-state'), 'done', `film ${k + 1}`);
    await rows.nth(k).locator('.row-open').click();
    await settled(page, 'done');
    // A worker may decode the film again for its pictures; that worker is then busy.
    await page.locator('.viewer:is([data-state="shown"], [data-state="gone"])').waitFor();
    backends.push(await isAsByCli(page, report));
  }
  return backends;
}

test('where there is no adapter, the SIMD kernels read, and the page says why', async () => {
  visit = await open(plain, site);
  const { page, complaints } = visit;
  assert.deepEqual(await attempts(page), [
    ['webgpu', 'failed', 'no_adapter'],
    ['simd', 'chosen', null],
  ]);
  assert.match(await why(page), /There is no graphics adapter for WebGPU/);
  assert.deepEqual(await readAll(page, batch), Array(3).fill('simd'));
  assert.deepEqual(await notices(page), []);
  assert.deepEqual(complaints, []);
});

test('a software adapter is passed over, and the page says why', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  assert.deepEqual(await attempts(page), [
    ['webgpu', 'passed_over', 'software_adapter'],
    ['simd', 'chosen', null],
  ]);
  assert.match(await why(page), /WebGPU: passed over\. The adapter \(\w.*\) is software that runs on the processor/);
  assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['simd']);
  assert.deepEqual(await notices(page), []);
});

for (const [backend, line] of /** @type {[string, RegExp][]} */ ([
  ['webgpu', /^Runs on WebGPU \(.*swiftshader.*\)$/i],
  ['simd', /^Runs on this processor/],
  ['candle', /^Runs on candle/],
])) {
  test(`the address asks for ${backend}, and it reads as the command-line program does`, async () => {
    visit = await open(browser, site, { query: `?backend=${backend}` });
    const { page, complaints } = visit;
    assert.deepEqual(await attempts(page), [[backend, 'chosen', null]]);
    assert.match(await page.locator('#engine-backend').innerText(), line);
    const films = backend === 'webgpu' ? batch.slice(0, 2) : batch;
    assert.deepEqual(await readAll(page, films), Array(films.length).fill(backend));
    if (backend === 'webgpu') assert.match(await page.locator('.about [data-backend]').innerText(), /swiftshader/i);
    assert.deepEqual(await notices(page), []);
    assert.deepEqual(complaints, []);
  });
}

test('the address asks for a back-end that there is not: a notice names it, and films are read', async () => {
  visit = await open(browser, site, { query: '?backend=abacus' });
  const { page } = visit;
  assert.deepEqual((await attempts(page))[0], [null, 'failed', 'unknown_name']);
  assert.deepEqual(await notices(page), ['not-as-asked']);
  assert.match(await page.locator('[data-notice]').innerText(), /“abacus” could not be used/);
  assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['simd']);
});

/** An adapter that does not report that it is software. */
const DISGUISE = `
  const say = { vendor: 'acme', architecture: 'rocket', device: '', description: '', isFallbackAdapter: false };
  for (const [key, value] of Object.entries(say)) Object.defineProperty(GPUAdapterInfo.prototype, key, { get: () => value });`;

test('an adapter that does not say that it is software is timed, and passed over for what is faster', async () => {
  change(DISGUISE);
  visit = await open(browser, site);
  const { page } = visit;
  assert.deepEqual(await attempts(page), [
    ['webgpu', 'passed_over', 'slower'],
    ['simd', 'chosen', null],
  ]);
  assert.match(await why(page), /It works, but takes \d+\.\d ms for what the processor does in \d+\.\d ms/);
  assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['simd']);
  assert.deepEqual(await notices(page), []);
});

test('an adapter that is faster is chosen by itself', async () => {
  // Stops the clock while the adapter works for the first two times, with both networks. The other tiles are then slower.
  change(`${DISGUISE}
    const now = performance.now.bind(performance);
    let [waited, runs] = [0, 0];
    performance.now = () => now() - waited;
    around(GPUBuffer, 'mapAsync', async (real, ...args) => {
      const start = now();
      await real(...args);
      if (++runs <= 4) waited += now() - start;
    });`);
  visit = await open(browser, site);
  const { page } = visit;
  assert.deepEqual(await attempts(page), [['webgpu', 'chosen', null]]);
  assert.equal(await page.locator('#engine-backend').innerText(), 'Runs on WebGPU (acme rocket)');
  assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['webgpu']);
});

/** @param {string} code what the shader's code is to be, of the code that it is */
const shaders = (code) => `around(GPUDevice, 'createShaderModule', (real, { code, ...rest }) => real({ ...rest, code: ${code} }));`;

/** What the n-th of the error scopes caught. @param {number} nth @param {string} error */
const scopes = (nth, error) => `let pops = 0; around(GPUDevice, 'popErrorScope', async (real) => (await real(), ++pops === ${nth} ? ${error} : null));`;

for (const { what, code, kind, words } of [
  { what: 'the browser has no WebGPU', code: `delete WorkerNavigator.prototype.gpu;`, kind: 'no_adapter', words: /no WebGPU/ },
  { what: 'there is no adapter', code: `around(GPU, 'requestAdapter', async () => null);`, kind: 'no_adapter', words: /is no g/ },
  { what: 'an adapter is refused', code: `around(GPU, 'requestAdapter', refuse);`, kind: 'no_adapter', words: /is no g/ },
  { what: 'an adapter never comes', code: `around(GPU, 'requestAdapter', never);`, kind: 'timed_out', words: /not answer/ },
  { what: 'the device is refused', code: `around(GPUAdapter, 'requestDevice', refuse);`, kind: 'no_device', words: /gave no/ },
  {
    what: 'the device is lost at once',
    code: `around(GPUAdapter, 'requestDevice', async (real, ...args) => {
      const device = await real(...args);
      device.destroy();
      return device;
    });`,
    kind: 'lost',
    words: /was lost/,
  },
  { what: 'a shader does not compile', code: shaders(`code.replace('fn main', 'fn')`), kind: 'shader', words: /refused: \w/ },
  {
    what: 'a buffer is larger than allowed',
    code: `around(GPUDevice, 'createBuffer', (real, buffer) => real({ ...buffer, size: 2 ** 50 }));`,
    kind: 'shader',
    words: /refused: .*size/,
  },
  {
    what: 'memory does not suffice',
    code: scopes(2, `new GPUOutOfMemoryError('full')`),
    kind: 'out_of_memory',
    words: /not enough memory/,
  },
  { what: 'the driver fails', code: scopes(3, `new GPUInternalError('oops')`), kind: 'shader', words: /refused: oops/ },
  {
    what: 'a shader computes something else',
    code: shaders(`code.replace('shape.relu == 1', 'true')`),
    kind: 'self_test',
    words: /known film is off by/,
  },
  { what: 'no answer comes', code: `around(GPUBuffer, 'mapAsync', never);`, kind: 'timed_out', words: /does not answer/ },
]) {
  test(`WebGPU is asked for, but ${what}: one notice, and the SIMD kernels read`, async () => {
    change(code);
    visit = await open(browser, site, { query: '?backend=webgpu' });
    const { page } = visit;
    assert.deepEqual(
      await attempts(page),
      [
        ['webgpu', 'failed', kind],
        ['simd', 'chosen', null],
      ],
      await why(page),
    );
    assert.match(await why(page), words);
    assert.deepEqual(await notices(page), ['not-as-asked']);
    assert.match(await page.locator('[data-notice]').innerText(), words);
    assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['simd']);
  });
}

/** @param {import('playwright-core').Worker} worker */
const loseDevice = (worker) => worker.evaluate(() => /** @type {any} */ (globalThis).seen.device.destroy());

/** @param {string} condition */
const destroyWhile = (condition) => `around(GPUBuffer, 'mapAsync', (real, ...args) => {
  const mapped = real(...args);
  if (${condition}) seen.device.destroy();
  return mapped;
});`;

/** @param {string} call */
const onFirstFilm = (call) => `around(GPUBuffer, 'mapAsync', (real, ...args) => (isRun(1, 1) ? ${call} : real(...args)));`;

// A film takes the software adapter many seconds, so it reads one in only one of these batches before the device fails.
for (const { what, code, kind, after = 0 } of [
  { what: 'the device is lost during the first network’s run', code: destroyWhile('isRun(2, 1)'), kind: 'lost', after: 1 },
  { what: 'the device is lost during the second network’s run', code: destroyWhile('isRun(1, 2)'), kind: 'lost' },
  { what: 'the answer cannot be read', code: onFirstFilm('refuse()'), kind: 'lost' },
  { what: 'the answer never comes', code: onFirstFilm('never()'), kind: 'timed_out' },
  {
    what: 'the film does not reach the device',
    code: `around(GPUQueue, 'writeBuffer', (real, buffer, offset, ...rest) =>
      real(buffer, isRun(1, 1) ? 2 ** 40 : offset, ...rest));`,
    kind: 'shader',
  },
  {
    what: 'the commands are refused',
    code: `around(GPUCommandEncoder, 'copyBufferToBuffer', (real, from, offset, ...rest) =>
      real(from, isRun(1, 2) ? 2 ** 40 : offset, ...rest));`,
    kind: 'shader',
  },
  {
    what: 'something else is refused',
    code: `around(GPUDevice, 'createCommandEncoder', function (real, ...args) {
      if (isRun(1, 1)) this.createBuffer({ size: 4, usage: 0 });
      return real(...args);
    });`,
    kind: 'shader',
  },
  {
    what: 'the driver fails',
    code: `around(GPUDevice, 'createCommandEncoder', function (real, ...args) {
      const error = new GPUInternalError('oops');
      if (isRun(1, 1)) this.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
      return real(...args);
    });`,
    kind: 'shader',
  },
]) {
  test(`in a batch ${what}: one notice, and every film is read as if nothing had been`, async () => {
    change(code);
    visit = await open(browser, site, { query: '?backend=webgpu', cores: 1 });
    const { page } = visit;
    const films = batch.slice(1 - after);
    assert.deepEqual(
      await readAll(page, films),
      films.map((_, k) => (k < after ? 'webgpu' : 'simd')),
    );
    assert.deepEqual(await attempts(page), [
      ['webgpu', 'chosen', null],
      ['webgpu', 'lost', kind],
      ['simd', 'chosen', null],
    ]);
    assert.deepEqual(await notices(page), ['changed']);
    assert.equal(page.workers().length, 1);
  });
}

test('WebGPU takes the program with it: the page starts it once more, without', async () => {
  site.change['reader/wasm.js'] = (bytes) => ({
    type: 'text/javascript',
    body: `${bytes}
      const create = Classifier.create;
      Classifier.create = (manifest, weights, backend) => {
        if (backend === 'simd') return create.call(Classifier, manifest, weights, backend);
        setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); });
        return new Promise(() => {});
      };`,
  });
  visit = await open(browser, site, { query: '?backend=webgpu' });
  const { page } = visit;
  await page.locator('#engine-compute[data-backend="simd"]').waitFor();
  assert.equal(await page.locator('#engine-attempts li').first().getAttribute('data-kind'), 'trap');
  await page.locator('[data-notice="not-as-asked"]').waitFor();
  await choose(page, films.small);
  await settled(page, 'done');
});

test('WebGPU takes the program with it while a film is read: another worker reads that film, without', async () => {
  site.change['reader/wasm.js'] = (bytes) => ({
    type: 'text/javascript',
    body: `${bytes}
      const read = Classifier.prototype.classify;
      let films = 0;
      Classifier.prototype.classify = function (path, bytes) {
        if (++films < 2 || this.compute().backend !== 'webgpu') return read.call(this, path, bytes);
        setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); });
        return new Promise(() => {});
      };`,
  });
  visit = await open(browser, site, { query: '?backend=webgpu', cores: 1 });
  const { page } = visit;
  await choose(page, [films.small, films.judged, films.jpeg]);
  await allSettled(page, 3);
  assert.deepEqual(await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state'))), ['done', 'done', 'done']);
  await page.locator('#engine-compute[data-backend="simd"]').waitFor();
  assert.equal(await page.locator('[data-notice="changed"]').count(), 1);
});

test('the device is lost while no film is read: one notice, and the next films are read', async () => {
  change('');
  visit = await open(browser, site, { query: '?backend=webgpu', cores: 1 });
  const { page } = visit;
  assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['webgpu']);
  await loseDevice(page.workers()[0]);
  await drop(page, batch.slice(1));
  assert.deepEqual(await areRead(page, batch), ['webgpu', 'simd', 'simd']);
  assert.deepEqual(await attempts(page), [
    ['webgpu', 'chosen', null],
    ['webgpu', 'lost', 'lost'],
    ['simd', 'chosen', null],
  ]);
  assert.deepEqual(await notices(page), ['changed']);
});

test('the browser’s process for graphics dies in the middle of a batch: one notice, and every film is read', async () => {
  const mortal = await launch(SOFTWARE_WEBGPU);
  try {
    visit = await open(mortal, site, { query: '?backend=webgpu', cores: 1 });
    const { page } = visit;
    assert.deepEqual(await readAll(page, batch.slice(0, 1)), ['webgpu']);
    const { processInfo } = await (await mortal.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
    const graphics = processInfo.find(({ type }) => type === 'GPU');
    assert.ok(graphics);
    await drop(page, batch.slice(1));
    process.kill(graphics.id, 'SIGKILL');
    const [, , last] = await areRead(page, batch);
    assert.equal(last, 'simd');
    assert.deepEqual(await attempts(page), [
      ['webgpu', 'chosen', null],
      ['webgpu', 'lost', 'lost'],
      ['simd', 'chosen', null],
    ]);
    assert.deepEqual(await notices(page), ['changed']);
  } finally {
    await mortal.close();
  }
});

test('two workers read by WebGPU; one loses its device and the other goes on, then both have lost it: one notice', async () => {
  change(`
    const channel = new BroadcastChannel('gate');
    seen.gate = new Promise((resolve) => channel.addEventListener('message', resolve, { once: true }));`);
  // On the software adapter one worker may read for longer than another is kept idle.
  site.change['reader/pool.js'] = (bytes) => {
    const body = `${bytes}`.replace('const IDLE_MS = 30_000;', 'const IDLE_MS = 3e6;');
    assert.notEqual(body, `${bytes}`, 'pool.js says otherwise how long a worker is kept');
    return { type: 'text/javascript', body };
  };
  visit = await open(browser, site, { query: '?backend=webgpu', cores: 2 });
  const { page } = visit;
  const [a, b, c, d, e, f] = [...batch, ...batch].map((film, k) => ({ ...film, name: `film-${k + 1}` }));
  await drop(page, [a, b]);
  await page.locator('.row[data-state="reading"]').nth(1).waitFor();
  await page.evaluate(() => {
    const gate = new BroadcastChannel('gate');
    setInterval(() => gate.postMessage('open'), 20);
  });
  assert.deepEqual(await areRead(page, [a, b]), ['webgpu', 'webgpu']);
  const [first, second] = page.workers();
  assert.deepEqual(await notices(page), []);

  await loseDevice(second);
  await drop(page, [c, d]);
  const [, , ...two] = await areRead(page, [a, b, c, d]);
  assert.deepEqual(two.sort(), ['simd', 'webgpu']);
  assert.deepEqual(await attempts(page), [
    ['webgpu', 'chosen', null],
    ['webgpu', 'lost', 'lost'],
    ['simd', 'chosen', null],
  ]);
  assert.deepEqual(await notices(page), ['changed']);

  // The other worker loses it for another reason.
  await first.evaluate(() => void (/** @type {any} */ (globalThis).seen.device.createBuffer({ size: 4, usage: 0 })));
  await drop(page, [e, f]);
  assert.deepEqual((await areRead(page, [a, b, c, d, e, f])).slice(4), ['simd', 'simd']);
  assert.deepEqual((await attempts(page))[1], ['webgpu', 'lost', 'shader']);
  assert.deepEqual(await notices(page), ['changed']);
});

// Faults from outside: workers are ended, the model is damaged, memory is refused, caches are dropped, tabs are frozen, disks are full. The
// page recovers, or says what to do; results stay, and waiting films are read. Faults of servers are in recovery.test.mjs, those of the
// graphics processor in engine.test.mjs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { english } from '../../www/text/en.js';
import { HOLD, release, states, TRAP } from './held.mjs';
import { CATALOGUES } from './languages.mjs';
import { png } from './made.mjs';
import { allSettled, append, browser, check, choose, drop, filmRows, films, inState, kept, listed, open, publish, settled } from './support.mjs';
import { DIST, sha256, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Buffer} */
let small;
/** @type {Buffer} */
let judged;

suite({
  prepare: async () => {
    [small, judged] = await Promise.all([films.small, films.judged].map((file) => readFile(file)));
  },
});

/** @param {string} name @param {number} count */
const copies = (name, count) => Array.from({ length: count }, (_, k) => ({ name: `${name}-${k + 1}.png`, bytes: small }));

/** Records every worker that the page starts: `killWorkers` ends them without telling the page. @param {Page} page */
const workersInReach = (page) =>
  page.addInitScript(() => {
    /** @type {Worker[]} */
    const workers = [];
    const { terminate } = Worker.prototype;
    const killWorkers = () => {
      for (const worker of workers.splice(0)) terminate.call(worker);
    };
    Object.assign(globalThis, { killWorkers });
    globalThis.Worker = class extends Worker {
      /** @param {string | URL} url @param {WorkerOptions} options */
      constructor(url, options) {
        super(url, options);
        workers.push(this);
      }
    };
  });

/** @param {Page} page */
const killWorkers = (page) => page.evaluate(() => /** @type {any} */ (globalThis).killWorkers());

test('workers are killed in the middle of a batch, and the page hears nothing of it: every film is read all the same', async () => {
  site.change['reader/wasm.js'] = append(HOLD);
  const { page, complaints } = await open(browser, site, { cores: 2, before: workersInReach });
  await drop(page, [...copies('free', 2), ...copies('held', 2), ...copies('later', 4)]);
  await inState(page, 'done', 2);
  await inState(page, 'reading', 2);
  await killWorkers(page);
  // Interrupted films wait for another worker, once.
  await inState(page, 'done', 6);
  await release(page);
  await inState(page, 'done', 8);
  assert.equal(await page.locator('[data-start-failure]').count(), 0);
  assert.deepEqual(complaints, []);
});

test('a film under which the worker is killed twice says so; finished results stay, and the others are read', async () => {
  site.change['reader/wasm.js'] = append(`
    const read = Classifier.prototype.classify;
    Classifier.prototype.classify = async function (path, ...rest) {
      if (path === 'ill.png') { self.close(); await new Promise(() => {}); }
      return read.call(this, path, ...rest);
    };`);
  const { page } = await open(browser, site, { cores: 1 });
  await drop(page, [...copies('before', 1), { name: 'ill.png', bytes: small }, ...copies('later', 2)]);
  await allSettled(page, 4);
  assert.deepEqual(await states(page), ['done', 'failed', 'done', 'done']);
  await page.locator('.row-open').nth(1).click();
  await page.locator('[data-error="crashed"]').waitFor();
  await page.getByRole('button', { name: 'Try this film again' }).waitFor();
});

test('a worker that is killed while it has nothing to do is missed by nobody', async () => {
  const { page } = await open(browser, site, { cores: 1, before: workersInReach });
  await choose(page, films.judged);
  await settled(page, 'done');
  await killWorkers(page);
  await page.waitForFunction(() => navigator.locks.query().then(({ held }) => held?.length === 0));
  await choose(page, films.small);
  await inState(page, 'done', 2);
});

/** Makes the page's ticks shorter. @param {Page} page @param {number} factor */
const quickly = (page, factor) =>
  page.addInitScript((factor) => {
    const { setInterval } = globalThis;
    Object.assign(globalThis, { setInterval: (/** @type {() => void} */ call, /** @type {number} */ ms) => setInterval(call, ms / factor) });
  }, factor);

test('a worker that is killed before it runs is started again, the first as well as a further one', async () => {
  const { page } = await open(browser, site, {
    cores: 2,
    before: async (page) => {
      await quickly(page, 20);
      await page.addInitScript(() => {
        let count = 0;
        globalThis.Worker = class extends Worker {
          /** @param {string | URL} url @param {WorkerOptions} options */
          constructor(url, options) {
            super(url, options);
            if (++count % 2) this.terminate();
          }
        };
      });
    },
  });
  await drop(page, copies('film', 6));
  await inState(page, 'done', 6);
});

/** The real program, but a film called endless.png keeps it busy for ever. */
const ENDLESS = `
  const read = Classifier.prototype.classify;
  Classifier.prototype.classify = function (path, ...rest) {
    while (path === 'endless.png') {}
    return read.call(this, path, ...rest);
  };`;

test('a film that a worker never finishes fails; the others are read', async () => {
  site.change['reader/wasm.js'] = append(ENDLESS);
  const { page } = await open(browser, site, { cores: 1, before: (page) => quickly(page, 15) });
  await drop(page, [...copies('before', 1), { name: 'endless.png', bytes: small }, ...copies('later', 2)]);
  await allSettled(page, 4);
  assert.deepEqual(await states(page), ['done', 'failed', 'done', 'done']);
  await page.locator('.row-open').nth(1).click();
  assert.match(await page.locator('[data-error="crashed"]').innerText(), /Detail: the worker gave no answer for 180 seconds/);
});

for (const { button, left } of [
  { button: 'Cancel', left: ['done', 'cancelled', 'cancelled'] },
  { button: 'Clear all', left: [] },
]) {
  test(`a film that a worker never finishes, “${button}”: the next films are read`, async () => {
    site.change['reader/wasm.js'] = append(ENDLESS);
    const { page } = await open(browser, site, { cores: 1, before: (page) => quickly(page, 5) });
    await drop(page, [...copies('before', 1), { name: 'endless.png', bytes: small }, ...copies('later', 1)]);
    await inState(page, 'done', 1);
    await inState(page, 'reading', 1);
    await page.getByRole('button', { name: button }).click();
    await drop(page, copies('next', 2));
    await inState(page, 'done', left.filter((state) => state === 'done').length + 2);
    assert.deepEqual(await states(page), [...left, 'done', 'done']);
  });
}

test('a worker that never finishes starting is given up, and another try reads the film', async () => {
  site.change['reader/wasm.js'] = append('Classifier.create = function () { for (;;) {} };');
  const { page } = await open(browser, site, { cores: 1, until: 'failed', before: (page) => quickly(page, 10) });
  // It may have begun before it could hold its lock.
  assert.match(await page.locator('[data-start-failure]').innerText(), /Detail: the worker (has ended|gave no answer for 180 seconds)/);
  delete site.change['reader/wasm.js'];
  await choose(page, films.judged);
  await settled(page, 'done');
});

test('the program itself traps, out of its memory’s bounds: the film says so, and the others are read', async () => {
  site.change['reader/wasm.js'] = append(TRAP);
  const { page } = await open(browser, site, { cores: 2 });
  await drop(page, [{ name: 'ill.png', bytes: small }, ...copies('later', 4)]);
  await allSettled(page, 5);
  assert.deepEqual(await states(page), ['failed', 'done', 'done', 'done', 'done']);
  await page.locator('.row-open').first().click();
  const failure = page.locator('[data-error="crashed"]');
  await failure.waitFor();
  assert.match(await failure.innerText(), /The reader stopped while it read this film\. It has started afresh/);
  assert.match(await failure.innerText(), /Detail: .*(bounds|unreachable)/);
});

/** @param {Buffer} bytes @param {number} at @returns {Buffer} */
function withBit(bytes, at) {
  const changed = Buffer.from(bytes);
  changed[at] ^= 1;
  return changed;
}

/** @param {Buffer} bytes @param {(manifest: any) => void} change */
function withManifest(bytes, change) {
  const manifest = JSON.parse(bytes.toString());
  change(manifest);
  return { type: 'application/json', body: JSON.stringify(manifest) };
}

const WEIGHTS = 'models/convnet.safetensors';
const MANIFEST = 'models/manifest.json';
const PROGRAM = 'reader/wasm_bg.wasm';
const half = (/** @type {Buffer} */ bytes) => bytes.subarray(0, bytes.length >> 1);

/** @type {{what: string, file: string, change: (bytes: Buffer) => import('./support.mjs').Answer, kind: string}[]} */
const DAMAGES = [
  { what: 'one bit of the weights is another', file: WEIGHTS, change: (bytes) => ({ body: withBit(bytes, bytes.length >> 1) }), kind: 'model' },
  {
    what: 'one bit of what the model was calibrated to is another',
    file: MANIFEST,
    // A digit is replaced by another digit.
    change: (bytes) => ({ type: 'application/json', body: withBit(bytes, bytes.indexOf('convnet_scale') + 19) }),
    kind: 'model',
  },
  { what: 'half of the weights came', file: WEIGHTS, change: (bytes) => ({ body: half(bytes) }), kind: 'model' },
  { what: 'the connection broke in the middle of the weights', file: WEIGHTS, change: (bytes) => ({ body: half(bytes), isCut: true }), kind: 'fetch' },
  {
    what: 'the connection broke in the middle of the program',
    file: PROGRAM,
    change: (bytes) => ({ type: 'application/wasm', body: half(bytes), isCut: true }),
    kind: 'fetch',
  },
  { what: 'half of the program came', file: PROGRAM, change: (bytes) => ({ type: 'application/wasm', body: half(bytes) }), kind: 'wasm' },
  {
    what: 'the manifest is another version’s',
    file: MANIFEST,
    change: (bytes) => withManifest(bytes, (manifest) => Object.assign(manifest, { version: '99.0.0' })),
    kind: 'model',
  },
];

for (const { what, file, change, kind } of DAMAGES) {
  test(`${what}: the page says what to do, and another try reads the film, past the browser’s cache`, async () => {
    // The browser need not ask again for a day, and does not.
    const headers = { 'cache-control': 'max-age=86400' };
    site.change[file] = (bytes) => ({ ...change(bytes), headers });
    const { page } = await open(browser, site, { until: 'failed' });
    const notice = page.locator(`[data-start-failure="${kind}"]`);
    await notice.waitFor();
    assert.ok((await notice.innerText()).includes(english.engine.failed(kind)));
    await choose(page, films.judged);
    await page.getByText('One film is waiting and is not lost.').waitFor();
    delete site.change[file];
    await page.getByRole('button', { name: 'Try again' }).click();
    await settled(page, 'done');
    assert.equal(await notice.count(), 0);
  });
}

test('the program is another version’s than its scripts: the page says so', async () => {
  site.change['reader/wasm.js'] = (bytes) => ({
    type: 'text/javascript',
    body: bytes.toString().replaceAll(/__wbg_(\w+?)_([0-9a-f]{16})/g, '__wbg_$1_0123456789abcdef'),
  });
  const { page } = await open(browser, site, { until: 'failed' });
  await page.locator('[data-start-failure="wasm"]').waitFor();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
});

const REFUSE = `throw new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance');`;

test('memory is refused at the start: the page says so, and reads after another try', async () => {
  site.change['reader/wasm.js'] = append(`WebAssembly.instantiate = async () => { ${REFUSE} };`);
  const { page } = await open(browser, site, { until: 'failed' });
  const notice = page.locator('[data-start-failure="memory"]');
  await notice.waitFor();
  assert.match(await notice.innerText(), /too little memory\. Close other tabs and programs, then try again/);
  delete site.change['reader/wasm.js'];
  await choose(page, films.judged);
  await page.getByRole('button', { name: 'Try again' }).click();
  await settled(page, 'done');
});

test('memory is refused to every worker but the first: that one reads', async () => {
  site.change['reader/wasm.js'] = append(`if (self.name !== 'first') WebAssembly.instantiate = async () => { ${REFUSE} };`);
  const { page } = await open(browser, site, {
    cores: 3,
    before: (page) =>
      page.addInitScript(() => {
        let name = 'first';
        globalThis.Worker = class extends Worker {
          /** @param {string | URL} url @param {WorkerOptions} options */
          constructor(url, options) {
            super(url, { ...options, name });
            name = 'another';
          }
        };
      }),
  });
  await drop(page, copies('film', 6));
  await inState(page, 'done', 6);
  assert.equal(await page.locator('[data-start-failure]').count(), 0);
  assert.equal(page.workers().length, 1);
});

/**
 * The program with a memory limit, in pages of 64 KiB, written into its section 5.
 * @param {Buffer} bytes
 * @param {number} most
 */
function withMemory(bytes, most) {
  const number = (/** @type {number} */ at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7, at++) {
      value |= (bytes[at] & 0x7f) << shift;
      if (!(bytes[at] & 0x80)) return { value, end: at + 1 };
    }
  };
  const leb = (/** @type {number} */ value) => {
    const out = [];
    for (; value > 0x7f; value >>= 7) out.push((value & 0x7f) | 0x80);
    return Buffer.from([...out, value]);
  };
  for (let at = 8; at < bytes.length; ) {
    const size = number(at + 1);
    if (bytes[at] === 5) {
      const least = number(size.end + 2).value;
      assert.ok(least < most, `the program begins with ${least} pages`);
      const section = Buffer.concat([Buffer.from([1, 1]), leb(least), leb(most)]);
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([5]), leb(section.length), section, bytes.subarray(size.end + size.value)]);
    }
    at = size.end + size.value;
  }
  throw new Error('the program has no memory');
}

test('memory is refused for a huge film: it says so, smaller ones are read, and fewer workers ask for less', async () => {
  // 64 MiB are enough for a small film.
  site.change[PROGRAM] = (bytes) => ({ type: 'application/wasm', body: withMemory(bytes, 1024) });
  const { page } = await open(browser, site, { cores: 2 });
  const huge = png({ width: 7000, height: 7000, pixels: new Uint8Array(7000 * 7000).map((_, k) => (k * 7) & 0xff) });
  await drop(page, [...copies('before', 2), { name: 'huge.png', bytes: huge }, ...copies('later', 4)]);
  await allSettled(page, 7);
  assert.deepEqual(await states(page), ['done', 'done', 'failed', 'done', 'done', 'done', 'done']);
  assert.equal((await filmRows(page))[2].text, 'Too little memory');
  await page.locator('.row-open').nth(2).click();
  const failure = page.locator('[data-error="memory"]');
  await failure.waitFor();
  assert.match(await failure.innerText(), /too little memory to read this film\. Close other tabs and programs and try the film again, or export it smaller/);
  await page.getByRole('button', { name: 'Try this film again' }).waitFor();
  assert.ok(page.workers().length <= 1, `${page.workers().length} workers`);
  await check(page, 'memory-1280');
});

test('each failure of these is said in every language, with what to do', () => {
  for (const { result, engine, export: file } of Object.values(CATALOGUES)) {
    for (const kind of ['crashed', 'memory']) assert.match(result.failed({ kind, message: '' }), /\. .*\.$/);
    for (const kind of ['fetch', 'worker', 'wasm', 'model', 'memory']) assert.match(engine.failed(kind), /[.:] .*\.$/, kind);
    assert.match(file.failed, /\. .*\. .*\.$/);
  }
});

/** @param {Page} page @param {string[]} names files to be dropped from what is kept @param {boolean} [all] */
const evict = (page, names, all = false) =>
  page.evaluate(
    async ({ names, all }) => {
      for (const name of await caches.keys()) {
        if (all) await caches.delete(name);
        else for (const file of names) if (!(await (await caches.open(name)).delete(new URL(file, location.href)))) throw new Error(`${file} was not kept`);
      }
    },
    { names, all },
  );

/** @param {Page} page */
const ready = (page) => page.locator('#engine[data-state="ready"]').waitFor();

/** @param {Page} page */
const allIsKept = async (page) => {
  const files = { ...(await listed()).files };
  // Chromium runs the program with relaxed SIMD.
  delete files[PROGRAM];
  for (let tries = 0; ; tries++) {
    const [cache = {}] = Object.values(await kept(page));
    if (JSON.stringify(Object.values(cache).sort()) === JSON.stringify(Object.values(files).sort())) return;
    if (tries === 100) assert.fail('not all is kept again');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

for (const { what, names, all } of [
  { what: 'some of what was kept', names: ['films/queue.js', WEIGHTS, 'ui/base.css'], all: false },
  { what: 'all that was kept', names: [], all: true },
]) {
  test(`the browser drops ${what}: with the network the page opens and keeps it again`, async () => {
    const { page, context } = await open(browser, site, { keeps: true });
    await evict(page, names, all);
    await page.reload();
    await ready(page);
    await allIsKept(page);
    await page.locator('#offline[data-state="kept"]').waitFor();
    await context.setOffline(true);
    await page.reload();
    await ready(page);
    await choose(page, films.judged);
    await settled(page, 'done');
  });
}

test('without the network the page says which part is missing, and what to do; with it, the film that waits is read', async () => {
  const { page, context } = await open(browser, site, { keeps: true });
  await evict(page, [WEIGHTS]);
  await context.setOffline(true);
  await page.reload();
  const notice = page.locator('[data-start-failure="fetch"]');
  await notice.waitFor();
  assert.match(await notice.innerText(), /A file of this page could not be loaded\. Check the network and try again\..*convnet\.safetensors/s);
  await choose(page, films.judged);
  await page.getByText('One film is waiting and is not lost.').waitFor();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await settled(page, 'done');
  await allIsKept(page);
});

for (const { locale, words } of [
  { locale: 'en-GB', words: /A part of this page did not load.*Check the network and load the page again/s },
  { locale: 'de-DE', words: /Ein Teil dieser Seite wurde nicht geladen.*Bitte das Netz prüfen und die Seite neu laden/s },
]) {
  test(`without the network and without one of its modules the page says so, and opens when the network is back: ${locale}`, async () => {
    const { page, context } = await open(browser, site, { keeps: true, context: { locale } });
    await evict(page, ['films/queue.js']);
    await context.setOffline(true);
    await page.reload();
    const notice = page.locator('#not-whole');
    await notice.waitFor();
    assert.match(await notice.innerText(), words);
    await check(page, `not-whole-${locale}-1280`);
    await page.setViewportSize({ width: 360, height: 780 });
    await check(page, `not-whole-${locale}-360`);
    await context.setOffline(false);
    await notice.getByRole('link').click();
    await ready(page);
  });
}

test('some of what was kept is gone and the host has a newer version: the page opens as the newer one, whole', async () => {
  const { page } = await open(browser, site, { keeps: true });
  await publish(site, 'A newer one');
  site.change['films/queue.js'] = (bytes) => ({ type: 'text/javascript', body: `${bytes}\n// newer\n` });
  await evict(page, ['films/queue.js']);
  await page.reload();
  await page.getByRole('heading', { name: 'A newer one', level: 1 }).waitFor();
  await ready(page);
  await choose(page, films.judged);
  await settled(page, 'done');
});

test('what was kept is damaged: another try takes it from the host, and keeps that', async () => {
  const { page } = await open(browser, site, { keeps: true });
  await page.evaluate(async (file) => {
    const [name] = await caches.keys();
    const cache = await caches.open(name);
    const bytes = new Uint8Array((await (await cache.match(new URL(file, location.href)))?.arrayBuffer()) ?? new ArrayBuffer());
    bytes[bytes.length >> 1] ^= 1;
    await cache.put(new URL(file, location.href), new Response(bytes));
  }, WEIGHTS);
  await page.reload();
  await page.locator('[data-start-failure="model"]').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await ready(page);
  await allIsKept(page);
});

for (const { file, what } of [
  { file: 'main.js', what: 'its own script' },
  { file: 'films/queue.js', what: 'a module' },
  { file: '.', what: 'the page itself' },
  { file: 'from-disk.js', what: 'the script of notices' },
  { file: 'ui/base.css', what: 'its style' },
]) {
  test(`what was kept of the page is damaged, ${what}: with the network it mends itself`, async () => {
    const { page } = await open(browser, site, { keeps: true });
    const fontOf = () => page.evaluate(() => getComputedStyle(document.body).fontFamily);
    const font = await fontOf();
    await cut(page, file);
    await page.reload();
    await ready(page);
    await allIsKept(page);
    // A style is mended for the next visit.
    await page.reload();
    await ready(page);
    assert.equal(await fontOf(), font);
    await choose(page, films.judged);
    await settled(page, 'done');
  });
}

/** Keeps none of a file's bytes. @param {Page} page @param {string} file */
const cut = (page, file) =>
  page.evaluate(async (file) => {
    const [name] = await caches.keys();
    const cache = await caches.open(name);
    const { headers } = (await cache.match(new URL(file, location.href))) ?? {};
    await cache.put(new URL(file, location.href), new Response('', { headers }));
  }, file);

test('the disk is full: the page is not kept, says so and reads', async () => {
  const { page } = await open(browser, site, {
    keeps: true,
    before: async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 100_000 });
    },
  });
  assert.equal(await page.locator('#offline').getAttribute('data-state'), 'not-kept');
  await choose(page, films.judged);
  await settled(page, 'done');
});

for (const { what, fault } of [
  {
    what: 'there is no room for the file',
    fault: () => {
      globalThis.Blob = class extends Blob {
        stream() {
          return new ReadableStream({ pull: (controller) => controller.error(new DOMException('no room', 'NotReadableError')) });
        }
      };
    },
  },
  {
    what: 'a file cannot be made',
    fault: () => {
      const real = globalThis.Blob;
      globalThis.Blob = /** @type {any} */ (
        class {
          constructor() {
            globalThis.Blob = real;
            throw new RangeError('Array buffer allocation failed');
          }
        }
      );
    },
  },
]) {
  test(`export: ${what}: the page says so, the result stays, is not taken for saved, and another try saves it`, async () => {
    const { page } = await open(browser, site);
    await choose(page, films.judged);
    await settled(page, 'done');
    await page.evaluate(() => Object.assign(globalThis, { realBlob: Blob }));
    await page.evaluate(fault);
    await page.locator('#films-export').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save file' }).click();
    const said = page.getByRole('dialog', { name: 'The file could not be made' });
    await said.waitFor();
    assert.match(await said.innerText(), /no room for it\. Free space on the disk or close other tabs, and save again\. The results are still on this page\./);
    await check(page, 'no-room-1280');
    await said.getByRole('button', { name: 'Close' }).click();
    const isAskedFor = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
    assert.equal(await isAskedFor(), true, 'the page would ask before it is left');
    await page.evaluate(() => Object.assign(globalThis, { Blob: /** @type {any} */ (globalThis).realBlob }));
    const download = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Save file' }).click();
    await download;
    await page.waitForFunction(() => document.querySelectorAll('dialog[open]').length === 0);
    assert.equal(await isAskedFor(), false);
    assert.equal(await page.locator('#result').getAttribute('data-state'), 'done');
  });
}

test('a tab in the background, hidden, throttled and then frozen for a while, goes on where it was', async () => {
  site.change['reader/wasm.js'] = append(HOLD);
  const { page, context, complaints } = await open(browser, site, { cores: 2, before: (page) => page.clock.install() });
  const session = await context.newCDPSession(page);
  await drop(page, [...copies('free', 2), ...copies('held', 2), ...copies('later', 4), { name: 'judged.png', bytes: judged }]);
  await inState(page, 'done', 2);
  await inState(page, 'reading', 2);
  // No frame is drawn, as in a hidden tab.
  await page.evaluate(() => {
    const { requestAnimationFrame: real } = globalThis;
    /** @type {FrameRequestCallback[]} */
    const asked = [];
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
    globalThis.requestAnimationFrame = (call) => asked.push(call);
    Object.assign(globalThis, {
      show() {
        delete (/** @type {any} */ (document).visibilityState);
        delete (/** @type {any} */ (document).hidden);
        globalThis.requestAnimationFrame = real;
        document.dispatchEvent(new Event('visibilitychange'));
        for (const call of asked) call(performance.now());
      },
    });
  });
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  // Minutes have passed when the timers fire.
  await page.clock.fastForward(10 * 60_000);
  await release(page);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)));
  await page.clock.runFor(1000);
  await page.evaluate(() => /** @type {any} */ (globalThis).show());
  await allSettled(page, 9);
  assert.deepEqual(await states(page), Array(9).fill('done'));
  await page.locator('.row-open').last().click();
  await settled(page, 'done');
  await page.locator('.viewer[data-state="shown"]').waitFor();
  assert.deepEqual(complaints, []);
});

test('two tabs: one reads while the other takes a newer version; the first goes on, and each has its own workers', async () => {
  site.change['reader/wasm.js'] = append(HOLD);
  const { files } = await listed();
  // The modified program belongs to the kept version and to the newer one.
  const program = `${await readFile(path.join(DIST, 'reader/wasm.js'), 'utf8')}\n${HOLD}`;
  const withProgram = (/** @type {import('./support.mjs').Change} */ change) => async (/** @type {Buffer} */ bytes) => ({
    type: 'text/javascript',
    body: String((await change(bytes)).body).replace(files['reader/wasm.js'], sha256(program)),
  });
  site.change['service-worker.js'] = withProgram((body) => ({ body }));
  const { page, context } = await open(browser, site, { keeps: true, cores: 2 });
  const other = await context.newPage();
  await other.goto(site.url);
  await ready(other);
  await drop(page, [...copies('free', 1), ...copies('held', 3), ...copies('later', 2)]);
  await inState(page, 'done', 1);
  await inState(page, 'reading', 2);

  await publish(site, 'A newer one');
  site.change['service-worker.js'] = withProgram(site.change['service-worker.js']);
  await other.reload();
  await other.getByRole('button', { name: 'Reload to update' }).click();
  await other.getByRole('heading', { name: 'A newer one', level: 1 }).waitFor();
  await ready(other);
  await drop(other, copies('there', 2));
  await inState(other, 'done', 2);

  assert.deepEqual(await states(page), ['done', 'reading', 'reading', 'waiting', 'waiting', 'waiting']);
  await release(page);
  await inState(page, 'done', 6);
  // A worker that starts now is made from the files in memory.
  await other.close();
  await drop(page, copies('again', 3));
  await inState(page, 'done', 9);
});

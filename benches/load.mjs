// Many films in one batch of the page: whether their memory comes back, and whether the list can be used meanwhile and afterwards.
//
// `./build.sh bench --only load` reads 1,000 films of mixed sizes and kinds. Alone, with DIST, CLI and CHROMIUM as bench.mjs has them:
//
//   node benches/load.mjs [--films 20000] [--small] [--page-alone] [--unused]
//
// --small has them all small, and none broken. --page-alone measures the page and not the reader: each worker reads its first film and says
// the same of all others, with a picture for each. --unused measures a page that has read nothing before.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dicom, grayOfBmp, tiff } from '../tests/browser/made.mjs';
import { CLI, launch, row, run, serve } from './support.mjs';

/** Width and height of what is drawn, each with a seed and as several kinds of file. */
const SIZES = [
  [256, 256],
  [320, 400],
  [512, 512],
  [640, 600],
  [760, 840],
  [1024, 1024],
  [900, 1100],
  [1500, 1200],
  [1200, 1800],
  [2111, 1509],
  [2048, 2500],
  [2500, 2500],
];
const SMALL_SIZES = [
  [256, 256],
  [280, 256],
  [256, 300],
];

/** A person feels it. */
const LONG_MS = 100;

const PAUSE_MS = 50;

/** So many are read before anything is measured: as many as it takes until the browser compiles nothing better any more. */
const WARM_FILMS = 150;

/**
 * The files that a batch repeats: of every size PNG, JPEG, DICOM and TIFF, and of every ninth a broken one.
 * @param {string} folder
 * @param {boolean} areSmall
 * @returns {Promise<string[]>} their names
 */
export async function makeFiles(folder, areSmall) {
  /** @type {string[]} */
  const names = [];
  const write = async (/** @type {string} */ name, /** @type {Buffer} */ bytes) => {
    await writeFile(path.join(folder, name), bytes);
    names.push(name);
  };
  for (const [k, [width, height]] of (areSmall ? SMALL_SIZES : SIZES).entries()) {
    const draw = async (/** @type {string} */ ending, /** @type {number} */ seed) => {
      const file = path.join(folder, `${seed}.${ending}`);
      await run(CLI, ['phantom', '--seed', String(seed), '--width', String(width), '--height', String(height), '--out', file]);
      return readFile(file);
    };
    // Seed 37 is judged; the gate refuses most of the others, which takes longer.
    const seeds = [37, 100 + k, 10, 200 + k];
    const png = await draw('png', seeds[0]);
    const jpeg = await draw('jpg', seeds[1]);
    await write(`${k}.png`, png);
    await write(`${k}.jpg`, jpeg);
    await write(`${k}.dcm`, dicom(grayOfBmp(await draw('bmp', seeds[2]))));
    await write(`${k}.tif`, tiff(grayOfBmp(await draw('bmp', seeds[3]))));
    if (areSmall || k % 3 !== 0) continue;
    await write(`${k}-cut.png`, png.subarray(0, png.length >> 1));
    await write(`${k}-cut.jpg`, jpeg.subarray(0, 300));
  }
  if (!areSmall) await write('none.png', Buffer.from('no film\n'));
  return names;
}

/** The part of the bench. @param {{films?: number, areSmall?: boolean, isPageAlone?: boolean, isUnused?: boolean}} [options] */
export async function load({ films = 1000, areSmall = false, isPageAlone = false, isUnused = false } = {}) {
  const made = await mkdtemp(path.join(tmpdir(), 'covid-classifier-load-'));
  const server = await serve(made);
  const browser = await launch();
  try {
    const names = await makeFiles(made, areSmall);
    const page = await openSite(browser, server, isPageAlone);
    const session = await page.context().newCDPSession(page);
    // What a browser compiles for the first films, and again when it has seen more of them, is no part of the load.
    for (let round = isUnused ? 2 : 0; round < 2; round++) {
      await drop(page, names, Math.min(films, WARM_FILMS));
      await settledOf(page, Math.min(films, WARM_FILMS));
      await use(page);
      await clear(page);
    }
    const before = await heap(session);
    /** @type {{done: number, wasm: number[]}[]} */
    const track = [];
    const watch = async (/** @type {number} */ done) => {
      const tenth = Math.floor((10 * done) / films);
      if (tenth > Math.floor((10 * (track.at(-1)?.done ?? 0)) / films)) process.stderr.write(`load: ${done} of ${films} films\n`);
      track.push({ done, wasm: await wasmBytes(page) });
    };
    const begin = performance.now();
    await drop(page, names, films);
    await settledOf(page, Math.min(films, 100), watch);
    const during = await use(page);
    await settledOf(page, films, watch);
    const seconds = (performance.now() - begin) / 1000;
    const kept = await heap(session);
    const after = await use(page);
    const states = await page.evaluate(() => ({ .../** @type {HTMLElement} */ (document.getElementById('films')).dataset }));
    await clear(page);
    const left = await heap(session);
    const most = (/** @type {typeof track} */ part) => Math.max(...part.map(({ wasm }) => Math.max(0, ...wasm))) / 2 ** 20;
    const mib = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
    const [early, late] = [track.filter(({ done }) => done <= films / 2), track.filter(({ done }) => done > films / 2)];
    return {
      title: `${films} ${areSmall ? 'small ' : ''}films in one batch of the page${isPageAlone ? ', which a worker answers at once' : ''}, of ${names.length} files${areSmall ? '' : ' (PNG, JPEG, DICOM, TIFF, 256 to 2500 pixels, some broken)'}`,
      rows: [
        row('heap of the page once all is cleared, against before: growth in percent', {
          ours: mib(left),
          other: mib(before),
          value: 100 * (left / before - 1),
          goal: { most: 5 },
        }),
        longest('the longest task while films are read and the list is scrolled, sorted, filtered: ms of the processor', during),
        longest('the longest task of that once all are read: ms of the processor', after),
      ],
      notes: [
        `${states.done} read, ${states.failed} not read, ${states.waiting} waiting; ${(films / seconds).toFixed(1)} films a second by ${await page.evaluate(() => navigator.hardwareConcurrency)} workers at most, the list in use included`,
        `heap with all results on the page ${mib(kept)}: ${((kept - before) / films / 1024).toFixed(1)} KiB per film`,
        `WebAssembly memory of the largest worker: ${most(early).toFixed(1)} MiB in the first half of the batch, ${most(late).toFixed(1)} MiB in the second`,
        `while films are read: ${listed(during)}`,
        `once all are read: ${listed(after)}`,
        `${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)} at the end`,
      ],
    };
  } finally {
    await browser.close();
    server.close();
    await rm(made, { recursive: true });
  }
}

/** The longest three. @param {Task[]} tasks */
function listed(tasks) {
  const sorted = tasks.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  return sorted.map(({ what, ms, wall }) => `${what} ${ms.toFixed(0)} ms (${wall.toFixed(0)} ms by the clock)`).join(', ') || 'no task of 50 ms';
}

/** @param {string} what @param {Task[]} tasks */
function longest(what, tasks) {
  const value = Math.max(0, ...tasks.map(({ ms }) => ms));
  return row(what, { value, digits: 0, goal: { most: LONG_MS } });
}

/** For the end of the program's script: a worker tells its memory. */
const TELL_MEMORY = 'self.bytesOfMemory = () => wasm?.memory.buffer.byteLength ?? 0;';

/** And it says of every film what it said of the first. */
const ANSWER_AT_ONCE = `
  const read = Classifier.prototype.classify;
  let first;
  Classifier.prototype.classify = async function (path, ...film) {
    first ??= read.call(this, path, ...film).then((reading) => ({ report: reading.report(), thumbnail: reading.thumbnail() }));
    const { report, thumbnail } = await first;
    return { report: () => ({ ...report, path }), thumbnail: () => structuredClone(thumbnail), pictures: () => null, free() {} };
  };`;

/** The page, warm. */
async function openSite(browser, server, isPageAlone) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' });
  context.setDefaultTimeout(600_000);
  const page = await context.newPage();
  await page.route('**/reader/wasm.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: [await response.text(), TELL_MEMORY, isPageAlone ? ANSWER_AT_ONCE : ''].join('\n') });
  });
  await page.goto(`${server.origin}/site/index.html`);
  await page.locator('html[data-warm]').waitFor({ state: 'attached' });
  return page;
}

/** @returns {Promise<number[]>} of each worker */
async function wasmBytes(page) {
  const all = page.workers().map((worker) => worker.evaluate(() => /** @type {any} */ (self).bytesOfMemory?.() ?? 0).catch(() => 0));
  return Promise.all(all);
}

/** Bytes of the page's JavaScript, without what nobody needs. @param {import('playwright-core').CDPSession} session */
export async function heap(session) {
  // What was let go may let go of more, and V8 lets go of compiled code that has not run for a while.
  for (let round = 0; round < 12; round++) await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

/** As many films as are wanted, of these files in turn. */
async function drop(page, names, films) {
  await page.evaluate(
    async ({ names, films }) => {
      const blobs = await Promise.all(names.map(async (name) => (await fetch(`/made/${name}`)).blob()));
      const files = Array.from({ length: films }, (_, k) => new File([blobs[k % names.length]], `film-${k + 1}-${names[k % names.length]}`));
      const event = new Event('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: { files, types: ['Files'] } });
      document.body.dispatchEvent(event);
    },
    { names, films },
  );
}

/** @param {(done: number) => Promise<unknown>} [watch] is told about every second how many are done */
async function settledOf(page, films, watch = async () => {}) {
  for (;;) {
    const done = await page.evaluate(() => {
      const { done, failed } = /** @type {HTMLElement} */ (document.getElementById('films')).dataset;
      return Number(done ?? 0) + Number(failed ?? 0);
    });
    await watch(done);
    if (done >= films) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function clear(page) {
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.waitForFunction(() => document.getElementById('films')?.hidden);
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

/**
 * Scrolls, sorts and filters, as a person would.
 * @typedef {{what: string, ms: number, wall: number}} Task of the page's thread: the processor's time, and the clock's, which other programs
 *   lengthen
 * @returns {Promise<Task[]>} those of 50 ms and more
 */
async function use(page) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await page.evaluate(useList, PAUSE_MS);
  /** @type {{traceEvents: {name: string, cat: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args?: any}[]}} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const marks = traceEvents.filter(({ cat, name }) => cat === 'blink.user_timing' && name.startsWith('use: ')).sort((a, b) => a.ts - b.ts);
  const [{ pid, tid } = { pid: 0, tid: 0 }] = marks;
  const tasks = traceEvents.filter((one) => one.ph === 'X' && one.pid === pid && one.tid === tid && one.name.endsWith('RunTask'));
  if (tasks.length < 100 || !tasks.some(({ tdur }) => tdur)) throw new Error('Chromium has traced no tasks');
  return tasks.flatMap(({ ts, dur = 0, tdur = dur }) => {
    if (dur < 50_000) return [];
    // A task that a step sets off may have begun before its mark.
    const what = marks.findLast((mark) => mark.ts <= ts + dur)?.name.slice('use: '.length) ?? '';
    return [{ what, ms: tdur / 1000, wall: dur / 1000 }];
  });
}

/** In the page. @param {number} PAUSE_MS */
async function useList(PAUSE_MS) {
  const begin = (/** @type {string} */ what) => performance.mark(`use: ${what}`);
  const pause = async (/** @type {number} */ ms) => {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => setTimeout(resolve, ms));
  };
  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const list = byId('film-list');
  begin('scrolling');
  for (let step = 0; step <= 20; step++) {
    list.scrollTop = (list.scrollHeight * step) / 20;
    await pause(PAUSE_MS);
  }
  list.scrollTop = 0;
  begin('the wide table');
  byId('films-wide').click();
  await pause(4 * PAUSE_MS);
  for (const key of ['name', 'verdict', 'probability', 'covid19', 'convnet', 'warnings', 'time', 'state', 'number']) {
    begin(`sorting by ${key}`);
    /** @type {HTMLElement | null} */ (document.querySelector(`[data-sort="${key}"] button`))?.click();
    await pause(4 * PAUSE_MS);
  }
  begin('scrolling the wide table');
  for (let step = 0; step <= 10; step++) {
    list.scrollTop = (list.scrollHeight * step) / 10;
    await pause(PAUSE_MS);
  }
  begin('the list again');
  byId('films-wide').click();
  await pause(4 * PAUSE_MS);
  for (const category of ['refused', 'unread', 'waiting', 'all']) {
    begin(`filtering ${category}`);
    /** @type {HTMLElement | null} */ (document.querySelector(`#films-tools [data-category="${category}"] input`))?.click();
    await pause(4 * PAUSE_MS);
  }
  const search = /** @type {HTMLInputElement} */ (document.querySelector('#films-tools input[type="search"]'));
  for (const text of ['1', '12', '12-', '']) {
    begin(`looking for “${text}”`);
    search.value = text;
    search.dispatchEvent(new Event('input'));
    // It is looked for when its writer pauses.
    await pause(200);
  }
  await pause(200);
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      films: { type: 'string', default: '1000' },
      small: { type: 'boolean', default: false },
      'page-alone': { type: 'boolean', default: false },
      unused: { type: 'boolean', default: false },
    },
  });
  const { title, rows, notes } = await load({
    films: Math.max(1, Number(values.films) || 1000),
    areSmall: values.small,
    isPageAlone: values['page-alone'],
    isUnused: values.unused,
  });
  const lines = rows.map(({ what, ours, other, value, goal, met }) => `${what}: ${value} (${ours}, before ${other}; goal ${goal}, met: ${met})`);
  console.log([title, ...lines, ...notes].join('\n'));
}

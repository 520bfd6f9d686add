// Shared by the browser tests: a static server with the built site in a folder of a host, Chromium, and synthetic films.
//
// DIST      the built site (dist)
// CLI       the command-line program (target/release/covid-classifier)
// CHROMIUM  the browser (/usr/bin/chromium)
// FIREFOX   the other browser (/usr/bin/firefox-esr); where there is none, the tests of it are skipped
// PARITY    the parity suite's module (target/parity)
// SCREENSHOTS  when it is 1, a picture of every state that is checked is kept in target/screenshots
// PATIENCE  how many times longer than usual the tests wait, for a machine that does other things as well (1)

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before } from 'node:test';
import { promisify } from 'node:util';
import { chromium, firefox } from 'playwright-core';
import { grayOfBmp } from './made.mjs';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const DIST = path.resolve(ROOT, process.env.DIST ?? 'dist');
export const CLI = path.resolve(ROOT, process.env.CLI ?? 'target/release/covid-classifier');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const PARITY = path.resolve(ROOT, process.env.PARITY ?? 'target/parity');
const SCREENSHOTS = path.join(ROOT, 'target/screenshots');

/** The site's only place on its host: an address that starts with / would miss it. */
export const FOLDER = '/some/folder/';

for (const [what, file, remedy] of [
  ['the built site', path.join(DIST, 'index.html'), './build.sh builds it; DIST names another folder'],
  ['the command-line program', CLI, 'cargo build --release builds it; CLI names another'],
  ['Chromium', CHROMIUM, 'install it, or name one in CHROMIUM'],
]) {
  if (!existsSync(file)) throw new Error(`${what} is not at ${file}: ${remedy}`);
}

export const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** @typedef {{status?: number, type?: string, body?: string | Buffer, isCut?: boolean, headers?: Record<string, string>}} Answer with `isCut` the response ends early */
/** @typedef {(bytes: Buffer) => Answer | Promise<Answer>} Change */

/** Appends code to a script of the site. @param {string} code @returns {(bytes: Buffer) => Answer} */
export const append = (code) => (bytes) => ({ type: 'text/javascript', body: `${bytes}\n${code}` });

/** Delays a file of the site until `release`. */
export function late() {
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  return { release, change: (/** @type {Buffer} */ body) => released.then(() => ({ body })) };
}

/**
 * Serves the site in FOLDER, or in several folders, on a free port. `requests` lists every requested path; `change` maps a file's path in
 * the site to a function that answers in its place; `add` adds a file.
 */
export async function serveSite(folders = [FOLDER]) {
  /** @type {string[]} */
  const requests = [];
  /** @type {Record<string, Change>} */
  const change = {};
  /** @type {Record<string, Answer>} */
  const added = {};
  const server = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    requests.push(pathname);
    // For nested folders, the inner one.
    const folder = folders.filter((folder) => pathname.startsWith(folder)).sort((a, b) => b.length - a.length)[0];
    const file = folder ? pathname.slice(folder.length) || 'index.html' : null;
    // The parity suite is not part of the site, but beside it.
    const place = file?.startsWith('parity/') ? path.join(PARITY, file.slice('parity/'.length)) : path.join(DIST, file ?? '');
    const bytes = file && !file.includes('..') ? await readFile(place).catch(() => null) : null;
    const changed = file ? (added[file] ?? (bytes ? await change[programOf(file)]?.(bytes) : undefined)) : undefined;
    const status = changed?.status ?? (bytes || changed ? 200 : 404);
    const type = changed?.type ?? TYPES[path.extname(file ?? '')] ?? 'application/octet-stream';
    response.writeHead(status, { 'content-type': type, ...changed?.headers });
    const body = status === 200 ? (changed?.body ?? bytes) : undefined;
    if (changed?.isCut) response.write(body, () => response.destroy());
    else response.end(body);
  });
  const add = (/** @type {string} */ file, /** @type {Answer} */ answer) => {
    added[file] = answer;
  };
  return { ...server, url: server.origin + FOLDER, requests, change, add };
}

/** Both programs are changed under one name. @param {string} file */
const programOf = (file) => file.replace('relaxed_wasm_bg.wasm', 'wasm_bg.wasm');

/** A host that accepts every request and counts them. */
export async function serveForeign() {
  let visits = 0;
  const server = await listen((_request, response) => {
    visits++;
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/plain' });
    response.end('caught');
  });
  return { ...server, visits: () => visits };
}

/** @param {import('node:http').RequestListener} answer */
export async function listen(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** WebGPU in a headless browser on any machine: SwiftShader, a software adapter. */
export const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/**
 * @param {string[]} [more] flags; without any there is no WebGPU adapter
 * @param {string} [downloadsPath]
 */
export function launch(more = [], downloadsPath) {
  return chromium.launch({
    executablePath: CHROMIUM,
    downloadsPath,
    args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
  });
}

/** @type {{close: () => Promise<unknown>}[]} */
const visits = [];

/** Chromium, for suites that call `suite`. @type {Awaited<ReturnType<typeof launch>>} */
export let browser;
/** The site, for such suites. @type {Awaited<ReturnType<typeof serveSite>>} */
export let site;
/** Synthetic films, for such suites. @type {Awaited<ReturnType<typeof drawFilms>>} */
export let films;

/**
 * Sets up most suites: a browser, the site and films for all of its tests. After each test it restores the site and closes every page that
 * `open` has opened.
 * @param {{flags?: string[], films?: boolean, prepare?: () => Promise<unknown>}} [options] flags of the browser; whether films are drawn;
 * further preparation, once everything else is ready
 */
export function suite({ flags = [], films: wantsFilms = true, prepare } = {}) {
  // One hook only, because hooks of the same kind may run concurrently.
  before(async () => {
    [browser, site] = await Promise.all([launch(flags), serveSite()]);
    if (wantsFilms) films = await drawFilms();
    await prepare?.();
  });
  after(() => Promise.all([browser?.close(), site?.close(), films?.remove()]));
  afterEach(async () => {
    for (const file of Object.keys(site.change)) delete site.change[file];
    await Promise.all(visits.splice(0).map((visit) => visit.close()));
  });
}

/** The reason for skipping the tests in Firefox, or false. */
export const noFirefox = existsSync(FIREFOX) ? false : 'there is no Firefox; FIREFOX names one';

/**
 * Debian's Firefox, driven by WebDriver BiDi. Playwright does not see downloads there and cannot look into workers. Playwright 1.65 sends a
 * command that this Firefox does not know (emulation.setMediaFeaturesOverride), so 1.64 is the newest that works.
 * @param {string} [downloadsPath]
 */
export function launchFirefox(downloadsPath) {
  return firefox.launch({ channel: 'moz-firefox', executablePath: FIREFOX, downloadsPath });
}

/**
 * A fresh page of the site in a new context, with the model loaded, and with the site kept for offline use or known not to be. `asked`
 * lists every address that the page or a worker requests, `complaints` everything that the browser logs as an error.
 * @param {import('playwright-core').Browser} browser
 * @param {{url: string}} site
 * @param {{
 *   context?: import('playwright-core').BrowserContextOptions,
 *   until?: 'loading' | 'ready' | 'failed',
 *   cores?: number,
 *   keeps?: boolean,
 *   warms?: boolean,
 *   query?: string,
 *   before?: (page: import('playwright-core').Page) => Promise<unknown>,
 * }} [options] `cores`: the number of cores that the machine reports, with memory for all of them; `keeps`: whether there are service
 * workers, which a private window may lack; `warms`: whether an idle page warms up its reader
 */
export async function open(browser, site, { context: settings = {}, until = 'ready', cores, keeps = false, warms = false, query = '', before } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
  if (cores !== undefined) {
    await context.addInitScript((cores) => {
      Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => cores });
      Object.defineProperty(Navigator.prototype, 'deviceMemory', { get: () => 8 });
    }, cores);
  }
  // Most tests need neither, and both would take longer than most tests.
  if (!keeps) await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }));
  if (!warms) await context.addInitScript(() => Object.defineProperty(window, 'requestIdleCallback', { value: () => 0 }));
  context.setDefaultTimeout(30_000 * (Number(process.env.PATIENCE) || 1));
  const page = await context.newPage();
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} */
  const complaints = [];
  context.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  // Listens from the start, so that no file dialog opens before the browser expects one.
  page.on('filechooser', () => {});
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await before?.(page);
    await page.goto(site.url + query);
    await page.locator(`#engine[data-state="${until}"]`).waitFor();
    if (until === 'ready' && site.url.startsWith('http')) await page.locator('#offline[data-state]').waitFor();
  } catch (error) {
    await context.close();
    throw error;
  }
  const visit = { page, context, asked, complaints, close: () => context.close() };
  visits.push(visit);
  return visit;
}

/**
 * Synthetic chest films that the project's own program draws, in a folder that `remove` deletes.
 */
export async function drawFilms() {
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-films-'));
  const draw = async (name, seed, width, height) => {
    const file = path.join(folder, name);
    await run(CLI, ['phantom', '--seed', String(seed), '--width', String(width), '--height', String(height), '--out', file]);
    return file;
  };
  const [png, jpeg, small, large, judged] = await Promise.all([
    draw('phantom-1.png', 1, 1000, 900),
    draw('phantom-2.jpg', 2, 760, 840),
    draw('phantom-3.png', 3, 300, 260),
    draw('phantom-4.png', 4, 2400, 2800),
    // The gate rightly refuses most phantoms. This one passes; if a new model refuses it, try another seed.
    draw('phantom-37.png', 37, 1024, 1024),
  ]);
  return { folder, png, jpeg, small, large, judged, remove: () => rm(folder, { recursive: true }) };
}

/**
 * A folder of synthetic films of one size, by path and seed.
 * @param {Record<string, number>} seeds
 */
export async function drawFolder(seeds) {
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-folder-'));
  for (const [name, seed] of Object.entries(seeds)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await run(CLI, ['phantom', '--seed', String(seed), '--width', '640', '--height', '640', '--out', file]);
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

const run = promisify(execFile);

/**
 * The greys of the synthetic film that passes the gate, 1024 × 1024 pixels, for writing into other files.
 * @returns {Promise<import('./made.mjs').Gray>}
 */
export async function drawGray() {
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-gray-'));
  const file = path.join(folder, 'phantom.bmp');
  await run(CLI, ['phantom', '--seed', '37', '--width', '1024', '--height', '1024', '--out', file]);
  const bytes = await readFile(file);
  await rm(folder, { recursive: true });
  return grayOfBmp(bytes);
}

/**
 * The report that the command-line program gives for a file.
 * @param {string} file
 */
export async function classifyByCli(file) {
  const { stdout } = await run(CLI, ['classify', '--json', file], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/**
 * Chooses files by the page's own button and file dialog.
 * @param {import('playwright-core').Page} page
 * @param {Parameters<import('playwright-core').FileChooser['setFiles']>[0]} files
 */
export async function choose(page, files) {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose films…' }).click();
  await (await chooser).setFiles(files);
}

/**
 * Drops files on the page, as from a file manager.
 * @param {import('playwright-core').Page} page
 * @param {{name: string, type?: string, bytes: Buffer}[]} files
 * @param {string} [onto]
 */
export async function drop(page, files, onto = 'body') {
  const data = await page.evaluateHandle(
    (files) => {
      const data = new DataTransfer();
      for (const { name, type, base64 } of files) {
        data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
      }
      return data;
    },
    files.map(({ name, type = '', bytes }) => ({ name, type, base64: bytes.toString('base64') })),
  );
  await page.dispatchEvent(onto, 'dragenter', { dataTransfer: data });
  await page.dispatchEvent(onto, 'dragover', { dataTransfer: data });
  await page.dispatchEvent(onto, 'drop', { dataTransfer: data });
}

/** The files that the service worker of the built site keeps: SHA-256 by path. */
export async function listed() {
  const text = await readFile(path.join(DIST, 'service-worker.js'), 'utf8');
  const [, version, files] = /^const SITE = \{ version: "(\w+)", files: (\{.*?\}) \};$/ms.exec(text) ?? [];
  return { version, files: /** @type {Record<string, string>} */ (JSON.parse(files)) };
}

/** @param {string | Buffer} bytes */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * Gives the host another version of the site, with this heading; its version is the heading's hash.
 * @param {{change: Record<string, Change>}} site
 * @param {string} heading
 * @param {{isWhole?: boolean}} [options] with `isWhole: false`, a file does not match the version's list
 */
export async function publish(site, heading, { isWhole = true } = {}) {
  const index = (await readFile(path.join(DIST, 'index.html'), 'utf8')).replace(/<h1>[^<]*<\/h1>/, () => `<h1>${heading}</h1>`);
  const { version, files } = await listed();
  site.change['index.html'] = () => ({ type: 'text/html', body: index });
  site.change['service-worker.js'] = (bytes) => {
    const text = bytes.toString().replace(version, sha256(heading));
    return { type: 'text/javascript', body: text.replace(files['index.html'], sha256(isWhole ? index : 'something else')) };
  };
}

/** Waits until the page has so many workers: the browser reports their end a little later. @param {Page} page @param {number} count */
export async function workersAre(page, count) {
  for (let tries = 0; page.workers().length !== count; tries++) {
    if (tries === 200) assert.fail(`${page.workers().length} workers, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Everything in the browser's caches: by the cache's name, the SHA-256 of the response at each address.
 * @param {import('playwright-core').Page} page
 */
export function kept(page) {
  return page.evaluate(async () => {
    /** @type {Record<string, Record<string, string>>} */
    const kept = {};
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      const requests = await cache.keys();
      // One that was just removed is made again, empty, by looking into it.
      if (requests.length === 0) continue;
      kept[name] = {};
      for (const request of requests) {
        const response = await cache.match(request);
        const hash = await crypto.subtle.digest('SHA-256', (await response?.arrayBuffer()) ?? new ArrayBuffer());
        kept[name][request.url] = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
      }
    }
    return kept;
  });
}

/**
 * Waits until the selected film is read, or until the page says why not.
 * @param {import('playwright-core').Page} page
 * @param {'done' | 'failed'} state
 */
export function settled(page, state) {
  return page.locator(`#result[data-state="${state}"]`).waitFor();
}

/**
 * Exports all films as CSV by the page's own dialog, into the folder that the browser saves to.
 * @param {import('playwright-core').Page} page
 * @param {string} folder
 * @returns {Promise<string[]>} its lines
 */
export async function exportFilms(page, folder) {
  const before = await readdir(folder);
  await page.locator('#films-export').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  for (;;) {
    const [file] = (await readdir(folder)).filter((name) => !before.includes(name) && !/\.(part|crdownload)$/.test(name));
    const text = file ? await readFile(path.join(folder, file), 'utf8') : '';
    if (text.endsWith('\r\n')) return text.trimEnd().split('\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Waits until no film waits or is being read.
 * @param {import('playwright-core').Page} page
 * @param {number} films
 */
export async function allSettled(page, films) {
  await page.waitForFunction((films) => {
    const { done, failed } = /** @type {HTMLElement} */ (document.getElementById('films')).dataset;
    return Number(done) + Number(failed) === films;
  }, films);
}

/**
 * Waits until this many films are in the state.
 * @param {import('playwright-core').Page} page
 * @param {'waiting' | 'reading' | 'done' | 'failed' | 'cancelled' | 'total'} state
 * @param {number} count
 */
export async function inState(page, state, count) {
  await page.locator(`#films[data-${state}="${count}"]`).waitFor({ state: 'attached' });
}

/**
 * Every film of the table, in order. Only the rows in sight are in the document, so this scrolls through it.
 * @param {import('playwright-core').Page} page
 */
export function filmRows(page) {
  return page.evaluate(async () => {
    const grid = /** @type {HTMLElement} */ (document.getElementById('film-list'));
    /** @type {Map<number, {name: string, text: string, state: string}>} */
    const rows = new Map();
    const before = grid.scrollTop;
    for (let top = 0; top === 0 || top < grid.scrollHeight; top += Math.max(100, grid.clientHeight)) {
      grid.scrollTop = top;
      grid.dispatchEvent(new Event('scroll'));
      for (const row of /** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll('.row'))) {
        rows.set(Number(row.dataset.index), {
          name: row.querySelector('.row-name')?.textContent ?? '',
          text: row.querySelector('.row-state')?.textContent ?? '',
          state: row.dataset.state ?? '',
        });
      }
    }
    grid.scrollTop = before;
    return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  });
}

/**
 * The full-precision numbers that the page carries beside their text.
 * @param {import('playwright-core').Page} page
 */
export function shownNumbers(page) {
  return page.evaluate(() => {
    /** @param {string} selector */
    const perLabel = (selector) =>
      Object.fromEntries(
        [...document.querySelectorAll(`${selector} [data-label], ${selector}[data-label]`)].map((cell) => [
          cell.getAttribute('data-label'),
          Number(cell.getAttribute('data-value')),
        ]),
      );
    /** @param {string} attribute */
    const rows = (attribute) =>
      [...document.querySelectorAll(`[${attribute}]`)].map((row) => ({
        name: row.getAttribute(attribute),
        ...perLabel(`[${attribute}="${row.getAttribute(attribute)}"]`),
      }));
    return {
      verdict: document.querySelector('.verdict')?.getAttribute('data-verdict'),
      probabilities: perLabel('.output'),
      readers: rows('data-reader'),
      blocks: rows('data-block'),
      features: rows('data-feature'),
      totals: rows('data-total'),
    };
  });
}

/**
 * Keeps a picture of the page for a person to look at. Nothing compares it.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function screenshot(page, name) {
  // Pictures take a third of the time of a check.
  if (process.env.SCREENSHOTS !== '1') return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/**
 * axe-core finds no fault in the present page, and nothing is cut off at its side.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function check(page, name) {
  await screenshot(page, name);
  // The page's policy forbids innerHTML, which axe needs only in its set-up; evaluation by the debugger is exempt. It stays for the next
  // check of the page.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await axe);
  const { found, passes } = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    // Style sheets and media are not fetched again first: one rule that needs them is experimental and not among these, the other is about
    // sound, of which the page has none.
    const options = { runOnly: tags, resultTypes: ['violations'], preload: false };
    const { violations, passes } = await /** @type {any} */ (globalThis).axe.run(document, options);
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
    return { found, passes: passes.length };
  });
  assert.deepEqual(found, [], name);
  assert.ok(passes > 10, 'axe-core has looked at something');
  const { scrollWidth, clientWidth, beyond } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return { scrollWidth, clientWidth, beyond: [] };
    const isBeyond = (/** @type {Element} */ node) => node.getBoundingClientRect().right > clientWidth;
    const all = [...document.body.querySelectorAll('*')].filter((node) => isBeyond(node) && ![...node.children].some(isBeyond));
    return { scrollWidth, clientWidth, beyond: all.map((node) => `${node.tagName} ${node.className}: ${node.textContent?.slice(0, 60)}`) };
  });
  assert.ok(scrollWidth <= clientWidth, `${name} scrolls sideways: ${scrollWidth} px in ${clientWidth} px; beyond: ${beyond.join(', ')}`);
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Two answers are the same, with numbers equal up to rounding: the program and the page add in different orders.
 * @param {any} ours
 * @param {any} theirs
 * @param {{within?: number, passOver?: string[], at?: string}} [how] `within`: relative to the larger, but at least to 1;
 *   counts agree exactly. `passOver`: keys whose values may differ.
 * @returns {{numbers: number, largest: number}} how many numbers were compared, and the largest difference
 */
export function agree(ours, theirs, { within = 1e-5, passOver = [], at = 'answer' } = {}) {
  if (typeof theirs === 'number') {
    const difference = Math.abs(ours - theirs);
    const isCount = Number.isInteger(theirs) && theirs > 1;
    assert.ok(difference <= (isCount ? 0 : within * Math.max(1, Math.abs(theirs))), `${at}: ${ours} and ${theirs}`);
    return { numbers: 1, largest: difference };
  }
  if (typeof theirs !== 'object' || theirs === null) {
    assert.equal(ours, theirs, at);
    return { numbers: 0, largest: 0 };
  }
  assert.deepEqual(Object.keys(ours ?? {}).sort(), Object.keys(theirs).sort(), at);
  const parts = Object.keys(theirs)
    .filter((key) => !passOver.includes(key))
    .map((key) => agree(ours[key], theirs[key], { within, passOver, at: `${at}.${key}` }));
  return { numbers: parts.reduce((sum, part) => sum + part.numbers, 0), largest: Math.max(0, ...parts.map((part) => part.largest)) };
}

// What the browser tests share: a static server that lays the built site in a folder of a host, Chromium, and synthetic films.
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

/** The site lies here and nowhere else on its host: an address that starts with / would miss it. */
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

/** @typedef {{status?: number, type?: string, body?: string | Buffer, isCut?: boolean, headers?: Record<string, string>}} Answer what is cut ends before its end */
/** @typedef {(bytes: Buffer) => Answer | Promise<Answer>} Change */

/** Code put behind a script of the site. @param {string} code @returns {(bytes: Buffer) => Answer} */
export const append = (code) => (bytes) => ({ type: 'text/javascript', body: `${bytes}\n${code}` });

/** A file of the site as it is, but not before `release`. */
export function late() {
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  return { release, change: (/** @type {Buffer} */ body) => released.then(() => ({ body })) };
}

/**
 * Serves the site in FOLDER, or in several folders, on a free port. `requests` lists every path that was asked for; `change` maps
 * a file's path in the site to a function that answers in its place; `add` adds a file.
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
    // Of a folder within another, the inner one.
    const folder = folders.filter((folder) => pathname.startsWith(folder)).sort((a, b) => b.length - a.length)[0];
    const file = folder ? pathname.slice(folder.length) || 'index.html' : null;
    // The parity suite is no part of the site; it lies beside it.
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

/** A host that would take anything from anybody, and counts who came. */
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

/** Chromium, of a suite that calls `suite`. @type {Awaited<ReturnType<typeof launch>>} */
export let browser;
/** The site, of such a suite. @type {Awaited<ReturnType<typeof serveSite>>} */
export let site;
/** Synthetic films, of such a suite. @type {Awaited<ReturnType<typeof drawFilms>>} */
export let films;

/**
 * What most suites begin and end with: a browser, the site and films for all of its tests. After each test the site is as it was
 * built, and every page is closed that `open` has opened.
 * @param {{flags?: string[], films?: boolean, prepare?: () => Promise<unknown>}} [options] flags of the browser; whether films are
 *   drawn; what else the suite needs, once all that is there
 */
export function suite({ flags = [], films: wantsFilms = true, prepare } = {}) {
  // Hooks of the same kind may run side by side: there is one.
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

/** Why the tests of Firefox are skipped, or false where they are not. */
export const noFirefox = existsSync(FIREFOX) ? false : 'there is no Firefox; FIREFOX names one';

/**
 * Debian's Firefox, by WebDriver BiDi. Of a download Playwright hears nothing there, and it cannot look into a worker. Playwright
 * 1.65 gives an order that this Firefox does not know (emulation.setMediaFeaturesOverride): 1.64 is the newest that can drive it.
 * @param {string} [downloadsPath]
 */
export function launchFirefox(downloadsPath) {
  return firefox.launch({ channel: 'moz-firefox', executablePath: FIREFOX, downloadsPath });
}

/**
 * A fresh page of the site in a context of its own, with the model loaded, and with the site kept for use without a network, or
 * known not to be. `asked` lists every address that page or worker asks for, `complaints` everything that the browser logs as an
 * error.
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
 * }} [options] `cores` is what the page is told that the machine has, with memory for all of them; `keeps`:
 *   there are service workers, as a private window may have none; `warms`: a page that is idle warms its reader up
 */
export async function open(browser, site, { context: settings = {}, until = 'ready', cores, keeps = false, warms = false, query = '', before } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
  if (cores !== undefined) {
    await context.addInitScript((cores) => {
      Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => cores });
      Object.defineProperty(Navigator.prototype, 'deviceMemory', { get: () => 8 });
    }, cores);
  }
  // Most tests are about neither, and both would take more time than most tests.
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
  // Somebody listens from the start, so that no file dialog opens before the browser knows that it is awaited.
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
    // The gate refuses most phantoms, rightly. This one passes; where a new model refuses it too, another seed may do.
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
 * The greys of the synthetic film that passes the gate, of 1024 × 1024 pixels, to be put into other files.
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

/** What the service worker of the built site keeps: SHA-256 by path. */
export async function listed() {
  const text = await readFile(path.join(DIST, 'service-worker.js'), 'utf8');
  const [, version, files] = /^const SITE = \{ version: "(\w+)", files: (\{.*?\}) \};$/ms.exec(text) ?? [];
  return { version, files: /** @type {Record<string, string>} */ (JSON.parse(files)) };
}

/** @param {string | Buffer} bytes */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * From now on the host has another version of the site, with this heading; its version is the heading's hash.
 * @param {{change: Record<string, Change>}} site
 * @param {string} heading
 * @param {{isWhole?: boolean}} [options] a version that is not whole has a file that does not fit its list
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

/**
 * Everything in the browser's caches: by the name of the cache, the SHA-256 of what lies under each address.
 * @param {import('playwright-core').Page} page
 */
export function kept(page) {
  return page.evaluate(async () => {
    /** @type {Record<string, Record<string, string>>} */
    const kept = {};
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      kept[name] = {};
      for (const request of await cache.keys()) {
        const response = await cache.match(request);
        const hash = await crypto.subtle.digest('SHA-256', (await response?.arrayBuffer()) ?? new ArrayBuffer());
        kept[name][request.url] = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
      }
    }
    return kept;
  });
}

/**
 * Waits until the selected film is read, or until the page has said why not.
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
 * Waits until so many films are in that state.
 * @param {import('playwright-core').Page} page
 * @param {'waiting' | 'reading' | 'done' | 'failed' | 'cancelled' | 'total'} state
 * @param {number} count
 */
export async function inState(page, state, count) {
  await page.locator(`#films[data-${state}="${count}"]`).waitFor({ state: 'attached' });
}

/**
 * Every film of the table, in its order: only the rows in sight are in the document, so it is scrolled through.
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
  // They take a third of the time of a check.
  if (process.env.SCREENSHOTS !== '1') return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/**
 * axe-core finds nothing in the page as it stands, and nothing is cut off at its side.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function check(page, name) {
  await screenshot(page, name);
  // The policy of the page forbids innerHTML, which axe needs nowhere but in its own set-up; the debugger's evaluation is exempt.
  await page.evaluate(await axe);
  const { found, passes } = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations, passes } = await /** @type {any} */ (globalThis).axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
    return { found, passes: passes.length };
  });
  assert.deepEqual(found, [], name);
  assert.ok(passes > 10, 'axe-core has looked at something');
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  assert.ok(scrollWidth <= clientWidth, `${name} scrolls sideways: ${scrollWidth} px in ${clientWidth} px`);
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Two answers say the same, their numbers to within rounding: the program and the page add in another order.
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

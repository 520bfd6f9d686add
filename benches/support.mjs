// What the parts of the bench share: a server, Chromium, the bench's page, and how a row of the table is made.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

export const run = promisify(execFile);
export const ROOT = path.resolve(import.meta.dirname, '..');
export const {
  DIST = path.join(ROOT, 'dist'),
  CLI = path.join(ROOT, 'target/release/covid-classifier'),
  PYTHON = path.join(ROOT, 'target/reference-venv/bin/python'),
  CHROMIUM = '/usr/bin/chromium',
} = process.env;
export const NETWORKS = ['lungs', 'convnet'];
/** Milliseconds that a browser is waited for: a busy machine is slow, and no reason to stop. */
export const PATIENCE = 300_000;

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves the site, the bench's pages, its peers and the folder `made` on a free port of this machine. */
export async function serve(made) {
  const folders = {
    site: DIST,
    bench: path.join(import.meta.dirname, 'web'),
    peers: path.join(import.meta.dirname, 'node_modules'),
    made,
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const [, folder, ...parts] = path.posix.normalize(pathname).split('/');
    const file = folders[folder] && path.join(folders[folder], ...parts);
    const body = file ? await readFile(file).catch(() => null) : null;
    const type = TYPES[path.extname(pathname)] ?? 'application/octet-stream';
    // Every browser context begins with an empty cache.
    response.writeHead(body ? 200 : 404, { 'content-type': type, 'cache-control': 'max-age=600' });
    response.end(body ?? '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The browser of the tests; `webgpu` adds the software adapter where there is no other. */
export function launch({ webgpu = false } = {}) {
  const args = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  args.push('--disable-component-update', '--disable-sync');
  if (webgpu) args.push('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
  return chromium.launch({ executablePath: CHROMIUM, args });
}

/**
 * The bench's page in a context of its own, with nothing in any cache: `page.NAME(...)` calls NAME of web/page.js.
 * @param {import('playwright-core').Browser} browser
 * @param {{origin: string}} server
 */
export async function open(browser, server) {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(`${server.origin}/bench/page.html`);
  await page.waitForFunction(() => globalThis.bench);
  const names = await page.evaluate(() => Object.keys(globalThis.bench));
  const call = (name, args) => page.evaluate(([name, args]) => globalThis.bench[name](...args), [name, args]);
  const calls = Object.fromEntries(names.map((name) => [name, (...args) => call(name, args)]));
  return { ...calls, close: () => context.close() };
}

/** @param {number[]} numbers */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** The median of a / b, round by round: what disturbs a round disturbs both. */
export const ratio = (a, b) => median(a.map((value, round) => value / b[round]));

export const sum = (a, b) => a.map((value, round) => value + b[round]);

/** A row of the table. `goal` is { most }, { least } or left out; a value of null is one that there is not. */
export function row(what, { ours = '—', other = '—', value, digits = 2, goal = {} }) {
  const { most = Infinity, least = -Infinity } = goal;
  const limits = { '≤': most, '≥': least };
  const set = Object.entries(limits).filter(([, limit]) => Number.isFinite(limit));
  const words = set.map(([sign, limit]) => `${sign} ${limit.toFixed(digits)}`).join(', ');
  const met = words === '' || value === null ? '' : value <= most && value >= least ? 'yes' : 'no';
  return { what, ours, other, value: value === null ? 'not available' : value.toFixed(digits), goal: words, met };
}

export const ms = (numbers) => `${median(numbers).toFixed(1)} ms`;

export function progress(part, round, rounds) {
  process.stderr.write(`${part}: round ${round} of ${rounds}\n`);
}

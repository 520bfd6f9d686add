// Measures the product against the Python reference on one synthetic film: interleaved rounds in one run, medians, ratios.
// `./build.sh bench [--rounds N]` runs it and says where everything is:
//
// DIST      the built site
// CLI       the release build of the command-line program
// PYTHON    Python with tests/reference/requirements.txt
// CHROMIUM  the browser

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const { DIST = path.join(root, 'dist'), CLI, PYTHON, CHROMIUM } = process.env;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Math.max(1, Number(values.rounds) || 5);

// The size of the film that the authors' times were taken on.
const [WIDTH, HEIGHT] = [2111, 1509];
const CALLS = 11;
const HEAP_FILMS = 100;

/** The worker of the bench: the shipped module, no page around it. */
const WORKER = `
  import init, { Classifier } from './covid_classifier.js';
  const bytes = async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer());
  const wasm = await init({ module_or_path: 'covid_classifier_bg.wasm' });
  const classifier = new Classifier(await bytes('models/manifest.json'), await bytes('models/texture.safetensors'));
  const film = await bytes('film.jpg');
  onmessage = ({ data: calls }) => {
    const reports = Array.from({ length: calls }, () => classifier.classify('film.jpg', film).report);
    postMessage({ reports, heap: wasm.memory.buffer.byteLength });
  };
  postMessage('ready');
`;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function browserBench(filmFile) {
  const pages = { 'bench.html': '<!doctype html><title>bench</title>', 'bench-worker.js': WORKER };
  const types = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm', json: 'application/json' };
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, 'http://127.0.0.1').pathname.slice(1);
    const file = name === 'film.jpg' ? filmFile : path.join(DIST, path.normalize(`/${name}`));
    const body = pages[name] ?? (await readFile(file).catch(() => null));
    response.writeHead(body === null ? 404 : 200, { 'content-type': types[name.split('.').at(-1)] ?? 'application/octet-stream' });
    response.end(body ?? '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const args = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/bench.html`);
  await page.evaluate(async () => {
    const worker = new Worker('bench-worker.js', { type: 'module' });
    const answer = () => new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message || 'the worker did not start'));
    });
    await answer();
    globalThis.classify = (calls) => {
      const result = answer();
      worker.postMessage(calls);
      return result;
    };
  });
  return {
    classify: (calls) => page.evaluate((n) => globalThis.classify(n), calls),
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-bench-'));
try {
  const film = path.join(folder, 'film.jpg');
  await run(CLI, ['phantom', '--seed', '1', '--width', `${WIDTH}`, '--height', `${HEIGHT}`, '--out', film]);
  const browser = await browserBench(film);

  // They must agree before they are timed.
  const native = JSON.parse((await run(CLI, ['classify', '--json', film])).stdout);
  const { reports: [web] } = await browser.classify(1);
  for (const [label, probability] of Object.entries(native.probabilities)) {
    const difference = Math.abs(probability - web.probabilities[label]);
    if (!(difference < 1e-4)) throw new Error(`native and browser differ by ${difference} in ${label}`);
  }

  const times = { preprocess: [], features_loop: [], features_vectorised: [], native: [], nativeDecode: [], browser: [], browserDecode: [] };
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}\n`);
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const python = JSON.parse((await run(PYTHON, [path.join(root, 'tests/reference/bench_reference.py'), film], { env })).stdout);
    for (const key of ['preprocess', 'features_loop', 'features_vectorised']) times[key].push(python[key]);
    const own = JSON.parse((await run(CLI, ['bench', '--rounds', `${CALLS}`, film])).stdout);
    times.native.push(own.without_decode);
    times.nativeDecode.push(own.decode);
    const { reports } = await browser.classify(CALLS);
    times.browser.push(median(reports.map(({ elapsed_ms: ms }) => ms.total - ms.decode)));
    times.browserDecode.push(median(reports.map(({ elapsed_ms: ms }) => ms.decode)));
  }
  const heapBefore = (await browser.classify(1)).heap;
  const heapAfter = (await browser.classify(HEAP_FILMS)).heap;
  await browser.close();

  const ms = Object.fromEntries(Object.entries(times).map(([key, numbers]) => [key, median(numbers)]));
  const loop = ms.preprocess + ms.features_loop;
  const vectorised = ms.preprocess + ms.features_vectorised;
  const row = (what, own, peer, goal) => ({ what, 'ms': own.toFixed(1), 'reference ms': peer.toFixed(1), 'times faster': (peer / own).toFixed(1), goal });
  console.log(`\nOne film of ${WIDTH} × ${HEIGHT} (JPEG, synthetic), one thread, medians of ${rounds} interleaved rounds; the reference decodes nothing.\n`);
  console.table([
    row('native, decode excluded, against the authors\' loops', ms.native, loop, '≥ 40'),
    row('native, decode excluded, against the reference vectorised', ms.native, vectorised, '≥ 8'),
    row('browser (WASM SIMD), decode excluded, against the loops', ms.browser, loop, '≥ 15'),
    row('native, JPEG in memory to verdict, against the loops', ms.native + ms.nativeDecode, loop, ''),
    row('browser, JPEG in memory to verdict, against the loops', ms.browser + ms.browserDecode, loop, ''),
  ]);
  console.log(`WebAssembly memory: ${(heapBefore / 2 ** 20).toFixed(1)} MiB before, ${(heapAfter / 2 ** 20).toFixed(1)} MiB after ${HEAP_FILMS} more films`);
} finally {
  await rm(folder, { recursive: true });
}

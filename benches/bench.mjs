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
  const names = ['texture', 'lungs', 'convnet', 'gate'].map((name) => name + '.safetensors');
  const weights = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await bytes('models/' + name)])));
  const classifier = new Classifier(await bytes('models/manifest.json'), weights);
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
  for (const reader of ['texture', 'convnet']) {
    for (const [label, probability] of Object.entries(native.readers[reader])) {
      const difference = Math.abs(probability - web.readers[reader][label]);
      if (!(difference < 1e-4)) throw new Error(`native and browser differ by ${difference} in ${label} of the ${reader} reader`);
    }
  }

  const times = { preprocess: [], features_loop: [], features_vectorised: [], native: [], nativeAll: [], browser: [], browserDecode: [], browserAll: [], lungs: [], convnet: [] };
  // The paper's reader alone: what the reference does.
  const texture = (ms) => ms.preprocess + ms.features + ms.classify;
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}\n`);
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const python = JSON.parse((await run(PYTHON, [path.join(root, 'tests/reference/bench_reference.py'), film], { env })).stdout);
    for (const key of ['preprocess', 'features_loop', 'features_vectorised']) times[key].push(python[key]);
    const own = JSON.parse((await run(CLI, ['bench', '--rounds', `${CALLS}`, film])).stdout);
    times.native.push(own.texture);
    times.nativeAll.push(own.total);
    const { reports } = await browser.classify(CALLS);
    const middle = (part) => median(reports.map(({ elapsed_ms: ms }) => part(ms)));
    times.browser.push(middle(texture));
    times.browserAll.push(middle((ms) => ms.total));
    for (const part of ['lungs', 'convnet']) times[part].push(middle((ms) => ms[part]));
    times.browserDecode.push(middle((ms) => ms.decode));
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
    row('paper\'s reader, native, decode excluded, against the authors\' loops', ms.native, loop, '≥ 40'),
    row('paper\'s reader, native, decode excluded, against the reference vectorised', ms.native, vectorised, '≥ 8'),
    row('paper\'s reader, browser (WASM SIMD), decode excluded, against the loops', ms.browser, loop, '≥ 15'),
    row('native, JPEG in memory to verdict, both readers, against the loops', ms.nativeAll, loop, ''),
    row('browser, JPEG in memory to verdict, both readers, against the loops', ms.browserAll, loop, ''),
  ]);
  const ratio = (ms.browserAll - ms.browserDecode) / ms.browser;
  console.log(
    `Browser, film to verdict against the paper's reader alone (both without decoding): ${ratio.toFixed(2)} times (goal: at most 2.5); ` +
      `paper's reader ${ms.browser.toFixed(1)} ms, lungs ${ms.lungs.toFixed(1)} ms, convnet reader ${ms.convnet.toFixed(1)} ms`,
  );
  console.log(`WebAssembly memory: ${(heapBefore / 2 ** 20).toFixed(1)} MiB before, ${(heapAfter / 2 ** 20).toFixed(1)} MiB after ${HEAP_FILMS} more films`);
} finally {
  await rm(folder, { recursive: true });
}

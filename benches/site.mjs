// The site as it is visited: how long until the first verdict, how many films a second, how much memory, how many
// bytes.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { startAll } from './engine.mjs';
import { dicom, grayOfBmp } from '../tests/browser/made.mjs';
import { CLI, DIST, launch, median, ms, open, PATIENCE, progress, ratio, row, run } from './support.mjs';

/** A browser for the time of `use`. */
async function within(use) {
  const browser = await launch();
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** From no worker to the first report, nothing cached; against the peer's way to the outputs of the networks. */
export function cold({ server, rounds: given }) {
  const rounds = 2 * given;
  return within(async (browser) => {
    const fresh = async (use) => {
      const page = await open(browser, server);
      const result = await use(page);
      await page.close();
      return result;
    };
    // They must agree before they are timed.
    await fresh((page) => startAll(page, 'wasm'));
    const contestants = {
      ours: () => fresh((page) => page.firstVerdict()),
      peer: () => fresh((page) => page.firstOutputs('onnxruntime.js', 'wasm')),
    };
    const all = { ours: [], peer: [] };
    for (let round = 1; round <= rounds; round++) {
      progress('cold', round, rounds);
      const order = Object.keys(contestants);
      for (const name of round % 2 ? order : order.reverse()) all[name].push(await contestants[name]());
    }
    const [ours, peer] = [all.ours, all.peer].map((list) => list.map(({ ms }) => ms));
    const started = (list) => ms(list.map(({ ready }) => ready));
    const taken = (stage) => `${stage} ${ms(all.ours.map(({ stages }) => stages[stage]))}`;
    return {
      title: `First verdict from a cold page: medians of ${rounds} rounds, each in a fresh browser context`,
      rows: [
        row('with the scripts there: worker, module, model, self-test, film read; against onnxruntime-web (WASM): times as long', {
          ours: ms(ours),
          other: ms(peer),
          value: ratio(ours, peer),
          goal: { most: 0.5 },
        }),
      ],
      notes: [
        'ours ends with the report of a film of 1024 × 1024 (JPEG); the peer with the outputs of the two networks alone',
        `until it could be asked: ours ${started(all.ours)}, onnxruntime-web ${started(all.peer)}`,
        `the first film of ours: ${Object.keys(all.ours[0].stages).map(taken).join(', ')}`,
        `ours ${JSON.stringify(all.ours[0].compute ?? null)}`,
      ],
    };
  });
}

/**
 * Films dropped on the page one after another, in its own window, once the page has been idle: the first against the tenth, and how
 * soon a DICOM film is seen.
 */
export function drop({ server, rounds, made }) {
  return within(async (browser) => {
    const drawn = path.join(made, 'drawn.bmp');
    await run(CLI, ['phantom', '--seed', '10', '--width', '2111', '--height', '1509', '--out', drawn]);
    await writeFile(path.join(made, 'film.dcm'), dicom(grayOfBmp(await readFile(drawn))));
    const dropped = async (options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      await page.goto(`${server.origin}/site/index.html`);
      await page.locator('html[data-warm]').waitFor({ state: 'attached' });
      const films = await page.evaluate(dropFilms, options);
      await context.close();
      return films;
    };
    /** @type {{took: number, seen: number}[][]} */
    const all = [];
    const looks = [];
    for (let round = 1; round <= rounds; round++) {
      progress('drop', round, rounds);
      all.push(await dropped({ address: '/made/common.jpg', name: 'film.jpg', count: 10 }));
      const [{ seen }] = await dropped({ address: '/made/film.dcm', name: 'film.dcm', count: 1 });
      looks.push(seen);
    }
    const [first, tenth] = [0, 9].map((at) => all.map((films) => films[at].took));
    return {
      title: `From drop to verdict on the page, a film of 1024 × 1024 (JPEG): medians of ${rounds} rounds, each in a fresh browser context`,
      rows: [
        row('the first film against the tenth: times as long', { ours: ms(first), other: ms(tenth), value: ratio(first, tenth), goal: { most: 1.3 } }),
        row('from drop to picture, the first film, DICOM of 12 bit, 2111 × 1509: ms', { value: median(looks), digits: 0, goal: { most: 100 } }),
      ],
      notes: [`the first film (JPEG) was seen ${ms(all.map(([film]) => film.seen))} after its drop`],
    };
  });
}

/** In the page: drops a film, waits for its result, removes it, and so on. */
async function dropFilms({ address, name, count }) {
  const bytes = await (await fetch(address)).arrayBuffer();
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const films = [];
  for (let film = 0; film < count; film++) {
    const data = new DataTransfer();
    data.items.add(new File([bytes], name));
    const begin = performance.now();
    let seen = 0;
    const took = await new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (!seen && document.querySelector('.viewer-first canvas')) seen = performance.now() - begin;
        if (document.getElementById('result').dataset.state !== 'done') return;
        observer.disconnect();
        resolve(performance.now() - begin);
      });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    films.push({ took, seen });
    // Its pictures are on their way still.
    await pause(300);
    document.getElementById('clear').click();
    await pause(100);
  }
  return films;
}

/** The page's pool with as many workers as cores, and its queue, against one worker. */
export function throughput({ server, rounds }) {
  const films = 24;
  return within(async (browser) => {
    const page = await open(browser, server);
    const workers = availableParallelism();
    const rates = { all: [], one: [] };
    for (let round = 1; round <= rounds; round++) {
      progress('throughput', round, rounds);
      rates.one.push(await page.filmsASecond(1, films));
      rates.all.push(await page.filmsASecond(workers, workers * films));
    }
    return {
      title: `Films a second, ${workers} cores: medians of ${rounds} rounds of ${films} films a worker`,
      rows: [
        row(`${workers} workers against one: times as many; the goal is 0.85 × ${workers}`, {
          ours: `${median(rates.all).toFixed(1)} / s`,
          other: `${median(rates.one).toFixed(1)} / s`,
          value: ratio(rates.all, rates.one),
          goal: { least: 0.85 * workers },
        }),
      ],
    };
  });
}

/** WebAssembly memory after every kind of film has been read once, and after many more. */
export function memory({ server, films }) {
  const count = 500;
  return within(async (browser) => {
    const page = await open(browser, server);
    await page.start('ours', 'ours.js');
    const { memory: before } = await page.ask('ours', 'classify', films, films.length);
    const { memory: after } = await page.ask('ours', 'classify', films, count);
    const size = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    return {
      title: `WebAssembly memory over ${count} films of ${films.length} sizes and formats`,
      rows: [
        row('growth in percent, after against before', {
          ours: size(after),
          other: size(before),
          value: 100 * (after / before - 1),
          goal: { most: 2 },
        }),
      ],
    };
  });
}

/** All files of the site, as a host that compresses sends them. */
export async function download() {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  const size = async (file) => brotliCompressSync(await readFile(file), { params }).length;
  // A browser fetches one of the two builds of the program: the larger one counts.
  const isProgram = (file) => /wasm_bg\.wasm$/.test(file);
  const programs = await Promise.all(files.filter(isProgram).map(size));
  const others = await Promise.all(files.filter((file) => !isProgram(file)).map(size));
  const bytes = others.reduce((sum, size) => sum + size, Math.max(...programs));
  return {
    title: 'What a browser fetches to classify, after brotli (quality 11)',
    rows: [row(`MB, ${others.length} files and one of the ${programs.length} builds of the program`, { value: bytes / 1e6, goal: { most: 2.5 } })],
  };
}

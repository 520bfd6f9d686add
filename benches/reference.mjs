// The product against the Python reference on one synthetic film. The reference decodes nothing.

import path from 'node:path';
import { CLI, PYTHON, ROOT, launch, median, ms, open, progress, ratio, row, run } from './support.mjs';

const CALLS = 11;
const SCRIPT = path.join(ROOT, 'tests/reference/bench_reference.py');

/** What the reference does: the paper's reader alone. */
const texture = (ms) => ms.preprocess + ms.features + ms.classify;

export async function reference({ server, rounds, made, films: [film] }) {
  const file = path.join(made, film);
  const browser = await launch();
  try {
    const page = await open(browser, server);
    await page.start('ours', 'ours.js', 'simd');
    const classify = (count) => page.ask('ours', 'classify', [film], count);

    // They must agree before they are timed.
    const native = JSON.parse((await run(CLI, ['classify', '--json', file])).stdout);
    const {
      reports: [web],
    } = await classify(1);
    for (const reader of ['texture', 'convnet']) {
      for (const [label, probability] of Object.entries(native.readers[reader])) {
        const apart = Math.abs(probability - web.readers[reader][label]);
        if (!(apart < 1e-4)) throw new Error(`native and browser are ${apart} apart in ${label} of ${reader}`);
      }
    }

    const times = { loop: [], vectorised: [], native: [], nativeAll: [] };
    Object.assign(times, { browser: [], browserAll: [], browserRead: [], lungs: [], convnet: [], read: [], look: [] });
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    for (let round = 1; round <= rounds; round++) {
      progress('reference', round, rounds);
      const python = JSON.parse((await run(PYTHON, [SCRIPT, file], { env })).stdout);
      times.loop.push(python.preprocess + python.features_loop);
      times.vectorised.push(python.preprocess + python.features_vectorised);
      const own = JSON.parse((await run(CLI, ['bench', '--rounds', `${CALLS}`, file])).stdout);
      times.native.push(own.texture);
      times.nativeAll.push(own.total);
      const { reports } = await classify(CALLS);
      const middle = (part) => median(reports.map(({ elapsed_ms: ms }) => part(ms)));
      times.browser.push(middle(texture));
      times.browserAll.push(middle((ms) => ms.total));
      times.browserRead.push(middle((ms) => ms.total - ms.decode));
      for (const part of ['lungs', 'convnet']) times[part].push(middle((ms) => ms[part]));
      for (let call = 0; call < CALLS; call++) {
        const pictures = await page.ask('ours', 'pictures', film);
        for (const way of ['read', 'look']) times[way].push(pictures[way]);
      }
    }
    const faster = (what, own, peer, least) => {
      const value = ratio(peer, own);
      return row(`${what}: times faster`, { ours: ms(own), other: ms(peer), value, digits: 1, goal: { least } });
    };
    const paper = "paper's reader, decode excluded";
    return {
      title: `Against the Python reference, one thread: medians of ${rounds} rounds`,
      rows: [
        faster(`${paper}, native, against the authors' loops`, times.native, times.loop, 48),
        faster(`${paper}, native, against the reference vectorised`, times.native, times.vectorised, 8),
        faster(`${paper}, browser (WASM SIMD), against the loops`, times.browser, times.loop, 15),
        faster('native, JPEG in memory to verdict, both readers, against the loops', times.nativeAll, times.loop),
        faster('browser, JPEG in memory to verdict, both readers, against the loops', times.browserAll, times.loop),
        row("browser, both readers against the paper's alone, decode excluded: times as long", {
          ours: ms(times.browserRead),
          other: ms(times.browser),
          value: ratio(times.browserRead, times.browser),
          goal: { most: 2.5 },
        }),
        row('browser, a film and its pictures: a second look against the first reading, times as long', {
          ours: ms(times.look),
          other: ms(times.read),
          value: ratio(times.look, times.read),
          goal: { most: 1 },
        }),
      ],
      notes: [`lungs ${ms(times.lungs)}, convnet reader ${ms(times.convnet)} of that, with all around the networks`],
    };
  } finally {
    await browser.close();
  }
}

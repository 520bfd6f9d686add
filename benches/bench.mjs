// Measures the product against its peers and its goals: interleaved rounds in one run, medians, ratios.
// `./build.sh bench [--only PART,...] [--rounds N]` runs it and says where everything is:
//
// DIST      the built site
// CLI       the release build of the command-line program
// PYTHON    Python with benches/requirements.txt
// CHROMIUM  the browser

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { archive } from './archive.mjs';
import { wasm, webgpu } from './engine.mjs';
import { load } from './load.mjs';
import { reference } from './reference.mjs';
import { cold, download, drop, memory, throughput } from './site.mjs';
import { CLI, NETWORKS, PYTHON, launch, run, serve } from './support.mjs';

const PARTS = { wasm, webgpu, cold, drop, throughput, memory, load: () => load(), archive, download, reference };

/**
 * The first has the size of the film that the authors' times were taken on. The gate accepts it: a picture that it refuses is
 * looked at in parts and in other ways, which takes longer.
 */
const FILMS = {
  'film.jpg': { seed: 10, width: 2111, height: 1509 },
  // The size of the films of NIH ChestX-ray14, the largest public collection here; for the first verdict.
  'common.jpg': { seed: 18, width: 1024, height: 1024 },
  'small.png': { seed: 2, width: 640, height: 600 },
  'deep.png': { seed: 3, width: 900, height: 1100, bits: 16 },
  'tall.jpg': { seed: 4, width: 1200, height: 1800 },
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: Object.keys(PARTS).join() },
  },
});
const rounds = Math.max(1, Number(values.rounds) || 5);
const only = values.only.split(',');
const unknown = only.filter((part) => !(part in PARTS));
if (unknown.length) {
  console.error(`error: the bench has no part ${unknown.join()}; it has ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}

async function make(folder) {
  for (const [name, about] of Object.entries(FILMS)) {
    const drawn = Object.entries(about).flatMap(([key, value]) => [`--${key}`, `${value}`]);
    await run(CLI, ['phantom', ...drawn, '--out', path.join(folder, name)]);
  }
  for (const name of NETWORKS) await run(CLI, ['network', name, '--out', folder]);
  await run(PYTHON, [path.join(import.meta.dirname, 'make_onnx.py'), folder, ...NETWORKS]);
}

/** What the numbers depend on beside the code. */
async function context() {
  const browser = await launch();
  const version = browser.version();
  await browser.close();
  const { dependencies } = JSON.parse(await readFile(path.join(import.meta.dirname, 'package.json'), 'utf8'));
  const peers = Object.entries(dependencies).map(([name, pinned]) => `${name} ${pinned}`);
  const load = loadavg()[0].toFixed(1);
  return [`Chromium ${version}, ${availableParallelism()} cores, load before the start ${load}`, peers.join(', ')];
}

/** As Markdown. */
function print({ title, rows, notes = [] }) {
  const cells = [['', 'ours', 'other', 'ratio', 'goal', 'met'], ...rows.map((row) => Object.values(row))];
  const widths = cells[0].map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column])));
  lines.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  );
  console.log(`\n${title}\n`);
  for (const line of lines) console.log(`| ${line.join(' | ')} |`);
  if (notes.length) console.log(`\n${notes.join('\n')}`);
}

const made = await mkdtemp(path.join(tmpdir(), 'covid-classifier-bench-'));
const server = await serve(made);
try {
  console.log((await context()).join('\n'));
  await make(made);
  for (const part of only) print(await PARTS[part]({ server, rounds, made, films: Object.keys(FILMS) }));
} finally {
  server.close();
  await rm(made, { recursive: true });
}

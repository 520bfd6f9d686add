// The program on a long list of films: films per second, what a million films cost, and whether memory stays flat.
//
//   ./build.sh bench --only archive
//   CLI=target/release/covid-classifier node benches/archive.mjs [FILMS]     (1000; at least 200)
//
// The films are of many sizes and kinds, and some cannot be read. The list names each many times: what is read twice is read as
// slowly as the first time, for nothing is kept.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CLI, median, row, run } from './support.mjs';

/** From phone to detector: the sizes of the public collections, and the largest that hospitals send. */
const FILMS = {
  'small.png': { seed: 2, width: 640, height: 600 },
  'common.jpg': { seed: 18, width: 1024, height: 1024 },
  'common.png': { seed: 20, width: 1024, height: 1024 },
  'deep.png': { seed: 3, width: 900, height: 1100, bits: 16 },
  'tall.jpg': { seed: 4, width: 1200, height: 1800 },
  'film.jpg': { seed: 10, width: 2111, height: 1509 },
  'wide.jpg': { seed: 5, width: 2048, height: 1500 },
  'detector.png': { seed: 6, width: 2500, height: 2048, bits: 16 },
};
const MILLION = 1e6;
/** Of the times in /proc, on every Linux. */
const TICKS_PER_SECOND = 100;
/**
 * Memory is the peak of so many films, in which each kind is read several times. A single peak is larger when two jobs happen to have
 * their largest films at once, so medians of peaks are compared as well.
 */
const WINDOW = 100;

async function draw(folder) {
  for (const [name, about] of Object.entries(FILMS)) {
    const drawn = Object.entries(about).flatMap(([key, value]) => [`--${key}`, `${value}`]);
    await run(CLI, ['phantom', ...drawn, '--out', path.join(folder, name)]);
  }
  await writeFile(path.join(folder, 'letter.png'), 'Dear colleague');
  const whole = await readFile(path.join(folder, 'film.jpg'));
  await writeFile(path.join(folder, 'cut.jpg'), whole.subarray(0, 1000));
  return [...Object.keys(FILMS), 'letter.png', 'cut.jpg', 'missing.png'].map((name) => path.join(folder, name));
}

/**
 * The most memory in MiB that a process had since the last call or, before there was one, since its start. Linux alone says it.
 * @param {number} pid
 */
async function peakOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  // Begins again with what it has now.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => {});
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? NaN) / 1024;
}

/** Seconds that a process has kept cores busy, which other load does not change much. Linux alone says it. @param {number} pid */
async function busySeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, system] = stat
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

/** One run over a list. @param {string[]} films @param {number} count @param {number} jobs */
async function pass(films, count, jobs) {
  const list = Array.from({ length: count }, (_, index) => films[index % films.length]);
  const child = spawn(CLI, ['classify', '--json', '--files-from', '-', '--jobs', `${jobs}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.write(list.map((film) => `${film}\n`).join(''));
  /** @type {number[]} */
  const peaks = [];
  let [answered, unread, begin, busy] = [0, 0, 0, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    const { path: film, error } = JSON.parse(line);
    if (film !== list[answered]) throw new Error(`line ${answered + 1} is on ${film}, not on ${list[answered]}`);
    answered += 1;
    if (error) unread += 1;
    if (answered === 1) begin = performance.now();
    if ((answered + 1) % WINDOW === 0) peaks.push(await peakOf(child.pid));
    if (answered !== count - 1) continue;
    busy = await busySeconds(child.pid);
    // The program would end with its list, before it could be asked.
    child.stdin.end();
  }
  const seconds = (performance.now() - begin) / 1000;
  const code = await closed;
  if (code !== 1 || answered !== count) throw new Error(`the program ended with ${code} after ${answered} of ${count} films`);
  return { rate: (count - 1) / seconds, unread, perBusySecond: (count - 1) / busy, peaks };
}

export async function archive({ count = 1000 } = {}) {
  if (!(count >= 2 * WINDOW)) throw new RangeError(`${count} films are too few to compare memory: there must be at least ${2 * WINDOW}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-archive-'));
  try {
    const films = await draw(folder);
    const cores = availableParallelism();
    const one = await pass(films, Math.max(2 * WINDOW, Math.round(count / 4)), 1);
    const all = await pass(films, count, cores);
    const rate = Number.isNaN(all.perBusySecond) ? one.rate : all.perBusySecond;
    const half = all.peaks.length >> 1;
    const [first, last] = [all.peaks.slice(0, half), all.peaks.slice(-half)].map(median);
    const most = Math.max(...all.peaks);
    const hours = MILLION / rate / 3600;
    const mib = (/** @type {number} */ value) => `${value.toFixed(0)} MiB`;
    return {
      title: `${count} films of ${films.length} kinds through the program`,
      rows: [
        row(`${cores} cores against one: times as many films per second`, {
          ours: `${all.rate.toFixed(2)} / s`,
          other: `${one.rate.toFixed(2)} / s`,
          value: all.rate / one.rate,
        }),
        row(`the most memory so far at film ${count - 1} against film ${WINDOW - 1}, ${cores} cores`, {
          ours: mib(most),
          other: mib(all.peaks[0]),
          value: Number.isNaN(most) ? null : most / all.peaks[0],
          goal: { most: 1.05 },
        }),
        // Of a steady growth, the halves show a little more than half.
        row(`the most memory during ${WINDOW} films, ${cores} cores: the second half of the list against the first (medians)`, {
          ours: mib(last),
          other: mib(first),
          value: Number.isNaN(last) ? null : last / first,
          goal: { most: 1.03 },
        }),
      ],
      notes: [
        `The most memory during each ${WINDOW} films, in MiB: ${all.peaks.map((peak) => peak.toFixed(0)).join(', ')}.`,
        `Load before the end: ${loadavg()[1].toFixed(1)} on ${cores} cores. ${all.unread} of ${count} could not be read, as they should.`,
        `A second of one core reads ${rate.toFixed(2)} films: a million such films take ${hours.toFixed(0)} core hours, ${(hours / 64).toFixed(1)} h on 64 cores.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { title, rows, notes } = await archive({ count: Number(process.argv[2] ?? 1000) });
  console.log(title);
  for (const { what, ours, other, value, goal, met } of rows) {
    console.log(`  ${what}: ${ours} against ${other}, ${value}${goal ? ` (goal ${goal}: ${met})` : ''}`);
  }
  console.log(notes.map((note) => `  ${note}`).join('\n'));
}

// Hundreds of damaged files dropped on the page: each gets a result or a reason, none stops the program or blocks it for long, and the page
// reads a good film afterwards.
//
// MUTATED          what writes them (target/…/examples/mutated, beside the command-line program)
// MUTATED_FILES    how many (200); 1000 take some minutes on two cores
// MUTATED_SEED     others than the usual ones

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CLI, choose, drop, exportFilms, films, launch, open, settled, site, suite } from './support.mjs';

const WRITER = process.env.MUTATED ?? path.join(path.dirname(CLI), 'examples/mutated');
const COUNT = Number(process.env.MUTATED_FILES ?? 200);
const AT_ONCE = 50;
/** Wall time, on a machine with other work. The measured time is printed. */
const MOST_MS = 10_000;
/** Memory of the process that holds the page and its worker: one worker may need half a gigabyte, plus the page. */
const MOST_BYTES = 1.5e9;

suite();

/** @typedef {{at: number, settled: number, isBusy: boolean}} Moment */

/** @param {import('playwright-core').Page} page */
function watch(page) {
  return page.evaluate(() => {
    const films = /** @type {HTMLElement} */ (document.getElementById('films'));
    /** @type {Moment[]} */
    const moments = [];
    const note = () => {
      const { done, failed, waiting, reading } = films.dataset;
      moments.push({ at: performance.now(), settled: Number(done) + Number(failed), isBusy: Number(waiting) + Number(reading) > 0 });
    };
    new MutationObserver(note).observe(films, { attributes: true });
    Object.assign(window, { moments });
  });
}

/**
 * The longest time without an answer while films are waiting.
 * @param {import('playwright-core').Page} page
 */
function longestWait(page) {
  return page.evaluate(() => {
    const { moments } = /** @type {{moments: Moment[]}} */ (/** @type {unknown} */ (window));
    let [longest, last] = [0, moments[0]];
    for (const moment of moments) {
      if (moment.settled === last.settled && last.isBusy) continue;
      if (last.isBusy) longest = Math.max(longest, moment.at - last.at);
      last = moment;
    }
    return longest;
  });
}

/**
 * Waits until at least this many films are there (archives may add more) and each has an answer.
 * @param {import('playwright-core').Page} page
 * @param {number} least
 */
async function answered(page, least) {
  let before = -1;
  for (let quiet = 0; quiet < 3; ) {
    const { total, isBusy } = await page.evaluate(() => {
      const { total, waiting, reading } = /** @type {HTMLElement} */ (document.getElementById('films')).dataset;
      return { total: Number(total), isBusy: Number(waiting) + Number(reading) > 0 };
    });
    quiet = total >= least && total === before && !isBusy ? quiet + 1 : 0;
    before = total;
    await page.waitForTimeout(150);
  }
  return before;
}

/** The most memory that a process of the browser has had, on Linux; null elsewhere. @param {import('playwright-core').Browser} browser */
async function peak(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const peaks = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => {
        const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
        return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
      }),
  );
  return Math.max(0, ...peaks) || null;
}

test(`${COUNT} mutated files: each is answered, and a good film after them`, async (t) => {
  assert.ok(existsSync(WRITER), `there is no ${WRITER}: cargo build --example mutated makes it; MUTATED names another`);
  const folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-mutated-'));
  const saved = await mkdtemp(path.join(tmpdir(), 'covid-classifier-saved-'));
  const browser = await launch([], saved);
  t.after(async () => {
    await browser.close();
    await Promise.all([folder, saved].map((one) => rm(one, { recursive: true })));
  });
  await promisify(execFile)(WRITER, [folder, String(COUNT), ...(process.env.MUTATED_SEED ? [process.env.MUTATED_SEED] : [])]);
  const names = (await readdir(folder)).sort();
  assert.equal(names.length, COUNT);

  // With one worker, every wait is caused by one film.
  const { page, complaints } = await open(browser, site, { cores: 1 });
  await watch(page);
  let [least, archives] = [0, 0];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const some = await Promise.all(names.slice(from, from + AT_ONCE).map(async (name) => ({ name, bytes: await readFile(path.join(folder, name)) })));
    const isArchive = (/** @type {{bytes: Buffer}} */ { bytes }) => bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04';
    archives += some.filter(isArchive).length;
    least += some.filter((file) => !isArchive(file)).length;
    await drop(page, some);
    least = await answered(page, least);
  }
  const longest = await longestWait(page);
  const memory = await peak(browser);

  // The page's CSV: the films' states, and the failures.
  const [head, ...rows] = await exportFilms(page, saved);
  const column = (/** @type {string} */ name) => head.split(',').indexOf(name);
  /** @type {Record<string, number>} */
  const outcomes = {};
  for (const row of rows) {
    // No column up to the last of these contains commas.
    const cells = row.split(',');
    const state = cells[column('state')];
    assert.ok(['done', 'failed'].includes(state), row);
    const outcome = state === 'done' ? `a film: ${cells[column('verdict')]}` : cells[column('error_kind')];
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  assert.ok(rows.length >= names.length - archives);
  for (const kind of ['crashed', 'internal', 'worker', 'unreadable']) assert.equal(outcomes[kind] ?? 0, 0, JSON.stringify(outcomes));
  assert.ok(outcomes.decode > 0 && Object.keys(outcomes).some((name) => name.startsWith('a film')), JSON.stringify(outcomes));

  await page.locator('#clear').click();
  await choose(page, films.judged);
  await settled(page, 'done');
  assert.deepEqual(complaints, []);
  t.diagnostic(`${names.length} files, ${archives} of them archives: ${JSON.stringify(outcomes)}`);
  t.diagnostic(`the longest answer took ${(longest / 1000).toFixed(2)} s; at most ${memory ? Math.round(memory / 1e6) : '?'} MB`);
  assert.ok(longest < MOST_MS, `an answer took ${longest} ms`);
  assert.ok(!memory || memory < MOST_BYTES, `the page takes ${memory} bytes`);
});

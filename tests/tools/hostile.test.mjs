// Files that the page itself reads (exported results, tables of labels, archives, manifests of models), intact and with thousands of seeded
// changes: each gets an answer or a reason, soon and without an exception.
//
// FUZZ_INPUTS   how many changes of each (300)
// FUZZ_SEED     others than the usual ones

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { toJson } from '../../www/exchange/export.js';
import { parseExport, readExport } from '../../www/exchange/import.js';
import { toIncoming } from '../../www/exchange/incoming.js';
import { parseLabelTable } from '../../www/exchange/label-table.js';
import { partsOf } from '../../www/exchange/zip.js';
import { ClassifierError } from '../../www/reader/error.js';
import { readOwnModel } from '../../www/reader/own-model.js';
import { zip } from '../browser/made.mjs';
import { madeUpResults } from '../browser/results.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 300);
const MOST_MS = 2000;

/** mulberry32: small, and the same everywhere. @param {number} seed */
function randomOf(seed) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (/** @type {number} */ most) => Math.floor(next() * most);
  return { next, below, of: (/** @type {readonly any[]} */ all) => all[below(all.length)] };
}

/** @typedef {ReturnType<typeof randomOf>} Random */

/** @param {number} index of the test @param {number} input */
const random = (index, input) => randomOf(Number(process.env.FUZZ_SEED ?? 15) * 1_000_003 + index * 7919 + input * 31);

const WORDS = [
  '',
  'null',
  '-1',
  '1e999',
  '"',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '{',
  '[',
  ']',
  '}',
  ':',
  '\\',
  '\\u0000',
  '\ufeff',
  '\ud800',
  '💥',
  '=cmd()',
  '../',
  '__proto__',
];

/** A few changes of a text. @param {Random} random @param {string} text */
function changedText(random, text) {
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.below(40));
    switch (random.below(5)) {
      case 0:
        text = text.slice(0, at) + random.of(WORDS) + text.slice(at);
        break;
      case 1:
        text = text.slice(0, at) + random.of(WORDS) + text.slice(end);
        break;
      case 2:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 3:
        text = text.slice(0, end) + text.slice(at);
        break;
      default:
        if (random.below(4) === 0) text = text.slice(0, at);
    }
  }
  return text;
}

/** @param {number} depth */
const nested = (depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

/** Values that stand where another is awaited. @type {(() => unknown)[]} */
const VALUES = [
  () => null,
  () => undefined,
  () => -1,
  () => 1e308,
  () => 0.5,
  () => '',
  () => 'covid19',
  () => 'x'.repeat(30_000),
  () => '<img src=x onerror=alert(1)>',
  () => true,
  () => [],
  () => ({}),
  () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'),
  () => Array.from({ length: 2000 }, () => 0),
  () => nested(3000),
  () => '2026-02-30T04:05:06.789Z',
];

/** Another value in a random place, one less, or one more. @param {Random} random @param {any} value */
function changedValue(random, value) {
  const copy = structuredClone(value);
  for (let left = 1 + random.below(3); left > 0; left--) {
    let [place, key] = [copy, random.of(Object.keys(copy))];
    while (typeof place[key] === 'object' && place[key] !== null && Object.keys(place[key]).length > 0 && random.below(6) > 0) {
      place = place[key];
      key = random.of(Object.keys(place));
    }
    switch (random.below(4)) {
      case 0:
        delete place[key];
        break;
      case 1:
        place[random.of([key, 'toString', 'own', 'films'])] = random.of(VALUES)();
        break;
      default:
        place[key] = random.of(VALUES)();
    }
  }
  return copy;
}

/** @param {Random} random @param {Buffer} bytes */
function changedBytes(random, bytes) {
  let changed = Buffer.from(bytes);
  for (let left = 1 + random.below(5); left > 0 && changed.length > 4; left--) {
    const at = random.below(changed.length - 4);
    switch (random.below(4)) {
      case 0:
        changed[at] = random.below(256);
        break;
      case 1:
        changed.writeUInt32LE(random.of([0, 1, 0x7f, 0xffff, 0x7fffffff, 0xffffffff]), at);
        break;
      case 2:
        changed = random.below(3) === 0 ? changed.subarray(0, at) : changed;
        break;
      default: {
        const end = Math.min(changed.length, at + random.below(60));
        changed = Buffer.concat([changed.subarray(0, end), changed.subarray(at)]);
      }
    }
  }
  return changed;
}

/**
 * Runs a check and reports the input with which it fails.
 * @param {number} index of the test
 * @param {(random: Random) => {input: unknown, check: () => unknown}} make
 */
async function forAll(index, make) {
  for (let input = 0; input < INPUTS; input++) {
    const one = make(random(index, input));
    const begin = performance.now();
    try {
      await one.check();
    } catch (error) {
      const text = one.input instanceof Uint8Array ? Buffer.from(one.input).toString('base64') : String(one.input);
      throw new Error(`input ${input}: ${text.slice(0, 4000)}`, { cause: error });
    }
    const time = performance.now() - begin;
    assert.ok(time < MOST_MS, `input ${input} takes ${time} ms`);
  }
  assert.equal(/** @type {any} */ ({}).polluted, undefined, 'nothing reaches what all objects have');
}

const golden = JSON.parse(await readFile(path.join(ROOT, 'tests/goldens/reports/square_8_bit.json'), 'utf8'));
const elapsed = { decode: 1, frame: 1, preprocess: 1, features: 1, classify: 1, lungs: 1, convnet: 1, total: 7 };
const report = { ...golden.report, elapsed_ms: elapsed, model: { version: '0.1.0', sha256: 'a'.repeat(64) } };
report.explanation.features.splice(3);
/** The last of them was not read. */
const results = madeUpResults(report, 7);
results.films.splice(1, 4);

const KINDS = ['import_foreign', 'import_damaged', 'import_schema', 'too_many_bytes'];

/** Checks that the outcome is one of the allowed kinds. @param {ReturnType<typeof parseExport>} found */
function checkFound(found) {
  if (found === null) return;
  if (!Array.isArray(found)) {
    assert.ok(KINDS.includes(found.kind) && typeof found.message === 'string' && found.message.length < 2000, JSON.stringify(found).slice(0, 300));
    return;
  }
  for (const { file, path: name, report, failure, imported } of found) {
    assert.equal(file, null);
    assert.equal(typeof name, 'string');
    assert.ok(report || failure);
    assert.ok(imported && !Number.isNaN(Date.parse(imported.at)) && typeof imported.isNamed === 'boolean');
    for (const share of Object.values(report?.probabilities ?? {})) assert.ok(share >= 0 && share <= 1);
  }
}

/** Makes films of what came in, as the queue does. @param {import('../../www/report/types.js').Incoming[]} found */
const asFilms = (found) =>
  found.map(({ path: name, report, failure, imported, isSynthetic }, index) => ({
    number: index + 1,
    film: /** @type {any} */ ({
      name,
      path: name,
      state: failure ? 'failed' : 'done',
      report: report ?? null,
      failure: failure ?? null,
      imported,
      isSynthetic,
    }),
  }));

test('results: the whole file is read, and what is read can be written and read again', () => {
  const found = parseExport(JSON.stringify(results), true);
  assert.ok(Array.isArray(found) && found.length === 3);
  checkFound(found);
  const written = toJson(asFilms(found), { withNames: true, now: new Date(0), model: null }).join('');
  const again = parseExport(written, true);
  assert.ok(Array.isArray(again), JSON.stringify(again).slice(0, 300));
  assert.deepEqual(
    again.map(({ report }) => report),
    found.map(({ report }) => report),
  );
});

test('results with other values in places: read, or named with the place', () => {
  let refused = 0;
  return forAll(1, (random) => {
    const input = JSON.stringify(changedValue(random, results));
    return {
      input,
      check: () => {
        const found = parseExport(input, random.below(2) === 0);
        checkFound(found);
        // Accepted results can be exported and imported again.
        if (Array.isArray(found) && found.length > 0) {
          const written = toJson(asFilms(found), { withNames: true, now: new Date(0), model: null }).join('');
          assert.ok(Array.isArray(parseExport(written, true)), 'what was taken is not taken again');
        } else {
          refused++;
        }
      },
    };
  }).then(() => assert.ok(refused > INPUTS / 4 && refused < INPUTS, `${refused} of ${INPUTS} were refused`));
});

test('results with other letters in places, as a text and as a file', () =>
  forAll(2, (random) => {
    const input = changedText(random, JSON.stringify(results));
    return {
      input,
      check: async () => {
        checkFound(parseExport(input, true));
        checkFound(await readExport(new File([input], random.of(['results.json', 'results', 'x.txt']))));
      },
    };
  }));

test('results of depth 100,000, and a hundred thousand films too many', () => {
  const deep = `{"schema":"covid-classifier-results/1","films":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  checkFound(parseExport(deep, true));
  const many = JSON.stringify({ ...results, films: Array.from({ length: 100_001 }, () => ({})) });
  const found = parseExport(many, true);
  assert.equal(!Array.isArray(found) && found?.kind, 'import_damaged');
});

const TABLES = [
  'path,label,patient\na.png,normal,p1\n"b, ""c"".png",covid19,\n',
  '\ufefffile;label\r\na.png;Pneumonia\r\n\r\nsub\\b.png;COVID-19\r\n',
  'sep=;\nPath\tLabel\nx\tnormal\n',
];

test('tables of labels: rows of texts, or no table', () =>
  forAll(3, (random) => {
    const input = changedText(random, random.of(TABLES));
    return {
      input,
      check: () => {
        const rows = parseLabelTable(input);
        for (const row of rows ?? []) {
          assert.deepEqual(Object.keys(row), ['path', 'label', 'patient', 'line']);
          assert.ok([row.path, row.label, row.patient].every((text) => typeof text === 'string') && row.line >= 2);
        }
      },
    };
  }));

const archive = zip([
  { name: 'ward/a.png', bytes: Buffer.from('\x89PNG\r\n\x1a\nno more', 'latin1') },
  { name: 'b', bytes: Buffer.alloc(3000, 7), stored: true },
  { name: 'ward/', bytes: Buffer.alloc(0) },
  { name: 'labels.csv', bytes: Buffer.from('path,label\na.png,normal\n') },
]);

test('archives: parts that unpack to what they say, or a reason', () =>
  forAll(4, (random) => {
    const input = changedBytes(random, archive);
    return {
      input,
      check: async () => {
        const isReason = (/** @type {unknown} */ error) => {
          assert.ok(error instanceof ClassifierError && error.kind.startsWith('zip_'), String(error));
          return null;
        };
        const parts = (await partsOf(new Blob([input])).catch(isReason)) ?? [];
        for (const { file, failure } of parts) {
          assert.ok(file ? failure === null : failure?.kind.startsWith('zip_'));
          // A file that claims to be large is large only when it is read.
          if (!file || file.size > 1e6) continue;
          const bytes = await file.arrayBuffer().catch(isReason);
          assert.ok(bytes === null || bytes.byteLength === file.size);
          await file.head(100).catch(isReason);
        }
      },
    };
  }));

test('whatever is dropped is a film, a failure, a table or nothing', () =>
  forAll(5, (random) => {
    const whole = random.of([archive, Buffer.from(JSON.stringify(results)), Buffer.from(random.of(TABLES)), Buffer.alloc(200)]);
    const input = changedBytes(random, whole);
    const name = random.of(['a.zip', 'a', 'results.json', 'labels.csv', 'film.png', 'folder/a.json', 'folder/a', 'DICOMDIR', '.zip']);
    return {
      input,
      check: async () => {
        const file = new File([input], name.split('/').pop() ?? name);
        const { films, tables, taken, others, hidden } = await toIncoming([{ file, path: name }]);
        assert.ok(taken >= 0 && others >= 0 && hidden >= 0);
        for (const { file, failure, report } of films) assert.ok(file || failure || report);
        for (const { rows } of tables) assert.ok(Array.isArray(rows));
      },
    };
  }));

test('manifests of a model: the files that they name, or a reason', async () => {
  const manifest = (await readFile(path.join(ROOT, 'models/manifest.json'))).toString();
  const names = JSON.parse(manifest).files.map((/** @type {{path: string}} */ { path }) => path);
  await forAll(6, (random) => {
    const isText = random.below(2) === 0;
    const input = isText ? changedText(random, manifest) : JSON.stringify(changedValue(random, JSON.parse(manifest)));
    const files = [new File([input], 'manifest.json'), ...names.map((/** @type {string} */ name) => new File(['weights'], name))];
    return {
      input,
      check: () =>
        readOwnModel(files).then(
          ({ weights }) => assert.ok(Object.values(weights).every((bytes) => bytes instanceof Uint8Array)),
          (error) => assert.ok(error instanceof ClassifierError && error.kind.startsWith('model_'), String(error)),
        ),
    };
  });
});

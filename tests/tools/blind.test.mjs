// Reading blind, without a browser: intervals against published values, the counts, and the order from a seed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figuresOf, wilson } from '../../www/blind/figures.js';
import { toCsv, toJson } from '../../www/blind/save.js';
import { BlindSession } from '../../www/blind/session.js';
import { newSeed, readSeed, shuffled } from '../../www/blind/shuffle.js';

/** @typedef {import('../../www/blind/session.js').Turn} Turn */

describe("Wilson's interval", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, table I: the score method without correction for continuity.
  for (const [count, n, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]) {
    test(`${count} of ${n}, as published`, () => {
      const interval = wilson(count, n);
      assert.equal(interval.low.toFixed(4), low.toFixed(4));
      assert.equal(interval.high.toFixed(4), high.toFixed(4));
    });
  }

  test('the other side is its mirror, and it stays between 0 and 1', () => {
    for (const n of [1, 2, 7, 100]) {
      for (let count = 0; count <= n; count++) {
        const { low, high } = wilson(count, n);
        const other = wilson(n - count, n);
        assert.ok(Math.abs(low - (1 - other.high)) < 1e-12 && 0 <= low && low <= count / n && count / n <= high && high <= 1, `${count} of ${n}`);
      }
    }
  });
});

/**
 * @param {string | null} label
 * @param {string} before
 * @param {string} after
 * @param {string} verdict
 */
const turn = (label, before, after, verdict) =>
  /** @type {Turn} */ (
    /** @type {unknown} */ ({
      film: { name: '=1+1.png', path: 'covid19/=1+1.png', isSynthetic: false },
      before: { answer: before, sureness: before === 'cannot_say' ? null : 0.8 },
      after: { answer: after, sureness: after === 'cannot_say' ? null : 0.9 },
      reader: { verdict, finding: null, abnormal: null, probabilities: null, model: { version: '1.2.3', sha256: 'abc' } },
      label,
      wasShown: false,
    })
  );

const TURNS = [
  turn('covid19', 'covid19', 'covid19', 'covid19'),
  turn('covid19', 'pneumonia', 'covid19', 'covid19'),
  turn('covid19', 'cannot_say', 'covid19', 'covid19'),
  turn('normal', 'normal', 'pneumonia', 'pneumonia'),
  turn('normal', 'normal', 'normal', 'refused'),
  turn('pneumonia', 'covid19', 'cannot_say', 'uncertain'),
  turn('pneumonia', 'pneumonia', 'pneumonia', 'normal'),
  turn(null, 'normal', 'covid19', 'covid19'),
];

/** @param {import('../../www/blind/figures.js').Share | null} share */
const counted = (share) => share && [share.count, share.n];

describe('figures, counted by hand', () => {
  const figures = figuresOf([...TURNS, { ...turn('covid19', 'covid19', 'covid19', 'covid19'), before: null }]);

  test('films', () => {
    assert.deepEqual([figures.films, figures.labelled, figures.reader_refused], [8, 7, 1]);
  });

  test('of the person', () => {
    assert.deepEqual(counted(figures.person.accuracy), [4, 6]);
    assert.deepEqual(counted(figures.person.no_class), [1, 7]);
    assert.deepEqual(Object.values(figures.person.sensitivity).map(counted), [
      [1, 2],
      [2, 2],
      [1, 2],
    ]);
    assert.deepEqual(Object.values(figures.person.specificity).map(counted), [
      [3, 4],
      [4, 4],
      [3, 4],
    ]);
    assert.deepEqual(counted(figures.person_after.accuracy), [5, 6]);
  });

  test('of the reader, on the same films', () => {
    assert.deepEqual(counted(figures.reader.accuracy), [3, 5]);
    assert.deepEqual(counted(figures.reader.no_class), [2, 7]);
    assert.deepEqual(counted(figures.agreement.person), [1, 5]);
    assert.deepEqual(counted(figures.agreement.person_after), [5, 6]);
  });

  test('of changed answers', () => {
    const { changed, ...counts } = figures.changes;
    assert.deepEqual(counted(changed), [5, 8]);
    assert.deepEqual(counts, { to_reader: 4, labelled: 4, towards_right: 2, towards_wrong: 1, neither: 1 });
  });

  test('without labels there is no right and wrong', () => {
    const { person, labelled } = figuresOf([turn(null, 'normal', 'normal', 'normal')]);
    assert.deepEqual([labelled, person.accuracy, person.no_class, person.sensitivity.covid19], [0, null, null, null]);
  });
});

describe('files', () => {
  const session = new BlindSession([], new WeakSet(), { seed: 42, count: 0, labels: new Map() });
  session.turns = TURNS;
  const now = new Date('2026-02-03T04:05:06.789Z');

  test('CSV is no formula, and names nothing unless asked', () => {
    const named = toCsv(session, { withNames: true, now }).split('\r\n');
    assert.match(named[0], /^\ufeffnumber,file_name,path,label,answer,sureness,/);
    assert.match(named[1], /^1,'=1\+1\.png,covid19\/=1\+1\.png,covid19,covid19,0\.8,covid19,0\.9,false,covid19,/);
    assert.match(named[1], /,42,1\.2\.3,abc,false,covid-classifier [^,]+,2026-02-03T04:05:06\.789Z$/);
    assert.equal(named.length, 1 + TURNS.length + 1);
    for (const text of [toCsv(session, { withNames: false, now }), toJson(session, { withNames: false, now })]) assert.ok(!text.includes('png'));
    assert.match(toCsv(session, { withNames: false, now, csv: 'semicolon' }), /\r\n1;covid19;covid19;0,8;/);
  });

  test('JSON has seed, model and figures', () => {
    const { seed, model, figures, films } = JSON.parse(toJson(session, { withNames: false, now }));
    assert.deepEqual({ seed, model }, { seed: 42, model: { version: '1.2.3', sha256: 'abc' } });
    assert.deepEqual(figures, JSON.parse(JSON.stringify(figuresOf(TURNS))));
    assert.equal(films.length, TURNS.length);
  });
});

describe('the order', () => {
  const films = Array.from({ length: 50 }, (_, index) => ({ path: `ward/${index}.png` }));
  const paths = (/** @type {{path: string}[]} */ films) => films.map(({ path }) => path);

  test('is the same for the same seed, however the films came in, and another for another', () => {
    const order = paths(shuffled(films, 7));
    assert.deepEqual(paths(shuffled([...films].reverse(), 7)), order);
    assert.notDeepEqual(paths(shuffled(films, 8)), order);
    assert.deepEqual([...order].sort(), paths(films).sort());
  });

  test('stays as it is from version to version', () => {
    assert.deepEqual(
      paths(shuffled(films.slice(0, 6), 7)),
      ['4', '1', '2', '3', '5', '0'].map((name) => `ward/${name}.png`),
    );
  });

  test('every film comes first as often as another', () => {
    const first = new Map();
    for (let seed = 0; seed < 6000; seed++) {
      const { path } = shuffled(films.slice(0, 6), seed)[0];
      first.set(path, (first.get(path) ?? 0) + 1);
    }
    // Five standard deviations of a binomial count of 1,000.
    for (const [path, count] of first) assert.ok(Math.abs(count - 1000) < 5 * Math.sqrt(6000 * (1 / 6) * (5 / 6)), `${path}: ${count}`);
    assert.equal(first.size, 6);
  });

  test('a seed is a whole number', () => {
    assert.deepEqual(['0', ' 12 ', '4294967295'].map(readSeed), [0, 12, 4294967295]);
    assert.deepEqual(['', '-1', '1.5', '4294967296', 'seed', '1e3', '99999999999'].map(readSeed), [null, null, null, null, null, null, null]);
    assert.equal(readSeed(String(newSeed())) === null, false);
  });
});

describe('a session', () => {
  /** @param {string} path */
  const film = (path) => /** @type {import('../../www/report/types.js').Film} */ (/** @type {unknown} */ ({ path, name: path, report: { verdict: 'normal' } }));
  const films = ['a', 'b', 'c', 'd'].map(film);
  const begin = (count = 4, shown = new WeakSet()) =>
    new BlindSession(films, shown, { seed: 1, count, labels: new Map(films.map((film) => [film, 'normal'])) });

  test('keeps the first answer beside the one after', () => {
    const session = begin(2);
    assert.equal(session.isSaved, true);
    session.change({ answer: 'normal', sureness: 1 });
    assert.equal(session.turn?.after, null);
    session.answer({ answer: 'covid19', sureness: 0.6 });
    session.answer({ answer: 'normal', sureness: 1 });
    session.change({ answer: 'normal', sureness: 0.9 });
    assert.deepEqual([session.turn?.before?.answer, session.turn?.after?.answer], ['covid19', 'normal']);
    assert.equal(session.isSaved, false);
    session.next();
    assert.equal(session.number, 2);
    session.end();
    assert.deepEqual([session.turn, session.turns.length], [null, 1]);
  });

  test('goes on without films that are gone', () => {
    const session = begin();
    session.answer({ answer: 'normal', sureness: 1 });
    const [first, second, third, fourth] = session.turns.map(({ film }) => film);
    session.keepOnly([second, fourth]);
    assert.deepEqual(
      session.turns.map(({ film }) => film),
      [first, second, fourth],
    );
    assert.equal(session.turn?.film, second);
    assert.equal(session.leftOut, 1);
    assert.ok(third);
  });

  test('says which verdicts had been on the page', () => {
    const session = begin(4, new WeakSet(films.slice(0, 2)));
    while (session.turn) {
      session.answer({ answer: 'cannot_say', sureness: null });
      session.next();
    }
    assert.equal(figuresOf(session.turns).shown_before, 2);
  });
});

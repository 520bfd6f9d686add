// The program for browsers without relaxed SIMD, made from the relaxed one. Both are run in Node.js if it has the instruction.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { withoutRelaxed } from '../../tools/plain.mjs';
import { ofOneVisitor } from '../../tools/site.mjs';

const ROOT = path.join(import.meta.dirname, '../..');

/** The numbers in a list of bytes in a script. @param {string} file */
async function probeIn(file) {
  const text = await readFile(path.join(ROOT, 'www', file), 'utf8');
  const [, numbers = ''] = /const PROBE = \[([\d,\s]+)\];/.exec(text) ?? [];
  return Uint8Array.from(
    numbers.split(',').filter((number) => number.trim()),
    Number,
  );
}

const splat = [0xfd, 0x13];

/**
 * A module with one function of a number and some code, which gives a number.
 * @param {number[]} code
 * @param {number[]} [locals] the groups, counted
 */
function moduleOf(code, locals = [0]) {
  const body = [...locals, ...code, 0x0b];
  const section = (/** @type {number} */ id, /** @type {number[]} */ bytes) => [id, bytes.length, ...bytes];
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  const type = section(1, [1, 0x60, 1, 0x7d, 1, 0x7d]);
  const exported = section(7, [1, 1, 'f'.charCodeAt(0), 0, 0]);
  return Uint8Array.from([...header, ...type, ...section(3, [1, 0]), ...exported, ...section(10, [1, body.length, ...body])]);
}

/** @param {Uint8Array} module @param {number} value */
function run(module, value) {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module)));
  return /** @type {(value: number) => number} */ (instance.exports.f)(value);
}

test('a fused multiplication and addition is one and the other, whatever locals there are', () => {
  const x = [0x20, 0, ...splat];
  // (x · x) + 3, then times x + the local that was set before.
  const three = [0x43, 0, 0, 0x40, 0x40, ...splat];
  const fused = [0xfd, 0x85, 0x02];
  const first = [0xfd, 0x1f, 0];
  for (const [locals, code, expected] of /** @type {[number[], number[], number][]} */ ([
    [[0], [...x, ...x, ...three, ...fused, ...first], 28],
    [[1, 1, 0x7b], [...three, 0x21, 1, ...x, ...x, ...three, ...fused, ...x, 0x20, 1, ...fused, ...first], 28 * 5 + 3],
    [[2, 2, 0x7d, 1, 0x7b], [...three, 0x21, 3, ...x, ...x, 0x20, 3, ...fused, ...first], 28],
  ])) {
    const { module, fused } = withoutRelaxed(moduleOf(code, locals));
    assert.equal(fused, code.length > 30 ? 2 : 1);
    assert.equal(run(module, 5), expected);
  }
});

test('the relaxed maximum is the one that says what it does, and all else stays as it was', () => {
  const x = [0x20, 0, ...splat];
  const three = [0x43, 0, 0, 0x40, 0x40, ...splat];
  const { module, fused } = withoutRelaxed(moduleOf([...x, ...three, 0xfd, 0x8e, 0x02, 0xfd, 0x1f, 0]));
  assert.equal(fused, 0);
  assert.deepEqual([run(module, 5), run(module, 2)], [5, 3]);
  const plain = moduleOf([0x20, 0, 0x20, 0, 0x92]);
  assert.deepEqual(withoutRelaxed(plain).module, plain);
});

test('an instruction that is not known is an error', () => {
  for (const code of [
    [0xfd, 0x80, 0x02],
    [0xfe, 0x00],
    [0xfc, 0x20],
  ]) {
    assert.throws(() => withoutRelaxed(moduleOf([0x20, 0, ...code])), /not known/);
  }
});

test('the page and its service worker ask the browser the same, and it holds a fused instruction', async () => {
  const [page, worker] = await Promise.all(['reader/relaxed.js', 'service-worker.js'].map(probeIn));
  assert.deepEqual(page, worker);
  const { module, fused } = withoutRelaxed(page);
  assert.equal(fused, 1);
  assert.ok(WebAssembly.validate(new Uint8Array(module)));
});

test('a visitor fetches one of the two programs: the larger one counts', () => {
  const file = (/** @type {string} */ path, /** @type {number} */ brotli) => ({ path, raw: 0, brotli });
  const [a, plain, relaxed] = [file('a.js', 1), file('reader/wasm_bg.wasm', 8), file('reader/relaxed_wasm_bg.wasm', 9)];
  assert.deepEqual(ofOneVisitor([relaxed, plain, a]), [relaxed, a]);
  assert.deepEqual(ofOneVisitor([a, { ...plain, brotli: 10 }, relaxed]), [a, { ...plain, brotli: 10 }]);
  assert.deepEqual(ofOneVisitor([a, plain]), [a, plain]);
});

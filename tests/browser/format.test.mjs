// Numbers as text: no browser needed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, duration, measurement, percent, percentInterval, probability, score, signed } from '../../www/text/format.js';
import { messages } from '../../www/text/messages.js';

test('a probability is never rounded to certainty', () => {
  assert.deepEqual([0.931, 0.005, 0.995, 0.99501, 1, 0.00499, 0].map(probability), [
    '0.93',
    '0.01',
    '0.99',
    '>\u202f0.99',
    '>\u202f0.99',
    '<\u202f0.01',
    '<\u202f0.01',
  ]);
});

test('a contribution has its sign, and zero has none', () => {
  assert.deepEqual([1.234, -0.456, 0, -0.001, 12].map(signed), ['+1.23', '\u22120.46', '0.00', '0.00', '+12.00']);
});

test('a measurement keeps four digits at any size', () => {
  assert.deepEqual([11.93456, 0, 0.0123456, -3.5, 123456.7, 31234567, -0.000045678].map(measurement), [
    '11.93',
    '0',
    '0.01235',
    '\u22123.5',
    '123500',
    '3.12\u202f×\u202f10⁷',
    '\u22124.57\u202f×\u202f10⁻⁵',
  ]);
});

test('shares, scores, durations and sizes', () => {
  assert.equal(percent(0.9351), '94\u202f%');
  assert.equal(percentInterval({ low: 0.868, high: 0.977 }), '87 to 98\u202f%');
  assert.deepEqual([0, 7e-18, 0.0028, 0.9972, 1].map(percent), ['0\u202f%', '0\u202f%', '0.3\u202f%', '99.7\u202f%', '100\u202f%']);
  assert.equal(score(0.5349), '0.53');
  assert.deepEqual([0.42, 135.3, 999.4, 999.6, 12345].map(duration), ['0.4\u202fms', '135\u202fms', '999\u202fms', '1.0\u202fs', '12.3\u202fs']);
  assert.deepEqual([12, 12_345, 3_000_000].map(bytes), ['1\u202fkB', '13\u202fkB', '3.0\u202fMB']);
});

test('names of features are written out', () => {
  const written = (/** @type {string} */ name) => Object.values(messages.feature(name)).join(' | ');
  assert.equal(written('wavelet_ch1_entropy'), 'Wavelet | cH1 entropy');
  assert.equal(written('texture_image_mean_absolute_deviation'), 'Texture | mean absolute deviation');
  assert.equal(written('gray_level_difference_up_right_sum'), 'Grey-level difference | up right sum');
  assert.equal(written('cooccurrence_135deg_uniformity'), 'Co-occurrence | 135° uniformity');
  assert.equal(written('lungs_area'), ' | lungs area');
});

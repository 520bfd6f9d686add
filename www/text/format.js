// Formats numbers as the language writes them. It computes none.

import { language, WRITING } from './language.js';

const MINUS = '\u2212';
const NARROW = '\u202f';

/**
 * A model output between 0 and 1. The ends are not rounded to certainty.
 * @param {number} value
 */
export function probability(value) {
  if (value > 0.995) return `>${NARROW}${fixed(0.99, 2)}`;
  if (value < 0.005) return `<${NARROW}${fixed(0.01, 2)}`;
  return fixed(value, 2);
}

/**
 * A contribution, with its sign.
 * @param {number} value
 */
export function signed(value) {
  const digits = fixed(Math.abs(value), 2);
  if (Math.abs(value) < 0.005) return digits;
  return (value < 0 ? MINUS : '+') + digits;
}

/**
 * A measurement of any size in four significant digits.
 * @param {number} value
 */
export function measurement(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
    const [digits, exponent] = value.toExponential(2).split('e');
    return `${minus(written(digits))}${NARROW}×${NARROW}10${superscript(Number(exponent))}`;
  }
  return minus(value.toLocaleString(language, { maximumSignificantDigits: 4, useGrouping: false }));
}

/**
 * A count, with thousands separated.
 * @param {number} value
 */
export function grouped(value) {
  const digits = String(value);
  const { thousands, least } = WRITING[language];
  return digits.length < least ? digits : digits.replace(/\B(?=(\d{3})+$)/g, thousands);
}

/**
 * A share as per cent. Shares below 1 are never rounded to 100 %, shares above 0 never to 0 %.
 * @param {number} value
 */
export function percent(value) {
  return `${hundredths(value)}${NARROW}%`;
}

/**
 * A share as per cent with one decimal, for comparing two shares.
 * @param {number} value
 */
export function percentExactly(value) {
  return `${fixed(value * 100, 1)}${NARROW}%`;
}

/**
 * A difference between two shares in percentage points, with its sign.
 * @param {number} value
 */
export function pointsSigned(value) {
  const digits = fixed(Math.abs(value) * 100, 1);
  if (Math.abs(value) < 0.0005) return digits;
  return (value < 0 ? MINUS : '+') + digits;
}

/**
 * The interval of a share, as "86 to 97 %".
 * @param {{low: number, high: number}} estimate
 */
export function percentInterval({ low, high }) {
  return `${hundredths(low)}${to()}${percent(high)}`;
}

/**
 * A figure that is not a share, such as an AUC.
 * @param {number} value
 */
export function score(value) {
  return fixed(value, 2);
}

/**
 * The interval of such a figure, as "0.61 to 0.75".
 * @param {{low: number, high: number}} estimate
 */
export function scoreInterval({ low, high }) {
  return `${score(low)}${to()}${score(high)}`;
}

/**
 * A duration: milliseconds below one second, seconds above.
 * @param {number} ms
 */
export function duration(ms) {
  if (ms >= 999.5) return `${fixed(ms / 1000, 1)}${NARROW}s`;
  return `${ms < 10 ? fixed(ms, 1) : Math.round(ms)}${NARROW}ms`;
}

/**
 * A size of a file.
 * @param {number} bytes
 */
export function bytes(bytes) {
  return bytes >= 1e6 ? `${fixed(bytes / 1e6, 1)}${NARROW}MB` : `${Math.ceil(bytes / 1e3)}${NARROW}kB`;
}

function to() {
  return WRITING[language].to;
}

/** @param {number} value */
function hundredths(value) {
  const isNearEnd = (value < 0.005 && value >= 0.0005) || (value >= 0.995 && value < 0.9995);
  return fixed(value * 100, isNearEnd ? 1 : 0);
}

/** @param {number} value @param {number} digits */
function fixed(value, digits) {
  return written(value.toFixed(digits));
}

/** @param {string} digits with a point */
function written(digits) {
  return digits.replace('.', WRITING[language].decimal);
}

/** @param {string} digits */
function minus(digits) {
  return digits.replace('-', MINUS);
}

/** @param {number} exponent */
function superscript(exponent) {
  return [...String(exponent)].map((digit) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(digit)]).join('');
}

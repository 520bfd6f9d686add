// Numbers as text. No number is made here, only written.

const MINUS = '\u2212';
const NARROW = '\u202f';

/**
 * A model output between 0 and 1. The ends are not rounded to certainty.
 * @param {number} value
 */
export function probability(value) {
  if (value > 0.995) return `>${NARROW}0.99`;
  if (value < 0.005) return `<${NARROW}0.01`;
  return value.toFixed(2);
}

/**
 * A contribution, with its sign.
 * @param {number} value
 */
export function signed(value) {
  const digits = Math.abs(value).toFixed(2);
  if (Number(digits) === 0) return digits;
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
    return `${minus(digits)}${NARROW}×${NARROW}10${superscript(Number(exponent))}`;
  }
  return minus(value.toLocaleString('en', { maximumSignificantDigits: 4, useGrouping: false }));
}

/**
 * A share as per cent. What is not all is not rounded to all, and what is not nothing not to nothing.
 * @param {number} value
 */
export function percent(value) {
  return `${hundredths(value)}${NARROW}%`;
}

/**
 * The interval of a share, as "86 to 97 %".
 * @param {{low: number, high: number}} estimate
 */
export function percentInterval({ low, high }) {
  return `${hundredths(low)} to ${percent(high)}`;
}

/**
 * A figure that is no share, an AUC for example.
 * @param {number} value
 */
export function score(value) {
  return value.toFixed(2);
}

/**
 * A duration: milliseconds below one second, seconds above.
 * @param {number} ms
 */
export function duration(ms) {
  if (ms >= 999.5) return `${(ms / 1000).toFixed(1)}${NARROW}s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}${NARROW}ms`;
}

/**
 * A size of a file.
 * @param {number} bytes
 */
export function bytes(bytes) {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)}${NARROW}MB` : `${Math.ceil(bytes / 1e3)}${NARROW}kB`;
}

/** @param {number} value */
function hundredths(value) {
  const isNearEnd = (value < 0.005 && value >= 0.0005) || (value >= 0.995 && value < 0.9995);
  return (value * 100).toFixed(isNearEnd ? 1 : 0);
}

/** @param {string} digits */
function minus(digits) {
  return digits.replace('-', MINUS);
}

/** @param {number} exponent */
function superscript(exponent) {
  return [...String(exponent)].map((digit) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(digit)]).join('');
}

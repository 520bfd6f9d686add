// Window center and width: maps values to greys as DICOM defines it (PS3.3 C.11.2.1.2, C.11.2.1.3). A value is what a sample stands for: in
// DICOM films the output of the modality LUT, otherwise the sample itself.

/**
 * @typedef {import('../report/types.js').Window} Window
 * @typedef {import('../report/types.js').FilmPicture} FilmPicture
 */

/**
 * Fills a table with the grey of every sample as an opaque pixel.
 * @param {Uint32Array} table one entry per sample value
 * @param {Window} window
 * @param {boolean} isInverted
 * @param {Pick<FilmPicture, 'offset' | 'step'>} [scale] by default a sample is its value
 */
export function fillTable(table, window, isInverted, { offset, step } = { offset: 0, step: 1 }) {
  const flip = isInverted ? 255 : 0;
  const share = seenThrough(window);
  for (let sample = 0; sample < table.length; sample++) {
    table[sample] = 0xff000000 | ((Math.round(255 * share(offset + step * sample)) ^ flip) * 0x010101);
  }
}

/** Maps values to shares of white, from 0 to 1. @param {Window} window @returns {(value: number) => number} */
function seenThrough({ center, width, function: kind }) {
  if (kind === 'sigmoid') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (kind === 'linear_exact') return (value) => Math.min(1, Math.max(0, (value - center) / width + 0.5));
  const middle = center - 0.5;
  const half = (width - 1) / 2;
  return (value) => (value <= middle - half ? 0 : value > middle + half ? 1 : (value - middle) / (width - 1) + 0.5);
}

/**
 * How many values a sample can have.
 * @param {FilmPicture} film
 */
export function depth({ samples }) {
  return samples instanceof Uint16Array ? 65536 : 256;
}

/**
 * The window that a film is first seen through: the file's own, where it has one.
 * @param {FilmPicture} film
 * @returns {Window}
 */
export function firstWindow({ proposed, windows }) {
  return proposed.length > 0 ? proposedWindow(proposed[0]) : windows.auto;
}

/** @param {FilmPicture['proposed'][number]} proposed @returns {Window} */
export function proposedWindow({ center, width, function: kind }) {
  return { center, width, function: kind };
}

/**
 * A window that the standard allows, and from which there is a way back.
 * @param {Window} window
 * @param {FilmPicture} film
 * @returns {Window}
 */
export function limited({ center, width, function: kind = 'linear' }, film) {
  const span = film.step * depth(film);
  const least = kind === 'linear' ? 1 : film.step;
  return {
    center: Math.min(Math.max(center, film.offset - span), film.offset + 2 * span),
    width: Math.min(Math.max(width, least), Math.max(4 * span, 4)),
    ...(kind === 'linear' ? {} : { function: kind }),
  };
}

/** @param {Window | null} a @param {Window} b */
export function isSame(a, b) {
  return a !== null && a.center === b.center && a.width === b.width && (a.function ?? 'linear') === (b.function ?? 'linear');
}

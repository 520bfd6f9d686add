// Window center and width: from stored values to greys, as DICOM has it (PS3.3 C.11.2.1.2.1, linear).

/**
 * @typedef {import('./types.js').Window} Window
 * @typedef {import('./types.js').FilmPicture} FilmPicture
 */

/**
 * The grey of every stored value, as an opaque pixel.
 * @param {Uint32Array} table one entry a value
 * @param {Window} window
 * @param {boolean} isInverted
 */
export function fillTable(table, { center, width }, isInverted) {
  const flip = isInverted ? 255 : 0;
  const middle = center - 0.5;
  const half = (width - 1) / 2;
  for (let value = 0; value < table.length; value++) {
    const gray = value <= middle - half ? 0 : value > middle + half ? 255 : ((value - middle) / (width - 1) + 0.5) * 255;
    table[value] = 0xff000000 | ((Math.round(gray) ^ flip) * 0x010101);
  }
}

/**
 * How many values a sample can have.
 * @param {FilmPicture} film
 */
export function depth({ samples }) {
  return samples instanceof Uint16Array ? 65536 : 256;
}

/**
 * A window that the standard allows, and from which there is a way back.
 * @param {Window} window
 * @param {number} values how many a sample can have
 * @returns {Window}
 */
export function limited({ center, width }, values) {
  return { center: Math.min(Math.max(center, -values), 2 * values), width: Math.min(Math.max(width, 1), 4 * values) };
}

/** @param {Window | null} a @param {Window} b */
export function isSame(a, b) {
  return a !== null && a.center === b.center && a.width === b.width;
}

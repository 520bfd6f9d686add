// A film at full, half, quarter size and so on. Each level is made once, when it is first needed.

/**
 * @typedef {import('../report/types.js').FilmPicture} FilmPicture
 *
 * @typedef {object} Level
 * @property {number} factor width of a pixel of this level, in pixels of the film
 * @property {number} width
 * @property {number} height
 * @property {FilmPicture['samples']} samples
 */

export class Pyramid {
  /** @type {Level[]} */
  #levels;

  /** @param {FilmPicture} film */
  constructor({ width, height, samples }) {
    this.#levels = [{ factor: 1, width, height, samples }];
  }

  /**
   * The coarsest level with at most this factor; factors are powers of two.
   * @param {number} factor
   */
  level(factor) {
    const wanted = Math.max(0, Math.floor(Math.log2(factor)));
    while (this.#levels.length <= wanted && (this.#last.width > 1 || this.#last.height > 1)) this.#levels.push(halved(this.#last));
    return this.#levels[wanted] ?? this.#last;
  }

  get #last() {
    return this.#levels[this.#levels.length - 1];
  }
}

/**
 * Halves a level. Every pixel is the mean of four, or of two at an odd edge.
 * @param {Level} level
 * @returns {Level}
 */
function halved({ factor, width, height, samples }) {
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  const means = samples instanceof Uint16Array ? new Uint16Array(columns * rows) : new Uint8Array(columns * rows);
  let k = 0;
  for (let row = 0; row < rows; row++) {
    let upper = 2 * row * width;
    let lower = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < width >> 1; column++, upper += 2, lower += 2) {
      means[k++] = (samples[upper] + samples[upper + 1] + samples[lower] + samples[lower + 1] + 2) >> 2;
    }
    if (width & 1) means[k++] = (samples[upper] + samples[lower] + 1) >> 1;
  }
  return { factor: 2 * factor, width: columns, height: rows, samples: means };
}

// Keeps the pictures of the films looked at last, up to a total size, so that returning to a film does not decode it again.

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Pictures} Pictures
 */

const LIMIT_BYTES = 128e6;

export class PictureCache {
  /** The film looked at last comes last. @type {Map<Film, Pictures>} */
  #kept = new Map();

  /** @param {Film} film */
  get(film) {
    const pictures = this.#kept.get(film);
    if (pictures) this.set(film, pictures);
    return pictures;
  }

  /**
   * @param {Film} film
   * @param {Pictures} pictures
   */
  set(film, pictures) {
    this.#kept.delete(film);
    this.#kept.set(film, pictures);
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + sizeOf(kept), 0);
    for (const [other, kept] of this.#kept) {
      // The film that is being looked at is kept, however large.
      if (bytes <= LIMIT_BYTES || other === film) break;
      this.#kept.delete(other);
      bytes -= sizeOf(kept);
    }
  }

  /** @param {Film} film */
  delete(film) {
    this.#kept.delete(film);
  }

  clear() {
    this.#kept.clear();
  }
}

/** Bytes of the film itself; the other pictures are small. @param {Pictures} pictures */
function sizeOf({ film }) {
  return film.samples.byteLength;
}

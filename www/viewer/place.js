// Where the film lies on its canvas. Lengths on the canvas are device pixels, those on the film are the film's.

/** One pixel of the film is at most this large. */
const LARGEST = 32;

export class Place {
  /** Device pixels to a pixel of the film. */
  scale = 1;
  /** The place of the film that is in the middle of the canvas. */
  x = 0;
  y = 0;
  /** All of the film, as large as it can be; it stays so when the canvas changes. */
  isFit = true;
  film = { width: 1, height: 1 };
  canvas = { width: 1, height: 1 };

  /** @param {number} width @param {number} height */
  setFilm(width, height) {
    this.film = { width, height };
    this.fit();
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.canvas = { width, height };
    if (this.isFit) this.fit();
    else this.#limit();
  }

  /** There is more of the film than is seen. */
  get isZoomed() {
    return this.scale > 1.001 * this.fitScale;
  }

  get fitScale() {
    return Math.min(this.canvas.width / this.film.width, this.canvas.height / this.film.height);
  }

  /** Where the film's upper left corner lies: on a whole pixel, so that a film at 1:1 is drawn as it is. */
  get origin() {
    return {
      x: Math.round(this.canvas.width / 2 - this.x * this.scale),
      y: Math.round(this.canvas.height / 2 - this.y * this.scale),
    };
  }

  /** The same in terms that hold for another film too. */
  get shares() {
    return { zoom: this.scale / this.fitScale, x: this.x / this.film.width, y: this.y / this.film.height };
  }

  /** @param {{zoom: number, x: number, y: number, isFit: boolean}} shares as of another film */
  goTo({ zoom, x, y, isFit }) {
    this.fit();
    if (isFit) return;
    this.scale *= zoom;
    this.x = x * this.film.width;
    this.y = y * this.film.height;
    this.isFit = false;
  }

  fit() {
    this.scale = this.fitScale;
    this.x = this.film.width / 2;
    this.y = this.film.height / 2;
    this.isFit = true;
  }

  /**
   * The same place of the film stays under this point of the canvas.
   * @param {number} scale
   * @param {{x: number, y: number}} [at] the middle where there is none
   */
  zoomTo(scale, at = { x: this.canvas.width / 2, y: this.canvas.height / 2 }) {
    const before = this.scale;
    const fit = this.fitScale;
    const wanted = Math.min(Math.max(scale, Math.min(fit, 1)), Math.max(LARGEST, fit));
    if (wanted === before) return;
    // Zooming out ends with the whole film where it belongs.
    if (wanted < before && before > fit && wanted < 1.001 * fit) {
      this.fit();
      return;
    }
    const [dx, dy] = [at.x - this.canvas.width / 2, at.y - this.canvas.height / 2];
    this.x += dx / before - dx / wanted;
    this.y += dy / before - dy / wanted;
    this.scale = wanted;
    this.#limit();
    this.isFit = false;
  }

  /** @param {number} dx @param {number} dy how far the film is moved on the canvas */
  moveBy(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.#limit();
    this.isFit = false;
  }

  /** @param {{x: number, y: number}} at on the canvas */
  toFilm({ x, y }) {
    const { origin } = this;
    return { x: (x - origin.x) / this.scale, y: (y - origin.y) / this.scale };
  }

  /**
   * The same place on another picture of the whole film, on a canvas of its own.
   * @param {{width: number, height: number}} film
   * @param {{width: number, height: number}} canvas
   */
  on(film, canvas) {
    const other = new Place();
    other.canvas = canvas;
    other.setFilm(film.width, film.height);
    other.scale *= this.scale / this.fitScale;
    other.x = (this.x / this.film.width) * film.width;
    other.y = (this.y / this.film.height) * film.height;
    return other;
  }

  /** Some of the film is always in the middle. */
  #limit() {
    this.x = Math.min(Math.max(this.x, 0), this.film.width);
    this.y = Math.min(Math.max(this.y, 0), this.film.height);
  }
}

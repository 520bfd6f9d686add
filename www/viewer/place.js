// The film's place on its canvas. Lengths on the canvas are in device pixels, lengths on the film in film pixels.

/** The largest scale, in device pixels per film pixel. */
const LARGEST = 32;

export class Place {
  /** Device pixels per film pixel. */
  scale = 1;
  /** The point of the film in the middle of the canvas. */
  x = 0;
  y = 0;
  /** Whether the whole film fills the canvas, also after the canvas changes. */
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

  /** Whether part of the film is out of sight. */
  get isZoomed() {
    return this.scale > 1.001 * this.fitScale;
  }

  get fitScale() {
    return Math.min(this.canvas.width / this.film.width, this.canvas.height / this.film.height);
  }

  /** The film's upper left corner on the canvas: a whole pixel, so that a film at 1:1 is not resampled. */
  get origin() {
    return {
      x: Math.round(this.canvas.width / 2 - this.x * this.scale),
      y: Math.round(this.canvas.height / 2 - this.y * this.scale),
    };
  }

  /** The place in terms that apply to other films too: zoom relative to the fit, and shares of the film. */
  get shares() {
    return { zoom: this.scale / this.fitScale, x: this.x / this.film.width, y: this.y / this.film.height };
  }

  /** @param {{zoom: number, x: number, y: number, isFit: boolean}} shares of another film's place */
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
   * Zooms so that the point of the film under `at` stays there.
   * @param {number} scale
   * @param {{x: number, y: number}} [at] a point of the canvas, its middle by default
   */
  zoomTo(scale, at = { x: this.canvas.width / 2, y: this.canvas.height / 2 }) {
    const before = this.scale;
    const fit = this.fitScale;
    const wanted = Math.min(Math.max(scale, Math.min(fit, 1)), Math.max(LARGEST, fit));
    if (wanted === before) return;
    // Zooming out ends with the whole film centred.
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

  /** @param {number} dx @param {number} dy on the canvas */
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
   * The same place for another picture of the whole film on its own canvas.
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

  /** Keeps the middle of the canvas on the film. */
  #limit() {
    this.x = Math.min(Math.max(this.x, 0), this.film.width);
    this.y = Math.min(Math.max(this.y, 0), this.film.height);
  }
}

// Draws a film through its window, and the maps and lines over it. Only the visible part is computed.

import { element } from '../ui/dom.js';
import { Place } from './place.js';
import { Pyramid } from './pyramid.js';
import { depth, fillTable, firstWindow } from './window.js';

/**
 * @typedef {import('../report/types.js').FilmPicture} FilmPicture
 * @typedef {import('../report/types.js').Picture} Picture
 * @typedef {import('../report/types.js').Window} Window
 * @typedef {import('./pyramid.js').Level} Level
 *
 * @typedef {object} Look which part of the film is seen, and how
 * @property {Place} place
 * @property {Window} window
 * @property {boolean} isInverted
 * @property {boolean} isMoving the next picture follows soon, so this one may be coarser
 */

/** While the film moves, at most this many pixels are computed per picture. */
const PIXELS_IN_MOTION = 1.5e6;
/** From this many screen pixels per film pixel on, film pixels are drawn as squares; below, the film is smoothed. */
const SQUARES_FROM = 8;

export class FilmPainter {
  #canvas;
  #context;
  /** @type {Pyramid | null} */
  #pyramid = null;
  /** Maps samples to values. @type {Pick<FilmPicture, 'offset' | 'step' | 'is_inverted'>} */
  #scale = { offset: 0, step: 1, is_inverted: false };
  #table = new Uint32Array(0);
  /** Identifies the window that the table was filled for. */
  #filledFor = '';
  /** The visible pixels; the buffer and its canvas only grow. */
  #pixels = new Uint8ClampedArray(0);
  #scratch = element('canvas', { width: 0, height: 0 });
  /** Identifies the content of the scratch canvas. */
  #scratchHolds = '';

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /** @param {FilmPicture | null} film null releases all memory */
  setFilm(film) {
    this.#pyramid = film && new Pyramid(film);
    // Not the film itself, which would keep its samples in memory.
    if (film) this.#scale = { offset: film.offset, step: film.step, is_inverted: film.is_inverted };
    this.#table = new Uint32Array(film ? depth(film) : 0);
    this.#filledFor = this.#scratchHolds = '';
    if (film) return;
    this.#pixels = new Uint8ClampedArray(0);
    this.#scratch.width = this.#scratch.height = 0;
    this.#canvas.width = this.#canvas.height = 1;
  }

  /** @param {Look} look */
  draw({ place, window, isInverted, isMoving }) {
    const context = this.#context;
    if (!context || !this.#pyramid) return;
    context.fillStyle = '#000';
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    const filledFor = `${window.center} ${window.width} ${window.function} ${isInverted}`;
    if (filledFor !== this.#filledFor) {
      fillTable(this.#table, window, isInverted !== this.#scale.is_inverted, this.#scale);
      this.#filledFor = filledFor;
      this.#scratchHolds = '';
    }
    let level = this.#pyramid.level(Math.max(1, 1 / place.scale));
    let part = visiblePart(place, level, level.factor, level.factor);
    while (part && isMoving && part.columns * part.rows > PIXELS_IN_MOTION && level.factor * place.scale < 2) {
      level = this.#pyramid.level(2 * level.factor);
      part = visiblePart(place, level, level.factor, level.factor);
    }
    if (!part) return;
    const holds = `${level.factor} ${part.left} ${part.top} ${part.columns} ${part.rows}`;
    if (holds !== this.#scratchHolds) {
      this.#develop(level, part);
      this.#scratchHolds = holds;
    }
    context.imageSmoothingEnabled = place.scale < SQUARES_FROM && place.scale * level.factor !== 1;
    context.imageSmoothingQuality = 'medium';
    context.drawImage(this.#scratch, 0, 0, part.width, part.height, part.x, part.y, part.onX, part.onY);
  }

  /**
   * Writes a part of a level through the table onto the scratch canvas.
   * @param {Level} level
   * @param {Part} part
   */
  #develop({ width, samples }, { left, top, columns, rows }) {
    const bytes = 4 * columns * rows;
    if (this.#pixels.length < bytes) this.#pixels = new Uint8ClampedArray(bytes);
    const words = new Uint32Array(this.#pixels.buffer, 0, columns * rows);
    const table = this.#table;
    let k = 0;
    for (let row = 0; row < rows; row++) {
      const first = (top + row) * width + left;
      for (let from = first; from < first + columns; from++) words[k++] = table[samples[from]];
    }
    if (this.#scratch.width < columns) this.#scratch.width = columns;
    if (this.#scratch.height < rows) this.#scratch.height = rows;
    this.#scratch.getContext('2d')?.putImageData(new ImageData(this.#pixels.subarray(0, bytes), columns, rows), 0, 0);
  }
}

/**
 * Draws a class activation map. Where it is transparent, the film is unchanged.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {HTMLCanvasElement} map
 * @param {number} opacity
 */
export function drawMap(context, place, map, opacity) {
  const part = visiblePart(place, map, place.film.width / map.width, place.film.height / map.height);
  if (!part) return;
  context.save();
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(map, part.left, part.top, part.width, part.height, part.x, part.y, part.onX, part.onY);
  context.restore();
}

/**
 * Draws a picture of the whole film as it is.
 * @param {HTMLCanvasElement} canvas
 * @param {Place} place
 * @param {HTMLCanvasElement} picture
 */
export function drawPicture(canvas, place, picture) {
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) return;
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  const part = visiblePart(place, picture, 1, 1);
  if (!part) return;
  context.imageSmoothingEnabled = place.scale < SQUARES_FROM;
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, part.left, part.top, part.width, part.height, part.x, part.y, part.onX, part.onY);
}

/**
 * Draws the lungs' outline, bright with a dark edge so that it shows on any film.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {Float32Array} outline
 * @param {number} ratio device pixels per CSS pixel
 */
export function drawOutline(context, place, outline, ratio) {
  const { origin, film, scale } = place;
  const [width, height] = [film.width * scale, film.height * scale];
  context.save();
  context.lineCap = 'round';
  context.beginPath();
  for (let k = 0; k < outline.length; k += 4) {
    context.moveTo(origin.x + outline[k] * width, origin.y + outline[k + 1] * height);
    context.lineTo(origin.x + outline[k + 2] * width, origin.y + outline[k + 3] * height);
  }
  stroke(context, '#56e8e9', ratio);
  context.restore();
}

/**
 * Draws a thin dashed frame around the part that the convnet reader saw.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {{left: number, top: number, width: number, height: number}} crop in shares of the film; it may reach beyond it
 * @param {number} ratio device pixels per CSS pixel
 */
export function drawFrame(context, place, crop, ratio) {
  rectangle(context, place, crop, ratio, '#ffffff', [6 * ratio, 4 * ratio]);
}

/**
 * Draws a faint dashed frame around the film that was found in the picture.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {import('../report/types.js').Frame} frame
 * @param {number} ratio device pixels per CSS pixel
 */
export function drawCut(context, place, frame, ratio) {
  rectangle(context, place, frame, ratio, '#f3c14b', [2 * ratio, 5 * ratio]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {{left: number, top: number, width: number, height: number}} crop in shares of the picture; it may reach beyond it
 * @param {number} ratio
 * @param {string} color
 * @param {number[]} dash
 */
function rectangle(context, place, crop, ratio, color, dash) {
  const { origin, film, scale } = place;
  const within = (/** @type {number} */ share) => Math.min(Math.max(share, 0), 1);
  const left = origin.x + within(crop.left) * film.width * scale;
  const top = origin.y + within(crop.top) * film.height * scale;
  const right = origin.x + within(crop.left + crop.width) * film.width * scale;
  const bottom = origin.y + within(crop.top + crop.height) * film.height * scale;
  const inset = ratio;
  context.save();
  context.beginPath();
  context.rect(left + inset, top + inset, right - left - 2 * inset, bottom - top - 2 * inset);
  stroke(context, color, ratio, dash);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} color
 * @param {number} ratio
 * @param {number[]} [dash]
 */
function stroke(context, color, ratio, dash = []) {
  context.strokeStyle = 'rgb(0 0 0 / 0.55)';
  context.lineWidth = 3 * ratio;
  context.stroke();
  context.setLineDash(dash);
  context.strokeStyle = color;
  context.lineWidth = 1.5 * ratio;
  context.stroke();
}

/**
 * @typedef {object} Part a part of a picture of the whole film, and its place on the canvas
 * @property {number} left
 * @property {number} top
 * @property {number} columns
 * @property {number} rows
 * @property {number} width columns that lie on the film: the last column of a halved film may lie on it only partly
 * @property {number} height
 * @property {number} x
 * @property {number} y
 * @property {number} onX
 * @property {number} onY
 */

/**
 * @param {Place} place
 * @param {{width: number, height: number}} picture
 * @param {number} across width of a pixel of the picture, in pixels of the film
 * @param {number} down its height
 * @returns {Part | null} null where nothing is seen
 */
function visiblePart(place, picture, across, down) {
  const { origin, scale, film, canvas } = place;
  // One extra pixel on each side for the smoothing at the edge.
  const first = (/** @type {number} */ from, /** @type {number} */ step) => Math.max(0, Math.floor(-from / scale / step) - 1);
  const left = first(origin.x, across);
  const top = first(origin.y, down);
  const right = Math.min(picture.width, Math.ceil((canvas.width - origin.x) / scale / across) + 1);
  const bottom = Math.min(picture.height, Math.ceil((canvas.height - origin.y) / scale / down) + 1);
  if (right <= left || bottom <= top) return null;
  const width = Math.min(right, film.width / across) - left;
  const height = Math.min(bottom, film.height / down) - top;
  return {
    left,
    top,
    columns: right - left,
    rows: bottom - top,
    width,
    height,
    x: origin.x + left * across * scale,
    y: origin.y + top * down * scale,
    onX: width * across * scale,
    onY: height * down * scale,
  };
}

/**
 * A canvas for the whole film, and the film's place on it.
 * @param {{width: number, height: number}} film
 * @param {number} side the most that the longer side may have, in pixels
 */
export function wholeFilm(film, side) {
  const scale = Math.min(1, side / Math.max(film.width, film.height));
  const [width, height] = [film.width, film.height].map((length) => Math.max(1, Math.round(length * scale)));
  const place = new Place();
  place.setFilm(film.width, film.height);
  place.resize(width, height);
  return { canvas: element('canvas', { width, height }), place };
}

/**
 * Draws the film through its initial window.
 * @param {HTMLCanvasElement} canvas
 * @param {Place} place
 * @param {FilmPicture} film
 */
export function paint(canvas, place, film) {
  const painter = new FilmPainter(canvas);
  painter.setFilm(film);
  painter.draw({ place, window: firstWindow(film), isInverted: false, isMoving: false });
}

/** @param {Picture} picture */
export function pictureCanvas({ width, height, pixels }) {
  const canvas = element('canvas', { width, height });
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}

// The film of <xray-classifier> as a canvas, and over it what speaks for the answer, with the outline of the lungs.

import { element } from './dom.js';
import { drawMap, drawOutline, FilmPainter } from './viewer-draw.js';
import { Place } from './viewer-place.js';

/**
 * @typedef {import('./types.js').Label} Label
 * @typedef {import('./types.js').Pictures} Pictures
 */

/** Longer side: sharp on a dense screen at the width that the element gives it. */
const SIZE = 900;

/** So wide the canvas is shown at most, in CSS pixels: lines are as thick as they look then. */
const SHOWN = 400;

/** The film through the window of most of its values. @param {Pictures} pictures */
export function filmCanvas({ film }) {
  const { canvas, place } = placed(film);
  const painter = new FilmPainter(canvas);
  painter.setFilm(film);
  painter.draw({ place, window: film.windows.auto, isInverted: false, isMoving: false });
  return canvas;
}

/**
 * Of the size of the film's canvas; null where the readers were not asked.
 * @param {Pictures} pictures
 * @param {Label | undefined} label
 */
export function mapCanvas({ film, activation, outline }, label) {
  if (!activation || !label) return null;
  const { canvas, place } = placed(film);
  const context = canvas.getContext('2d');
  if (!context) return null;
  const { width, height, pixels } = activation[label];
  const map = element('canvas', { width, height });
  map.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  drawMap(context, place, map, 1);
  if (outline) drawOutline(context, place, outline, Math.max(1, canvas.width / SHOWN));
  return canvas;
}

/** A canvas, and the whole film on it. @param {{width: number, height: number}} film */
function placed(film) {
  const scale = Math.min(1, SIZE / Math.max(film.width, film.height));
  const [width, height] = [Math.round(film.width * scale), Math.round(film.height * scale)];
  const place = new Place();
  place.setFilm(film.width, film.height);
  place.resize(width, height);
  return { canvas: element('canvas', { width, height }), place };
}

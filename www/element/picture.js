// Draws the film of <xray-classifier> on a canvas, and on another the map of what speaks for the answer with the outline of the lungs.

import { drawMap, drawOutline, paint, pictureCanvas, wholeFilm } from '../viewer/draw.js';

/**
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Pictures} Pictures
 */

/** Longer side, in pixels: sharp on a dense screen at the width that the element gives it. */
const SIZE = 900;

/** The widest that the canvas is shown, in CSS pixels. Line widths are chosen for it. */
const SHOWN = 400;

/** The film through the window that covers most of its values. @param {Pictures} pictures */
export function filmCanvas({ film }) {
  const { canvas, place } = wholeFilm(film, SIZE);
  paint(canvas, place, film);
  return canvas;
}

/**
 * Has the size of the film's canvas; null where the readers were not asked.
 * @param {Pictures} pictures
 * @param {Label | undefined} label
 */
export function mapCanvas({ film, activation, outline }, label) {
  if (!activation || !label) return null;
  const { canvas, place } = wholeFilm(film, SIZE);
  const context = canvas.getContext('2d');
  if (!context) return null;
  drawMap(context, place, pictureCanvas(activation[label]), 1);
  if (outline) drawOutline(context, place, outline, Math.max(1, canvas.width / SHOWN));
  return canvas;
}

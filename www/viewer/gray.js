// Puts grey pictures on a canvas, and thumbnails for the list.

import { element } from '../ui/dom.js';

/**
 * @typedef {import('../report/types.js').GrayPicture} GrayPicture
 */

/**
 * A thumbnail for the list.
 * @param {GrayPicture} picture
 */
export function thumbnail(picture) {
  // Many small canvases are better kept off the graphics processor.
  const small = grayCanvas(picture, { willReadFrequently: true });
  small.className = 'thumbnail';
  small.setAttribute('aria-hidden', 'true');
  return small;
}

/** @param {GrayPicture} picture @param {CanvasRenderingContext2DSettings} [settings] */
export function grayCanvas({ width, height, gray }, settings) {
  const canvas = element('canvas', { width, height });
  const image = new ImageData(width, height);
  // One write per pixel: the same byte three times under an opaque alpha, which must be the highest byte.
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < gray.length; i++) words[i] = 0xff000000 | (gray[i] * 0x010101);
  canvas.getContext('2d', settings)?.putImageData(image, 0, 0);
  return canvas;
}

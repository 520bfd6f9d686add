// Grey pictures on canvas, and the small one for the list.

import { element } from '../ui/dom.js';

/**
 * @typedef {import('../report/types.js').GrayPicture} GrayPicture
 */

/**
 * A small picture for the list, where there are many.
 * @param {GrayPicture} picture
 */
export function thumbnail(picture) {
  // A graphics processor has no use for so many and so small ones.
  const small = grayCanvas(picture, { willReadFrequently: true });
  small.className = 'thumbnail';
  small.setAttribute('aria-hidden', 'true');
  return small;
}

/** @param {GrayPicture} picture @param {CanvasRenderingContext2DSettings} [settings] */
export function grayCanvas({ width, height, gray }, settings) {
  const canvas = element('canvas', { width, height });
  const image = new ImageData(width, height);
  // One write a pixel: opaque, and the same byte three times (the order of bytes does not matter to grey, but for the opacity on top).
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < gray.length; i++) words[i] = 0xff000000 | (gray[i] * 0x010101);
  canvas.getContext('2d', settings)?.putImageData(image, 0, 0);
  return canvas;
}

// Grey pictures on canvas, and the small one for the list.

import { element } from '../ui/dom.js';

/**
 * @typedef {import('../report/types.js').GrayPicture} GrayPicture
 */

/**
 * A small picture for the list.
 * @param {GrayPicture} picture
 */
export function thumbnail(picture) {
  const small = element('canvas', { class: 'thumbnail', width: 80, height: 80, 'aria-hidden': 'true' });
  const scale = Math.min(80 / picture.width, 80 / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const context = small.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(grayCanvas(picture), (80 - width) / 2, (80 - height) / 2, width, height);
  }
  return small;
}

/** @param {GrayPicture} picture */
export function grayCanvas({ width, height, gray }) {
  const canvas = element('canvas', { width, height });
  const image = new ImageData(width, height);
  // One write a pixel: opaque, and the same byte three times (the order of bytes does not matter to grey, but for the opacity on top).
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < gray.length; i++) words[i] = 0xff000000 | (gray[i] * 0x010101);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

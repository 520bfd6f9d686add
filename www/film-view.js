// The film on canvas: as read, as the model sees it, or both.

import { element } from './dom.js';
import { messages } from './messages.js';

/**
 * @typedef {import('./types.js').Film} Film
 * @typedef {import('./types.js').GrayPicture} GrayPicture
 * @typedef {'film' | 'equalized' | 'both'} View
 */

/** The view that was chosen last; the next film is shown the same way. @type {View} */
let view = 'film';

/**
 * @param {Film} film
 * @returns {HTMLElement | null}
 */
export function filmView(film) {
  const { film: asRead, equalized } = film.reading ?? {};
  if (!asRead || !equalized) return null;
  const light = element(
    'div',
    { class: 'lightbox', 'data-view': view },
    figure(asRead, 'film', messages.film.filmPicture(film.name), messages.film.filmCaption),
    figure(equalized, 'equalized', messages.film.equalizedPicture(film.name), messages.film.equalizedCaption),
  );
  const views = /** @type {View[]} */ (['film', 'equalized', 'both']).map((choice) => {
    const radio = element('input', { type: 'radio', name: 'view', value: choice, checked: choice === view });
    radio.addEventListener('change', () => {
      view = choice;
      light.dataset.view = choice;
    });
    return element('label', {}, radio, element('span', {}, messages.film.views[choice]));
  });
  return element(
    'section',
    { class: 'film', 'aria-label': messages.film.viewsLegend },
    light,
    element('fieldset', { class: 'segments' }, element('legend', { class: 'visually-hidden' }, messages.film.viewsLegend), ...views),
  );
}

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
    context.drawImage(canvas(picture), (80 - width) / 2, (80 - height) / 2, width, height);
  }
  return small;
}

/**
 * @param {GrayPicture} picture
 * @param {View} kind
 * @param {string} name
 * @param {string} caption
 */
function figure(picture, kind, name, caption) {
  const drawn = canvas(picture);
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', name);
  return element('figure', { 'data-kind': kind }, drawn, element('figcaption', {}, caption));
}

/** @param {GrayPicture} picture */
function canvas({ width, height, gray }) {
  const canvas = element('canvas', { width, height });
  const image = new ImageData(width, height);
  // One write a pixel: opaque, and the same byte three times (the order of bytes does not matter to grey, but for the opacity on top).
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < gray.length; i++) words[i] = 0xff000000 | (gray[i] * 0x010101);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

// The film on canvas: as read, with what speaks for the answer over it, as the paper's reader sees it, or beside that.

import { element } from './dom.js';
import { messages } from './messages.js';

/**
 * @typedef {import('./types.js').Film} Film
 * @typedef {import('./types.js').GrayPicture} GrayPicture
 * @typedef {import('./types.js').Reading} Reading
 * @typedef {'film' | 'where' | 'equalized' | 'both'} View
 */

/** The view that was chosen last; the next film is shown the same way. @type {View} */
let view = 'film';

/**
 * @param {Film} film
 * @returns {HTMLElement | null}
 */
export function filmView(film) {
  const { reading } = film;
  const { film: asRead, equalized } = reading ?? {};
  if (!reading || !asRead || !equalized) return null;
  const light = element(
    'div',
    { class: 'lightbox', 'data-view': view },
    figure(asRead, 'film', messages.film.filmPicture(film.name), messages.film.filmCaption),
    where(film.name, reading, asRead),
    figure(equalized, 'equalized', messages.film.equalizedPicture(film.name), messages.film.equalizedCaption),
  );
  const views = /** @type {View[]} */ (['film', 'where', 'equalized', 'both']).map((choice) => {
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
 * The film with the class activation map of the convnet reader's answer and the lungs' outline over it.
 * @param {string} name
 * @param {Reading} reading
 * @param {GrayPicture} asRead
 */
function where(name, { report, activation, outline }, asRead) {
  const label = report.activation?.label;
  if (!label || !activation) return null;
  const drawn = canvas(asRead);
  const context = drawn.getContext('2d');
  if (context) {
    const map = activation[label];
    const small = element('canvas', { width: map.width, height: map.height });
    small.getContext('2d')?.putImageData(new ImageData(map.pixels, map.width, map.height), 0, 0);
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, 0, 0, drawn.width, drawn.height);
    context.strokeStyle = '#56e8e9';
    context.lineWidth = Math.max(1.5, drawn.width / 400);
    context.beginPath();
    for (let i = 0; outline && i < outline.length; i += 4) {
      context.moveTo(outline[i] * drawn.width, outline[i + 1] * drawn.height);
      context.lineTo(outline[i + 2] * drawn.width, outline[i + 3] * drawn.height);
    }
    context.stroke();
  }
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', messages.film.wherePicture(name, label));
  const inside = report.activation?.inside_lungs ?? null;
  return element(
    'figure',
    { 'data-kind': 'where' },
    drawn,
    element('figcaption', {}, messages.film.whereCaption(label, inside)),
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

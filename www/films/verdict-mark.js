// A shape for each category of films, shown beside its name: no category is told by colour alone.

/**
 * @typedef {import('../report/film-facts.js').Category} Category
 */

const SVG = 'http://www.w3.org/2000/svg';

/** SVG paths in a 12 × 12 square. Shapes that are only outlined are not filled. @type {Record<Category | 'imported', string>} */
const SHAPES = {
  covid19: 'M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z',
  normal: 'M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z',
  pneumonia: 'M6 1L11.5 10.75H.5z',
  not_normal: 'M1.75 1.75h8.5v8.5h-8.5z',
  uncertain: 'M6 .9L11.1 6L6 11.1L.9 6z',
  refused: 'M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zM2.9 9.1L9.1 2.9',
  unread: 'M2 2L10 10M10 2L2 10',
  imported: 'M6 1v6M3.5 4.75L6 7.25L8.5 4.75M1.5 8v2.5h9V8',
  waiting: 'M2 6h.01M6 6h.01M10 6h.01',
};

/** @param {Category | 'imported'} category */
export function verdictMark(category) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 12 12');
  svg.setAttribute('class', 'verdict-mark');
  svg.setAttribute('data-mark', category);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[category]);
  svg.append(path);
  return svg;
}

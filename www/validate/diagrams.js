// Two diagrams of a validation, drawn as SVG. Each has a sentence that replaces it for screen readers, and its numbers in a table.

import { element } from '../ui/dom.js';
import { percent } from '../text/format.js';
import { messages } from '../text/messages.js';

/** @typedef {import('../report/types.js').Validation} Validation */

const SVG = 'http://www.w3.org/2000/svg';
/** Length of both axes, in units of the picture, and the margins. */
const SIDE = 200;
const ROOM = { left: 44, right: 14, top: 8, bottom: 38 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

const x = (/** @type {number} */ share) => ROOM.left + share * SIDE;

/** @param {number} share @param {number} [of] the value at the top of the axis */
const y = (share, of = 1) => ROOM.top + SIDE - (share / of) * SIDE;

/**
 * @param {string} said
 * @param {{across: string, up: string, top?: number}} axes
 * @param {...Node} marks
 */
function diagram(said, { across, up, top = 1 }, ...marks) {
  const width = ROOM.left + SIDE + ROOM.right;
  const height = ROOM.top + SIDE + ROOM.bottom;
  const middle = ROOM.top + SIDE / 2;
  return svg(
    'svg',
    { class: 'diagram', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': said },
    ...TICKS.flatMap((tick) => [
      svg('line', { class: 'diagram-grid', x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
      svg('text', { x: x(tick), y: y(0) + 14, 'text-anchor': 'middle' }, percent(tick)),
      svg('text', { x: x(0) - 5, y: y(tick) + 3, 'text-anchor': 'end' }, percent(tick * top)),
    ]),
    svg('text', { class: 'diagram-axis', x: x(0.5), y: y(0) + 31, 'text-anchor': 'middle' }, across),
    svg('text', { class: 'diagram-axis', x: 9, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 9 ${middle})` }, up),
    ...marks,
  );
}

/** @param {[number, number][]} points @param {number} [top] */
function line(points, top) {
  return svg('polyline', { class: 'diagram-line', points: points.map(([across, up]) => `${x(across)},${y(up, top)}`).join(' ') });
}

/**
 * @param {string} title
 * @param {string} text
 * @param {SVGElement | Element} picture
 * @param {string[]} heads
 * @param {string[][]} rows
 */
function figure(title, text, picture, heads, rows) {
  return element(
    'figure',
    { class: 'validate-diagram' },
    element('h4', {}, title),
    element('p', { class: 'note' }, text),
    picture,
    element(
      'details',
      {},
      element('summary', {}, messages.validate.diagrams.numbers, element('span', { class: 'visually-hidden' }, `: ${title}`)),
      element(
        'table',
        { class: 'figures' },
        element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col', class: 'number' }, head)))),
        element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', { class: 'number' }, cell))))),
      ),
    ),
  );
}

/** @param {NonNullable<Validation['calibration']>} calibration */
export function calibrationDiagram({ films, error, bins }) {
  const text = messages.validate.diagrams;
  const points = /** @type {[number, number][]} */ (bins.map(({ confidence, accuracy }) => [confidence, accuracy]));
  const most = Math.max(...bins.map(({ films }) => films));
  const said = text.calibrationSaid(films, error);
  return figure(
    text.calibration,
    said,
    diagram(
      said,
      { across: text.confidence, up: text.right },
      svg('line', { class: 'diagram-ideal', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
      line(points),
      // The area grows with the number of films.
      ...bins.map(({ films, confidence, accuracy }) =>
        svg('circle', { class: 'diagram-point', cx: x(confidence), cy: y(accuracy), r: 2 + 6 * Math.sqrt(films / most) }),
      ),
    ),
    [text.films, text.confidence, text.right],
    bins.map(({ films, confidence, accuracy }) => [String(films), percent(confidence), percent(accuracy)]),
  );
}

/** @param {NonNullable<Validation['risk_coverage']>} risk */
export function riskDiagram({ films, accuracy, accuracy_of_surest_half, curve }) {
  const text = messages.validate.diagrams;
  const said = text.riskSaid(films, accuracy, accuracy_of_surest_half);
  const highest = Math.max(...curve.map(([, wrong]) => wrong));
  const top = [0.1, 0.2, 0.4].find((top) => highest <= top) ?? 1;
  return figure(
    text.risk,
    said,
    diagram(said, { across: text.kept, up: text.wrong, top }, line(curve, top)),
    [text.kept, text.wrong],
    curve.map(([kept, wrong]) => [percent(kept), percent(wrong)]),
  );
}

// Explains the colours and lines over the film, and how much of what speaks for the answer lies inside the lungs.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {import('./controls.js').Overlay} Overlay
 */

export function viewerLegend() {
  const node = element('div', { class: 'viewer-legend' });
  let shown = '';

  /**
   * @param {Overlay} overlay
   * @param {boolean} isOutlined
   * @param {Report['activation']} activation
   * @param {Report['frame']} frame
   * @param {boolean} isWithheld whether the chosen map is not shown because the film is refused
   */
  function update(overlay, isOutlined, activation, frame, isWithheld) {
    const wanted = `${overlay} ${isOutlined} ${isWithheld} ${activation?.label} ${activation?.inside_lungs} ${JSON.stringify(frame)}`;
    if (wanted === shown) return;
    shown = wanted;
    const text = messages.viewer.legend;
    const entries = [];
    if (overlay !== 'off') {
      entries.push(entry('for', text.for(overlay)), entry('against', text.against(overlay)), entry('frame', text.frame));
    }
    if (isOutlined) entries.push(entry('outline', text.outline));
    if (frame) entries.push(entry('cut', text.cut));
    node.hidden = entries.length === 0 && !isWithheld;
    // The share is known only for the answer.
    const share = overlay === activation?.label ? activation.inside_lungs : null;
    const where = share === null ? null : element('p', { class: 'viewer-where', 'data-inside': share }, text.where(overlay, share));
    const withheld = isWithheld ? element('p', { class: 'viewer-withheld' }, text.withheld) : null;
    const cut = frame && element('p', { class: 'viewer-cut' }, messages.viewer.cutOff(frame));
    node.replaceChildren(...[entries.length > 0 ? element('ul', {}, ...entries) : null, where, withheld, cut].filter((part) => part !== null));
  }

  return { node, update };
}

/**
 * @param {string} kind
 * @param {string} text
 */
function entry(kind, text) {
  return element('li', {}, element('span', { class: 'viewer-key', 'data-key': kind, 'aria-hidden': 'true' }), element('span', {}, text));
}

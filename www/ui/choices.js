// The choice whether file names go into exports and printed reports. It is off at first and kept while the page is open.

import { element } from './dom.js';

let withNames = false;

export function includesNames() {
  return withNames;
}

/**
 * A check box. All such boxes share one choice.
 * @param {string} text
 */
export function namesBox(text) {
  const box = element('input', { type: 'checkbox', 'data-choice': 'names', checked: withNames });
  box.addEventListener('change', () => {
    withNames = box.checked;
    for (const other of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[data-choice="names"]'))) other.checked = withNames;
  });
  return element('label', { class: 'tick' }, box, element('span', {}, text));
}

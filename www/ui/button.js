// A button that does something when it is pressed.

import { element } from './dom.js';

/**
 * @param {string} kind its class: `primary`, `secondary`, `quiet`
 * @param {string} text
 * @param {() => void} press
 * @param {string} [name] where the text alone would not do
 */
export function button(kind, text, press, name) {
  const node = element('button', { type: 'button', class: kind, 'aria-label': name, title: name }, text);
  node.addEventListener('click', press);
  return node;
}

// Makes a button.

import { element } from './dom.js';

/**
 * @param {string} kind its class: `primary`, `secondary`, `quiet`
 * @param {string} text
 * @param {() => void} press
 * @param {string} [name] accessible name, where the text is not enough
 */
export function button(kind, text, press, name) {
  const node = element('button', { type: 'button', class: kind, 'aria-label': name, title: name }, text);
  node.addEventListener('click', press);
  return node;
}

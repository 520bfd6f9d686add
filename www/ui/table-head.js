// The head of a table of numbers.

import { element } from './dom.js';

/**
 * @param {string} rows the head of the first column
 * @param {(string | [name: string, minor: string])[]} numbers the columns of numbers; `minor` is written small below the name
 */
export function tableHead(rows, numbers) {
  const heads = numbers.map((head) => {
    const [name, minor] = typeof head === 'string' ? [head] : head;
    return element('th', { scope: 'col', class: 'number' }, name, minor === undefined ? null : element('span', { class: 'minor' }, minor));
  });
  return element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, rows), ...heads));
}

// Shows a failure in the words of the program or the browser: in the page's language where the words are known, else in English.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/** @param {string} words */
export function detail(words) {
  return element('p', { class: 'detail' }, `${messages.result.detail} `, messages.result.detailWords(words) ?? element('span', { lang: 'en' }, words));
}

// What program or browser say of a failure in their own words: in the language of the page where they are known, else in English.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/** @param {string} words */
export function detail(words) {
  return element('p', { class: 'detail' }, `${messages.result.detail} `, messages.result.detailWords(words) ?? element('span', { lang: 'en' }, words));
}

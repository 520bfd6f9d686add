// What program or browser say of a failure in their own words: in English, whatever the language of the page.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/** @param {string} words */
export function detail(words) {
  return element('p', { class: 'detail' }, `${messages.result.detail} `, element('span', { lang: 'en' }, words));
}

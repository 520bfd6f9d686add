// The text that index.html holds, in another language than the English in which it stands there: what `data-text` names in the
// catalogue, and `data-text-…` for an attribute.

import { unbroken } from '../ui/dom.js';
import { language } from '../text/language.js';
import { messages } from '../text/messages.js';

const ATTRIBUTES = ['aria-label', 'content'];

export function writeStaticText() {
  document.documentElement.lang = language;
  if (language === 'en') return;
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-text]'))) {
    node.replaceChildren(...unbroken(textOf(node.dataset.text ?? '')));
  }
  for (const attribute of ATTRIBUTES) {
    for (const node of document.querySelectorAll(`[data-text-${attribute}]`)) {
      node.setAttribute(attribute, textOf(node.getAttribute(`data-text-${attribute}`) ?? ''));
    }
  }
}

/** @param {string} key of the catalogue's part for the page */
function textOf(key) {
  return messages.page[/** @type {keyof typeof messages.page} */ (key)];
}

// The text that index.html holds in English, in the language that is chosen: what `data-text` names in the catalogue, and `data-text-…`
// for an attribute.

import { unbroken } from '../ui/dom.js';
import { language } from '../text/language.js';
import { messages } from '../text/messages.js';

const ATTRIBUTES = ['aria-label', 'content'];

export function writeStaticText() {
  // As it comes, it is English.
  if (language === document.documentElement.lang) return;
  document.documentElement.lang = language;
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-text]'))) {
    node.replaceChildren(...unbroken(textOf(node.dataset.text ?? '')));
  }
  for (const attribute of ATTRIBUTES) {
    for (const node of document.querySelectorAll(`[data-text-${attribute}]`)) {
      node.setAttribute(attribute, textOf(node.getAttribute(`data-text-${attribute}`) ?? ''));
    }
  }
  // Each language has a manifest of its own; the page as one file has none.
  const manifest = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="manifest"]'));
  if (manifest) manifest.href = language === 'en' ? 'manifest.webmanifest' : `manifest.${language}.webmanifest`;
}

/** @param {string} key of the catalogue's part for the page */
function textOf(key) {
  return messages.page[/** @type {keyof typeof messages.page} */ (key)];
}

// Writes the texts of index.html, which are English, in the chosen language. `data-text` names an entry of the catalogue, `data-text-…` one
// for an attribute.

import { unbroken } from '../ui/dom.js';
import { language } from '../text/language.js';
import { messages } from '../text/messages.js';

const ATTRIBUTES = ['aria-label', 'content'];

export function writeStaticText() {
  // The page comes in English.
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
  // Each language has its own manifest; the single-file page has none.
  const manifest = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="manifest"]'));
  if (manifest) manifest.href = language === 'en' ? 'manifest.webmanifest' : `manifest.${language}.webmanifest`;
}

/** @param {string} key of the catalogue's part for the page */
function textOf(key) {
  return messages.page[/** @type {keyof typeof messages.page} */ (key)];
}

// A file made in the page, saved by the browser as if it had been downloaded. No request is made for it.

import { element } from '../ui/dom.js';

/** The browser has begun to save by then. */
const RELEASE_MS = 60_000;

/**
 * @param {BlobPart[]} parts
 * @param {string} type
 * @param {string} name
 */
export function saveFile(parts, type, name) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = element('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS);
}

// Has the browser save a file that the page made, as if it were downloaded. It makes no request.

import { ask } from '../ui/ask.js';
import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/** By then the browser has begun to save. */
const RELEASE_MS = 60_000;

/**
 * @param {() => BlobPart[]} parts
 * @param {string} type
 * @param {string} name
 * @returns {Promise<boolean>} false where the browser has no room for the file; the person has then been told
 */
export async function saveFile(parts, type, name) {
  let url;
  try {
    const file = new Blob(parts(), { type });
    // A file for which there is no room can be created but not read.
    await readThrough(file);
    url = URL.createObjectURL(file);
  } catch {
    ask({ title: messages.export.failedTitle, text: messages.export.failed }, [{ label: messages.export.close, press: () => {} }]);
    return false;
  }
  const link = element('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS);
  return true;
}

/** @param {Blob} file */
async function readThrough(file) {
  const reader = file.stream().getReader();
  while (!(await reader.read()).done);
}

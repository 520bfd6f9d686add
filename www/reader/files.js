// Opens the page's files. In the single-file page (`./build.sh single`) they are inert elements of it.

/**
 * @param {string} path from the page's folder
 * @param {AbortSignal} [signal]
 * @param {RequestCache} [cache]
 * @returns {Promise<Response>} rejects as `fetch` does
 */
export async function openFile(path, signal, cache) {
  return enclosed(path) ?? fetch(new URL(`../${path}`, import.meta.url), { signal, cache });
}

/** Whether the page itself contains the file. @param {string} path */
export function isEnclosed(path) {
  return Boolean(elementOf(path));
}

/** @param {string} path */
function elementOf(path) {
  return globalThis.document?.getElementById(`file:${path}`);
}

/**
 * A file that the page itself contains, as a response.
 * @param {string} path
 * @returns {Response | null}
 */
function enclosed(path) {
  const element = elementOf(path);
  if (!element) return null;
  const text = element.textContent ?? '';
  const headers = { 'content-type': element.dataset.type ?? '' };
  return element.dataset.encoding === 'gzip base64' ? new Response(unpacked(text), { headers }) : new Response(text, { headers });
}

/** @param {string} base64 of gzip data */
function unpacked(base64) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k);
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
}

// Keeps the site's files in this browser, so that the page opens without a network. It keeps nothing else: no film passes through here, and
// requests for files that are not in the list go to the network untouched.

/** @typedef {import('./report/types.js').ServiceWorkerScope} ServiceWorkerScope */

/** SHA-256 of every file by its path, and of all of these together; the build writes it (`tools/dist.mjs`). */
/** @type {{ version: string, files: Record<string, string> }} */
const SITE = { version: '', files: {} };

/** A module with one relaxed multiply-add. Browsers that take it never ask for the plain program, the others never for the relaxed one. */
const PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
];
const UNUSED = WebAssembly.validate(Uint8Array.from(PROBE)) ? 'reader/wasm_bg.wasm' : 'reader/relaxed_wasm_bg.wasm';
const USED = Object.keys(SITE.files).filter((path) => path !== UNUSED);

/** The script that says where a part of the page did not run. It and the pages themselves are checked whenever they are opened. */
const NOTICES = 'from-disk.js';

const worker = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (self));
const folder = worker.registration.scope;

/** Other sites on this host, and copies of this one in other folders, have other cache names. */
const OURS = `covid-classifier ${folder} `;
const CACHE = OURS + SITE.version;

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(removeOld()));

// The page sends this when somebody wants the newer version; until then the older one stays in use.
worker.addEventListener('message', (event) => {
  const { data } = event;
  if (data === 'skipWaiting') void worker.skipWaiting();
  // The page asks through a port whether all files are still there and as they were.
  if (data?.isWhole) event.waitUntil(mendAll({ looksInside: true }).then(({ failures }) => data.isWhole.postMessage(failures.length === 0)));
  // A page of which a part did not run asks through a port whether another try gets other files.
  if (data?.mend) event.waitUntil(mendOrDrop({ looksInside: true }).then((isOther) => data.mend.postMessage(isOther)));
});

worker.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  if (method !== 'GET' || !url.startsWith(folder)) return;
  // The query of the page's address is for the page itself, such as `?backend=`.
  const path = url.slice(folder.length).replace(mode === 'navigate' ? /[?#].*/ : /#.*/, '') || 'index.html';
  if (!Object.hasOwn(SITE.files, path)) return;
  event.respondWith(mode === 'navigate' ? openPage(path, event.request) : answer(path, event.request));
});

/** Keeps all files that this browser uses, or none: an incomplete version is not kept. */
async function install() {
  const cache = await caches.open(CACHE);
  const older = (await ourCaches()).reverse();
  try {
    await Promise.all(USED.map(async (path) => cache.put(address(path), await obtain(path, SITE.files[path], older))));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/**
 * The file with exactly the listed hash: from older caches, from the browser's HTTP cache, or from the host.
 * @param {string} path
 * @param {string} sha256
 * @param {string[]} older
 */
async function obtain(path, sha256, older) {
  const url = address(path);
  const ways = [...older.map((cacheName) => () => caches.match(url, { cacheName })), () => fetch(url), () => fetch(url, { cache: 'reload' })];
  for (const way of ways) {
    const response = await way();
    if (response?.ok && (await digest(response.clone())) === sha256) return direct(response);
  }
  throw new OtherVersion(`${path} is not the file that belongs to this version`);
}

class OtherVersion extends Error {}

/** @param {Response} response */
async function digest(response) {
  const hash = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Browsers refuse a redirected response for a navigation. @param {Response} response */
function direct(response) {
  return response.redirected ? new Response(response.body, { headers: response.headers }) : response;
}

/**
 * Opens the page with files of one version. The browser may have dropped some to make room. If the host has a newer version by now, all
 * files come from there; without a network, the page gets what is left.
 * @param {string} path
 * @param {Request} request
 */
async function openPage(path, request) {
  await mendOrDrop({ looksInside: false });
  return answer(path, request);
}

/**
 * Mends what is kept; where the host has a newer version by now, nothing is kept any more.
 * @param {{looksInside: boolean}} how
 * @returns {Promise<boolean>} whether the page now gets other files than before
 */
async function mendOrDrop(how) {
  if (!(await caches.has(CACHE))) return false;
  const { mended, failures } = await mendAll(how);
  const isDropped = failures.some((failure) => failure instanceof OtherVersion) && (await caches.delete(CACHE));
  return isDropped || mended > 0;
}

/**
 * @param {string} path
 * @param {Request} request
 */
async function answer(path, request) {
  const kept = await caches.match(address(path), { cacheName: CACHE });
  // The page asks this way for a file that was unusable.
  const wasUnusable = request.cache === 'reload';
  if (!kept && !wasUnusable) return fetch(request);
  const isTrusted = !wasUnusable && request.mode !== 'navigate' && path !== NOTICES;
  if (kept && (isTrusted || (await digest(kept.clone())) === SITE.files[path])) return kept;
  return mend(path).catch(() => fetch(request));
}

/**
 * Fetches the files that are missing or, where it looks inside, altered, and keeps them again.
 * @param {{looksInside: boolean}} how
 * @returns {Promise<{mended: number, failures: unknown[]}>} how many there are, and the error for each that could not be had
 */
async function mendAll({ looksInside }) {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = USED.filter((path) => !kept.has(address(path)));
  if (looksInside) {
    // One after another: a film may be read at the same time.
    for (const path of USED) {
      const response = await cache.match(address(path));
      if (response && (await digest(response)) !== SITE.files[path]) missing.push(path);
    }
  }
  const outcomes = await Promise.allSettled(missing.map(mend));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  return { mended: missing.length - failures.length, failures };
}

/** @param {string} path */
async function mend(path) {
  const response = await obtain(path, SITE.files[path], []);
  await (await caches.open(CACHE)).put(address(path), response.clone());
  return response;
}

/** A file's address. Some hosts redirect index.html to the folder. @param {string} path */
function address(path) {
  return new URL(path === 'index.html' ? '.' : path, folder).href;
}

async function ourCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(OURS));
}

async function removeOld() {
  const old = (await ourCaches()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

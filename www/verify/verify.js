// Checks the files of this copy of the site against a list of SHA-256 sums: the host's own, or one that a person chooses. Apart from
// verify.html, it needs no other file of the site. That page says what the check can and cannot prove.

/** The folder of the site. */
const here = new URL('.', document.baseURI);
/** How many files are fetched at once. */
const AT_ONCE = 4;

/** @typedef {{ path: string, sum: string }} Listed */
/** @typedef {'same' | 'other' | 'missing'} Outcome */

/** Counts checks, so that results of an earlier one are dropped. */
let turn = 0;

speak();
for (const place of document.querySelectorAll('[data-value="here"]')) place.textContent = here.href;
// Pages without a secure address have no `crypto.subtle`.
if (globalThis.crypto?.subtle) begin();
else show('insecure');

function begin() {
  for (const chooser of document.querySelectorAll('[data-chooser]')) {
    const input = /** @type {HTMLInputElement} */ (chooser.querySelector('input'));
    /** @type {HTMLElement} */ (chooser).hidden = false;
    input.addEventListener('change', async () => {
      const file = input.files?.[0];
      if (file) await check(await file.arrayBuffer(), 'from-file');
    });
  }
  void fetchAnew('SHA256SUMS').then((list) => check(list, 'from-host'));
}

/** Shows one language: that of the address, else of the browser. */
function speak() {
  const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('main > section')]);
  const asked = new URLSearchParams(location.search).get('lang');
  const wanted = [asked, ...navigator.languages, 'en'].map((tag) => tag?.toLowerCase().split('-')[0]);
  const lang = wanted.find((code) => sections.some((section) => section.lang === code));
  for (const section of sections) section.hidden = section.lang !== lang;
  document.documentElement.lang = lang ?? 'en';
}

/**
 * @param {ArrayBuffer | null} bytes of the list
 * @param {'from-host' | 'from-file'} origin
 */
async function check(bytes, origin) {
  const mine = ++turn;
  const listed = bytes && parse(new TextDecoder().decode(bytes));
  if (!bytes || !listed) {
    show('no-list');
    return;
  }
  show('running', origin);
  write({ list: await sumOf(bytes), done: 0, of: listed.length });
  /** @type {Map<string, Outcome>} */
  const outcomes = new Map();
  const waiting = [...listed];
  const work = async () => {
    for (let file = waiting.shift(); file && mine === turn; file = waiting.shift()) {
      const found = await fetchAnew(file.path);
      outcomes.set(file.path, found === null ? 'missing' : (await sumOf(found)) === file.sum ? 'same' : 'other');
      if (mine === turn) write({ done: outcomes.size });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const kept = await keptFiles(listed);
  if (mine !== turn) return;
  const wrong = listed.filter(({ path }) => outcomes.get(path) !== 'same').length;
  write({ wrong, kept: kept.all, keptwrong: kept.wrong });
  const states = [wrong > 0 ? 'bad' : 'good', origin, ...(kept.all > 0 ? [kept.wrong > 0 ? 'kept-other' : 'kept'] : [])];
  show(...states);
  for (const outcome of /** @type {const} */ (['other', 'missing'])) {
    nameFiles(
      outcome,
      listed.filter(({ path }) => outcomes.get(path) === outcome),
    );
  }
}

/**
 * Reads a list as `sha256sum` writes it; null for anything else, or where it names a file outside this folder.
 * @param {string} text
 * @returns {Listed[] | null}
 */
function parse(text) {
  const lines = text.split('\n').filter((line) => line !== '');
  const files = lines.map((line) => /^([0-9a-f]{64}) [ *]([^\\]+)$/.exec(line)).map((match) => match && { sum: match[1], path: match[2] });
  const isOurs = (/** @type {Listed | null} */ file) => file !== null && addressHere(file.path).href.startsWith(here.href);
  return files.length > 0 && files.every(isOurs) ? /** @type {Listed[]} */ (files) : null;
}

/** @param {string} path */
function addressHere(path) {
  return new URL(path.split('/').map(encodeURIComponent).join('/'), here);
}

/**
 * A file as the host has it now. The query keeps the service worker from answering; `no-store` bypasses the browser's cache.
 * @param {string} path
 */
async function fetchAnew(path) {
  try {
    const response = await fetch(`${addressHere(path)}?verify`, { cache: 'no-store' });
    return response.ok ? await response.arrayBuffer() : null;
  } catch {
    return null;
  }
}

/** Checks the files that the service worker keeps of this site. @param {Listed[]} listed */
async function keptFiles(listed) {
  const sums = new Map(listed.map(({ path, sum }) => [addressHere(path === 'index.html' ? '' : path).href, sum]));
  const count = { all: 0, wrong: 0 };
  const ours = (await globalThis.caches?.keys().catch(() => [])) ?? [];
  for (const cacheName of ours.filter((cacheName) => cacheName.startsWith(`covid-classifier ${here.href} `))) {
    const cache = await caches.open(cacheName);
    for (const request of await cache.keys()) {
      const response = await cache.match(request);
      if (!response) continue;
      count.all++;
      if (sums.get(request.url) !== (await sumOf(await response.arrayBuffer()))) count.wrong++;
    }
  }
  return count;
}

/** @param {ArrayBuffer} bytes */
async function sumOf(bytes) {
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Shows the parts of these states, in every language, and hides all others. @param {string[]} states */
function show(...states) {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-state]'))) {
    part.hidden = !states.includes(part.dataset.state ?? '');
  }
  for (const outcome of ['other', 'missing']) nameFiles(outcome, []);
  document.documentElement.dataset.checked = states[0];
}

/** @param {Record<string, string | number>} values */
function write(values) {
  for (const [key, value] of Object.entries(values)) {
    for (const place of document.querySelectorAll(`[data-value="${key}"]`)) place.textContent = String(value);
  }
}

/** @param {string} outcome @param {Listed[]} files */
function nameFiles(outcome, files) {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-list="${outcome}"]`))) {
    part.hidden = files.length === 0;
    part.querySelector('ul')?.replaceChildren(
      ...files.map(({ path }) => {
        const item = document.createElement('li');
        const code = document.createElement('code');
        code.textContent = path;
        item.append(code);
        return item;
      }),
    );
  }
}

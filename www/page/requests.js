// Lists every request that the page and its workers have made since the page was opened, as the browser itself records them.

import { byId, element } from '../ui/dom.js';
import { bytes } from '../text/format.js';
import { language } from '../text/language.js';
import { inEveryLanguage, messages } from '../text/messages.js';

/** False for the single-file page, which has no other files to fetch. */
const IS_SERVED = import.meta.url.startsWith('http');

/** Requests since the model was loaded. */
let count = 0;
/** When the model had loaded, in milliseconds; null before. @type {number | null} */
let since = null;

/** Addresses that the page's head has named, in any language. @type {Set<string>} */
const named = new Set();

/** Starts counting. Called when everything has loaded. */
export function countRequests() {
  since = performance.now();
  inEveryLanguage(() => {
    for (const { href } of /** @type {NodeListOf<HTMLLinkElement>} */ (document.head.querySelectorAll('link:not([rel="modulepreload"])'))) named.add(href);
    show();
  });
  new PerformanceObserver((list) => {
    addRequests(list.getEntries().filter(isAfter).length);
  }).observe({ type: 'resource' });
}

/** @param {number} more requests of the page or of a worker */
export function addRequests(more) {
  count += more;
  show();
}

/** The list may be long: it is written when somebody opens it. */
export function listenForRequests() {
  const panel = /** @type {HTMLDetailsElement} */ (byId('privacy'));
  panel.addEventListener('toggle', () => panel.open && list());
}

function show() {
  const line = byId('requests');
  byId('privacy').hidden = false;
  line.dataset.count = String(count);
  line.textContent = messages.requests.since(count);
  if (/** @type {HTMLDetailsElement} */ (byId('privacy')).open) list();
}

function list() {
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource'));
  const requests = entries.filter(({ name }) => !name.startsWith('blob:') && !name.startsWith('data:'));
  const [before, after] = [requests.filter((entry) => !isAfter(entry)), requests.filter(isAfter)];
  const { sent, loaded, verify, steps, offline, check } = messages.requests;
  byId('privacy-body').replaceChildren(
    element('p', {}, count === 0 ? sent.nothing : sent.something),
    ...(after.length > 0 ? [requestList(after)] : []),
    element('h3', {}, verify),
    element('ol', {}, ...steps.map((step) => element('li', {}, step))),
    element('details', {}, element('summary', {}, loaded(before.length)), requestList(before)),
    element('p', {}, offline),
    ...(IS_SERVED ? [element('p', {}, element('a', { href: `verify.html?lang=${language}`, target: '_blank', rel: 'noopener' }, check))] : []),
  );
}

/**
 * Browsers fetch what the page's head names, the icon and the manifest, whenever they see fit; these requests count as loading.
 * @param {PerformanceEntry} entry
 */
function isAfter({ name, startTime }) {
  return since !== null && startTime > since && !named.has(name);
}

/** @param {PerformanceResourceTiming[]} entries */
function requestList(entries) {
  const here = new URL('.', document.baseURI).href;
  const rows = entries.map(({ name, decodedBodySize }) =>
    element(
      'li',
      {},
      element('code', {}, name.startsWith(here) ? name.slice(here.length) || './' : name),
      decodedBodySize > 0 ? element('span', { class: 'minor' }, bytes(decodedBodySize)) : null,
    ),
  );
  return element('ul', { class: 'request-list' }, ...rows);
}

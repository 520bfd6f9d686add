// Makes the page work offline: the service worker keeps its files, and a newer version is offered once it is ready.

import { byId, element } from '../ui/dom.js';
import { leave } from './leaving.js';
import { inEveryLanguage, messages } from '../text/messages.js';

/** The only script that may become the service worker. The single-file page has no address for one. */
const SCRIPT = import.meta.url.startsWith('http') ? new URL('../service-worker.js', import.meta.url).href : null;

/** Service workers that are being listened to. @type {WeakSet<ServiceWorker>} */
const followed = new WeakSet();

/** The note that is shown. @type {'kept' | 'not-kept' | null} */
let shown = null;
/** The newer version on offer. @type {ServiceWorker | null} */
let offered = null;

/** Called when the page has loaded what it needs, so that most of the files to keep are in the browser's cache. */
export async function keepForOffline() {
  if (!SCRIPT) return;
  inEveryLanguage(() => {
    if (shown) show(shown);
    if (offered) offer(offered);
  });
  try {
    // It is missing without https and in some private windows.
    const container = /** @type {ServiceWorkerContainer | undefined} */ (navigator.serviceWorker);
    if (!container) throw new Error('no service worker');
    const script = policy?.createScriptURL(SCRIPT) ?? SCRIPT;
    const registration = await container.register(script, { updateViaCache: 'none' });
    if (registration.active) {
      show('kept');
      askWhether(registration.active);
    }
    if (registration.waiting) offer(registration.waiting);
    followInstalling(registration);
    registration.addEventListener('updatefound', () => followInstalling(registration));
  } catch {
    show('not-kept');
  }
}

/** Asks the service worker whether the browser has dropped files; it then fetches them again. @param {ServiceWorker} active */
function askWhether(active) {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', ({ data }) => show(data ? 'kept' : 'not-kept'), { once: true });
  port1.start();
  active.postMessage({ isWhole: port2 }, [port2]);
}

/** @param {ServiceWorkerRegistration} registration */
function followInstalling(registration) {
  const worker = registration.installing;
  if (!worker || followed.has(worker)) return;
  followed.add(worker);
  worker.addEventListener('statechange', () => {
    if (worker.state === 'installed' && registration.active) offer(worker);
    if (worker.state === 'activated') show('kept');
    // A newer version that could not be kept completely leaves the present one in place.
    if (worker.state === 'redundant' && !registration.active) show('not-kept');
  });
}

/** @param {'kept' | 'not-kept'} state */
function show(state) {
  const line = byId('offline');
  line.hidden = false;
  line.dataset.state = state;
  line.textContent = messages.offline.states[state];
  shown = state;
}

/**
 * Offers a newer version. The present one stays in use until somebody accepts.
 * @param {ServiceWorker} worker
 */
function offer(worker) {
  offered = worker;
  const { title, text, reload, later } = messages.offline.update;
  const now = element('button', { type: 'button', class: 'primary' }, reload);
  const dismiss = element('button', { type: 'button', class: 'quiet' }, later);
  const notice = element(
    'section',
    { class: 'notice update', 'data-notice': 'update', 'aria-label': title },
    element('h2', {}, title),
    element('p', {}, text),
    element('p', { class: 'actions' }, now, dismiss),
  );
  const update = () => {
    now.disabled = true;
    const reloadOnceActive = () => {
      if (worker.state === 'activated' || worker.state === 'redundant') location.reload();
    };
    worker.addEventListener('statechange', reloadOnceActive);
    worker.postMessage('skipWaiting');
    // Another tab may have accepted first.
    reloadOnceActive();
  };
  now.addEventListener('click', () => leave(update));
  dismiss.addEventListener('click', () => {
    offered = null;
    notice.remove();
    byId('choose').focus();
  });
  byId('update').replaceChildren(notice);
}

/**
 * In browsers with Trusted Types, the page's policy lets no other address become a service worker.
 * @typedef {{ createScriptURL(url: string): string }} ScriptUrlPolicy
 */
const policy = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy } }} */ (
  /** @type {unknown} */ (globalThis)
).trustedTypes?.createPolicy('classifier-offline', {
  createScriptURL(url) {
    if (url !== SCRIPT) throw new TypeError(`no service worker from ${url}`);
    return url;
  },
});

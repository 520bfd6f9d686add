// Browsers load no modules for a page opened from a disk. This classic script says so, instead of leaving the page waiting for a model that
// never loads; it also speaks up where a module of the page did not load. The single-file page does without it.

if (location.protocol === 'file:') sayInstead('from-disk');
// By then the modules have run, or never will.
else addEventListener('load', () => document.body.dataset.isRunning === undefined && sayNotWhole());

/** What the browser kept of the page may be damaged: where the service worker mends it, the page is opened again. */
function sayNotWhole() {
  sayInstead('not-whole');
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: isOther }) => isOther && location.reload();
  navigator.serviceWorker?.controller?.postMessage({ mend: port2 }, [port2]);
}

/** @param {string} id */
function sayInstead(id) {
  const notice = document.getElementById(id);
  // One part per language.
  const parts = [.../** @type {NodeListOf<HTMLElement>} */ (notice?.querySelectorAll('[lang]') ?? [])];
  const spoken = navigator.languages.map((language) => language.slice(0, 2)).find((code) => parts.some(({ lang }) => lang === code)) ?? 'en';
  for (const part of parts) if (part.lang !== spoken) part.remove();
  notice?.classList.add('notice', 'error');
  notice?.removeAttribute('hidden');
  for (const part of document.querySelectorAll('.desk, .stage')) part.remove();
  if (spoken === 'en') return;
  // The rest of the page is in English.
  document.documentElement.lang = spoken;
  for (const part of document.querySelectorAll('.masthead p')) part.remove();
}

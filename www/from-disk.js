// A page that comes from a disk may load no module, in any browser. This script is none: it says so in place of a model that never
// loads, and also where a module of the page did not come. The page as one file has no use for it.

if (location.protocol === 'file:') sayInstead('from-disk');
// Modules have run by then, or never will.
else addEventListener('load', () => document.body.dataset.isRunning === undefined && sayInstead('not-whole'));

/** @param {string} id */
function sayInstead(id) {
  const notice = document.getElementById(id);
  // One for each language.
  const parts = [.../** @type {NodeListOf<HTMLElement>} */ (notice?.querySelectorAll('[lang]') ?? [])];
  const spoken = navigator.languages.map((language) => language.slice(0, 2)).find((code) => parts.some(({ lang }) => lang === code)) ?? 'en';
  for (const part of parts) if (part.lang !== spoken) part.remove();
  notice?.classList.add('notice', 'error');
  notice?.removeAttribute('hidden');
  for (const part of document.querySelectorAll('.desk, .stage')) part.remove();
  if (spoken === 'en') return;
  // What else the page holds is English.
  document.documentElement.lang = spoken;
  for (const part of document.querySelectorAll('.masthead p')) part.remove();
}

// How films come in: chosen, dropped anywhere on the page, or pasted.

import { byId } from './dom.js';

/**
 * @param {(files: File[]) => void} take gets the files; an empty list when something came in that was no file
 */
export function listenForFilms(take) {
  const input = /** @type {HTMLInputElement} */ (byId('file'));
  byId('choose').addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // The same file chosen twice is a change both times.
    input.value = '';
    if (files.length > 0) take(files);
  });

  document.addEventListener('paste', (event) => {
    if (!event.clipboardData) return;
    event.preventDefault();
    take([...event.clipboardData.files]);
  });

  const veil = byId('veil');
  // Entering a child counts before leaving its parent does: the drag has left when the counts are even.
  let depth = 0;
  const show = (/** @type {number} */ now) => {
    depth = Math.max(0, now);
    veil.hidden = depth === 0;
  };
  document.addEventListener('dragenter', (event) => {
    if (carriesFiles(event)) show(depth + 1);
  });
  document.addEventListener('dragleave', (event) => {
    if (carriesFiles(event)) show(depth - 1);
  });
  document.addEventListener('dragover', (event) => {
    // Without this a drop opens the film in place of the page.
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = carriesFiles(event) ? 'copy' : 'none';
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    show(0);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** @param {DragEvent} event */
function carriesFiles(event) {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

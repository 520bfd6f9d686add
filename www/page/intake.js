// Takes in films: files and folders that are chosen, dropped anywhere on the page, or pasted.

import { byId } from '../ui/dom.js';
import { dropped, takenFiles } from '../exchange/file-tree.js';

/**
 * @typedef {import('../exchange/file-tree.js').Taken} Taken
 * @typedef {object} Events
 * @property {(taken: Taken) => void} take what came in; without sources for an empty folder or something other than a file
 * @property {(files: number) => void} looking called while a folder is searched, with the files found so far
 * @property {() => AbortSignal} signal ends an intake that begins now
 */

/** @param {Events} events */
export function listenForFilms(events) {
  for (const [button, field] of [
    ['choose', 'file'],
    ['choose-folder', 'folder'],
  ]) {
    const input = /** @type {HTMLInputElement} */ (byId(field));
    byId(button).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      // So that choosing the same file again is a change.
      input.value = '';
      if (files.length > 0) events.take(takenFiles(files));
    });
  }
  // Phones have no folders to choose.
  byId('choose-folder').hidden = !('webkitdirectory' in HTMLInputElement.prototype);

  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files;
    if (!files || (files.length === 0 && takesText(event.target))) return;
    event.preventDefault();
    events.take(takenFiles(files));
  });

  const veil = byId('veil');
  // A drag enters a child before it leaves the parent: it has left the page when enters and leaves are even.
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
    if (!carriesFiles(event) && takesText(event.target)) return;
    // Without this a drop opens the film in place of the page.
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = carriesFiles(event) ? 'copy' : 'none';
  });
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event) && takesText(event.target)) return;
    event.preventDefault();
    show(0);
    if (!event.dataTransfer) return;
    const { now, later } = dropped(event.dataTransfer);
    if (!later) {
      events.take(now);
      return;
    }
    const signal = events.signal();
    events.looking(now.sources.length);
    void later(events.looking, signal).then((taken) => {
      if (!signal.aborted) events.take(taken);
    });
  });
}

/** @param {DragEvent} event */
function carriesFiles(event) {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** Text fields keep what is pasted or dropped into them. @param {EventTarget | null} target */
function takesText(target) {
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type="radio"], [type="checkbox"], [type="range"]), textarea'))
  );
}

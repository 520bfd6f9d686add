// A dialog that lists all keys.

import { button } from '../ui/button.js';
import { closeBeside } from '../ui/close-beside.js';
import { byId, element } from '../ui/dom.js';
import { messages } from '../text/messages.js';
import { viewerShortcuts } from '../viewer/keys.js';

/** Ctrl+/ or ⌘/ opens it: a combination that types no text, so that it works everywhere. */
export function listenForShortcuts() {
  byId('show-shortcuts').addEventListener('click', show);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    show();
  });
  closeBeside(/** @type {HTMLDialogElement} */ (byId('shortcuts')));
}

function show() {
  const dialog = /** @type {HTMLDialogElement} */ (byId('shortcuts'));
  if (dialog.open) return;
  const { title, page, films, viewer, close } = messages.shortcuts;
  dialog.replaceChildren(
    element(
      'div',
      { class: 'dialog-body' },
      element(
        'div',
        { class: 'dialog-head' },
        element('h2', { id: 'shortcuts-title' }, title),
        button('quiet', close, () => dialog.close()),
      ),
      section(page, messages.shortcuts.keys),
      section(films, messages.films.shortcuts),
      section(viewer, viewerShortcuts()),
      section(messages.compare.title, messages.compare.keys),
      section(messages.blind.title, messages.blind.keys),
    ),
  );
  dialog.showModal();
}

/**
 * @param {string} title
 * @param {{keys: string[], does: string}[]} shortcuts
 */
function section(title, shortcuts) {
  const rows = shortcuts.map(({ keys, does }) => element('div', {}, element('dt', {}, ...keys.map((key) => element('kbd', {}, key))), element('dd', {}, does)));
  return element('section', {}, element('h3', {}, title), element('dl', { class: 'shortcut-list' }, ...rows));
}

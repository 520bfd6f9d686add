// Asks a question before something is left or lost.

import { button } from './button.js';
import { closeBeside } from './close-beside.js';
import { element } from './dom.js';

/**
 * @param {{title: string, text: string}} question
 * @param {{label: string, press: () => void}[]} choices the first must change nothing
 */
export function ask({ title, text }, choices) {
  const dialog = element('dialog', { class: 'dialog ask-dialog', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text' });
  const buttons = choices.map(({ label, press }, index) =>
    button(index === 0 ? 'primary' : 'quiet', label, () => {
      dialog.close();
      press();
    }),
  );
  dialog.append(
    element(
      'div',
      { class: 'dialog-body' },
      element('h2', { id: 'ask-title' }, title),
      element('p', { id: 'ask-text' }, text),
      element('p', { class: 'actions' }, ...buttons),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
}

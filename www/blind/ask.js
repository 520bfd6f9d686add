// Asks before something is left or lost.

import { closeBeside } from '../ui/close-beside.js';
import { element } from '../ui/dom.js';

/**
 * @param {{title: string, text: string}} question
 * @param {{label: string, press: () => void}[]} choices the first is the one that changes nothing
 */
export function ask({ title, text }, choices) {
  const dialog = element('dialog', { class: 'dialog language-dialog', 'aria-labelledby': 'blind-ask-title', 'aria-describedby': 'blind-ask-text' });
  const buttons = choices.map(({ label, press }, index) => {
    const node = element('button', { type: 'button', class: index === 0 ? 'primary' : 'quiet' }, label);
    node.addEventListener('click', () => {
      dialog.close();
      press();
    });
    return node;
  });
  dialog.append(
    element(
      'div',
      { class: 'dialog-body' },
      element('h2', { id: 'blind-ask-title' }, title),
      element('p', { id: 'blind-ask-text' }, text),
      element('p', { class: 'actions' }, ...buttons),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
}

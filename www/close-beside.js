// A click beside a dialog closes it.

/** @param {HTMLDialogElement} dialog its content covers all of it */
export function closeBeside(dialog) {
  // A click beside the dialog falls on the dialog itself.
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
}

// A click beside a dialog closes it.

/** @param {HTMLDialogElement} dialog its content covers all of it */
export function closeBeside(dialog) {
  // What is beside the dialog falls on the dialog itself, and so does a click that begins or ends in the content, as
  // when a text is selected to its end and beyond.
  let isBeside = false;
  dialog.addEventListener('pointerdown', ({ target }) => {
    isBeside = target === dialog;
  });
  dialog.addEventListener('pointerup', ({ target }) => {
    isBeside &&= target === dialog;
  });
  dialog.addEventListener('click', ({ target }) => {
    if (isBeside && target === dialog) dialog.close();
  });
}

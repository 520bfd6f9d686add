// Closes a dialog on a click outside of it.

/** @param {HTMLDialogElement} dialog its content covers all of it */
export function closeBeside(dialog) {
  // A click outside the content is a click on the dialog element. So is one that only begins or ends inside, as when a person selects text
  // and drags beyond its end.
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

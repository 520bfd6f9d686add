// The two dialogs: one explains how to bring labelled films, the other asks what the spellings of their labels mean.

import { button } from '../ui/button.js';
import { closeBeside } from '../ui/close-beside.js';
import { byId, element } from '../ui/dom.js';
import { LABELS } from '../report/film-facts.js';
import { messages } from '../text/messages.js';
import { guess } from '../exchange/labels.js';

/**
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../exchange/labels.js').Labels} Labels
 * @typedef {Map<string, Label | null>} Meanings null where films of this spelling are left out
 */

/** At most this many names are listed; the others are counted. */
const MOST_NAMES = 200;
const LEAVE_OUT = 'leave_out';

/** The meanings that a person has given, kept while the page is open. @type {Meanings} */
const known = new Map();

/** The meaning of a spelling: the one that a person gave, else the most probable. @param {string} spelling */
export function meaningOf(spelling) {
  return known.get(spelling) ?? (known.has(spelling) ? null : guess(spelling));
}

/** @param {string} id @param {string} title @param {...(Node | string | null)} content */
function open(id, title, ...content) {
  const dialog = element('dialog', { class: 'dialog validate-dialog', 'aria-labelledby': id });
  dialog.append(element('div', { class: 'dialog-body' }, element('h2', { id }, title), ...content));
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function explain() {
  const { how } = messages.validate;
  const choose = (/** @type {string} */ id, /** @type {string} */ kind, /** @type {string} */ text) =>
    byId(id).hidden
      ? null
      : button(kind, text, () => {
          dialog.close();
          byId(id).click();
        });
  const form = (/** @type {string} */ title, /** @type {string} */ text, /** @type {string} */ example) =>
    element('section', {}, element('h3', {}, title), element('p', {}, text), element('pre', {}, element('code', {}, example)));
  const dialog = open(
    'validate-how-title',
    how.title,
    element('p', {}, how.lead),
    form(how.table, how.tableText, 'file,label,patient\nfilms/0001.dcm,covid,a\nfilms/0002.dcm,normal,b\nfilms/0003.dcm,pneumonia,b'),
    form(how.folders, how.foldersText, 'films/covid/0001.dcm\nfilms/normal/0002.dcm\nfilms/pneumonia/0003.dcm'),
    element('p', { class: 'note' }, how.note),
    element(
      'p',
      { class: 'actions' },
      choose('choose-folder', 'primary', how.chooseFolder),
      choose('choose', 'quiet', how.chooseFiles),
      button('quiet', messages.shortcuts.close, () => dialog.close()),
    ),
  );
}

/**
 * @param {Labels} labels
 * @param {(meanings: Meanings) => void} validate
 */
export function askForMeanings(labels, validate) {
  const { ask } = messages.validate;
  const choices = [...labels.spellings].map(([spelling, films], index) => {
    const meaning = meaningOf(spelling);
    const id = `validate-spelling-${index}`;
    const select = element(
      'select',
      { id, class: 'field' },
      ...LABELS.map((label) => element('option', { value: label, selected: label === meaning }, messages.labels[label])),
      element('option', { value: LEAVE_OUT, selected: !meaning }, ask.leaveOut),
    );
    const row = element(
      'div',
      { class: 'validate-spelling', 'data-spelling': spelling },
      element('label', { for: id }, element('q', {}, spelling), element('span', { class: 'minor' }, ask.films(films))),
      select,
    );
    return { spelling, select, row };
  });
  const problem = element('p', { class: 'validate-problem', role: 'alert' });
  const press = () => {
    /** @type {Meanings} */
    const meanings = new Map(choices.map(({ spelling, select }) => [spelling, select.value === LEAVE_OUT ? null : /** @type {Label} */ (select.value)]));
    if (![...meanings.values()].some(Boolean)) {
      problem.textContent = ask.nothing;
      return;
    }
    for (const [spelling, meaning] of meanings) known.set(spelling, meaning);
    dialog.close();
    validate(meanings);
  };
  const { labelled, without, rowsWithout } = labels;
  const dialog = open(
    'validate-ask-title',
    ask.title,
    element('p', {}, ask.lead(labelled.length, labels.isByTable)),
    element('div', { class: 'validate-spellings' }, ...choices.map(({ row }) => row)),
    list(
      ask.without(without.length),
      without.map(({ film, why }) => (why === 'no_label' ? film.path : `${film.path} (${ask.why[why]})`)),
    ),
    list(ask.rowsWithout(rowsWithout.length), rowsWithout),
    problem,
    element(
      'p',
      { class: 'actions' },
      button('primary', ask.validate, press),
      button('quiet', ask.cancel, () => dialog.close()),
    ),
  );
}

/** @param {string} summary @param {string[]} names */
function list(summary, names) {
  if (names.length === 0) return null;
  const shown = names.slice(0, MOST_NAMES).map((name) => element('li', {}, name || '–'));
  if (names.length > MOST_NAMES) shown.push(element('li', {}, messages.print.more(names.length - MOST_NAMES)));
  return element('details', { class: 'validate-names' }, element('summary', {}, summary), element('ul', { tabindex: 0 }, ...shown));
}

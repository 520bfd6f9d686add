// Asks what to export and how, and saves it.

import { includesNames, namesBox } from '../ui/choices.js';
import { closeBeside } from '../ui/close-beside.js';
import { element } from '../ui/dom.js';
import { toCsv, toJson } from './export.js';
import { language, WRITING } from '../text/language.js';
import { messages } from '../text/messages.js';
import { saveFile } from './save-file.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {'csv' | 'json'} Format
 */

const FORMATS = /** @type {const} */ ({
  csv: { write: toCsv, type: 'text/csv;charset=utf-8' },
  json: { write: toJson, type: 'application/json' },
});

/** The last choice. @type {Format} */
let format = 'csv';
/** The last choice; null before the first. @type {import('./export.js').CsvKind | null} */
let lastCsv = null;

/** How tables are written: as it was last chosen, at first as spreadsheets of the page's language expect. */
export const chosenCsv = () => lastCsv ?? WRITING[language].csv;

/**
 * @param {Film[]} films all
 * @param {Film[] | null} shown the films that the filter lets through; null without a filter
 * @param {Model | null} model
 * @param {(sentence: string) => void} announce
 * @param {(films: Film[]) => void} saved
 */
export function askForExport(films, shown, model, announce, saved) {
  let csv = chosenCsv();
  const dialog = element('dialog', { class: 'dialog export-dialog', 'aria-labelledby': 'export-title' });
  const formats = radios(
    'export-format',
    messages.export.format,
    format,
    { csv: messages.export.formats.csv, json: messages.export.formats.json },
    (chosen) => {
      format = /** @type {Format} */ (chosen);
      kinds.hidden = format !== 'csv';
    },
  );
  const kinds = radios('export-csv', messages.export.csv, csv, messages.export.csvKinds, (chosen) => {
    csv = lastCsv = /** @type {import('./export.js').CsvKind} */ (chosen);
  });
  kinds.hidden = format !== 'csv';
  let onlyShown = shown !== null;
  const which =
    shown &&
    radios('export-films', messages.export.which, 'shown', { shown: messages.export.shown(shown.length), all: messages.export.all(films.length) }, (chosen) => {
      onlyShown = chosen === 'shown';
    });
  const save = element('button', { type: 'button', class: 'primary' }, messages.export.save);
  const close = element('button', { type: 'button', class: 'quiet' }, messages.export.cancel);
  close.addEventListener('click', () => dialog.close());
  let isSaving = false;
  save.addEventListener('click', async () => {
    const wanted = onlyShown && shown ? new Set(shown) : null;
    const numbered = films.flatMap((film, index) => (wanted && !wanted.has(film) ? [] : [{ film, number: index + 1 }]));
    const now = new Date();
    const { write, type } = FORMATS[format];
    const terms = { withNames: includesNames(), now, model, csv };
    // Two presses save once.
    if (isSaving) return;
    isSaving = true;
    const isMade = await saveFile(() => write(numbered, terms), type, fileName(now, format));
    isSaving = false;
    if (!isMade) return;
    dialog.close();
    announce(messages.export.saved(numbered.length));
    saved(numbered.map(({ film }) => film));
  });
  dialog.append(
    element(
      'div',
      { class: 'dialog-body' },
      element('h2', { id: 'export-title' }, messages.export.title),
      formats,
      kinds,
      which ?? element('p', { class: 'note' }, messages.export.all(films.length)),
      element('div', {}, namesBox(messages.export.names), element('p', { class: 'note' }, messages.export.namesNote)),
      element('p', { class: 'note' }, messages.export.note),
      element('p', { class: 'actions' }, save, close),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {string} name
 * @param {string} legend
 * @param {string} chosen
 * @param {Record<string, string>} choices
 * @param {(choice: string) => void} choose
 */
function radios(name, legend, chosen, choices, choose) {
  const labels = Object.entries(choices).map(([value, text]) => {
    const radio = element('input', { type: 'radio', name, value, checked: value === chosen });
    radio.addEventListener('change', () => choose(value));
    return element('label', { class: 'tick' }, radio, element('span', {}, text));
  });
  return element('fieldset', { class: 'export-choice' }, element('legend', {}, legend), ...labels);
}

/** @param {Date} now @param {Format} format */
function fileName(now, format) {
  return `covid-classifier-${now.toISOString().slice(0, 19).replaceAll(':', '')}Z.${format}`;
}

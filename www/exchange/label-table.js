// Reads a table of labels: columns file (or path), label, and optionally patient (or patient_group), under these or other usual names. It
// is read as `covid-lab evaluate --manifest` reads it (lab/src/dataset.rs): separated by commas, semicolons or tabs, with or without quotes
// and a byte order mark. A table that this page has exported does not count, whatever its columns.

import { TABLE_BYTES } from '../reader/limits.js';

/**
 * @typedef {import('../report/types.js').FilmFile} FilmFile
 * @typedef {object} LabelRow
 * @property {string} path of the film, relative to the table, with /
 * @property {string} label as written; empty where there is none
 * @property {string} patient empty where there is none
 * @property {number} line of the table
 * @typedef {object} LabelTable
 * @property {string} path of the table itself
 * @property {LabelRow[]} rows
 */

const SEPARATORS = [',', ';', '\t'];
/**
 * Names that a table may give its columns, in the languages of the page: in lower case, without spaces, hyphens and underscores. Where a
 * table has several of one kind, the one listed first here counts. lab/src/dataset.rs has the same names.
 */
const PATH = 'path file filename filepath image imagepath imagename datei dateiname dateipfad pfad bild archivo nombredearchivo fichero ruta imagen';
const LABEL = 'label labels class diagnosis klasse befund diagnose etikett etiqueta clase diagnóstico diagnostico';
const PATIENT = 'patientgroup patient patientid patients subject subjectid patientin patientennummer paciente idpaciente pacienteid';
/** Every export of this page has both columns; a table of labels has neither. */
const OF_AN_EXPORT = ['verdict', 'modelsha256'];

/** Whether a file is named like a table. @param {string} name */
export function isCalledTable(name) {
  return /\.(csv|tsv|tab)$/i.test(name);
}

/** Whether a file is worth reading for labels. @param {{name: string, size: number}} file */
export function mayBeLabelTable({ name, size }) {
  return /\.(csv|tsv|tab|txt)$/i.test(name) && size <= TABLE_BYTES;
}

/**
 * @param {FilmFile} file
 * @param {string} path
 * @returns {Promise<LabelTable | null>} null where it is something else or cannot be read
 */
export async function readLabelTable(file, path) {
  try {
    const rows = parseLabelTable(decoded(await file.arrayBuffer()));
    return rows && { path, rows };
  } catch {
    return null;
  }
}

/** Decodes what spreadsheets write: UTF-8, UTF-16 with its mark, or Windows-1252. @param {ArrayBuffer} bytes */
function decoded(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * @param {string} text
 * @returns {LabelRow[] | null} null where the first line does not name the columns
 */
export function parseLabelTable(text) {
  const plain = text.replace(/^\ufeff/, '').replace(/^sep=.\r?\n/i, '');
  for (const separator of SEPARATORS) {
    const heads = (records(plain, separator).next().value?.cells ?? []).map(plainHead);
    const [path, label, patient] = [PATH, LABEL, PATIENT].map((names) => columnOf(heads, names));
    if (path < 0 || label < 0) continue;
    if (OF_AN_EXPORT.every((head) => heads.includes(head))) return null;
    const cell = (/** @type {string[]} */ cells, /** @type {number} */ at) => (cells[at] ?? '').trim();
    return [...records(plain, separator)]
      .slice(1)
      .filter(({ cells }) => cells.some((text) => text.trim() !== ''))
      .map(({ cells, line }) => ({
        path: cell(cells, path).replaceAll('\\', '/'),
        label: cell(cells, label),
        patient: patient < 0 ? '' : cell(cells, patient),
        line,
      }));
  }
  return null;
}

/** @param {string} head */
function plainHead(head) {
  return head.trim().toLowerCase().replace(/[ _-]/g, '');
}

/** @param {string[]} heads @param {string} names @returns {number} negative where there is none */
function columnOf(heads, names) {
  const name = names.split(' ').find((name) => heads.includes(name));
  return name === undefined ? -1 : heads.indexOf(name);
}

/**
 * Splits a table as in RFC 4180; a line break may be any of the three usual ones.
 * @param {string} text
 * @param {string} separator
 * @returns {Generator<{cells: string[], line: number}, undefined>}
 */
function* records(text, separator) {
  /** @type {string[]} */
  let cells = [];
  let [cell, isBlank, isQuoted, line, begin] = ['', true, false, 1, 1];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    const isBreak = letter === '\n' || (letter === '\r' && text[at + 1] !== '\n');
    if (isBreak) line++;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else isQuoted = false;
    } else if (letter === '"' && isBlank) {
      [cell, isBlank, isQuoted] = ['', false, true];
    } else if (letter === separator) {
      cells.push(cell);
      [cell, isBlank] = ['', true];
    } else if (isBreak) {
      yield { cells: [...cells, cell], line: begin };
      [cells, cell, isBlank, begin] = [[], '', true, line];
    } else if (letter !== '\r') {
      cell += letter;
      isBlank &&= letter.trim() === '';
    }
  }
  if (cells.length > 0 || cell !== '') yield { cells: [...cells, cell], line: begin };
}

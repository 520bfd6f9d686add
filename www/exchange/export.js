// Writes results to a file: CSV for spreadsheets, or JSON with everything, which import.js reads again. Unless names are asked for, no part
// of the file holds a film's name or folder. Numbers are written in full, with a dot.
//
// CSV follows RFC 4180, in UTF-8 with a byte order mark, without which spreadsheets guess another encoding. On request it has semicolons
// and decimal commas, which spreadsheets of many countries expect. A text that a spreadsheet would take for a formula (one that begins with
// an equals, plus, minus or at sign, their full-width forms, a tab or a line break) gets an apostrophe in front.

import { LABELS, modelId } from '../report/film-facts.js';
import { PROGRAM } from './program.js';

/**
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {{film: Film, number: number}} Numbered a film with its running number among all
 * @typedef {object} Terms
 * @property {boolean} withNames
 * @property {Date} now
 * @property {import('../report/types.js').ModelId | null} model in use
 * @property {CsvKind} [csv] commas and decimal points by default
 * @property {Column[]} [more] columns in front of the usual ones
 *
 * @typedef {'comma' | 'semicolon'} CsvKind what separates cells; with semicolons decimals have a comma
 */

export const SCHEMA = 'covid-classifier-results';
export const SCHEMA_VERSION = '1';

/** Separates several values in one cell. */
const BETWEEN = ' | ';
const BYTE_ORDER_MARK = '\ufeff';

/**
 * @param {Numbered[]} films
 * @param {Terms} terms
 * @returns {string[]} parts of one text, which is then not in memory twice
 */
export function toJson(films, { withNames, now, model }) {
  const head = {
    schema: `${SCHEMA}/${SCHEMA_VERSION}`,
    exported_at: now.toISOString(),
    program: PROGRAM,
    model: model && modelId(model),
  };
  const parts = [`${JSON.stringify(head, null, 1).slice(0, -2)},\n "films": [`];
  for (const [index, numbered] of films.entries()) parts.push(`${index === 0 ? '' : ','}\n  ${JSON.stringify(filmOf(numbered, withNames))}`);
  parts.push('\n ]\n}\n');
  return parts;
}

/** @param {Numbered} numbered @param {boolean} withNames */
function filmOf({ film, number }, withNames) {
  const named = withNames && isNamed(film);
  return {
    number,
    ...(named ? { name: film.name, path: film.path } : {}),
    state: film.state,
    ...(film.isSynthetic ? { synthetic: true } : {}),
    ...(film.imported ? { imported: { at: film.imported.at, program: film.imported.program } } : {}),
    report: film.report && reportOf(film, film.report, named),
    failure: film.failure && (named ? film.failure : failureOf(film, film.failure)),
  };
}

/** @param {Film} film @param {Report} report @param {boolean} named */
function reportOf(film, report, named) {
  if (named) return report;
  const { path: _, ...rest } = report;
  return { ...rest, error: report.error && failureOf(film, report.error) };
}

/** @param {Film} film @param {Failure} failure */
function failureOf(film, { kind, message, format }) {
  return { kind, message: withoutName(message, film), ...(format ? { format } : {}) };
}

/** False for a film from an export without names. @param {Film} film */
function isNamed({ imported }) {
  return imported === null || imported.isNamed;
}

/**
 * Removes the film's name from a message of the browser or the program.
 * @param {string} message
 * @param {Film} film
 */
function withoutName(message, { name, path, report }) {
  // The longest first: it may contain the others.
  const known = [path, name, report?.path ?? ''].filter(Boolean).sort((a, b) => b.length - a.length);
  return known.reduce((text, part) => text.replaceAll(whole(part), '…'), message);
}

/** Matches this text where it is not part of a longer word. @param {string} part */
function whole(part) {
  return new RegExp(`(?<![\\p{L}\\p{N}])${part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'gu');
}

/**
 * @typedef {string | number | boolean | null | undefined} Cell
 * @typedef {[head: string, cell: (film: Film, report: Report | null, failure: Failure | null) => Cell]} Column
 */

/** @param {string} head @param {(report: Report) => Partial<Record<Label, number>> | null | undefined} values @returns {Column[]} */
const perLabel = (head, values) => LABELS.map((label) => [`${head}_${label}`, (_film, report) => report && values(report)?.[label]]);

/** @param {{kind: string}[] | null | undefined} all */
const kinds = (all) => all?.map(({ kind }) => kind).join(BETWEEN);

/** @type {Column[]} */
const NAMES = [
  ['file_name', (film) => (isNamed(film) ? film.name : null)],
  ['path', (film) => (isNamed(film) ? film.path : null)],
];

/** The part of the picture that was read, in shares; empty where that is the whole picture. */
const FRAME = /** @type {const} */ (['left', 'top', 'width', 'height']);

/** @param {import('../report/types.js').ReadAs} way */
function readAs({ quarter_turns, mirrored, inverted }) {
  return [quarter_turns ? `turned ${90 * quarter_turns}` : '', mirrored ? 'mirrored' : '', inverted ? 'inverted' : ''].filter(Boolean).join(BETWEEN);
}

/** @type {Column[]} */
const COLUMNS = [
  ['state', ({ state }) => state],
  ['verdict', (_film, report) => report?.verdict],
  ['finding', (_film, report) => report?.finding],
  ['abnormal', (_film, report) => report?.abnormal],
  ...perLabel('probability', ({ probabilities }) => probabilities),
  ...perLabel('convnet', ({ readers }) => readers?.convnet),
  ...perLabel('texture', ({ readers }) => readers?.texture),
  ['prediction_set', (_film, report) => report?.prediction_set?.join(BETWEEN)],
  ['abstentions', (_film, report) => kinds(report?.abstentions)],
  ['gate_accepted', (_film, report) => report?.gate?.accepted],
  ['gate_doubtful', (_film, report) => report?.gate?.doubtful],
  ['gate_frontal', (_film, report) => report?.gate?.frontal],
  ['gate_child', (_film, report) => report?.gate?.child],
  ['gate_distance', (_film, report) => report?.gate?.distance],
  ['gate_reasons', (_film, report) => kinds(report?.gate?.reasons)],
  ['warnings', (_film, report) => kinds(report?.warnings)],
  ['lungs_area', (_film, report) => report?.lungs?.area],
  ['inside_lungs', (_film, report) => report?.activation?.inside_lungs],
  ['film_format', (_film, report) => report?.film?.format],
  ['film_width_px', (_film, report) => report?.film?.width_px],
  ['film_height_px', (_film, report) => report?.film?.height_px],
  ['film_color', (_film, report) => report?.film?.color],
  ...FRAME.map((side) => /** @type {Column} */ ([`frame_${side}`, (_film, report) => report?.frame?.[side]])),
  ['read_as', (_film, report) => report?.read_as && readAs(report.read_as)],
  ['synthetic', ({ isSynthetic }) => isSynthetic],
  ['error_kind', (_film, _report, failure) => failure?.kind],
  ['error_message', (_film, _report, failure) => failure?.message],
  ['elapsed_ms', (_film, report) => report?.elapsed_ms?.total],
  ['backend', (_film, report) => report?.backend],
  ['adapter', (_film, report) => report?.adapter],
  ['model_version', (_film, report) => report?.model?.version],
  ['model_sha256', (_film, report) => report?.model?.sha256],
  // The user's own model, not the page's.
  ['model_own', (_film, report) => report?.model && report.model.own === true],
  ['program', ({ imported }) => imported?.program ?? programName()],
];

/**
 * @param {Numbered[]} films
 * @param {Terms} terms
 * @returns {string[]} parts of one text
 */
export function toCsv(films, { withNames, now, csv = 'comma', more = [] }) {
  const line = (/** @type {Cell[]} */ cells) => `${cells.map((cell) => toCell(cell, csv)).join(csv === 'comma' ? ',' : ';')}\r\n`;
  const columns = [...(withNames ? NAMES : []), ...more, ...COLUMNS];
  const exportedAt = now.toISOString();
  return [
    BYTE_ORDER_MARK + line(['number', ...columns.map(([head]) => head), 'exported_at']),
    ...films.map(({ film, number }) => {
      const failure = film.failure && (withNames ? film.failure : failureOf(film, film.failure));
      return line([number, ...columns.map(([, cell]) => cell(film, film.report, failure)), exportedAt]);
    }),
  ];
}

/** Quotes a cell for CSV and disarms formulas. @param {Cell} cell @param {CsvKind} csv */
export function toCell(cell, csv) {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return csv === 'comma' ? String(cell) : String(cell).replace('.', ',');
  if (typeof cell !== 'string') return String(cell);
  const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? `'${cell}` : cell;
  return /[",;\t\r\n]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function programName() {
  return `${PROGRAM.name} ${PROGRAM.version}`;
}

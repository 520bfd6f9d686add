// What the films are, as far as their owner says: by a table (CSV: file,label) that was dropped with them, else by the name of a folder
// that they lie in. The rest of the page asks `labelOf` alone.

/**
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../exchange/file-tree.js').Source} Source
 */

/** A table is no longer than this. */
const MOST_BYTES = 16e6;

/** Names of the classes, in small letters and without anything between them. @type {Record<string, Label>} */
const NAMES = {
  covid19: 'covid19',
  covid: 'covid19',
  sarscov2: 'covid19',
  normal: 'normal',
  normalbefund: 'normal',
  healthy: 'normal',
  nofinding: 'normal',
  pneumonia: 'pneumonia',
  pneumonie: 'pneumonia',
  otherpneumonia: 'pneumonia',
  viralpneumonia: 'pneumonia',
  bacterialpneumonia: 'pneumonia',
};

/** By path or name of the file, as the tables give it, in small letters. @type {Map<string, Label>} */
const listed = new Map();

/**
 * The label of a film; undefined where nobody says one.
 * @param {string} path folder and name
 * @returns {Label | undefined}
 */
export function labelOf(path) {
  const parts = path.toLowerCase().replaceAll('\\', '/').split('/');
  // A table may name a file with all of its folders, with some, or with none.
  for (let from = 0; from < parts.length; from++) {
    const label = listed.get(parts.slice(from).join('/'));
    if (label) return label;
  }
  // The nearest folder counts.
  for (const folder of parts.slice(0, -1).reverse()) {
    const label = named(folder);
    if (label) return label;
  }
  return undefined;
}

/** Labels of tables go with the films. */
export function forgetTables() {
  listed.clear();
}

/** @param {Source} source */
export function mayBeTable({ file, path }) {
  return file !== null && /\.(csv|tsv)$/i.test(path) && file.size <= MOST_BYTES;
}

/**
 * Reads the tables among what came in. What is called one and holds no label stays among the rest.
 * @param {Source[]} sources
 * @returns {Promise<{rest: Source[], labels: number}>}
 */
export async function readTables(sources) {
  /** @type {Source[]} */
  const rest = [];
  let labels = 0;
  for (const source of sources) {
    const read = mayBeTable(source) ? await readTable(source) : 0;
    if (read === 0) rest.push(source);
    labels += read;
  }
  return { rest, labels };
}

/** @param {Source} source @returns {Promise<number>} how many labels it holds */
async function readTable({ file }) {
  if (!file) return 0;
  /** @type {string} */
  let text;
  try {
    text = new TextDecoder().decode(await file.arrayBuffer());
  } catch {
    // Of a file that is gone the list of films says so.
    return 0;
  }
  const labels = labelsIn(text);
  for (const [path, label] of labels) listed.set(path, label);
  return labels.size;
}

/**
 * File and label of every row that has both: the columns called so, or else the first two.
 * @param {string} text
 * @returns {Map<string, Label>}
 */
export function labelsIn(text) {
  const [first = [], ...others] = rowsOf(text);
  const heads = first.map((head) => head.trim().toLowerCase());
  const hasHead = heads.includes('file') && heads.includes('label');
  const [file, label] = hasHead ? [heads.indexOf('file'), heads.indexOf('label')] : [0, 1];
  /** @type {Map<string, Label>} */
  const labels = new Map();
  for (const row of hasHead ? others : [first, ...others]) {
    const path = (row[file] ?? '')
      .trim()
      .toLowerCase()
      .replaceAll('\\', '/')
      .replace(/^(\.?\/)+/, '');
    const known = named(row[label] ?? '');
    if (path && known) labels.set(path, known);
  }
  return labels;
}

/** @param {string} text as in RFC 4180, or with semicolons or tabs @returns {string[][]} */
function rowsOf(text) {
  const plain = text.replace(/^\ufeff/, '');
  const line = /^[^\r\n]*/.exec(plain)?.[0] ?? '';
  const between = ['\t', ';', ','].find((one) => line.includes(one)) ?? ',';
  /** @type {string[][]} */
  const rows = [[]];
  const cells = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${between}\\r\\n][^${between}\\r\\n]*)|)(${between}|\\r?\\n|\\r|$)`, 'gy');
  for (const [whole, quoted, bare, end] of plain.matchAll(cells)) {
    if (whole === '' && rows[rows.length - 1].length === 0) break;
    rows[rows.length - 1].push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '') break;
    if (end !== between) rows.push([]);
  }
  return rows;
}

/** @param {string} text @returns {Label | undefined} */
function named(text) {
  const name = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}

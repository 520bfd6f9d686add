// Reads results that this page exported as JSON. It is strict: a file that differs from what export.js writes is refused whole, and the
// failure names the place. Numbers stay as they were.

import { SCHEMA, SCHEMA_VERSION } from './export.js';
import { expected, notAsExpected, notJson, otherSchema, tooManyBytes } from '../reader/failure-details.js';
import { RESULTS_BYTES, RESULTS_FILMS, RESULTS_LETTERS } from '../reader/limits.js';
import { isCalledFilm } from './kinds.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('./file-tree.js').Source} Source
 * @typedef {import('../report/types.js').Incoming} Incoming
 * @typedef {import('../report/types.js').Failure} Failure
 */

/** Whether the file's name leaves it open: one that is named like a film is not an export. @param {File} file */
export function mayBeExport({ name }) {
  return !isCalledFilm(name);
}

/**
 * The films of an exported file; a failure where the file is damaged or of another version; null where it is something else.
 * @param {File} file
 * @returns {Promise<Incoming[] | Failure | null>}
 */
export async function readExport(file) {
  try {
    if (!/^\ufeff?\s*[{[]/.test(await file.slice(0, 64).text())) return null;
    if (file.size > RESULTS_BYTES) return { kind: 'too_many_bytes', message: tooManyBytes(file.size, RESULTS_BYTES) };
    return parseExport(await file.text(), /\.json$/i.test(file.name));
  } catch {
    // It cannot be read; reading it as a film reports that.
    return null;
  }
}

/**
 * @param {string} text
 * @param {boolean} isJson by its name
 * @returns {Incoming[] | Failure | null}
 */
export function parseExport(text, isJson) {
  /** @type {any} */
  let found;
  try {
    found = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    if (text.includes(`"${SCHEMA}/`)) return { kind: 'import_damaged', message: notJson };
    return isJson ? { kind: 'import_foreign', message: '' } : null;
  }
  const [schema, version] = typeof found?.schema === 'string' ? found.schema.split('/') : [];
  if (schema !== SCHEMA) return isJson ? { kind: 'import_foreign', message: '' } : null;
  if (version !== SCHEMA_VERSION) return { kind: 'import_schema', message: otherSchema(found.schema) };
  try {
    return incoming(exported(found, ''));
  } catch (error) {
    if (error instanceof Damage) return { kind: 'import_damaged', message: error.message };
    throw error;
  }
}

/** @param {any} found @returns {Incoming[]} */
function incoming({ exported_at, program, films }) {
  const readBy = `${program.name} ${program.version}`;
  return films.map((/** @type {any} */ { number, name, path, state, synthetic, report, failure, imported }) => {
    const shown = name ?? messages.import.numbered(number);
    return {
      file: null,
      path: path ?? shown,
      // In an export without names the report has no path either.
      report: report && { ...report, path: report.path ?? shown },
      isSynthetic: synthetic === true,
      failure: failure ?? (state === 'done' ? null : { kind: 'not_read', message: '' }),
      imported: { at: imported?.at ?? exported_at, program: imported?.program ?? readBy, isNamed: name !== null },
    };
  });
}

/** The file differs from what export.js writes. */
class Damage extends Error {}

/**
 * @typedef {(value: any, at: string) => any} Check returns the value; `at` is its place in the file
 */

/** @param {string} at @param {string} expected @returns {never} */
function damaged(at, expected) {
  throw new Damage(notAsExpected(at, expected));
}

/** @type {Check} */
const text = (value, at) => (typeof value === 'string' && value.length <= RESULTS_LETTERS ? value : damaged(at, expected.text));
/** A word by which the page's texts are looked up: not one under which every object has something. @type {Check} */
const word = (value, at) => (text(value, at) in Object.prototype ? damaged(at, expected.shape) : value);
/** @type {Check} */
const number = (value, at) => (Number.isFinite(value) ? value : damaged(at, expected.number));
/** @type {Check} */
const size = (value, at) => (Number.isFinite(value) && value >= 0 ? value : damaged(at, expected.size));
/** A size; 0 where it is missing, as earlier versions did not write it. @type {Check} */
const sizeOrNone = (value, at) => (value === undefined ? 0 : size(value, at));
/** @type {Check} */
const share = (value, at) => (Number.isFinite(value) && value >= 0 && value <= 1 ? value : damaged(at, expected.share));
/** @type {Check} */
const flag = (value, at) => (typeof value === 'boolean' ? value : damaged(at, expected.flag));
/** Only the date format of exports is taken: other formats may hold arbitrary words. @type {Check} */
const time = (value, at) => (typeof value === 'string' && isoTime(value) === value ? value : damaged(at, expected.time));

/** @param {string} text */
function isoTime(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** @param {string[]} all @returns {Check} */
const oneOf =
  (...all) =>
  (value, at) =>
    all.includes(value) ? value : damaged(at, all.join(', '));

/** @param {number[]} all @returns {Check} */
const oneOfNumbers =
  (...all) =>
  (value, at) =>
    all.includes(value) ? value : damaged(at, all.join(', '));

/** @param {Check} check @returns {Check} */
const maybe = (check) => (value, at) => (value === null || value === undefined ? null : check(value, at));

/** @param {Check} check @param {number} [most] @returns {Check} */
const list =
  (check, most = 1000) =>
  (value, at) => {
    if (!Array.isArray(value) || value.length > most) damaged(at, expected.list);
    return value.map((/** @type {unknown} */ one, /** @type {number} */ index) => check(one, `${at}[${index}]`));
  };

/** Keeps the listed properties and drops all others. @param {Record<string, Check>} checks @returns {Check} */
const shape = (checks) => (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) damaged(at, expected.shape);
  const entries = Object.entries(checks).map(([key, check]) => [key, check(Object.hasOwn(value, key) ? value[key] : undefined, at ? `${at}.${key}` : key)]);
  return Object.fromEntries(entries);
};

/** @param {Check} check */
const perLabel = (check) => ({ covid19: check, normal: check, pneumonia: check });
const label = oneOf('covid19', 'normal', 'pneumonia');
const reason = shape({ kind: word, message: text });
/** `format` is left out where it does not apply, as Rust does. @type {Check} */
const failure = (value, at) => {
  const { format, ...rest } = shape({ kind: word, message: text, format: maybe(oneOf('gif', 'avif', 'heic', 'jpeg_xl')) })(value, at);
  return format === null ? rest : { ...rest, format };
};
const readAs = shape({ quarter_turns: oneOfNumbers(0, 1, 2, 3), mirrored: flag, inverted: flag });
/** Reports of earlier versions have no remedies. */
const remedied = shape({
  kind: word,
  message: text,
  remedies: (value, at) =>
    value === undefined ? [] : list(shape({ kind: oneOf('read_as', 'crop', 'export', 'other_film'), read_as: maybe(readAs) }))(value, at),
});
/** `own` is left out for the page's model. @type {Check} */
const model = (value, at) => {
  const { own, ...rest } = shape({ version: text, sha256: text, own: maybe(flag) })(value, at);
  return own ? { ...rest, own } : rest;
};

const anyReport = shape({
  path: maybe(text),
  probabilities: maybe(shape(perLabel(share))),
  verdict: maybe(oneOf('covid19', 'normal', 'pneumonia', 'uncertain', 'refused')),
  readers: maybe(shape({ texture: shape(perLabel(share)), convnet: shape(perLabel(share)) })),
  warnings: maybe(list(reason)),
  error: maybe(failure),
  film: maybe(shape({ format: word, width_px: size, height_px: size, color: word })),
  explanation: maybe(
    shape({
      baseline_logits: shape(perLabel(number)),
      logits: shape(perLabel(number)),
      blocks: list(shape({ block: word, ...perLabel(number) })),
      features: list(shape({ name: text, value: number, training_mean: number, ...perLabel(number) })),
      other_features: shape(perLabel(number)),
    }),
  ),
  model: maybe(model),
  elapsed_ms: maybe(shape({ decode: size, frame: sizeOrNone, preprocess: size, features: size, classify: size, lungs: size, convnet: size, total: size })),
  prediction_set: maybe(list(label)),
  abstentions: maybe(list(remedied)),
  backend: maybe(word),
  adapter: maybe(text),
  abnormal: maybe(share),
  finding: maybe(oneOf('normal', 'not_normal', 'cannot_say')),
  read_as: maybe(readAs),
  frame: maybe(shape({ left: share, top: share, width: share, height: share })),
  gate: maybe(shape({ accepted: flag, doubtful: flag, reasons: list(remedied), frontal: share, distance: number, child: share })),
  lungs: maybe(shape({ area: share, left: share, right: share })),
  activation: maybe(
    shape({
      label,
      inside_lungs: maybe(share),
      crop: shape({ left: number, top: number, width: number, height: number }),
    }),
  ),
});

/** An answer comes with its probabilities. @type {Check} */
const report = (value, at) => {
  const found = anyReport(value, at);
  if (found.verdict && found.verdict !== 'refused' && !found.probabilities) damaged(`${at}.probabilities`, expected.shape);
  return found;
};

const film = shape({
  number: size,
  name: maybe(text),
  path: maybe(text),
  state: oneOf('waiting', 'reading', 'done', 'failed', 'cancelled'),
  synthetic: maybe(flag),
  imported: maybe(shape({ at: time, program: text })),
  report: maybe(report),
  failure: maybe(failure),
});

/** A film that was read has a report; one that was not has a failure. @type {Check} */
const settled = (value, at) => {
  const found = film(value, at);
  if (found.state === 'done' && (!found.report || found.failure)) damaged(`${at}.report`, expected.shape);
  if (found.state === 'failed' && !found.failure) damaged(`${at}.failure`, expected.shape);
  return found;
};

/** Nobody exports no films. @type {Check} */
const films = (value, at) => {
  const found = list(settled, RESULTS_FILMS)(value, at);
  return found.length > 0 ? found : damaged(at, expected.shape);
};

const exported = shape({
  exported_at: time,
  program: shape({ name: text, version: text }),
  model: maybe(model),
  films,
});

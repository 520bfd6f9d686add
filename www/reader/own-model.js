// Reads a model that is not this page's own, from the files that training wrote. The manifest and the file names are checked here; the
// program checks hashes, shapes and the known answer before any film is read. Nothing is fetched.

import { ClassifierError } from './error.js';
import { notJson } from './failure-details.js';
import { bytesOf } from './film-file.js';
import { MODEL_FILES } from './limits.js';

/**
 * @typedef {import('../report/types.js').FilmFile} FilmFile
 * @typedef {import('../report/types.js').Kept} Kept
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {Pick<Kept, 'manifest' | 'weights'> & {evidence: Metrics | null}} OwnModel
 */

export const MANIFEST = 'manifest.json';
/** Files with a model's figures: the part that a page shows, else all of them. */
export const EVIDENCE = ['evidence.json', 'metrics.json'];
/** The layout of manifests that the program reads (`src/model/manifest.rs`). */
export const LAYOUT = 2;

/**
 * @param {Iterable<FilmFile>} files
 * @returns {Promise<OwnModel>} rejects with a `ClassifierError` where the files are not a model, and with a `TypeError` where they are not
 * files
 */
export async function readOwnModel(files) {
  const byName = new Map(Array.from(files, (file) => [file.name, file]));
  const file = byName.get(MANIFEST);
  if (!file) throw new ClassifierError('model_manifest_missing', `There is no ${MANIFEST} among the files.`);
  const manifest = new Uint8Array(await bytesOf(file));
  /** @type {Kept['weights']} */
  const weights = {};
  for (const name of weightFiles(manifest)) {
    const weight = byName.get(name);
    if (!weight) throw new ClassifierError('model_file_missing', `${name.slice(0, 200)} is not beside the manifest.`);
    weights[name] = new Uint8Array(await bytesOf(weight));
  }
  const evidence = EVIDENCE.map((name) => byName.get(name)).find((file) => file);
  return { manifest, weights, evidence: evidence ? await readEvidence(evidence) : null };
}

/**
 * The names of the weight files.
 * @param {Uint8Array} manifest
 * @returns {string[]}
 */
function weightFiles(manifest) {
  const found = parsed(manifest);
  if (found === undefined) throw new ClassifierError('model_manifest', notJson);
  const { schema, files } = found ?? {};
  if (typeof schema === 'number' && schema !== LAYOUT) throw new ClassifierError('model_layout', `The manifest has layout ${schema}, not ${LAYOUT}.`);
  if (!isModelManifest(found)) throw new ClassifierError('model_manifest', 'It names no weight files.');
  return files.map((/** @type {{path: string}} */ { path }) => path);
}

/** @param {any} found */
export function isModelManifest(found) {
  return Array.isArray(found?.files) && found.files.length <= MODEL_FILES && found.files.every((/** @type {any} */ file) => typeof file?.path === 'string');
}

/** @param {AllowSharedBufferSource} bytes @returns {any} undefined where it is not JSON */
function parsed(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes).replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

/** The kind of failure by the words of the program, which has one kind for every model that it refuses. @type {[RegExp, string][]} */
const KINDS = [
  [/is not the file that the manifest names/, 'model_hash'],
  [/\bis missing$|names no file for/, 'model_file_missing'],
  [/has layout/, 'model_layout'],
  [/manifest is damaged|a file of another folder|has a version that|calibration out of range/, 'model_manifest'],
  [/has not been calibrated/, 'model_unfinished'],
  [/no back-end runs the networks/, 'model_answer'],
  [/other features or labels|weight file|weights do not fit|tensor |not a finite number/, 'model_shape'],
];

/**
 * The same failure with the more precise kind.
 * @param {ClassifierError} error
 */
export function ownModelError(error) {
  const kind = error.kind === 'model' && KINDS.find(([words]) => words.test(error.message))?.[1];
  return kind ? new ClassifierError(kind, error.message) : error;
}

/**
 * The figures of this model; null where there are none, or where they are of another model. They are marked as its own, because their ids
 * may be those of the page's model.
 * @param {OwnModel} own
 * @param {Pick<Model, 'sha256'>} model as the program loaded it
 * @returns {Metrics | null}
 */
export function evidenceOf({ evidence }, { sha256 }) {
  if (evidence?.model?.sha256 !== sha256) return null;
  /** @type {<One>(one: One) => One & {own: true}} */
  const marked = (one) => ({ ...one, own: true });
  const { elsewhere, verdict } = evidence;
  return {
    ...evidence,
    elsewhere: elsewhere?.map(marked),
    verdict: verdict && { ...verdict, sets: verdict.sets.map(marked), hospitals: verdict.hospitals?.map(marked) },
  };
}

/** @param {FilmFile} file @returns {Promise<Metrics | null>} null where it is damaged: the model reads without figures */
async function readEvidence(file) {
  try {
    const found = parsed(await bytesOf(file));
    return isMetrics(found) ? found : null;
  } catch {
    return null;
  }
}

/** @typedef {(value: any) => boolean} Check */

const MOST = 10_000;
/** @type {Check} */
const text = (value) => typeof value === 'string' && value.length < MOST;
/** @type {Check} */
const number = (value) => Number.isFinite(value);
/** @param {Check} check @returns {Check} */
const maybe = (check) => (value) => value === undefined || value === null || check(value);
/** @param {Check} check @returns {Check} */
const list = (check) => (value) => Array.isArray(value) && value.length < MOST && value.every(check);
/** @type {Check} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {Record<string, Check>} checks @returns {Check} */
const shape = (checks) => (value) => isObject(value) && Object.entries(checks).every(([key, check]) => check(value[key]));
/** @param {Check} check @returns {Check} */
const record = (check) => (value) => isObject(value) && Object.values(value).length < MOST && Object.values(value).every(check);
/** @param {string[]} all @returns {Check} */
const oneOf =
  (...all) =>
  (value) =>
    all.includes(value);
/** @param {Check} check @returns {Check} */
const perLabel = (check) => shape({ covid19: check, normal: check, pneumonia: check });

const estimate = shape({ n: number, value: number, low: number, high: number });
const scores = shape({
  reader: oneOf('verdict', 'convnet', 'texture'),
  accuracy: maybe(estimate),
  sensitivity: perLabel(maybe(estimate)),
  specificity: perLabel(maybe(estimate)),
  auc_of_pairs: record(estimate),
});
const shares = shape({ normal: estimate, covid19: estimate, pneumonia: estimate, not_normal: estimate });
const hospital = shape({
  id: text,
  title: text,
  kept: oneOf('left_out', 'external'),
  patients: number,
  beyond: maybe(record(maybe(shares))),
  normals_named_covid19: maybe(estimate),
  named: maybe(estimate),
  right: maybe(estimate),
});
const verdict = shape({
  sets: list(shape({ id: text, title: text, films: perLabel(number), scores: list(scores) })),
  hospitals: maybe(list(hospital)),
  all_unseen: maybe(shape({ named: maybe(estimate), right: maybe(estimate) })),
  risk_coverage: list(shape({ title: text, films: number, accuracy: estimate, accuracy_of_surest_half: estimate })),
});

/** Whether a page can show the figures: they match `Metrics` in report/types.d.ts. */
export const isMetrics = shape({
  schema: number,
  model: shape({ version: text, sha256: text }),
  authors_split: maybe(shape({ shipped: maybe(shape({ accuracy: maybe(estimate) })) })),
  patient_disjoint: maybe(shape({ accuracy: maybe(estimate) })),
  elsewhere: maybe(list(shape({ id: text, source: text, population: text, measure: text, scale: oneOf('share', 'auc'), estimate }))),
  verdict: maybe(verdict),
});

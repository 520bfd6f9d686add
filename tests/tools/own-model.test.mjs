// The checks of a user's own model before the program gets it, without a browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ClassifierError } from '../../www/reader/error.js';
import { evidenceOf, isMetrics, LAYOUT, ownModelError, readOwnModel } from '../../www/reader/own-model.js';

const MODELS = path.resolve(import.meta.dirname, '../../models');

/** @param {string} name */
const shipped = (name) => readFile(path.join(MODELS, name));

/** @param {Record<string, string | Buffer>} files */
const fileList = (files) => Object.entries(files).map(([name, bytes]) => new File([bytes], name));

async function whole() {
  const manifest = await shipped('manifest.json');
  const names = JSON.parse(manifest.toString()).files.map((/** @type {{path: string}} */ { path }) => path);
  return { 'manifest.json': manifest, ...Object.fromEntries(await Promise.all(names.map(async (name) => [name, await shipped(name)]))) };
}

/** @param {Record<string, string | Buffer>} files */
const kindOf = (files) =>
  readOwnModel(fileList(files)).then(
    () => null,
    ({ kind }) => kind,
  );

test('what the page takes for the layout of a manifest is that of the shipped one', async () => {
  assert.equal(JSON.parse((await shipped('manifest.json')).toString()).schema, LAYOUT);
});

test('a model is its manifest and the files that it names, whatever lies beside them', async () => {
  const files = await whole();
  const own = await readOwnModel(fileList({ ...files, 'notes.txt': 'ours', 'other.safetensors': 'no' }));
  assert.deepEqual(
    Object.keys(own.weights).sort(),
    Object.keys(files)
      .filter((name) => name !== 'manifest.json')
      .sort(),
  );
  assert.deepEqual(Buffer.from(own.manifest), files['manifest.json']);
  assert.equal(own.evidence, null);
});

test('what is missing or of another form has a kind', async () => {
  const files = await whole();
  const manifest = JSON.parse(files['manifest.json'].toString());
  const { 'manifest.json': _, ...weights } = files;
  assert.equal(await kindOf(weights), 'model_manifest_missing');
  const { [manifest.files[1].path]: __, ...less } = files;
  assert.equal(await kindOf(less), 'model_file_missing');
  const changed = (/** @type {string} */ text) => kindOf({ ...files, 'manifest.json': text });
  for (const text of ['', '{"schema": 2', 'null', '[]', '{}', '{"files": "all"}', '{"files": [{}]}', '7'])
    assert.equal(await changed(text), 'model_manifest', text);
  assert.equal(await changed(JSON.stringify({ ...manifest, schema: LAYOUT + 1 })), 'model_layout');
  assert.equal(await changed(`\ufeff${JSON.stringify(manifest)}`), null);
});

test('evidence is taken where all of it can be shown, and shown beside the model that it is of', async () => {
  const files = await whole();
  for (const name of ['evidence.json', 'metrics.json']) {
    const text = (await shipped(name)).toString();
    const found = JSON.parse(text);
    assert.ok(isMetrics(found), name);
    const own = await readOwnModel(fileList({ ...files, [name]: text }));
    assert.equal(own.evidence?.model?.sha256, found.model.sha256);
    assert.deepEqual(evidenceOf(own, found.model)?.verdict?.sets[0], { ...found.verdict.sets[0], own: true });
    assert.equal(evidenceOf(own, { ...found.model, sha256: '0' }), null, 'of another model');
  }
  const good = JSON.parse((await shipped('evidence.json')).toString());
  /** @type {((evidence: any) => void)[]} */
  const spoilt = [
    (evidence) => delete evidence.model,
    (evidence) => (evidence.verdict.sets = {}),
    (evidence) => (evidence.verdict.sets[0].scores[0].sensitivity = null),
    (evidence) => (evidence.verdict.hospitals[0].kept = 'maybe'),
    (evidence) => (evidence.verdict.risk_coverage[0].accuracy.low = '0.5'),
    (evidence) => (evidence.elsewhere[0].estimate = { n: 3 }),
  ];
  for (const spoil of spoilt) {
    const evidence = structuredClone(good);
    spoil(evidence);
    assert.equal(isMetrics(evidence), false, String(spoil));
    assert.equal((await readOwnModel(fileList({ ...files, 'evidence.json': JSON.stringify(evidence) }))).evidence, null);
  }
  assert.equal((await readOwnModel(fileList({ ...files, 'evidence.json': 'no' }))).evidence, null);
});

test('other failures than those of the model stay what they are', () => {
  assert.equal(ownModelError(new ClassifierError('worker', 'is missing')).kind, 'worker');
  assert.equal(ownModelError(new ClassifierError('model', 'words that nobody knows')).kind, 'model');
});

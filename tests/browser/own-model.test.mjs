// A user's own model: opened from a folder or a ZIP, checked, used until the page is closed, and named in all of its results.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { OTHER_CODES, OTHERS } from './languages.mjs';
import { zip } from './made.mjs';
import { TRAP } from './held.mjs';
import { allSettled, append, browser, check, choose, DIST, drop, films, inState, open, screenshot, settled, sha256, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

const VERSION = '7.7.7-site';
/** The page's own model. */
const SHIPPED = JSON.parse(await readFile(path.join(DIST, 'models/evidence.json'), 'utf8')).model.sha256;

/** @type {string} */
let work;
/** The files of the page's own model with another version and other biases. @type {Record<string, Buffer>} */
let own;
/** The hash of its manifest. */
let digest = '';
/** As of the page's own, with one figure that no other has. @type {any} */
let evidence;

suite({
  prepare: async () => {
    work = await mkdtemp(path.join(tmpdir(), 'covid-classifier-own-model-'));
    const folder = path.join(DIST, 'models');
    const all = await Promise.all((await readdir(folder)).map(async (name) => [name, await readFile(path.join(folder, name))]));
    const { 'evidence.json': measured, ...files } = Object.fromEntries(all);
    own = changed(files, (manifest) => {
      manifest.version = VERSION;
      manifest.calibration.bias.normal += 3;
    });
    digest = sha256(own['manifest.json']);
    evidence = JSON.parse(measured.toString());
    evidence.model = { version: VERSION, sha256: digest };
    evidence.verdict.all_unseen.named.n = 54321;
  },
});

after(() => work && rm(work, { recursive: true }));

/** @param {Record<string, Buffer>} files @param {(manifest: any) => void} change */
function changed(files, change) {
  const manifest = JSON.parse(files['manifest.json'].toString());
  change(manifest);
  return { ...files, 'manifest.json': Buffer.from(JSON.stringify(manifest)) };
}

/** Replaces a file of the model and updates the manifest. @param {string} name @param {Buffer} bytes */
const withFile = (name, bytes) => ({
  ...changed(own, (manifest) => {
    const file = manifest.files.find((/** @type {any} */ file) => file.path === name);
    file.sha256 = sha256(bytes);
    file.bytes = bytes.length;
  }),
  [name]: bytes,
});

/** The same tensors with other shapes: a safetensors file begins with the length of its header, then the header as JSON. @param {Buffer} bytes */
function reshaped(bytes) {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const name = Object.keys(header).find((key) => header[key].shape?.length > 1) ?? assert.fail('no tensor of two sides');
  header[name].shape.reverse().push(1);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, bytes.subarray(8 + length)]);
}

let folders = 0;
/** @param {Record<string, Buffer>} files */
async function folderOf(files) {
  const folder = path.join(work, String(++folders), 'our-model');
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
  return folder;
}

/** @param {Record<string, Buffer>} files */
const zipOf = (files) => zip(Object.entries(files).map(([name, bytes]) => ({ name: `our-model/${name}`, bytes })));

/** Requests that went to the network; workers are made from blobs. @param {string[]} asked */
const askedOf = (asked) => asked.filter((url) => !url.startsWith('blob:'));

const dialog = (/** @type {Page} */ page) => page.getByRole('dialog');
const notice = (/** @type {Page} */ page) => page.locator('.own-model-notice');

/** By the button of the page. @param {Page} page @param {Record<string, Buffer>} files */
async function openFolder(page, files) {
  if (!(await dialog(page).isVisible())) await page.getByRole('button', { name: 'A model of your own…' }).click();
  await page.locator('input[data-own-model="folder"]').setInputFiles(await folderOf(files));
}

/** The text that would be printed. @param {Page} page */
async function printed(page) {
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  const text = (await page.locator('#sheet').textContent()) ?? '';
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  return text;
}

/** The cells of one column of a CSV file. @param {string} csv @param {string} column */
function column(csv, column) {
  const [head, ...rows] = csv
    .replace('\ufeff', '')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  return rows.map((row) => row[head.indexOf(column)]);
}

/** Until the model is in use. @param {Page} page */
const inUse = (page) => page.locator('.own-model-notice[data-own]').waitFor();

/** What the page saves. @param {Page} page @param {() => Promise<unknown>} press */
async function saved(page, press) {
  const download = page.waitForEvent('download');
  await press();
  return readFile(await (await download).path(), 'utf8');
}

/** @param {Page} page @param {'CSV' | 'JSON'} format */
const exported = (page, format) =>
  saved(page, async () => {
    await page.locator('#films-export').click();
    await dialog(page).getByRole('radio', { name: format }).check();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
  });

describe('a model of one’s own', () => {
  test('reads from then on, is named on result, print and export, and the page’s is back at the press of a button', async () => {
    const { page, asked, complaints } = await open(browser, site);
    await choose(page, films.judged);
    await settled(page, 'done');
    const normal = () => page.locator('.output[data-label="normal"]').getAttribute('data-value').then(Number);
    const before = await normal();
    const requests = askedOf(asked).length;
    assert.equal(await notice(page).count(), 0);

    await openFolder(page, { ...own, 'evidence.json': Buffer.from(JSON.stringify(evidence)) });
    await inUse(page);
    assert.equal(await dialog(page).count(), 0);
    assert.match(await notice(page).innerText(), new RegExp(`not this page’s[^]*Version ${VERSION}, SHA-256 ${digest.slice(0, 12)}…`));
    assert.match(await notice(page).innerText(), /One film was read by a model other/);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'own-model-title');
    assert.match(await page.locator('#engine-text').innerText(), new RegExp(`Your own model ${VERSION.replaceAll('.', '\\.')}`));

    // Results of the page's own model stay, without figures of the other model beside them.
    assert.equal(await normal(), before);
    assert.match(await page.locator('.evidence').innerText(), /A model other than the one in use read this film/);
    assert.equal(await page.getByText('54,321').count(), 0);
    assert.equal(await page.locator('.origin.own-model').count(), 0);

    await page.locator('[data-read-again]').click();
    await page.locator('.verdict .origin.own-model').waitFor();
    assert.notEqual(await normal(), before, 'another calibration');
    assert.match(
      await page.locator('.origin.own-model').innerText(),
      new RegExp(`version ${VERSION} \\(SHA-256 ${digest.slice(0, 12)}…\\), not by this page’s`),
    );
    assert.match(await page.locator('.about').innerText(), new RegExp(`A model of the user’s own, ${VERSION}[^]*${digest}`));
    assert.match(await page.locator('.verdict .caution').innerText(), /Of 54,321 films/);
    assert.match(await page.locator('.evidence').innerText(), /came with the model/);
    assert.equal(await notice(page).getByText('another model').count(), 0);
    await check(page, 'own-model');

    assert.match(await page.locator('.outputs').innerText(), /calibrated by whoever trained it/);
    const sheet = await printed(page);
    assert.match(sheet, /not by this page’s/);
    assert.ok(sheet.includes(digest) && !sheet.includes(SHIPPED));

    const json = JSON.parse(await exported(page, 'JSON'));
    const said = { version: VERSION, sha256: digest, own: true };
    assert.deepEqual([json.model, json.films[0].report.model], [said, said]);
    const csv = await exported(page, 'CSV');
    assert.deepEqual(
      ['model_version', 'model_sha256', 'model_own'].map((name) => column(csv, name)),
      [[VERSION], [digest], ['true']],
    );

    await page.getByRole('button', { name: 'Back to the page’s model' }).click();
    await page.locator('.own-model-notice:not([data-own])').waitFor();
    assert.match(await notice(page).innerText(), /One film was read by a model other than the one in use/);
    assert.match(await page.locator('.evidence').innerText(), /A model other than the one in use/);
    assert.equal(await page.getByText('54,321').count(), 0);
    assert.match(await page.locator('.origin.own-model').innerText(), new RegExp(VERSION), 'the result is still that of one’s own model');
    await notice(page).getByRole('button', { name: 'Read it again' }).click();
    await page.locator('.own-model-notice').waitFor({ state: 'detached' });
    assert.equal(await normal(), before);
    assert.equal(await page.locator('.origin.own-model').count(), 0);
    assert.equal(askedOf(asked).length, requests, 'nothing was asked of the network');
    assert.equal(await page.locator('#requests').getAttribute('data-count'), '0');

    // Imported results also name the model.
    await drop(page, [{ name: 'results.json', bytes: Buffer.from(JSON.stringify(json)) }]);
    await page.locator('.origin.imported').waitFor();
    assert.match(await page.locator('.origin.own-model').innerText(), new RegExp(VERSION));

    assert.deepEqual(complaints, []);
    page.on('dialog', (question) => void question.accept());
    await page.reload();
    await page.locator('#engine[data-state="ready"]').waitFor();
    assert.doesNotMatch(await page.locator('#engine-text').innerText(), /7\.7\.7/);
    assert.equal(await notice(page).count(), 0);
  });

  test('that is dropped is offered and not read as films; without figures of its own it has none', async () => {
    const { page } = await open(browser, site, { query: '?lang=de', context: { colorScheme: 'dark' } });
    await drop(page, [
      { name: 'modell.zip', bytes: zipOf(own) },
      { name: 'film.png', bytes: await readFile(films.judged) },
    ]);
    await dialog(page).getByText('„modell.zip“ enthält ein Modell').waitFor();
    await check(page, 'own-model-offer-de');
    await dialog(page).getByRole('button', { name: 'Dieses Modell verwenden' }).click();
    await inUse(page);
    await inState(page, 'total', 1);
    await settled(page, 'done');
    const again = page.locator('[data-own-model="again"]');
    if (await again.count()) await again.click();
    await page.locator('.verdict .origin.own-model').waitFor();
    assert.match(await page.locator('.verdict .caution').innerText(), /^Wie verlässlich dieses Modell ist, ist nicht bekannt\. /);
    assert.match(await page.locator('.evidence').innerText(), /Messwerte lagen diesem Modell nicht bei/);
    assert.equal(await page.locator('[data-figure]').count(), 0, 'no figure of another model');
    assert.match(await printed(page), /Messwerte lagen diesem Modell nicht bei/);
    await check(page, 'own-model-de');
  });

  test('in an archive with films: both are taken', async () => {
    const { page } = await open(browser, site);
    const film = { name: 'films/film.png', bytes: await readFile(films.judged) };
    const model = Object.entries(own).map(([name, bytes]) => ({ name: `our-model/${name}`, bytes }));
    await drop(page, [{ name: 'all.zip', bytes: zip([...model, film]) }]);
    await dialog(page).getByRole('button', { name: 'Use this model' }).click();
    await inUse(page);
    await inState(page, 'total', 1);
    await settled(page, 'done');
  });

  test('whose figures are of another model is shown without them', async () => {
    const { page } = await open(browser, site);
    const shipped = await readFile(path.join(DIST, 'models/evidence.json'));
    await openFolder(page, { ...own, 'evidence.json': shipped });
    await inUse(page);
    assert.match(await notice(page).innerText(), /are damaged or from another model, and are not shown/);
    await choose(page, films.judged);
    await settled(page, 'done');
    assert.equal(await page.locator('[data-figure]').count(), 0);

    // Damaged figures do no harm either.
    const damaged = structuredClone(evidence);
    damaged.verdict.hospitals = [{ id: 'siim', title: null }];
    await page.getByRole('button', { name: 'Back to the page’s model' }).click();
    await page.locator('.own-model-notice:not([data-own])').waitFor();
    await openFolder(page, { ...own, 'evidence.json': Buffer.from(JSON.stringify(damaged)) });
    await inUse(page);
    assert.match(await notice(page).innerText(), /are damaged or from another model, and are not shown/);
  });

  test('has its figures in metrics.json too, and calls its hospitals what they are called there', async () => {
    const { page } = await open(browser, site, { query: '?lang=de' });
    const ours = structuredClone(evidence);
    const [first] = ours.verdict.hospitals;
    // The page knows another hospital by this id.
    first.title = 'Haus am See';
    // Packed on a Mac: files that the system adds are also named like weights, and lie nearer to the top.
    const files = Object.entries({ ...own, 'metrics.json': Buffer.from(JSON.stringify(ours)) });
    const parts = [
      { name: '__MACOSX/._convnet.safetensors', bytes: Buffer.from('of the system') },
      ...files.map(([name, bytes]) => ({ name: `copy/of/our-model/${name}`, bytes })),
    ];
    await drop(page, [{ name: 'modell.zip', bytes: zip(parts) }]);
    await dialog(page).getByRole('button', { name: 'Dieses Modell verwenden' }).click();
    await inUse(page);
    await drop(page, [{ name: 'film.png', bytes: await readFile(films.judged) }]);
    await settled(page, 'done');
    const said = await page.locator('.evidence').innerText();
    assert.match(said, /Haus am See/);
    assert.doesNotMatch(said, /SIIM/);
    // Statements about the page's own weights are not made about these.
    assert.equal(await page.locator('.worth .strong').count(), 0);
  });

  test('is named beside two films that are compared, on the screen and on paper', async () => {
    const { page } = await open(browser, site);
    await openFolder(page, own);
    await inUse(page);
    await choose(page, [films.judged, films.small]);
    await allSettled(page, 2);
    await page.locator('.row').first().click();
    await page
      .locator('.row')
      .nth(1)
      .click({ modifiers: ['Control'] });
    await page.locator('.compare-film .origin.own-model').nth(1).waitFor();
    const sheet = await printed(page);
    assert.equal(sheet.match(/not by this page’s/g)?.length, 2);
    assert.ok(sheet.includes(digest) && !sheet.includes(SHIPPED));
    await check(page, 'own-model-comparison');
  });

  test('goes on reading after a worker has stopped; where the page’s own cannot be started it stays in use', async () => {
    site.change['reader/wasm.js'] = append(TRAP);
    const { page } = await open(browser, site, { cores: 1 });
    await openFolder(page, own);
    await inUse(page);
    const bytes = await readFile(films.judged);
    const normal = () => page.locator('.output[data-label="normal"]').getAttribute('data-value');
    await drop(page, [{ name: 'before.png', bytes }]);
    await settled(page, 'done');
    const before = await normal();
    await drop(page, [{ name: 'ill.png', bytes: await readFile(films.small) }]);
    await settled(page, 'failed');
    await drop(page, [{ name: 'after.png', bytes }]);
    await settled(page, 'done');
    assert.equal(await normal(), before);

    await page.evaluate(() => {
      const { Worker } = globalThis;
      Object.assign(globalThis, {
        hadWorker: Worker,
        Worker: class {
          constructor() {
            throw new Error('no more workers');
          }
        },
      });
    });
    await page.getByRole('button', { name: 'Back to the page’s model' }).click();
    await notice(page).getByRole('alert').getByText('The page’s model could not be started.').waitFor();
    assert.equal(await page.locator('.own-model-notice[data-own]').count(), 1);
    await check(page, 'own-model-stuck');
    await page.evaluate(() => Object.assign(globalThis, { Worker: /** @type {any} */ (globalThis).hadWorker }));
    await page.getByRole('button', { name: 'Back to the page’s model' }).click();
    await page.locator('.own-model-notice:not([data-own])').waitFor();
    assert.equal(await notice(page).getByRole('alert').count(), 0);
  });

  test('with something wrong is refused for it, and the page’s own stays in use', async () => {
    const { page } = await open(browser, site);
    const { 'manifest.json': _, ...weights } = own;
    const { 'gate.safetensors': __, ...less } = own;
    const flipped = Buffer.from(own['convnet.safetensors']);
    flipped[flipped.length - 1] ^= 1;
    const original = Object.fromEntries(await Promise.all(Object.keys(own).map(async (name) => [name, await readFile(path.join(DIST, 'models', name))])));
    /** @type {[string, Record<string, Buffer>][]} */
    const wrong = [
      ['model_manifest_missing', weights],
      ['model_manifest', { ...own, 'manifest.json': own['manifest.json'].subarray(0, 500) }],
      ['model_layout', changed(own, (manifest) => (manifest.schema = 3))],
      ...['', ' ', 'v'.repeat(101), '1.0\u202e', '1\n0'].map(
        (version) => /** @type {[string, Record<string, Buffer>]} */ (['model_manifest', changed(own, (manifest) => (manifest.version = version))]),
      ),
      ['model_manifest', changed(own, (manifest) => (manifest.calibration.least_probability.normal = 2))],
      ['model_file_missing', less],
      ['model_hash', { ...own, 'convnet.safetensors': flipped }],
      ['model_shape', withFile('convnet.safetensors', reshaped(own['convnet.safetensors']))],
      ['model_shape', withFile('lungs.safetensors', Buffer.from('no weights'))],
      ['model_shape', changed(own, (manifest) => manifest.feature_names.reverse())],
      ['model_unfinished', changed(own, (manifest) => delete manifest.calibration)],
      ['model_answer', changed(own, (manifest) => (manifest.self_test.convnet.maps[0] += 9))],
      ['model_same', original],
    ];
    for (const [kind, files] of wrong) {
      await openFolder(page, files);
      const said = page.locator(`[data-own-model-failure="${kind}"]`);
      await said.waitFor({ timeout: 60_000 }).catch(async (error) => {
        throw new Error(`${kind}: ${await dialog(page).innerText()}`, { cause: error });
      });
      assert.match(await said.innerText(), /stays in use\.$/);
      assert.equal(await notice(page).count(), 0);
      // Every language has the more precise failures.
      for (const words of await dialog(page).locator('.detail').allTextContents())
        for (const code of OTHER_CODES) assert.ok(OTHERS[code].detail(words.replace(/^Detail: /, '')), `${code}: ${words}`);
    }
    await check(page, 'own-model-refused');
    await page.keyboard.press('Escape');
    await choose(page, films.judged);
    await settled(page, 'done');
    assert.match(await page.locator('.about').innerText(), new RegExp(SHIPPED));
    assert.equal(await page.locator('.origin.own-model').count(), 0);
  });

  test('by keys alone, and films that wait are read by it', async () => {
    const { page } = await open(browser, site, { cores: 1, context: { viewport: { width: 390, height: 844 } } });
    const opener = page.getByRole('button', { name: 'A model of your own…' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    await check(page, 'own-model-how-390');
    await page.keyboard.press('Tab');
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    // Any name fits on a phone.
    const folder = await folderOf(changed(own, (manifest) => (manifest.version = `7-${'long'.repeat(20)}`)));
    const fields = await chooser;
    await page.evaluate(() => document.getElementById('samples')?.click());
    await inState(page, 'total', 2);
    await fields.setFiles(folder);
    await inUse(page);
    await inState(page, 'done', 2);
    const again = page.locator('[data-own-model="again"]');
    if (await again.count()) await again.click();
    await again.waitFor({ state: 'detached' });
    await inState(page, 'done', 2);
    await page.locator('.verdict .origin.own-model').waitFor();
    await check(page, 'own-model-390');
  });

  test('is what a validation and a blind reading are of', async () => {
    const { page } = await open(browser, site);
    const folder = path.join(work, 'labelled');
    await mkdir(folder);
    await writeFile(path.join(folder, 'a.png'), await readFile(films.judged));
    await writeFile(path.join(folder, 'labels.csv'), 'file,label\na.png,normal\n');
    await page.locator('#folder').setInputFiles(folder);
    await inState(page, 'done', 1);
    await page.getByRole('button', { name: 'Validate on these films' }).click();
    await dialog(page).getByRole('button', { name: 'Validate', exact: true }).click();
    await page.locator('[data-part="figures"]').waitFor();
    assert.match(await page.locator('[data-part="figures"]').innerText(), /Model card/);

    await drop(
      page,
      Object.entries(own).map(([name, bytes]) => ({ name, bytes })),
    );
    await dialog(page).getByRole('button', { name: 'Use this model' }).click();
    await inUse(page);
    // The previous model read them, so they no longer count.
    await page.getByText('None of the labelled films was read.').waitFor();
    await notice(page).getByRole('button', { name: 'Read it again' }).click();
    await page.locator('.validation .origin.own-model').waitFor();
    const figures = await page.locator('[data-part="figures"]').innerText();
    assert.match(figures, /No figures came with this model/);
    assert.doesNotMatch(figures, /model card/i);
    const json = JSON.parse(await saved(page, () => page.getByRole('button', { name: 'Save figures (JSON)' }).click()));
    assert.deepEqual(json.model, { version: VERSION, sha256: digest, own: true });
    const csv = await saved(page, () => page.getByRole('button', { name: 'Save films (CSV)' }).click());
    assert.deepEqual([column(csv, 'model_sha256'), column(csv, 'model_own')], [[digest], ['true']]);
    const sheet = await printed(page);
    assert.match(sheet, /A model of the user’s own read these films/);
    assert.ok(sheet.includes(digest) && !sheet.includes(SHIPPED));
    await screenshot(page, 'own-model-validation');

    await page.getByRole('button', { name: 'End the validation' }).click();
    await page.locator('#films-blind').click();
    await page.getByRole('button', { name: 'Start reading' }).click();
    await page.keyboard.press('1');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('.blind-panel .origin.own-model').waitFor();
    await drop(page, [{ name: 'model.zip', bytes: zipOf(own) }]);
    await page.getByRole('button', { name: 'To the figures' }).click();
    assert.equal(await dialog(page).count(), 0, 'no other model in the middle of a blind reading');
    assert.match(await page.locator('.blind-foot').innerText(), new RegExp(VERSION));
    const blind = JSON.parse(await saved(page, () => page.getByRole('button', { name: 'Save as JSON' }).click()));
    assert.deepEqual(blind.model, { version: VERSION, sha256: digest, own: true });
    const lines = await saved(page, () => page.getByRole('button', { name: 'Save as CSV' }).click());
    assert.deepEqual([column(lines, 'model_sha256'), column(lines, 'model_own')], [[digest], ['true']]);
  });
});

test('other pages have it by createClassifier({ model })', async () => {
  const { page, asked } = await open(browser, site);
  const requests = askedOf(asked).length;
  const files = Object.entries({ ...own, 'evidence.json': Buffer.from(JSON.stringify(evidence)) }).map(([name, bytes]) => ({
    name,
    base64: bytes.toString('base64'),
  }));
  const film = (await readFile(films.judged)).toString('base64');
  const found = await page.evaluate(
    async ({ files, film }) => {
      const bytes = (/** @type {string} */ base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const { createClassifier } = await import(/** @type {any} */ (new URL('covid-classifier.js', document.baseURI).href));
      const model = files.map(({ name, base64 }) => new File([bytes(base64)], name));
      const classifier = await createClassifier({ model, workers: 1 });
      const { report } = await classifier.classify(new Blob([bytes(film)]));
      const error = await createClassifier({ model: model.slice(1), workers: 1 }).catch((/** @type {any} */ error) => error);
      await import(/** @type {any} */ (new URL('xray-classifier.js', document.baseURI).href));
      const element = /** @type {any} */ (document.createElement('xray-classifier'));
      element.classifier = classifier;
      document.body.append(element);
      await element.classify(new Blob([bytes(film)]));
      const said = element.shadowRoot.textContent;
      return { said, model: classifier.model, report: report.model, n: classifier.metrics?.verdict.all_unseen.named.n, error: [error.name, error.kind] };
    },
    { files, film },
  );
  const said = { version: VERSION, sha256: digest, own: true };
  assert.deepEqual(found.report, said);
  assert.deepEqual({ version: found.model.version, sha256: found.model.sha256, own: found.model.own }, said);
  assert.equal(found.n, 54321);
  assert.match(found.said, /Read by a model of the user’s own, version 7\.7\.7-site .*, not by this page’s/);
  assert.equal(found.error[0], 'ClassifierError');
  assert.match(found.error[1], /^model_(file|manifest)_missing$/);
  assert.deepEqual(
    askedOf(asked)
      .slice(requests)
      .filter((url) => !/(covid-classifier|xray-classifier|\/element\/\w+)\.js$/.test(url)),
    [],
  );
});

// Reads a film by every way in; the answer must equal the command-line program's.

import assert from 'node:assert/strict';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { allSettled, browser, choose, classifyByCli, drop, filmRows, films, open, settled, shownNumbers, site, suite } from './support.mjs';

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite();

const TOLERANCE = 1e-4;
const LABELS = /** @type {const} */ (['covid19', 'normal', 'pneumonia']);
/** The beginning of the sentence, by verdict and finding. @type {Record<string, string>} */
const SENTENCES = {
  'covid19 not_normal': 'Not normal: COVID-19 (',
  'normal normal': 'The readers’ verdict: normal (',
  'pneumonia not_normal': 'Not normal: pneumonia (',
  'uncertain not_normal': 'Not normal (',
  'uncertain cannot_say': 'Cannot say whether this film is normal',
  'refused null': 'This film is not judged',
};
const ROW = /^(COVID-19 \d|Normal \d|Pneumonia \d|Not normal \d|Uncertain$|Not judged$)/;

/**
 * Every label is there and close; a number that is missing on either side is a mismatch.
 * @param {Record<string, number>} shown
 * @param {Record<string, number>} expected
 * @param {string} what
 */
function assertClose(shown, expected, what) {
  for (const label of LABELS) {
    assert.ok(Number.isFinite(expected[label]), `the CLI gives ${what} for ${label}`);
    const difference = Math.abs(shown[label] - expected[label]);
    assert.ok(difference <= TOLERANCE, `${what}, ${label}: the page shows ${shown[label]}, the CLI says ${expected[label]}`);
  }
}

/**
 * Each reader's scores, and the calibrated probabilities where the film was not refused.
 * @param {any} shown
 * @param {any} report
 */
function assertReadings(shown, report) {
  const readers = Object.fromEntries(shown.readers.map(({ name, ...values }) => [name, values]));
  assertClose(readers.texture, report.readers.texture, 'the paper’s reader');
  assertClose(readers.convnet, report.readers.convnet, 'the convnet reader');
  assert.equal(report.verdict === 'refused', report.probabilities === null);
  if (report.probabilities) {
    assertClose(shown.probabilities, report.probabilities, 'the probability');
    assertClose(readers.verdict, report.probabilities, 'the verdict');
    assert.ok(Math.abs(shown.probabilities.abnormal - report.abnormal) <= TOLERANCE, 'the probability of not being normal');
  } else {
    assert.deepEqual(shown.probabilities, {}, 'a refused film has no probabilities');
  }
}

for (const format of /** @type {const} */ (['png', 'jpeg', 'large', 'judged'])) {
  test(`a ${format} film is read, and every number is the CLI's`, async () => {
    visit = await open(browser, site);
    const { page } = visit;
    const report = await classifyByCli(films[format]);
    if (format === 'judged') assert.notEqual(report.verdict, 'refused', 'no film of these tests has probabilities');
    await choose(page, films[format]);
    await settled(page, 'done');

    const shown = await shownNumbers(page);
    assert.equal(shown.verdict, report.verdict);
    assertReadings(shown, report);
    const expected = report.explanation;
    assert.deepEqual(
      shown.blocks.map(({ name }) => name),
      expected.blocks.map(({ block }) => block),
    );
    assert.equal(shown.blocks.length, 5);
    assert.equal(shown.features.length, 10);
    for (const [index, block] of expected.blocks.entries()) assertClose(shown.blocks[index], block, block.block);
    for (const { name, ...values } of shown.features) {
      assertClose(values, expected.features.find((feature) => feature.name === name) ?? {}, name);
    }
    const totals = Object.fromEntries(shown.totals.map(({ name, ...values }) => [name, values]));
    assertClose(totals.baseline, expected.baseline_logits, 'the baseline logit');
    assertClose(totals.logits, expected.logits, 'the logit');
    assertClose(totals.other, expected.other_features, 'what the other features moved');

    // The text shows these numbers, rounded but never to certainty.
    const [first] = await page.locator('#result h2').allTextContents();
    assert.ok(first.startsWith(SENTENCES[`${report.verdict} ${report.finding}`]), `${report.verdict} ${report.finding}: ${first}`);
    const reasons = [...report.gate.reasons, ...report.abstentions].map(({ kind }) => kind);
    assert.deepEqual(await page.locator('[data-reason]').evaluateAll((items) => items.map((item) => item.getAttribute('data-reason'))), reasons);
    assert.match(await page.locator('.elapsed').innerText(), /^Read in \d/);
    assert.deepEqual(visit.complaints, []);
  });
}

test('the film is shown beside its result', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await choose(page, films.png);
  await settled(page, 'done');
  const film = page.getByRole('img', { name: 'The film phantom-1.png', exact: true });
  await film.waitFor();
  await page.locator('.viewer[data-state="shown"]').waitFor();
  const { levels, isOpaqueGrey } = await film.evaluate((node) => {
    const canvas = /** @type {HTMLCanvasElement} */ (node);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    const levels = new Set(data.filter((_, index) => index % 4 === 0));
    const isOpaqueGrey = data.every((value, index) => (index % 4 === 3 ? value === 255 : value === data[index - (index % 4)]));
    return { levels: levels.size, isOpaqueGrey };
  });
  assert.ok(levels > 50, `a film has many grey levels, this picture has ${levels}`);
  assert.ok(isOpaqueGrey);
});

test('beside the result stands what it is worth', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await choose(page, films.judged);
  await settled(page, 'done');
  const result = page.locator('#result');
  for (const words of [
    'For an adult it tends to answer COVID-19 whatever the film shows',
    'not calibrated',
    'Do not take it for a diagnosis',
    'COVID-19 films of adults',
    'normal films of children of 1 to 5 years',
  ]) {
    await result.getByText(words).first().waitFor();
  }
  await page.getByText('Research tool, not a medical device').waitFor();

  // Every figure of the metrics file is shown with its number of films, and no others.
  const metrics = await page.evaluate(() => fetch('models/evidence.json').then((response) => response.json()));
  const expected = new Map(metrics.elsewhere.map(({ id, estimate }) => [id, estimate]));
  expected.set('patient_disjoint', metrics.patient_disjoint.accuracy);
  expected.set('authors_split', metrics.authors_split.shipped.accuracy);
  await page.locator('.worth summary').click();
  const figures = await page.locator('.worth [data-figure]').evaluateAll((rows) =>
    rows.map((row) => {
      const [n, result] = [...row.querySelectorAll('td')].map((cell) => cell.innerText);
      return { id: row.getAttribute('data-figure'), value: Number(row.getAttribute('data-value')), n, result };
    }),
  );
  assert.deepEqual([...new Set(figures.map(({ id }) => id))].sort(), [...expected.keys()].sort());
  for (const { id, value, n, result } of figures) {
    assert.equal(value, expected.get(id).value, id ?? '');
    assert.equal(n, String(expected.get(id).n));
    // The result, then its interval.
    assert.match(result, /^\d+(\.\d+)?(\u202f%)?\n\d+(\.\d+)? to \d+(\.\d+)?(\u202f%)?$/);
  }
  assert.ok(
    figures.some(({ id }) => id === 'nih_normal_called_covid19'),
    'what it does to normal films of adults stands in front',
  );

  // And how the verdict did on films of other hospitals, from the same file.
  const external = metrics.verdict.sets.find(({ id }) => id === 'external');
  const pair = external.scores.find(({ reader }) => reader === 'verdict').auc_of_pairs['covid19 against pneumonia'];
  const row = page.locator('.evidence [data-figure="external_covid19_against_pneumonia"]');
  assert.equal(Number(await row.getAttribute('data-value')), pair.value);
  assert.equal(Number(await row.getAttribute('data-n')), pair.n);
  assert.ok((await page.locator('.evidence [data-figure]').count()) >= 4);
});

test('several films in one drop: each is a row, and a bad one stops nothing', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const png = await readFile(films.png);
  await drop(page, [
    { name: 'first.png', type: 'image/png', bytes: png },
    { name: 'letter.png', type: 'image/png', bytes: Buffer.from('Dear colleague,\n') },
    { name: 'empty.png', type: 'image/png', bytes: Buffer.alloc(0) },
    { name: 'torn.png', type: 'image/png', bytes: png.subarray(0, png.length / 2) },
    { name: 'last.jpg', type: 'image/jpeg', bytes: await readFile(films.jpeg) },
  ]);
  await allSettled(page, 5);

  const rows = (await filmRows(page)).map(({ name, text }) => [name, text]);
  assert.deepEqual(
    rows.map(([name]) => name),
    ['empty.png', 'first.png', 'last.jpg', 'letter.png', 'torn.png'],
    'in natural order',
  );
  assert.equal(rows[0][1], 'Empty file');
  assert.match(rows[1][1], ROW);
  assert.match(rows[2][1], ROW);
  assert.equal(rows[3][1], 'Unsupported format');
  assert.equal(rows[4][1], 'Damaged image');

  for (const [name, kind, sentence] of [
    ['letter.png', 'unsupported_format', /This is not an image; .* are read: export the film as one of them\./],
    ['empty.png', 'empty', /The file is empty/],
    ['torn.png', 'decode', /damaged or cut off/],
  ]) {
    await page.locator('.row-open', { hasText: String(name) }).click();
    const notice = page.locator(`#result [data-error="${kind}"]`);
    await notice.waitFor();
    assert.match(await notice.innerText(), /** @type {RegExp} */ (sentence));
    assert.equal(await notice.locator('.file-name').innerText(), name);
  }
  // Each row opens its own film.
  await page.locator('.row-open', { hasText: 'last.jpg' }).click();
  const shown = await shownNumbers(page);
  assertReadings(shown, await classifyByCli(films.jpeg));
  assert.deepEqual(visit.complaints, []);
});

test('the reader has a film before the page shows it', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await page.evaluate(() => {
    const give = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (message.type === 'classify') Object.assign(globalThis, { shown: document.querySelectorAll('.row').length });
      give.call(this, message, transfer);
    };
  });
  await choose(page, films.png);
  await settled(page, 'done');
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).shown), 0);
  assert.equal(await page.locator('.row').count(), 1);
});

test('films are shown with their results where the page gets no frame: a tab in the background has none', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await page.evaluate(() => {
    globalThis.requestAnimationFrame = () => 1;
  });
  await drop(page, [
    { name: 'first.png', bytes: await readFile(films.judged) },
    { name: 'second.png', bytes: await readFile(films.png) },
  ]);
  await settled(page, 'done');
  assert.deepEqual(await page.locator('.row-name').allTextContents(), ['first.png', 'second.png']);
  assert.equal(await page.locator('#result .file-name').evaluate((node) => node.firstChild?.textContent), 'first.png');
});

test('a film that has failed before it is shown is announced once', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await page.evaluate(() => {
    globalThis.requestAnimationFrame = () => 1;
  });
  await drop(page, [{ name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') }]);
  await settled(page, 'failed');
  await page.locator('#live p').first().waitFor({ state: 'attached' });
  const said = await page.locator('#live p').allTextContents();
  assert.equal(said.filter((sentence) => sentence.startsWith('letter.png was not read.')).length, 1, said.join(' | '));
});

test('a film that is not square, small and torn from its name is read by its content', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const misnamed = path.join(films.folder, 'holiday.txt');
  await writeFile(misnamed, await readFile(films.small));
  await choose(page, misnamed);
  await settled(page, 'done');
  const { warnings } = await classifyByCli(films.small);
  const shown = await page.locator('[data-warning]').evaluateAll((items) => items.map((item) => item.getAttribute('data-warning')));
  // It is refused, so warnings that name an answer come last, with the answers.
  const [ofFilm, ofAnswers] = [false, true].map((names) => warnings.map(({ kind }) => kind).filter((kind) => (kind === 'readers_disagree') === names));
  assert.deepEqual(shown, [...ofFilm, ...ofAnswers]);
  assert.equal(await page.locator('[data-warning="readers_disagree"]').isVisible(), false);
  assert.ok(shown.includes('upscaled'), 'a film of 300 × 260 pixels is enlarged, and the page says so');
});

test('a film is pasted with the keyboard', async () => {
  visit = await open(browser, site);
  const { page, context } = visit;
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.origin });
  const base64 = (await readFile(films.png)).toString('base64');
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })]);
  }, base64);
  await page.keyboard.press('Control+V');
  await settled(page, 'done');
  // The clipboard hands over the same pixels in another file.
  assertReadings(await shownNumbers(page), await classifyByCli(films.png));
});

test('what is pasted or dropped and is no file is said to be none', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await drop(page, []);
  await page.locator('#live', { hasText: 'That was not a file' }).waitFor({ state: 'attached' });
  assert.equal(await page.locator('.row').count(), 0);
});

test('while a film is dragged over the page, the page says that it may be dropped', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const data = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['x'], 'x.png'));
    return data;
  });
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: data });
  await page.dispatchEvent('#choose', 'dragenter', { dataTransfer: data });
  await page.dispatchEvent('body', 'dragleave', { dataTransfer: data });
  assert.ok(await page.locator('#veil').isVisible());
  await page.dispatchEvent('#choose', 'dragleave', { dataTransfer: data });
  assert.ok(!(await page.locator('#veil').isVisible()));
});

test('a file that is too large for a film is refused before it is read', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await page.evaluate(() => {
    const file = new File([], 'huge.tif');
    Object.defineProperty(file, 'size', { value: 3e9 });
    file.arrayBuffer = () => Promise.reject(new Error('the page tried to read it'));
    const data = new DataTransfer();
    data.items.add(file);
    // A DataTransfer hands out copies: give the page this very file.
    Object.defineProperty(data, 'files', { value: [file] });
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    const event = new Event('drop', { bubbles: true });
    Object.defineProperty(event, 'dataTransfer', { value: { files: [file], types: ['Files'] } });
    document.body.dispatchEvent(event);
  });
  await page.locator('[data-error="too_many_bytes"]').first().waitFor();
  assert.match(await page.locator('#result').innerText(), /3000\.0\u202fMB; this page takes files up to 200\.0\u202fMB/);
});

test('a file that the browser cannot read is a row with its reason, and can be tried again', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const [here, gone] = ['gone.png', 'elsewhere.png'].map((name) => path.join(films.folder, name));
  await copyFile(films.png, here);
  const field = await page.evaluateHandle(() => Object.assign(document.createElement('input'), { type: 'file' }));
  await field.setInputFiles(here);
  await rename(here, gone);
  await field.evaluate(({ files }) => {
    const event = new Event('drop', { bubbles: true });
    Object.defineProperty(event, 'dataTransfer', { value: { files, types: ['Files'] } });
    document.body.dispatchEvent(event);
  });
  await settled(page, 'failed');
  assert.match(await page.locator('#result').innerText(), /moved or deleted/);
  await rename(gone, here);
  await page.getByRole('button', { name: 'Try this film again' }).click();
  await settled(page, 'done');
  assert.match(await page.locator('.row-state').innerText(), ROW);
});

test('films can be removed one by one and all at once', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await choose(page, [films.png, films.small]);
  await allSettled(page, 2);
  await page.getByRole('button', { name: 'Remove phantom-1.png' }).click();
  assert.deepEqual(await page.locator('.row-name').allTextContents(), ['phantom-3.png']);
  assert.equal(await page.locator('#result .file-name').evaluate((node) => node.firstChild?.textContent), 'phantom-3.png');
  await page.getByRole('button', { name: 'Clear all' }).click();
  assert.equal(await page.locator('.row').count(), 0);
  assert.ok(!(await page.locator('#result').isVisible()));
  assert.equal(await page.locator('#result canvas').count(), 0, 'no picture of the film stays in the page');
});

test('a film that is removed while it is read leaves no trace, and the next is read', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await choose(page, [films.large, films.small]);
  await page.locator('.row[data-state="reading"]', { hasText: 'phantom-4.png' }).waitFor();
  await page.getByRole('button', { name: 'Remove phantom-4.png' }).click();
  await allSettled(page, 1);
  assert.deepEqual(await page.locator('.row-name').allTextContents(), ['phantom-3.png']);
  await settled(page, 'done');
});

test('everything can be done with the keyboard alone', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className || document.activeElement?.getAttribute('value'));
  /** @param {string} goal */
  const tabTo = async (goal) => {
    for (let presses = 0; presses < 20; presses++) {
      if ((await focused()) === goal) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${goal}`);
  };

  await tabTo('choose');
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles([films.png, films.small]);
  await allSettled(page, 2);
  assert.equal(await focused(), 'choose', 'reading a film does not move the focus');

  // The list is one Tab stop: an arrow key selects the second film and the result follows; Enter moves to the result.
  await tabTo('row');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('#result .file-name').evaluate((node) => node.firstChild?.textContent), 'phantom-3.png');
  assert.equal(await focused(), 'row');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'result-title');

  // Back in the list, the row is removed: the focus moves to its neighbour, and at last to the button that takes new films.
  for (let presses = 0; presses < 20 && (await focused()) !== 'row'; presses++) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Delete');
  assert.equal(await focused(), 'row');
  await page.keyboard.press('Delete');
  assert.equal(await focused(), 'choose');
  assert.equal(await page.locator('.row').count(), 0);
});

test('results are announced to screen readers', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await choose(page, films.png);
  await settled(page, 'done');
  await drop(page, [{ name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') }]);
  await settled(page, 'failed');
  const live = page.locator('#live');
  assert.equal(await live.getAttribute('aria-live'), 'polite');
  const said = await live.locator('p').allTextContents();
  assert.ok(
    said.some((sentence) => Object.values(SENTENCES).some((start) => sentence.startsWith(`phantom-1.png: ${start}`))),
    said.join(' | '),
  );
  assert.ok(
    said.some((sentence) => sentence.startsWith('letter.png was not read.')),
    said.join(' | '),
  );
  assert.ok(said.includes('All films are done: 1 read, 1 not read.'), said.join(' | '));
});

test('the page goes on while a film is read: the work is in a worker', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await page.evaluate(() => {
    const state = { frames: 0 };
    Object.assign(globalThis, { state });
    const result = /** @type {HTMLElement} */ (document.getElementById('result'));
    const frame = () => {
      if (result.dataset.state === 'reading') state.frames++;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await choose(page, films.large);
  await settled(page, 'done');
  const frames = await page.evaluate(() => /** @type {any} */ (globalThis).state.frames);
  assert.ok(frames >= 2, `the page drew ${frames} frames while the film was read`);
  assert.equal(page.workers().length, 1);
});

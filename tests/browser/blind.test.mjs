// Reading blind: the document holds nothing of the verdict before the answer, the figures equal those counted by hand, and it works by keys
// and by touch.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { shuffled } from '../../www/blind/shuffle.js';
import { allSettled, browser, check, drawFolder, drop, films, open, screenshot, settled, site, suite } from './support.mjs';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {'covid19' | 'normal' | 'pneumonia'} Label
 */

/** Six films, each with the keys of the answer, the sureness and the later answer, and the reader's made-up verdict. */
const PLAN = {
  'covid19/a.png': { seed: 10, keys: '19', afterwards: '', verdict: 'covid19' },
  'covid19/b.png': { seed: 51, keys: '16', afterwards: '2', verdict: 'normal' },
  'normal/c.png': { seed: 2, keys: '35', afterwards: '2', verdict: 'normal' },
  // The reader's own answers: refused, and uncertain.
  'normal/d.png': { seed: 3, keys: '4', afterwards: '', verdict: null },
  'pneumonia/e.png': { seed: 4, keys: '10', afterwards: '4', verdict: 'pneumonia' },
  'pneumonia/f.png': { seed: 37, keys: '37', afterwards: '8', verdict: null },
};
const SEED = 7;

/** What the document must not hold before the answer: names, which may reveal a label, and everything that the page says of a film. */
const HINTS = [
  /[a-f]\.png/,
  /ward7/,
  /data-(verdict|finding|value|reader|answer|reason|warning)=/,
  /verdict:|not judged|Cannot say whether|No class can|Not normal \([^0]/,
  /Orange|speaks (for|against) (COVID|normal|pneumonia)/i,
];

/** @type {Awaited<ReturnType<typeof drawFolder>>} */
let study;
suite({
  prepare: async () => {
    study = await drawFolder(Object.fromEntries(Object.entries(PLAN).map(([name, { seed }]) => [`ward7/${name}`, seed])));
  },
});
after(() => study?.remove());

const folder = () => path.join(study.folder, 'ward7');
const paths = Object.keys(PLAN).map((name) => ({ path: `ward7/${name}` }));
const order = (/** @type {number} */ seed) => shuffled(paths, seed).map(({ path }) => path.replace('ward7/', ''));

/** The reader names no class for synthetic films; here its report is changed so that it does. */
function nameClasses() {
  site.change['films/queue.js'] = (bytes) => {
    const verdicts = Object.fromEntries(Object.entries(PLAN).map(([name, { verdict }]) => [`ward7/${name}`, verdict]));
    const text = bytes.toString();
    const made = text.replace('report = part.report;', `report = madeUp(part.report, (${JSON.stringify(verdicts)})[film.path]);`);
    assert.notEqual(made, text);
    return {
      type: 'text/javascript',
      body: `${made}
function madeUp(report, verdict) {
  if (!verdict) return report;
  const probabilities = { covid19: 0.04, normal: 0.04, pneumonia: 0.04, [verdict]: 0.92 };
  const finding = verdict === 'normal' ? 'normal' : 'not_normal';
  return { ...report, verdict, finding, probabilities, abnormal: 1 - probabilities.normal, abstentions: [], gate: { ...report.gate, reasons: [] } };
}`,
    };
  };
}

/** @param {Page} page */
const asked = (page) => page.locator('#blind[data-state="reading"] .viewer[data-state="shown"]').waitFor();

/** @param {Page} page @param {string} keys */
async function press(page, keys) {
  for (const key of keys) await page.keyboard.press(key);
}

/** Opens the panel, brings the folder and types the seed. @param {Page} page @param {number} seed */
async function bring(page, seed) {
  await page.locator('#folder').setInputFiles(folder());
  await page.locator('#blind-count[max="6"]').waitFor();
  await page.locator('#blind-seed').fill(String(seed));
}

/**
 * Everything in the document, except what always differs between films: the number of the film, and measurements in the viewer.
 * @param {Page} page
 */
function documentOf(page) {
  return page.evaluate(() => {
    const copy = /** @type {HTMLElement} */ (document.documentElement.cloneNode(true));
    const viewer = /** @type {HTMLElement} */ (copy.querySelector('.viewer'));
    for (const name of Object.keys(viewer.dataset)) if (name !== 'state') delete viewer.dataset[name];
    for (const node of viewer.querySelectorAll('.viewer-value, .viewer-zoom')) node.textContent = '';
    const values = [...document.querySelectorAll('input, select, output')].map((field) => {
      const { type, value, checked } = /** @type {HTMLInputElement} */ (field);
      return field.closest('.viewer') && type === 'number' ? '' : `${value} ${checked}`;
    });
    return `${document.title}\n${location.hash}\n${copy.outerHTML}\n${values.join('\n')}`.replace(/Film \d of 6/g, 'Film');
  });
}

/** @param {Page} page @param {string} button */
async function saved(page, button) {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

/** @param {{count: number, n: number} | null} share */
const counted = (share) => share && [share.count, share.n];

test('six films that were on the page, by keys: hidden until the answer, then beside it; figures as counted by hand', async () => {
  nameClasses();
  const visit = await open(browser, site);
  const { page } = visit;
  await page.locator('#folder').setInputFiles(folder());
  await allSettled(page, 6);
  await settled(page, 'done');
  // A person who looked at maps before sees none either.
  await page.locator('.viewer[data-state="shown"]').waitFor();
  await page.getByRole('radio', { name: 'Normal', exact: true }).last().check({ force: true });
  await page.getByRole('button', { name: 'What the readers see' }).click();
  await page.getByRole('button', { name: 'Read blind…' }).click();
  assert.match((await page.locator('.blind-bring .caution').textContent()) ?? '', /^Their verdicts have been on the page already/);
  await page.locator('#blind-seed').fill(String(SEED));
  await page.keyboard.press('Enter');

  /** @type {Map<string, string>} */
  const before = new Map();
  for (const [index, name] of order(SEED).entries()) {
    const { keys, afterwards, verdict } = PLAN[/** @type {keyof typeof PLAN} */ (name)];
    await asked(page);
    assert.equal(await page.locator('#blind h2').textContent(), `Film ${index + 1} of 6`);
    before.set(name, await documentOf(page));
    // Keys of the viewer do not reveal it either.
    await page.locator('.viewer-view').focus();
    await press(page, 'ocl');
    await page.locator('#blind h2').focus();
    const heard = await page.locator('body').ariaSnapshot();
    for (const text of [before.get(name) ?? '', await documentOf(page), heard])
      assert.deepEqual(
        HINTS.map((hint) => hint.exec(text)?.[0] ?? null),
        [null, null, null, null, null],
        name,
      );
    await page.keyboard.press('Enter');
    assert.equal(await page.getByRole('alert').filter({ hasText: 'Choose an answer first.' }).count(), 1);
    await page.locator('#blind h2').focus();
    await press(page, keys);
    await page.keyboard.press('Enter');
    await page.locator('#blind[data-state="revealed"]').waitFor();
    const title = await page.locator('#blind h2').textContent();
    if (verdict)
      assert.match(
        title ?? '',
        { covid19: /^Not normal: COVID-19 \(92/, normal: /^The readers’ verdict: normal \(92/, pneumonia: /^Not normal: pneumonia \(92/ }[verdict],
      );
    else assert.equal(title, name.includes('d.png') ? 'This film is not judged' : 'Cannot say whether this film is normal');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'blind-title');
    assert.equal((await page.locator('.viewer').getAttribute('data-overlay')) === 'off', name.includes('d.png'));
    assert.equal(await page.locator('.blind .output').count(), name.includes('d.png') ? 0 : 4);
    await press(page, afterwards);
    await page.keyboard.press('Enter');
  }
  // The document is the same for every verdict.
  assert.ok(new Set(before.values()).size === 1, [...new Set(before.values())].join('\n\n').slice(0, 200));

  await page.locator('#blind[data-state="end"]').waitFor();
  assert.match(
    (await page.locator('.blind-end').textContent()) ?? '',
    /You read 6 films blind; all have a label\.The reader refused one film\.The verdict of 6 films had been on the page/,
  );
  const row = async (/** @type {string} */ key) =>
    (await page.locator(`[data-row="${key}"] td`).allTextContents()).map((text) => text.replaceAll('\u202f', ''));
  assert.deepEqual(await row('accuracy'), ['60%3 of 523 to 88%', '75%3 of 430 to 95%', '75%3 of 430 to 95%']);
  assert.deepEqual(await row('no-class'), ['17%1 of 63 to 56%', '33%2 of 610 to 70%', '33%2 of 610 to 70%']);
  assert.match(
    (await page.locator('.blind-changes').textContent()) ?? '',
    /for 3 of 6 films .*named: 2Towards right: 1Towards wrong: 1Not right before, and not after: 1$/,
  );

  const json = await saved(page, 'Save as JSON, with the figures');
  assert.ok(!/\.png|ward7/.test(json.text));
  const { seed, model, figures, films } = JSON.parse(json.text);
  const manifest = JSON.parse(await readFile(path.resolve(import.meta.dirname, '../../models/manifest.json'), 'utf8'));
  assert.deepEqual([seed, model.version, model.sha256.length], [SEED, manifest.version, 64]);
  const { person, person_after, reader, agreement, changes } = figures;
  const perLabel = (/** @type {Record<string, any>} */ shares) => ['covid19', 'normal', 'pneumonia'].map((label) => counted(shares[label]));
  assert.deepEqual(
    [person, person_after, reader].map(({ accuracy }) => counted(accuracy)),
    [
      [3, 5],
      [3, 4],
      [3, 4],
    ],
  );
  assert.deepEqual(perLabel(person.sensitivity), [
    [2, 2],
    [0, 1],
    [1, 2],
  ]);
  assert.deepEqual(perLabel(person.specificity), [
    [2, 3],
    [4, 4],
    [2, 3],
  ]);
  assert.deepEqual(perLabel(reader.sensitivity), [
    [1, 2],
    [1, 1],
    [1, 1],
  ]);
  assert.deepEqual(perLabel(reader.specificity), [
    [2, 2],
    [2, 3],
    [3, 3],
  ]);
  assert.deepEqual(
    [counted(agreement.person), counted(agreement.person_after)],
    [
      [1, 4],
      [3, 3],
    ],
  );
  assert.deepEqual(counted(changes.changed), [3, 6]);
  assert.deepEqual([changes.to_reader, changes.labelled, changes.towards_right, changes.towards_wrong, changes.neither], [2, 3, 1, 1, 1]);
  assert.deepEqual([figures.films, figures.labelled, figures.shown_before, figures.reader_refused], [6, 6, 6, 1]);
  const f = films[order(SEED).indexOf('pneumonia/f.png')];
  assert.deepEqual([f.label, f.answer, f.sureness, f.answer_after, f.sureness_after, f.changed], ['pneumonia', 'pneumonia', 0.7, 'pneumonia', 0.8, false]);

  await page.getByLabel('Include file names').check();
  const csv = await saved(page, 'Save as CSV');
  assert.match(csv.name, /^covid-classifier-blind-.*Z\.csv$/);
  const lines = csv.text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  assert.deepEqual(
    lines.slice(1).map((cells) => cells[lines[0].indexOf('path')]),
    order(SEED).map((name) => `ward7/${name}`),
  );
  assert.deepEqual(
    lines.slice(1).map((cells) => cells[lines[0].indexOf('seed')]),
    Array(6).fill(String(SEED)),
  );
  await screenshot(page, 'blind-end-counted');

  // The page is unchanged.
  await page.getByRole('button', { name: 'Back to the films' }).click();
  await page.locator('#result .verdict[data-verdict]').waitFor();
  assert.equal(await page.locator('.row').count(), 6);
  assert.deepEqual(visit.complaints, []);
});

test('the same seed gives the same order, another seed another; films brought by keys were not seen before', async () => {
  const visit = await open(browser, site);
  const { page } = visit;
  /** @param {number} seed */
  const read = async (seed) => {
    await page.locator('#blind-seed').fill(String(seed));
    await page.keyboard.press('Enter');
    for (let film = 0; film < 6; film++) {
      await asked(page);
      for (const key of ['4', 'Enter', 'Enter']) await page.keyboard.press(key);
    }
    await page.locator('#blind[data-state="end"]').waitFor();
    return (await page.locator('.blind-name').allTextContents()).map((name) => name.replace('ward7/', ''));
  };
  await page.locator('#blind-first').focus();
  await page.keyboard.press('Enter');
  const chooser = page.waitForEvent('filechooser');
  await page.locator('.blind-bring').getByRole('button', { name: 'Folder…' }).focus();
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(folder());
  await page.locator('#blind-count[max="6"]').waitFor();
  assert.equal(await page.locator('.blind-bring .caution').isVisible(), false);
  const first = await read(SEED);
  assert.deepEqual(first, order(SEED));
  assert.doesNotMatch((await page.locator('.blind-end').textContent()) ?? '', /had been on the page/);
  const again = async () => {
    await page.getByRole('button', { name: 'Another round…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Another round…' }).click();
  };
  await again();
  assert.deepEqual(await read(SEED), first);
  await again();
  assert.deepEqual(await read(SEED + 1), order(SEED + 1));
  assert.notDeepEqual(order(SEED + 1), first);
  assert.match((await page.locator('.blind-end').textContent()) ?? '', /The verdict of 6 films had been on the page/);
});

test('after an answer that was forgotten or a button that was used, keys still do what they are said to do', async () => {
  const { page } = await open(browser, site);
  await page.locator('#blind-first').click();
  await bring(page, SEED);
  await page.keyboard.press('Enter');
  await asked(page);
  await page.keyboard.press('Enter');
  await page.getByText('Choose an answer first.').waitFor();
  await press(page, '1');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByText('You said: COVID-19, 70 % sure.').waitFor();

  // After a button was used, Enter shows the verdict, and does not press the button again.
  await page.keyboard.press('Enter');
  await asked(page);
  await page.getByRole('button', { name: 'Invert' }).click();
  await press(page, '38');
  await page.keyboard.press('Enter');
  await page.getByText('You said: other pneumonia, 80 % sure.').waitFor();
});

test('left and gone on with; the page asks before answers are lost', async () => {
  const visit = await open(browser, site);
  const { page } = visit;
  await page.locator('#blind-first').click();
  await bring(page, SEED);
  await page.getByRole('button', { name: 'Start reading' }).click();
  await asked(page);
  await press(page, '28');
  await page.keyboard.press('Enter');
  await page.locator('#blind[data-state="revealed"]').waitFor();
  await drop(page, [{ name: 'late.png', bytes: await readFile(films.judged) }]);
  await page.getByText('The films that came now are not part of this reading.').waitFor();
  await page.getByRole('button', { name: 'Leave…' }).click();
  await page.keyboard.press('3');
  await page.getByRole('button', { name: 'Leave for now' }).click();
  await page.locator('#result .verdict[data-verdict]').waitFor();
  assert.equal(await page.locator('.row').count(), 7);

  let questions = 0;
  page.on('dialog', (dialog) => {
    questions++;
    assert.equal(dialog.type(), 'beforeunload');
    void dialog.dismiss();
  });
  await page.evaluate(() => setTimeout(() => location.reload()));
  await page.waitForEvent('dialog');
  assert.equal(questions, 1);

  await page.getByRole('button', { name: 'Go on reading blind (1 of 6)…' }).click();
  assert.equal(await page.locator('.blind-said').textContent(), 'You said: normal, 80\u202f% sure.');
  assert.equal(await page.locator('.blind-panel').getByRole('radio', { name: 'Normal', exact: true }).isChecked(), true);
  await page.locator('#blind-title').focus();
  await page.keyboard.press('Enter');
  await asked(page);
  await press(page, '4');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Leave…' }).click();
  await page.getByRole('button', { name: 'End here, to the figures' }).click();
  const { figures } = JSON.parse((await saved(page, 'Save as JSON, with the figures')).text);
  assert.deepEqual([figures.films, figures.shown_before], [2, 1]);
  // Saved data may go: the answers are saved, and then the results of the films too.
  await page.locator('.blind-ways button').last().click();
  await page.locator('#films-export').click();
  await page.locator('.export-dialog .primary').click();
  await page.reload();
  await page.locator('#engine[data-state="ready"]').waitFor();
  assert.equal(questions, 1);
});

test('what a validation says goes away too, and comes back', async () => {
  const visit = await open(browser, site);
  const { page } = visit;
  await page.locator('#folder').setInputFiles(folder());
  await allSettled(page, 6);
  await page.getByRole('button', { name: 'Validate on these films' }).click();
  await page.locator('.validate-dialog .primary').click();
  await page.locator('.validate-facts').waitFor();
  await page.locator('#films-blind').click();
  assert.equal(await page.locator('#validation').isVisible(), false);
  assert.equal(await page.locator('#validation').innerHTML(), '');
  await page.locator('.blind-labels').getByText('All 6 films have a label').waitFor();
  await page.locator('.blind-form .primary').click();
  await asked(page);
  for (const hint of HINTS) assert.doesNotMatch(await page.content(), hint);
  await page.getByRole('button', { name: 'Leave…' }).click();
  await page.getByRole('button', { name: 'Leave for now' }).click();
  await page.locator('.validate-facts').waitFor();
});

test('by touch at 390 px; a table names the labels; what cannot be read is left out, and said', async () => {
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  site.change['models/manifest.json'] = (body) => held.then(() => ({ body }));
  const visit = await open(browser, site, { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, until: 'loading' });
  const { page } = visit;
  await page.locator('#blind-first').tap();
  await page.getByRole('button', { name: 'Start reading' }).tap();
  await page.getByText('Choose films first.').waitFor();
  await drop(page, [
    { name: '=film.png', bytes: await readFile(films.judged) },
    { name: 'broken.png', bytes: Buffer.from('\x89PNG\r\n\x1a\nand no more', 'latin1') },
    { name: 'labels.csv', bytes: Buffer.from('file,label\n=film.png,Normal\nbroken.png,normal\n') },
  ]);
  await page.locator('.blind-labels').getByText('All 2 films have a label').waitFor();
  await page.locator('#blind-count').fill('3');
  await page.locator('#blind-seed').fill('-1');
  await page.getByRole('button', { name: 'Start reading' }).tap();
  await page.getByText('Enter a whole number from 1 to 2.').waitFor();
  await page.getByText('Enter a whole number from 0 to 4294967295.').waitFor();
  await page.locator('#blind-count').fill('2');
  await page.locator('#blind-seed').fill('1');
  await page.getByRole('button', { name: 'Start reading' }).tap();
  await page.locator('.blind-panel[data-step="waiting"]').waitFor();
  release();
  /** @type {string[]} */
  const steps = [];
  while (!(await page.locator('#blind[data-state="end"]').count())) {
    await page.locator('#blind[data-state="end"], .blind-panel[data-step="failed"], #blind[data-state="reading"] .viewer[data-state="shown"]').waitFor();
    if (await page.locator('.blind-panel[data-step="failed"]').count()) {
      steps.push((await page.locator('.blind-panel').innerText()).replace(/\s+/g, ' '));
      await page.getByRole('button', { name: 'Next film' }).tap();
    } else if (await page.locator('.blind-panel[data-step="asked"]').count()) {
      // Film and question are in sight together.
      const tops = await page.evaluate(() =>
        ['.viewer-stage', '.blind-answer', '.blind-panel .primary']
          .map((part) => document.querySelector(part)?.getBoundingClientRect())
          .map((box) => [box?.top, box?.bottom]),
      );
      for (const [top = -1, bottom = 1e9] of tops.slice(1)) assert.ok(top >= 0 && bottom <= 844, JSON.stringify(tops));
      assert.ok((tops[0][0] ?? -1) >= 0 && (tops[1][0] ?? 0) - (tops[0][0] ?? 0) > 250, JSON.stringify(tops));
      await page.getByRole('button', { name: 'Show the verdict' }).tap();
      await page.getByText('Choose an answer first.').waitFor();
      for (const name of ['Normal', '90\u202f%']) await page.locator('.blind-panel label', { hasText: name }).tap();
      await page.getByRole('button', { name: 'Show the verdict' }).tap();
      await page.locator('#blind[data-state="revealed"]').waitFor();
      const top = await page.locator('#blind-title').evaluate((title) => title.getBoundingClientRect().top);
      assert.ok(top >= 0 && top < 100, `the verdict is in sight: ${top}`);
      await page.locator('.blind-panel label', { hasText: 'Cannot say' }).tap();
      steps.push('answered');
      await page.locator('.blind-panel .primary').tap();
    }
  }
  assert.equal(steps.length, 2);
  assert.match(steps.toSorted().join(' / '), /^Film \d of 2 This film was not read It begins like an image.* It is left out of this reading\..* \/ answered$/);
  assert.match(
    (await page.locator('.blind-end').textContent()) ?? '',
    /You read one film blind; all have a label\.One film could not be read, or was removed, and is left out\./,
  );
  await page.getByLabel('Include file names').check();
  const { text } = await saved(page, 'Save as CSV');
  assert.match(text, /\r\n1,'=film\.png,'=film\.png,normal,normal,0\.9,cannot_say,,true,uncertain,/);
});

for (const [colorScheme, language] of /** @type {const} */ ([
  ['light', 'en'],
  ['dark', 'de'],
])) {
  for (const width of [1280, 390]) {
    test(`axe-core finds nothing in any state: ${colorScheme}, ${language}, ${width} px`, async () => {
      nameClasses();
      const context = {
        colorScheme,
        viewport: { width, height: width < 600 ? 844 : 900 },
        hasTouch: width < 600,
        reducedMotion: /** @type {const} */ ('reduce'),
      };
      const visit = await open(browser, site, { context, query: `?lang=${language}` });
      const { page } = visit;
      const at = (/** @type {string} */ state) => check(page, `blind-${state}-${language}-${colorScheme}-${width}`);
      await page.locator('#blind-first').click();
      await at('nothing');
      await bring(page, SEED);
      await page.locator('#blind-seed').fill('x');
      await page.keyboard.press('Enter');
      await at('start');
      await page.locator('#blind-seed').fill(String(SEED));
      await page.keyboard.press('Enter');
      for (const [index, name] of order(SEED).entries()) {
        const { keys, afterwards } = PLAN[/** @type {keyof typeof PLAN} */ (name)];
        await asked(page);
        if (index === 0) await at('asked');
        await page.keyboard.press('Enter');
        if (index === 0) await at('missing');
        await page.locator('#blind-title').focus();
        await press(page, keys);
        if (index === 0) await at('answered');
        await page.keyboard.press('Enter');
        if (index === 0 || name.endsWith('d.png') || name.endsWith('f.png')) await at(`shown-${index}`);
        await press(page, afterwards);
        await page.keyboard.press('Enter');
        if (index !== 3) continue;
        await page.locator('.blind-panel .quiet').click();
        await at('leave');
        await page.keyboard.press('Escape');
        await page.locator('#blind-title').focus();
      }
      await page.locator('#blind[data-state="end"]').waitFor();
      await at('end');
      await page.locator('.blind-ways button').first().click();
      await at('again');
    });
  }
}

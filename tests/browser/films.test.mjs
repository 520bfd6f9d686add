// Whole folders go in, and their films are listed in a table that stays small in the document however many rows it has.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { dropped, takenFiles } from '../../www/exchange/file-tree.js';
import { arrange, unarranged } from '../../www/films/order.js';
import { madeUpResults } from './results.mjs';
import { allSettled, browser, check, choose, classifyByCli, drop, filmRows, films, inState, open, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;
/** @type {string} */
let folder;
/** @type {any} */
let report;

suite({
  prepare: async () => {
    report = await classifyByCli(films.judged);
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'covid-classifier-folder-')), 'clinic');
    await mkdir(path.join(folder, 'ward 2/.thumbnails'), { recursive: true });
    await mkdir(path.join(folder, 'letters'));
    await Promise.all([
      cp(films.small, path.join(folder, 'film 10.png')),
      cp(films.judged, path.join(folder, 'film 2.png')),
      cp(films.small, path.join(folder, 'ward 2/a.png')),
      cp(films.small, path.join(folder, 'ward 2/.thumbnails/a.png')),
      writeFile(path.join(folder, '.DS_Store'), 'x'),
      writeFile(path.join(folder, 'ward 2/Thumbs.db'), 'x'),
      // More files than a browser lists at once.
      ...Array.from({ length: 120 }, (_, k) => writeFile(path.join(folder, `letters/letter ${k + 1}.png`), 'Dear colleague,\n')),
    ]);
  },
});
after(() => folder && rm(path.dirname(folder), { recursive: true }));

const FOLDER = ['film 2.png', 'film 10.png', ...Array.from({ length: 120 }, (_, k) => `letter ${k + 1}.png`), 'a.png'];

/** @param {Page} page */
const rowsInDocument = (page) => page.locator('#film-list .row').count();

/** @param {Page} page */
const selectedName = (page) => page.locator('#result .file-name').evaluate((node) => node.firstChild?.textContent);

/** @param {number} count */
const resultsOf = (count) => ({ name: 'results.json', bytes: Buffer.from(JSON.stringify(madeUpResults(report, count))) });

/** The page with results of many films, as if somebody had exported them. @param {number} count @param {Parameters<typeof open>[2]} [options] */
async function openWith(count, options) {
  visit = await open(browser, site, options);
  const { page } = visit;
  await drop(page, [resultsOf(count)]);
  await inState(page, 'total', count);
  return page;
}

/**
 * A dropped folder as the browser hands it over. A string is a file's content, an error is thrown on reading it.
 * @typedef {{[name: string]: string | Error | Tree}} Tree
 */

/** @param {string} name @param {string | Error | Tree} content @param {number} batch */
function entryOf(name, content, batch) {
  const isDirectory = typeof content === 'object' && !(content instanceof Error);
  return {
    name,
    isDirectory,
    isFile: !isDirectory,
    file: (resolve, reject) => (content instanceof Error ? reject(content) : resolve(new File([String(content)], name))),
    createReader() {
      const left = Object.entries(content).map(([name, content]) => entryOf(name, content, batch));
      return { readEntries: (resolve) => setTimeout(() => resolve(left.splice(0, batch))) };
    },
  };
}

/** @param {string} name @param {string | Error | Tree} content */
function handleOf(name, content) {
  const kind = typeof content === 'object' && !(content instanceof Error) ? 'directory' : 'file';
  return {
    name,
    kind,
    async getFile() {
      if (content instanceof Error) throw content;
      return new File([String(content)], name);
    },
    async *values() {
      for (const [name, inner] of Object.entries(content)) yield handleOf(name, inner);
    },
  };
}

/** @type {Tree} */
const TREE = {
  'film 10.png': 'x',
  'film 9.png': 'x',
  'desktop.ini': 'x',
  '.DS_Store': 'x',
  locked: { 'b.png': new Error('no permission'), 'a.png': 'x' },
  '.git': { config: 'x' },
  many: Object.fromEntries(Array.from({ length: 250 }, (_, k) => [`${k}.png`, 'x'])),
};

for (const { way, item } of [
  { way: 'entries, a hundred at a time', item: { webkitGetAsEntry: () => entryOf('root', TREE, 100) } },
  {
    way: 'handles',
    item: {
      webkitGetAsEntry: () => ({ ...entryOf('root', TREE, 100), createReader: () => assert.fail('the handle is preferred') }),
      getAsFileSystemHandle: async () => handleOf('root', TREE),
    },
  },
  {
    way: 'entries, where the handle is refused',
    item: { webkitGetAsEntry: () => entryOf('root', TREE, 100), getAsFileSystemHandle: () => Promise.reject(new Error('not this folder')) },
  },
]) {
  test(`a folder is gone through by ${way}`, async () => {
    const loose = new File(['x'], 'loose.png');
    const data = {
      files: [loose],
      items: [{ kind: 'file', ...item }, { kind: 'string' }, { kind: 'file', webkitGetAsEntry: () => entryOf('loose.png', 'x', 1), getAsFile: () => loose }],
    };
    const { later } = dropped(/** @type {any} */ (data));
    // After the event the browser reveals nothing.
    data.items.length = 0;
    /** @type {number[]} */
    const progress = [];
    const { sources, leftOut } = await /** @type {NonNullable<typeof later>} */ (later)((files) => progress.push(files), new AbortController().signal);
    const paths = sources.map(({ path }) => path);
    assert.deepEqual(paths.slice(0, 5), ['loose.png', 'root/film 9.png', 'root/film 10.png', 'root/locked/a.png', 'root/locked/b.png']);
    assert.deepEqual(
      paths.slice(5),
      Array.from({ length: 250 }, (_, k) => `root/many/${k}.png`),
    );
    assert.deepEqual(sources[4], { file: null, path: 'root/locked/b.png', failure: { kind: 'unreadable', message: 'no permission' } });
    assert.equal(leftOut, 3);
    assert.ok((progress.at(-1) ?? 0) >= 250 && progress.length > 2);
  });
}

test('nobody goes on through a folder that is not wanted any more', async () => {
  const unwanted = new AbortController();
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, k) => [`${k}.png`, 'x']));
  /** @type {Tree} */
  const tree = { ...files, inner: files };
  const { later } = dropped(/** @type {any} */ ({ files: [], items: [{ kind: 'file', webkitGetAsEntry: () => entryOf('root', tree, 100) }] }));
  /** @type {number[]} */
  const progress = [];
  const { sources } = await /** @type {NonNullable<typeof later>} */ (later)((files) => {
    progress.push(files);
    if (progress.length === 2) unwanted.abort();
  }, unwanted.signal);
  assert.equal(progress.length, 2, 'nor is it said how far it is');
  assert.ok(sources.length < 100, String(sources.length));
});

test('without a folder a drop is taken at once; a file that is hidden in no folder is a file', () => {
  const files = [new File(['x'], '10.png'), new File(['x'], '.hidden.png'), new File(['x'], '9.png')];
  const { now, later } = dropped(/** @type {any} */ ({ files, items: undefined }));
  assert.equal(later, null);
  assert.deepEqual(
    now.sources.map(({ path }) => path),
    ['.hidden.png', '9.png', '10.png'],
  );
  assert.equal(now.leftOut, 0);
  const inFolder = Object.defineProperty(new File(['x'], 'a.png'), 'webkitRelativePath', { value: 'films/.cache/a.png' });
  assert.deepEqual(takenFiles([inFolder]), { sources: [], leftOut: 1 });
});

test('orders and filters: what has no value comes last, either way', () => {
  /** @type {any} */
  const of = (name, state, verdict, probabilities = null, path = name) => ({ name, path, state, report: verdict && { verdict, probabilities } });
  const list = [
    of('b 10', 'done', 'normal', { covid19: 0.1, normal: 0.8, pneumonia: 0.1 }),
    of('b 9', 'failed', null),
    of('a', 'done', 'covid19', { covid19: 0.9, normal: 0.05, pneumonia: 0.05 }, 'Ward/a'),
    of('c', 'waiting', null),
    of('d', 'done', 'refused'),
  ];
  const names = (change) => arrange(list, { ...unarranged(), ...change }).map(({ name }) => name);
  assert.deepEqual(names({}), ['b 10', 'b 9', 'a', 'c', 'd']);
  assert.deepEqual(names({ descending: true }), ['d', 'c', 'a', 'b 9', 'b 10']);
  assert.deepEqual(names({ sort: 'name' }), ['a', 'b 9', 'b 10', 'c', 'd']);
  assert.deepEqual(names({ sort: 'probability' }), ['b 10', 'a', 'b 9', 'c', 'd']);
  assert.deepEqual(names({ sort: 'probability', descending: true }), ['a', 'b 10', 'b 9', 'c', 'd']);
  assert.deepEqual(names({ sort: 'verdict' }), ['a', 'b 10', 'd', 'b 9', 'c']);
  assert.deepEqual(names({ category: 'unread' }), ['b 9']);
  assert.deepEqual(names({ category: 'waiting' }), ['c']);
  assert.deepEqual(names({ text: 'ward' }), ['a'], 'the folder counts');
});

test('a folder is chosen: its films are read, what is no film is a row, what the system hid is counted', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Folder…' }).click();
  await (await chooser).setFiles(folder);
  await allSettled(page, FOLDER.length);
  const rows = await filmRows(page);
  assert.deepEqual(
    rows.map(({ name }) => name),
    FOLDER,
    'in natural order of their paths',
  );
  assert.deepEqual([...new Set(rows.filter(({ state }) => state === 'failed').map(({ text }) => text))], ['Unsupported format']);
  assert.equal(rows.filter(({ state }) => state === 'done').length, 3);
  assert.match(await page.locator('#intake-note').innerText(), /^123 files taken\. \d hidden files of the system were left out\.$/);
  assert.ok((await rowsInDocument(page)) < 60);
  assert.deepEqual(visit.complaints, []);
});

test('a folder and a file are dropped, as from a file manager', async () => {
  visit = await open(browser, site);
  const { page, context } = visit;
  const debuggerOf = await context.newCDPSession(page);
  const data = { items: [], files: [folder, films.jpeg], dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop'])) {
    await debuggerOf.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  }
  await allSettled(page, FOLDER.length + 1);
  assert.deepEqual(
    (await filmRows(page)).map(({ name }) => name),
    [...FOLDER, 'phantom-2.jpg'],
  );
  assert.match(await page.locator('#intake-note').innerText(), /left out/);
});

test('what is still on its way when everything is cleared does not come', async () => {
  const page = await openWith(3);
  await page.evaluate(() => {
    const file = { name: 'late.png', isDirectory: false, file: (resolve) => resolve(new File(['x'], 'late.png')) };
    const batches = [[file], []];
    const readEntries = (resolve) => document.addEventListener('listed', () => resolve(batches.shift() ?? []), { once: true });
    const folder = { name: 'slow', isDirectory: true, createReader: () => ({ readEntries }) };
    const event = new DragEvent('drop', { bubbles: true, cancelable: true });
    const items = [{ kind: 'file', webkitGetAsEntry: () => folder }];
    Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files: [], items } });
    document.body.dispatchEvent(event);
  });
  await page.getByText('Looking through the folder…').waitFor();
  // And a file of results that is not recognised by its name.
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'results.json'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    document.getElementById('clear')?.click();
  }, resultsOf(5).bytes.toString());
  for (const _ of ['a batch', 'the end']) await page.evaluate(() => void document.dispatchEvent(new Event('listed')));
  assert.ok(!(await page.locator('#intake-note').isVisible()));
  await drop(page, [resultsOf(2)]);
  await inState(page, 'total', 2);
  assert.deepEqual(
    (await filmRows(page)).map(({ name }) => name),
    ['film-1.png', 'film-2.png'],
  );
  assert.deepEqual(visit.complaints, []);
});

test('of a folder with results in it both is said: what was left out, and what was imported', async () => {
  const mixed = path.join(path.dirname(folder), 'mixed');
  await mkdir(mixed);
  await Promise.all([writeFile(path.join(mixed, 'results.json'), resultsOf(3).bytes), writeFile(path.join(mixed, '.DS_Store'), 'x')]);
  visit = await open(browser, site);
  const { page } = visit;
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Folder…' }).click();
  await (await chooser).setFiles(mixed);
  await inState(page, 'total', 3);
  const note = '1 file taken. One hidden file of the system was left out. The results of 3 films were imported.';
  assert.equal(await page.locator('#intake-note').innerText(), note);
  assert.equal((await page.locator('#live p').allInnerTexts()).filter((said) => note.includes(said)).join(' '), note);
});

test('what is pasted into a field stays there', async () => {
  const page = await openWith(20);
  const search = page.getByRole('searchbox', { name: 'Find by name' });
  await search.focus();
  const isTaken = await search.evaluate((field) => {
    const event = new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
    event.clipboardData?.setData('text/plain', 'film-7');
    field.dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.equal(isTaken, false);
  assert.equal(await page.locator('#intake-note').innerText(), 'The results of 20 films were imported.');
});

test('several films are pasted at once', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const base64 = (await readFile(films.small)).toString('base64');
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const clipboardData = new DataTransfer();
    for (const name of ['one.png', 'two.png']) clipboardData.items.add(new File([bytes], name, { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, base64);
  await allSettled(page, 2);
  assert.deepEqual(
    (await filmRows(page)).map(({ name }) => name),
    ['one.png', 'two.png'],
  );
});

test('of 5,000 films only those in sight are in the document; the last is reached with a scroll or a key', async () => {
  const page = await openWith(5000);
  const grid = page.getByRole('grid', { name: 'Films (5000)' });
  assert.equal(await grid.getAttribute('aria-rowcount'), '5000');
  assert.ok((await rowsInDocument(page)) < 60, String(await rowsInDocument(page)));

  await grid.evaluate((grid) => (grid.scrollTop = grid.scrollHeight));
  await page.locator('.row', { hasText: 'film-5000.png' }).waitFor();
  assert.ok(await page.locator('.row', { hasText: 'film-5000.png' }).isVisible());
  const count = await rowsInDocument(page);
  assert.ok(count < 60, String(count));
  // The focused row is still there, and first, as on the screen.
  assert.equal(await page.locator('.row').first().getAttribute('aria-rowindex'), '1');
  assert.equal(await page.locator('.row[tabindex="0"]').count(), 1);

  await page.locator('.row[tabindex="0"]').focus();
  await page.keyboard.press('End');
  assert.equal(await selectedName(page), 'film-5000.png');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')), '5000');
  const isInSight = await page.locator('.row[aria-selected="true"]').evaluate((row) => {
    const [inner, outer] = [row.getBoundingClientRect(), /** @type {HTMLElement} */ (row.closest('#film-list')).getBoundingClientRect()];
    return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  });
  assert.ok(isInSight);
  await page.keyboard.press('PageUp');
  const paged = Number(await page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')));
  assert.ok(paged < 5000 && paged > 4900, String(paged));
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  assert.equal(await selectedName(page), 'film-2.png');
  assert.equal(await page.locator('.row[aria-selected="true"] .row-name').innerText(), 'film-2.png');
  await page.keyboard.press('Delete');
  await inState(page, 'total', 4999);
  assert.equal(await selectedName(page), 'film-3.png');
  assert.equal(await page.evaluate(() => document.activeElement?.querySelector('.row-name')?.textContent), 'film-3.png');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'result-title');
  assert.deepEqual(visit.complaints, []);
});

test('the wide table has every column, sorts by each, and shows what is sorted by', async () => {
  const page = await openWith(500);
  await page.getByRole('button', { name: 'Wide table' }).click();
  assert.equal(await page.locator('body').getAttribute('data-desk'), 'wide');
  const grid = page.getByRole('grid');
  const heads = await grid.getByRole('columnheader').allInnerTexts();
  assert.deepEqual(heads.slice(0, -1), [
    ...[
      'No.',
      'Film',
      'Verdict',
      'Probability',
      'Not normal',
      'COVID-19',
      'Normal',
      'Pneumonia',
      'Convnet reader',
      'Paper’s reader',
      'Warnings',
      'Time',
      'State',
    ],
  ]);
  const first = page.locator('.row').first();
  assert.equal(await first.getAttribute('aria-rowindex'), '2', 'the heads are a row');
  assert.equal(await first.locator('[role="gridcell"], [role="rowheader"]').count(), heads.length);

  const { films: made } = madeUpResults(report, 500);
  const best = made.reduce(
    (best, film) => {
      const { probabilities, verdict, finding, abnormal } = film.report ?? {};
      const value = (verdict === 'uncertain' && finding === 'not_normal' ? abnormal : probabilities?.[verdict]) ?? -1;
      return value > best.value ? { value, name: film.name } : best;
    },
    { value: -1, name: '' },
  );
  await page.getByRole('button', { name: 'Probability' }).click();
  assert.equal(await grid.getByRole('columnheader', { name: 'Probability' }).getAttribute('aria-sort'), 'descending');
  assert.equal(await page.locator('.row').first().locator('.row-name').innerText(), best.name);
  await page.getByRole('button', { name: 'Film', exact: true }).click();
  assert.equal(await grid.getByRole('columnheader', { name: 'Film' }).getAttribute('aria-sort'), 'ascending');
  assert.deepEqual(await page.locator('.row .row-name').first().innerText(), 'film-1.png');
  await page.getByRole('button', { name: 'Film', exact: true }).click();
  assert.deepEqual(await page.locator('.row .row-name').first().innerText(), 'film-500.png');
  // The heads are one stop for Tab; arrow keys move between them.
  assert.equal(await page.locator('.sort[tabindex="0"]').count(), 1);
  await page.locator('.sort[tabindex="0"]').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Film');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement?.className.split(' ')[0]), 'row');
  await page.getByRole('button', { name: 'Narrow list' }).click();
  assert.equal(await grid.getByRole('columnheader').count(), 0);
});

test('films are filtered by answer and by name; the counts say how many there are', async () => {
  const page = await openWith(70);
  const { films: made } = madeUpResults(report, 70);
  const categoryOf = ({ report }) => (report?.verdict === 'uncertain' && report.finding === 'not_normal' ? 'not_normal' : (report?.verdict ?? 'unread'));
  const counted = (category) => made.filter((film) => categoryOf(film) === category).length;
  const category = page.getByRole('combobox', { name: 'Show films by answer' });
  const options = await category.locator('option:not([hidden])').allInnerTexts();
  assert.deepEqual(options, [
    'All (70)',
    `COVID-19 (${counted('covid19')})`,
    `Normal (${counted('normal')})`,
    `Pneumonia (${counted('pneumonia')})`,
    `Not normal (${counted('not_normal')})`,
    `Uncertain (${counted('uncertain')})`,
    `Not judged (${counted('refused')})`,
    `Not read (${counted('unread')})`,
  ]);
  await category.selectOption('pneumonia');
  const names = async () => (await filmRows(page)).map(({ name }) => name);
  assert.deepEqual(
    await names(),
    made.filter((film) => film.report?.verdict === 'pneumonia').map(({ name }) => name),
  );
  await page.getByRole('searchbox').fill('film-3');
  await page.waitForFunction(() => document.getElementById('film-list')?.getAttribute('aria-rowcount') !== '12');
  const expected = made.filter((film) => film.report?.verdict === 'pneumonia' && film.name.includes('film-3')).map(({ name }) => name);
  assert.ok(expected.length > 0);
  assert.deepEqual(await names(), expected);
  // The shown film stays shown although the list no longer has it; the list still has a row to focus.
  assert.equal(await selectedName(page), 'film-1.png');
  assert.equal(await page.locator('.row[tabindex="0"]').count(), 1);

  // When the focused row goes, another one gets the focus.
  await page.locator('.row').last().click();
  await category.evaluate((select) => {
    /** @type {HTMLSelectElement} */ (select).value = 'normal';
    select.dispatchEvent(new Event('change'));
  });
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.row')));

  await page.getByRole('searchbox').fill('no such film');
  await page.getByText('No film matches.').waitFor();
  await page.getByRole('button', { name: 'Show all films' }).click();
  assert.equal((await names()).length, 70);
  // In the wide table the same filter is a row of buttons.
  await page.getByRole('button', { name: 'Wide table' }).click();
  await page.locator('.chips label', { hasText: 'Not judged' }).click();
  assert.equal((await names()).length, counted('refused'));
  assert.ok(await page.getByRole('radio', { name: `Not judged ${counted('refused')}` }).isChecked());
});

test('with few films there is nothing to filter or sort with', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await choose(page, [films.judged, films.small]);
  await allSettled(page, 2);
  assert.ok(!(await page.locator('#films-tools').isVisible()));
  assert.equal(await page.locator('#films-title').innerText(), 'Films (2)');
  await page.locator('.row canvas.thumbnail').nth(1).waitFor();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await choose(page, films.small);
  await settled(page, 'done');
  assert.ok(!(await page.getByRole('button', { name: 'Wide table' }).isVisible()));
});

test('a wide table of which one film is left is a list again', async () => {
  const page = await openWith(3);
  await page.getByRole('button', { name: 'Wide table' }).click();
  await page.locator('.row').first().click();
  await page.keyboard.press('Delete');
  await inState(page, 'total', 2);
  assert.equal(await page.locator('body').getAttribute('data-desk'), 'wide');
  await page.keyboard.press('Delete');
  await inState(page, 'total', 1);
  assert.equal(await page.locator('body').getAttribute('data-desk'), 'narrow');
  assert.equal(await page.getByRole('grid').getByRole('columnheader').count(), 0);
  assert.equal(await page.locator('.row .row-open').count(), 1);
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.row')), 'the keyboard is where it was');
  await drop(page, [resultsOf(2)]);
  await inState(page, 'total', 3);
  await page.getByRole('button', { name: 'Wide table' }).click();
  assert.ok((await page.getByRole('grid').getByRole('columnheader').count()) > 1);
});

test('an order, a filter and a search stay to be seen and undone when few films are left', async () => {
  const page = await openWith(4);
  const tools = page.locator('#films-tools');
  const removeFirst = async (/** @type {number} */ left) => {
    await page.locator('.row').first().click();
    await page.keyboard.press('Delete');
    await inState(page, 'total', left);
  };
  const sort = page.getByRole('combobox', { name: 'Sort by' });
  await sort.selectOption('probability');
  await removeFirst(3);
  assert.ok(await tools.isVisible());
  // The heads of the wide table show the order, which does not change under the pointer.
  await page.getByRole('button', { name: 'Wide table' }).click();
  assert.ok(!(await tools.isVisible()));
  await page.getByRole('button', { name: 'Time', exact: true }).click();
  assert.ok(!(await tools.isVisible()));
  await page.getByRole('button', { name: 'Narrow list' }).click();
  await removeFirst(2);
  assert.equal(await sort.inputValue(), 'time');
  await sort.focus();
  await sort.selectOption('number');
  assert.ok(await sort.evaluate((node) => node === document.activeElement && node.checkVisibility()), 'the keyboard keeps its place');
  await page
    .getByRole('button', { name: 'Largest or last first' })
    .or(page.getByRole('button', { name: 'Smallest or first first' }))
    .click();
  await removeFirst(1);
  assert.ok(await tools.isVisible(), 'the other way round is an order, too');
  await page.getByRole('button', { name: 'Clear all' }).click();

  await drop(page, [resultsOf(9)]);
  await inState(page, 'total', 9);
  await page.getByRole('searchbox').fill('film-1');
  await page.waitForFunction(() => document.getElementById('film-list')?.getAttribute('aria-rowcount') === '1');
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await removeFirst(8);
  assert.ok(await page.getByRole('searchbox').isVisible());
  await page.getByRole('button', { name: 'Show all films' }).click();
  assert.equal((await filmRows(page)).length, 8);
});

test('what is being typed goes with what is chosen, and not beyond the films that it was typed for', async () => {
  const page = await openWith(70);
  const { films: made } = madeUpResults(report, 70);
  await page.evaluate(() => {
    const search = /** @type {HTMLInputElement} */ (document.querySelector('#films-tools [type="search"]'));
    const category = /** @type {HTMLSelectElement} */ (document.querySelector('#films-tools .category'));
    search.value = 'film-3';
    search.dispatchEvent(new Event('input'));
    category.value = 'pneumonia';
    category.dispatchEvent(new Event('change'));
  });
  assert.equal(await page.getByRole('searchbox').inputValue(), 'film-3');
  const expected = made.filter((film) => film.report?.verdict === 'pneumonia' && film.name.includes('film-3')).map(({ name }) => name);
  assert.deepEqual(
    (await filmRows(page)).map(({ name }) => name),
    expected,
  );

  await page.evaluate(() => {
    const search = /** @type {HTMLInputElement} */ (document.querySelector('#films-tools [type="search"]'));
    search.focus();
    search.value = 'film-7';
    search.dispatchEvent(new Event('input'));
    document.getElementById('clear')?.click();
  });
  await drop(page, [resultsOf(20)]);
  await inState(page, 'total', 20);
  // A pending search would have run by then.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  assert.equal((await filmRows(page)).length, 20);
  assert.equal(await page.getByRole('searchbox').inputValue(), '');
});

test('while films are read, a filtered and sorted table follows, and the keyboard keeps its place', async () => {
  site.change['reader/wasm.js'] = (bytes) => ({
    type: 'text/javascript',
    body: `${bytes}
      const gate = new BroadcastChannel('gate');
      const open = new Promise((resolve) => gate.addEventListener('message', resolve, { once: true }));
      const read = Classifier.prototype.classify;
      const shares = { 'a.png': 0.5, 'b.png': 0.7, 'held-1.png': 0.9, 'held-3.png': 0.6 };
      Classifier.prototype.classify = async function (path, bytes) {
        if (path.startsWith('held-')) await open;
        const reading = await read.call(this, path, bytes);
        const covid19 = shares[path];
        const rest = (1 - covid19) / 2;
        const answer = covid19 ? { verdict: 'covid19', probabilities: { covid19, normal: rest, pneumonia: rest } } : { verdict: 'refused', probabilities: null };
        const report = { ...reading.report(), ...answer };
        return Object.assign(reading, { report: () => report });
      };`,
  });
  visit = await open(browser, site, { cores: 1 });
  delete site.change['reader/wasm.js'];
  const { page } = visit;
  const bytes = await readFile(films.judged);
  await drop(
    page,
    ['a.png', 'b.png', 'held-1.png', 'held-2.png', 'held-3.png'].map((name) => ({ name, bytes })),
  );
  await inState(page, 'done', 2);
  await page.getByRole('combobox', { name: 'Show films by answer' }).selectOption('covid19');
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('probability');
  const names = async () => (await filmRows(page)).map(({ name }) => name);
  assert.deepEqual(await names(), ['b.png', 'a.png']);
  await page.locator('.row', { hasText: 'b.png' }).click();
  await page.evaluate(() => {
    const gate = new BroadcastChannel('gate');
    setInterval(() => gate.postMessage('open'), 20);
  });
  await inState(page, 'done', 5);
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 4);
  assert.deepEqual(await names(), ['held-1.png', 'b.png', 'held-3.png', 'a.png']);
  assert.equal(await page.evaluate(() => document.activeElement?.querySelector('.row-name')?.textContent), 'b.png');
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing in the list, the wide table and an empty filter: ${colorScheme}, ${width} px`, async () => {
      const context = { colorScheme, viewport: { width, height: width < 600 ? 844 : 900 }, reducedMotion: /** @type {const} */ ('reduce') };
      const page = await openWith(300, { context });
      const name = (/** @type {string} */ state) => `films-${state}-${colorScheme}-${width}`;
      await choose(page, films.judged);
      await settled(page, 'done');
      await check(page, name('list'));
      await page.getByRole('button', { name: 'Wide table' }).click();
      await check(page, name('wide'));
      await page.getByRole('searchbox').fill('no such film');
      await page.getByText('No film matches.').waitFor();
      await check(page, name('none'));
    });
  }
}

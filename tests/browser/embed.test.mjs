// The module and the element on other people's pages: from another folder, from another host, and from the npm package.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { agree, append, browser, check, classifyByCli, DIST, drop, films, listen, ROOT, site, suite, TYPES, workersAre } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions} Settings */

const run = promisify(execFile);

/** @type {import('playwright-core').BrowserContext | undefined} */
let context;
/** Hosts of one test. @type {{close: () => Promise<unknown>}[]} */
const hosts = [];
/** @type {{judged: Buffer, small: Buffer, letter: Buffer}} */
let bytes;

const PLAIN = '<!doctype html><html lang="en"><title>A page of others</title><body></body></html>';

suite({
  prepare: async () => {
    bytes = { judged: await readFile(films.judged), small: await readFile(films.small), letter: Buffer.from('Dear colleague,\n') };
    site.add('pages/of/others.html', { type: 'text/html', body: PLAIN });
  },
});
afterEach(async () => {
  await context?.close();
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

/**
 * @param {string} url
 * @param {Settings} [settings]
 */
async function visit(url, settings) {
  context = await browser.newContext(settings);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  // These pages have no icon, which browsers look for.
  const isOurs = (/** @type {import('playwright-core').ConsoleMessage} */ message) => !/favicon/.test(message.text() + message.location().url);
  page.on('console', (message) => message.type() === 'error' && isOurs(message) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  // Listens from the start, so that no file dialog opens before the browser expects one.
  page.on('filechooser', () => {});
  await page.goto(url);
  return { page, complaints };
}

/**
 * The page's `kit`: the module, the test's files, and a function that gives a promise's outcome as data.
 * @typedef {object} Kit
 * @property {typeof import('../../www/covid-classifier.js').createClassifier} createClassifier
 * @property {Record<'judged' | 'small' | 'letter', File>} files
 * @property {(promise: Promise<any>) => Promise<any>} outcome
 */

/** The `kit` of the page this is evaluated in. */
const kit = /** @type {Kit} */ (/** @type {unknown} */ (undefined));

/**
 * @param {Page} page
 * @param {string} module
 */
async function equip(page, module) {
  const given = Object.entries(bytes).map(([name, bytes]) => ({ name, base64: bytes.toString('base64') }));
  await page.evaluate(
    async ({ module, given }) => {
      const { createClassifier, ClassifierError } = await import(module);
      const files = Object.fromEntries(
        given.map(({ name, base64 }) => [name, new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], `${name}.png`)]),
      );
      const outcome = (/** @type {Promise<any>} */ promise) =>
        promise.then(
          (value) => value?.report?.verdict ?? 'fulfilled',
          (error) => (error instanceof ClassifierError ? `${error.name}: ${error.kind}` : String(error)),
        );
      Object.assign(globalThis, { kit: { createClassifier, files, outcome } });
    },
    { module, given },
  );
}

/** A page in another folder than the module, with the kit. */
async function visitOthers() {
  const visited = await visit(`${site.url}pages/of/others.html`);
  await equip(visited.page, `${site.url}covid-classifier.js`);
  return visited;
}

/** Fields that differ between two machines that read the same film. */
const OF_THE_MACHINE = ['elapsed_ms', 'path', 'backend', 'adapter'];

/** The real program, but films called held-* wait until the page says `open`. It reports which film it has begun. */
const HOLD = append(`
  const gate = new BroadcastChannel('gate');
  const begun = new BroadcastChannel('begun');
  const open = new Promise((resolve) => gate.addEventListener('message', resolve, { once: true }));
  const read = Classifier.prototype.classify;
  Classifier.prototype.classify = async function (path, bytes) {
    begun.postMessage(path);
    if (path.startsWith('held-')) await open;
    return read.call(this, path, bytes);
  };`);

/** The real program, but a film of this name stops it. */
const DIE = append(`
  const read = Classifier.prototype.classify;
  Classifier.prototype.classify = function (path, bytes) {
    if (path === 'deadly') throw new WebAssembly.RuntimeError('unreachable');
    return read.call(this, path, bytes);
  };`);

/** The program as it is, but whoever is not asked for `simd` claims the graphics processor, and stops with the first film that is not called bad. */
const LOSE = append(`
  const { create, prototype: { classify, compute } } = Classifier;
  let claimed;
  Classifier.create = (manifest, weights, backend) => {
    claimed = backend === 'simd' ? 'simd' : 'webgpu';
    return create.call(Classifier, manifest, weights, 'simd');
  };
  Classifier.prototype.compute = function () {
    return { ...compute.call(this), backend: claimed };
  };
  Classifier.prototype.classify = function (path, bytes) {
    if (claimed === 'webgpu' && path !== 'bad') throw new WebAssembly.RuntimeError('unreachable');
    return classify.call(this, path, bytes);
  };`);

describe('the module', () => {
  test('reads a film on a page in another folder and reports what the command line does', async () => {
    const { page, complaints } = await visitOthers();
    const { result, loaded, stages, known } = await page.evaluate(async () => {
      /** @type {{done: number, of: number}[]} */
      const loaded = [];
      /** @type {string[]} */
      const stages = [];
      const classifier = await kit.createClassifier({ onProgress: (progress) => void loaded.push(progress) });
      const result = await classifier.classify(kit.files.judged, { onProgress: ({ stage }) => void stages.push(stage) });
      const { model, metrics, compute } = classifier;
      classifier.close();
      const { width, height } = result.thumbnail ?? { width: 0, height: 0 };
      return {
        result: { ...result, thumbnail: { width, height } },
        loaded,
        stages,
        known: { version: model.version, hasFigures: metrics !== null, backend: compute.backend },
      };
    });
    const expected = await classifyByCli(films.judged);
    agree(result.report, expected, { passOver: OF_THE_MACHINE });
    assert.equal(result.report.error, null);
    assert.equal(result.report.path, 'judged.png');
    assert.deepEqual({ ...result, report: null }, { name: 'judged.png', report: null, thumbnail: { width: 96, height: 96 }, pictures: null });
    assert.deepEqual(stages, ['waiting', 'reading', 'done']);
    assert.equal(loaded[0].done, 0);
    assert.deepEqual(loaded.at(-1), { done: loaded[0].of, of: loaded[0].of });
    assert.deepEqual(known, { version: expected.model.version, hasFigures: true, backend: 'simd' });
    assert.deepEqual(complaints, []);
    await workersAre(page, 0);
  });

  test('warms up with a synthetic film as JPEG and as DICOM, and says what was read', async () => {
    const { page, complaints } = await visitOthers();
    const { previews, reports } = await page.evaluate(async () => {
      const classifier = await kit.createClassifier();
      /** @type {number[][]} */
      const previews = [];
      /** @type {(string | undefined)[]} */
      const reports = [];
      await classifier.warm({
        onPreview: ({ width, height }) => void previews.push([width, height]),
        onReport: ({ error, film }) => void reports.push(error ? error.kind : film?.format),
      });
      // It says nothing where nobody listens.
      await classifier.warm();
      classifier.close();
      return { previews, reports };
    });
    assert.equal(previews.length, 2);
    assert.deepEqual(reports, ['jpeg', 'dicom']);
    assert.deepEqual(complaints, []);
  });

  test('brings pictures where they are asked for', async () => {
    const { page } = await visitOthers();
    const { film, maps, outline } = await page.evaluate(async () => {
      const classifier = await kit.createClassifier();
      const { pictures } = await classifier.classify(kit.files.judged, { pictures: true });
      return {
        film: pictures && [pictures.film.width, pictures.film.height, pictures.film.samples.length],
        maps: Object.keys(pictures?.activation ?? {}).sort(),
        outline: pictures?.outline?.length ?? 0,
      };
    });
    assert.deepEqual(film, [1024, 1024, 1024 * 1024]);
    assert.deepEqual(maps, ['covid19', 'normal', 'pneumonia']);
    assert.ok(outline > 0);
  });

  test('tells the report before the rest, reads a film turned, and looks at one again', async () => {
    const { page, complaints } = await visitOthers();
    const { parts, asked, failed, turned, look, known } = await page.evaluate(async () => {
      /** @type {Record<string, any>[]} */
      const parts = [];
      /** @type {string[]} */
      const backends = [];
      const classifier = await kit.createClassifier({ metrics: false, onCompute: ({ backend }) => void backends.push(backend) });
      /** @type {number[]} */
      const asked = [];
      const { report, pictures } = await classifier.classify(kit.files.judged, {
        onPart: (part) => void parts.push(part),
        pictures: () => asked.push(parts.length) > 0,
      });
      /** @type {any[]} */
      const failed = [];
      const readAs = { quarter_turns: 2 };
      const upsideDown = await classifier.classify(kit.files.judged, { readAs, pictures: () => false });
      const outcome = await kit.outcome(classifier.classify(kit.files.letter, { onPart: (part) => void failed.push(part) }));
      const same = await classifier.look(kit.files.judged);
      const other = await classifier.look(kit.files.judged, { readAs });
      const firstRow = (/** @type {typeof pictures} */ pictures) => [...(pictures?.film.samples.subarray(0, 1024) ?? [])].join();
      return {
        parts: parts.map((part) => Object.keys(part).join()),
        asked,
        failed: [outcome, ...failed.map(({ report }) => report?.error?.kind)],
        turned: [report.read_as, upsideDown.report.read_as?.quarter_turns, upsideDown.pictures],
        look: {
          isSame: firstRow(same.pictures) === firstRow(pictures) && same.thumbnail?.width === 96,
          isOther: firstRow(other.pictures) !== firstRow(pictures),
          outcome: await kit.outcome(classifier.look(kit.files.letter)),
        },
        known: { metrics: classifier.metrics, backends: [...new Set(backends)] },
      };
    });
    assert.deepEqual(parts, ['report', 'thumbnail']);
    assert.deepEqual(asked, [2], 'whether pictures are wanted is asked once, when all else is there');
    assert.deepEqual(failed, ['ClassifierError: unsupported_format', 'unsupported_format']);
    assert.deepEqual(turned, [null, 2, null]);
    assert.deepEqual(look, { isSame: true, isOther: true, outcome: 'ClassifierError: unsupported_format' });
    assert.deepEqual(known, { metrics: null, backends: ['simd'] });
    assert.deepEqual(complaints, []);
  });

  test('draws a synthetic film, lists what a DICOM file says, and rejects what is closed or no film', async () => {
    const { page } = await visitOthers();
    const { sample, none, outcomes } = await page.evaluate(async () => {
      const classifier = await kit.createClassifier({ metrics: false });
      const film = await classifier.sample(0);
      const none = await classifier.sample(1000);
      const outcomes = [
        film && (await kit.outcome(classifier.classify(film))),
        await kit.outcome(classifier.tags(kit.files.letter)),
        await kit.outcome(classifier.look(/** @type {any} */ ('film.png'))),
        await kit.outcome(classifier.tags(/** @type {any} */ (null))),
        await kit.outcome(classifier.start()),
      ];
      classifier.close();
      for (const call of [classifier.sample(0), classifier.tags(kit.files.letter), classifier.look(kit.files.small), classifier.start()]) {
        outcomes.push(await kit.outcome(call));
      }
      return { sample: film?.type, none, outcomes };
    });
    assert.deepEqual([sample, none], ['image/bmp', null]);
    const [verdict, tags, look, nothing, started, ...closed] = outcomes;
    assert.match(String(verdict), /^(normal|covid19|pneumonia|not_normal|uncertain|refused)$/);
    assert.match(String(tags), /^ClassifierError: /);
    assert.deepEqual([look, nothing, started], ['TypeError: look takes a Blob or a File', 'TypeError: tags takes a Blob or a File', 'fulfilled']);
    assert.deepEqual(closed, Array(4).fill('ClassifierError: closed'));
  });

  test('several calls at once: as many as workers, each worker in their order; a bad film and an aborted one harm no other', async () => {
    site.change['reader/wasm.js'] = HOLD;
    const { page } = await visitOthers();
    const { begun, settled, workers } = await page.evaluate(async () => {
      /** @type {string[]} */
      const begun = [];
      const begins = new BroadcastChannel('begun');
      begins.addEventListener('message', ({ data }) => void begun.push(data));
      const haveBegun = async (/** @type {number} */ count) => {
        while (begun.length < count) await new Promise((resolve) => begins.addEventListener('message', resolve, { once: true }));
      };
      const classifier = await kit.createClassifier({ workers: 2 });
      const { small, letter } = kit.files;
      const [running, waiting] = [new AbortController(), new AbortController()];
      /** @type {string[]} */
      const settled = [];
      const note = async (/** @type {string} */ name, /** @type {Promise<any>} */ promise) => void settled.push(`${name} ${await kit.outcome(promise)}`);
      const all = [
        note('1', classifier.classify(small, { name: 'held-1', signal: running.signal })),
        note('2', classifier.classify(small, { name: 'held-2' })),
        note('3', classifier.classify(small, { name: '3', signal: waiting.signal })),
        note('4', classifier.classify(letter, { name: '4' })),
        note('5', classifier.classify(small, { name: '5' })),
      ];
      await haveBegun(2);
      running.abort();
      waiting.abort(new Error('no longer wanted'));
      await Promise.all([all[0], all[2]]);
      const early = [...settled];
      const gate = new BroadcastChannel('gate');
      const timer = setInterval(() => gate.postMessage('open'), 20);
      await Promise.all(all);
      clearInterval(timer);
      const one = await kit.createClassifier({ workers: 1 });
      await Promise.all(['a', 'b', 'c'].map((name) => one.classify(small, { name })));
      await haveBegun(7);
      return { begun, settled: { early, late: settled.slice(2).sort() }, workers: 3 };
    });
    assert.deepEqual(settled.early, ['1 AbortError: signal is aborted without reason', '3 Error: no longer wanted']);
    const { verdict } = await classifyByCli(films.small);
    assert.deepEqual(settled.late, [`2 ${verdict}`, '4 ClassifierError: unsupported_format', `5 ${verdict}`]);
    assert.deepEqual(begun.slice(0, 2).sort(), ['held-1', 'held-2']);
    assert.deepEqual([...begun].sort(), ['4', '5', 'a', 'b', 'c', 'held-1', 'held-2'], 'the aborted one is never begun');
    assert.deepEqual(
      begun.filter((name) => /^[a-c]$/.test(name)),
      ['a', 'b', 'c'],
      'in the order of the calls',
    );
    assert.equal(page.workers().length, workers);
  });

  test('a film that stops the program is rejected as crashed, and the next is read', async () => {
    site.change['reader/wasm.js'] = DIE;
    const { page } = await visitOthers();
    const outcomes = await page.evaluate(async () => {
      const classifier = await kit.createClassifier({ workers: 1 });
      const names = ['first', 'deadly', 'last'];
      return Promise.all(names.map((name) => kit.outcome(classifier.classify(kit.files.small, { name }))));
    });
    const { verdict } = await classifyByCli(films.small);
    assert.deepEqual(outcomes, [verdict, 'ClassifierError: crashed', verdict]);
  });

  test('a film under which the graphics processor is lost is read by the processor', async () => {
    site.change['reader/wasm.js'] = LOSE;
    const { page } = await visitOthers();
    const { outcome, stages, before, compute } = await page.evaluate(async () => {
      /** @type {string[]} */
      const stages = [];
      const classifier = await kit.createClassifier({ workers: 1 });
      const before = classifier.compute.backend;
      const reading = classifier.classify(kit.files.small, { onProgress: ({ stage }) => void stages.push(stage) });
      return { outcome: await kit.outcome(reading), stages, before, compute: classifier.compute };
    });
    assert.equal(before, 'webgpu');
    assert.equal(outcome, (await classifyByCli(films.small)).verdict);
    assert.deepEqual(stages, ['waiting', 'reading', 'waiting', 'reading', 'done']);
    assert.equal(compute.backend, 'simd');
    assert.deepEqual([compute.attempts[0].backend, compute.attempts[0].outcome], ['webgpu', 'lost']);
  });

  test('a bad film is read once, whatever reads it', async () => {
    site.change['reader/wasm.js'] = LOSE;
    const { page } = await visitOthers();
    const { outcome, stages, compute } = await page.evaluate(async () => {
      /** @type {string[]} */
      const stages = [];
      const classifier = await kit.createClassifier({ workers: 1 });
      const reading = classifier.classify(new Blob(['no film']), { name: 'bad', onProgress: ({ stage }) => void stages.push(stage) });
      return { outcome: await kit.outcome(reading), stages, compute: classifier.compute };
    });
    assert.equal(outcome, 'ClassifierError: unsupported_format');
    assert.deepEqual(stages, ['waiting', 'reading']);
    assert.equal(compute.backend, 'webgpu', 'it is not to blame');
  });

  test('what it is given is checked, what a listener throws harms nothing, and a signal that is aborted already counts', async () => {
    const { page, complaints } = await visitOthers();
    const outcomes = await page.evaluate(async () => {
      const classifier = await kit.createClassifier({
        onProgress() {
          throw new Error('the listener’s own');
        },
      });
      const { small } = kit.files;
      return Promise.all(
        [
          classifier.classify(/** @type {any} */ ('film.png')),
          classifier.classify(small, { signal: AbortSignal.abort() }),
          classifier.classify(new Blob([small]), {
            onProgress() {
              throw new Error('the listener’s own');
            },
          }),
          kit.createClassifier({ signal: AbortSignal.abort() }),
        ].map(kit.outcome),
      );
    });
    const { verdict } = await classifyByCli(films.small);
    const aborted = 'AbortError: signal is aborted without reason';
    assert.deepEqual(outcomes, ['TypeError: classify takes a Blob or a File', aborted, verdict, aborted]);
    assert.ok(complaints.length > 0 && complaints.every((complaint) => complaint.includes('the listener’s own')), complaints.join('\n'));
  });

  test('a blob that brings its own bytes is read as those', async () => {
    const { page } = await visitOthers();
    const told = await page.evaluate(async () => {
      const { createClassifier, files, outcome } = kit;
      const bytes = await files.small.arrayBuffer();
      class Unlocked extends Blob {
        arrayBuffer = async () => bytes.slice(0);
      }
      const locked = () => Object.assign(new Blob(['locked']), { arrayBuffer: () => Promise.reject(new Error('the key is missing')) });
      const classifier = await createClassifier();
      return Promise.all([new Unlocked(['locked']), files.small, locked()].map((film) => outcome(classifier.classify(film))));
    });
    assert.deepEqual(told, ['refused', 'refused', 'ClassifierError: unreadable']);
  });

  test('a start can be given up, and one that fails says what of, and can be tried again', async () => {
    const { page } = await visitOthers();
    /** @type {() => void} */
    let release = () => {};
    const held = new Promise((resolve) => (release = () => resolve(undefined)));
    await page.route('**/convnet.safetensors', async (route) => {
      await held;
      await route.abort().catch(() => {});
    });
    const gaveUp = page.waitForEvent('requestfailed', (request) => request.url().endsWith('convnet.safetensors'));
    const aborted = await page.evaluate(async () => {
      const controller = new AbortController();
      const starting = kit.createClassifier({ signal: controller.signal, onProgress: ({ done }) => done > 0 && controller.abort() });
      return kit.outcome(starting);
    });
    assert.equal(aborted, 'AbortError: signal is aborted without reason');
    assert.equal((await gaveUp).failure()?.errorText, 'net::ERR_ABORTED', 'the download ends, too');
    release();
    await page.unroute('**/convnet.safetensors');

    site.change['models/convnet.safetensors'] = () => ({ status: 404 });
    assert.equal(await page.evaluate(() => kit.outcome(kit.createClassifier())), 'ClassifierError: fetch');
    delete site.change['models/convnet.safetensors'];
    assert.equal(await page.evaluate(() => kit.outcome(kit.createClassifier())), 'fulfilled');
  });

  test('several on a page know nothing of each other; closing one rejects what it was at', async () => {
    site.change['reader/wasm.js'] = HOLD;
    const { page } = await visitOthers();
    const { closed, after, other } = await page.evaluate(async () => {
      const [one, two] = await Promise.all([kit.createClassifier({ workers: 1 }), kit.createClassifier({ workers: 1 })]);
      const begins = new BroadcastChannel('begun');
      const begun = new Promise((resolve) => begins.addEventListener('message', resolve, { once: true }));
      const { small } = kit.files;
      const asked = [one.classify(small, { name: 'held-1' }), one.classify(small)].map(kit.outcome);
      await begun;
      one.close();
      return {
        closed: await Promise.all(asked),
        after: await kit.outcome(one.classify(small)),
        other: await kit.outcome(two.classify(small)),
      };
    });
    assert.deepEqual([...closed, after], Array(3).fill('ClassifierError: closed'));
    assert.equal(other, (await classifyByCli(films.small)).verdict);
    assert.equal(page.workers().length, 1);
  });
});

describe('the element', () => {
  const example = () => `${site.url}examples/embed.html`;
  const frame = (/** @type {Page} */ page) => page.locator('xray-classifier').locator('.frame');
  const inState = (/** @type {Page} */ page, /** @type {string} */ state) => page.locator(`xray-classifier .frame[data-state="${state}"]`).waitFor();

  test('by keyboard, with its events; nothing but its own files is asked for', async () => {
    site.requests.length = 0;
    const { page, complaints } = await visit(example());
    await page.waitForLoadState('networkidle');
    assert.deepEqual(
      site.requests.filter((path) => path.endsWith('.safetensors')),
      [],
      'the model waits for the first film',
    );
    await page.evaluate(() => {
      /** @type {any[]} */
      const events = [];
      Object.assign(globalThis, { events });
      for (const type of ['xray-ready', 'xray-progress', 'xray-result', 'xray-error']) {
        document.addEventListener(type, (event) => events.push([type, /** @type {CustomEvent} */ (event).detail]));
      }
    });
    await page.keyboard.press('Tab');
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(films.judged);
    await inState(page, 'done');

    const expected = await classifyByCli(films.judged);
    const { report, isDetail, kinds, stages } = await page.evaluate(() => {
      const { events } = /** @type {any} */ (globalThis);
      const of = (/** @type {string} */ type) => events.filter(([name]) => name === type).map(([, detail]) => detail);
      const result = document.querySelector('xray-classifier')?.result ?? null;
      return {
        report: result?.report,
        isDetail: of('xray-result')[0] === result,
        kinds: ['xray-ready', 'xray-result', 'xray-error'].map((type) => of(type).length),
        stages: [...new Set(of('xray-progress').map(({ stage }) => stage))],
      };
    });
    agree(report, expected, { passOver: OF_THE_MACHINE });
    assert.ok(isDetail);
    assert.deepEqual(kinds, [1, 1, 0]);
    assert.deepEqual(stages, ['loading', 'waiting', 'reading', 'done']);
    const shown = await frame(page)
      .locator('.probability')
      .evaluateAll((rows) => rows.map(({ dataset: { label, value } }) => [label, Number(value)]));
    agree(Object.fromEntries(shown), { abnormal: expected.abnormal, ...expected.probabilities });
    for (const { message } of [...expected.warnings, ...expected.abstentions]) await frame(page).getByText(message).waitFor();
    assert.match(await frame(page).locator('.caution').innerText(), /^Research tool, not a medical device\. /);
    assert.match(
      await frame(page).getByRole('status').innerText(),
      /judged|phantom-37\.png: Cannot say|phantom-37\.png: Not normal|phantom-37\.png: The readers/,
    );

    // The focus stays where it was: at the button, or at its replacement.
    assert.equal(await page.evaluate(() => document.querySelector('xray-classifier')?.shadowRoot?.activeElement?.textContent), 'Another film…');
    const map = frame(page).locator('.layers canvas').nth(1);
    assert.ok(await map.isVisible());
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    assert.ok(!(await map.isVisible()));
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      site.requests.filter((path) => !path.startsWith('/some/folder/')),
      [],
    );
  });

  test('a dropped film; one that is no film; another in its place; a start that fails and is tried again', async () => {
    site.change['models/gate.safetensors'] = () => ({ status: 503 });
    const { page } = await visit(example());
    const target = 'xray-classifier .frame';
    await drop(page, [{ name: 'small.png', bytes: bytes.small }], target);
    await inState(page, 'failed');
    assert.match(await frame(page).innerText(), /small\.png.*The reader did not start.*gate\.safetensors: 503/s);
    delete site.change['models/gate.safetensors'];
    await frame(page).getByRole('button', { name: 'Try again' }).click();
    await inState(page, 'done');

    await drop(
      page,
      [
        { name: 'letter.png', bytes: bytes.letter },
        { name: 'small.png', bytes: bytes.small },
      ],
      target,
    );
    await inState(page, 'failed');
    assert.equal(await frame(page).locator('.error').getAttribute('data-error'), 'unsupported_format');
    assert.ok(!(await frame(page).getByRole('button', { name: 'Try again' }).isVisible()), 'it would come out the same');
    assert.equal(await page.evaluate(() => document.querySelector('xray-classifier')?.result), null);

    const outcomes = await page.evaluate(
      async (numbers) => {
        const element = /** @type {import('../../www/xray-classifier.js').XrayClassifierElement} */ (document.querySelector('xray-classifier'));
        const film = new Blob([new Uint8Array(numbers)]);
        const name = (/** @type {Promise<any>} */ promise) =>
          promise.then(
            ({ name }) => name,
            (error) => error.name,
          );
        return Promise.all([name(element.classify(film, { name: 'one' })), name(element.classify(film, { name: 'two' }))]);
      },
      [...bytes.small],
    );
    assert.deepEqual(outcomes, ['AbortError', 'two']);
    await frame(page).locator('.name', { hasText: 'two' }).waitFor();
  });

  test('cancelled, taken out and put in again', async () => {
    site.change['reader/wasm.js'] = HOLD;
    const { page } = await visit(example());
    await drop(page, [{ name: 'held-1.png', bytes: bytes.small }], 'xray-classifier .frame');
    await frame(page).getByText('Reading this film…').waitFor();
    await frame(page).getByRole('button', { name: 'Cancel' }).click();
    await inState(page, 'empty');
    assert.equal(await frame(page).getByRole('status').innerText(), 'Reading is cancelled.');
    assert.equal(page.workers().length, 1);
    await page.evaluate(() => {
      const element = document.querySelector('xray-classifier');
      element?.remove();
      Object.assign(globalThis, { element });
    });
    for (let tries = 0; page.workers().length > 0; tries++) {
      if (tries === 200) assert.fail('its worker is still there');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await page.evaluate(() => void document.querySelector('main')?.append(/** @type {any} */ (globalThis).element));
    await drop(page, [{ name: 'small.png', bytes: bytes.small }], 'xray-classifier .frame');
    await inState(page, 'done');
  });

  test('two share a classifier, which stays open; preload loads it before there is a film', async () => {
    const { page } = await visitOthers();
    const states = await page.evaluate(async (module) => {
      await import(module);
      const preloaded = document.createElement('xray-classifier');
      preloaded.setAttribute('preload', '');
      const ready = new Promise((resolve) => preloaded.addEventListener('xray-ready', resolve));
      document.body.append(preloaded);
      await ready;
      const other = document.createElement('xray-classifier');
      other.classifier = preloaded.classifier;
      document.body.append(other);
      await other.classify(kit.files.small);
      other.remove();
      await new Promise((resolve) => setTimeout(resolve));
      return [other.result?.name, await kit.outcome(preloaded.classify(kit.files.small))];
    }, `${site.url}xray-classifier.js`);
    assert.deepEqual(states, ['small.png', (await classifyByCli(films.small)).verdict]);
    assert.equal(page.workers().length, 1);
  });

  test('preload that fails is shown and told, and can be tried again', async () => {
    site.change['reader/wasm_bg.wasm'] = () => ({ body: 'no such thing' });
    const { page } = await visitOthers();
    const kind = await page.evaluate(async (module) => {
      await import(module);
      const element = document.createElement('xray-classifier');
      const failed = new Promise((resolve) => element.addEventListener('xray-error', ({ detail }) => resolve(detail.kind)));
      document.body.append(element);
      element.setAttribute('preload', '');
      return failed;
    }, `${site.url}xray-classifier.js`);
    assert.equal(kind, 'wasm');
    assert.match(await frame(page).innerText(), /^The reader did not start/);
    delete site.change['reader/wasm_bg.wasm'];
    const ready = page.evaluate(() => new Promise((resolve) => document.addEventListener('xray-ready', () => resolve(true), { once: true })));
    await frame(page).getByRole('button', { name: 'Try again' }).click();
    assert.ok(await ready);
    await inState(page, 'empty');
  });

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const width of [1280, 390]) {
      test(`axe-core finds nothing in any state: ${colorScheme}, ${width} px`, async () => {
        const name = (/** @type {string} */ state) => `embed-${state}-${colorScheme}-${width}`;
        const { page } = await visit(example(), { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
        const colors = await frame(page).evaluate((frame) => getComputedStyle(frame).backgroundColor);
        assert.equal(colors, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(19, 27, 33)');
        await check(page, name('empty'));
        /** @type {() => void} */
        let release = () => {};
        const held = new Promise((resolve) => (release = () => resolve(undefined)));
        await page.route('**/convnet.safetensors', async (route) => {
          await held;
          await route.continue();
        });
        const target = 'xray-classifier .frame';
        await drop(page, [{ name: 'film.png', bytes: bytes.judged }], target);
        await frame(page).getByRole('progressbar').waitFor();
        await check(page, name('loading'));
        release();
        await inState(page, 'done');
        await check(page, name('result'));
        await drop(page, [{ name: 'small.png', bytes: bytes.small }], target);
        await frame(page).locator('.name', { hasText: 'small.png' }).waitFor();
        await inState(page, 'done');
        await check(page, name('refused'));
        await drop(page, [{ name: 'letter.png', bytes: bytes.letter }], target);
        await inState(page, 'failed');
        await check(page, name('error'));
      });
    }
  }
});

test('the module of the example reads several films and says which it could not', async () => {
  const { page, complaints } = await visit(`${site.url}examples/embed.html`);
  await page.getByLabel('Chest X-rays').setInputFiles([
    { name: 'letter.png', mimeType: 'image/png', buffer: bytes.letter },
    { name: 'film.png', mimeType: 'image/png', buffer: bytes.judged },
  ]);
  await page
    .getByRole('log')
    .getByText(/film\.png: /)
    .waitFor();
  const reports = await page.getByRole('log').innerText();
  const { verdict, probabilities } = await classifyByCli(films.judged);
  assert.match(reports, /^letter\.png: unsupported_format, /m);
  const [, shown, values] = /^film\.png: (\w+) (.*)$/m.exec(reports) ?? [];
  assert.equal(shown, verdict);
  agree(JSON.parse(values), probabilities);
  assert.deepEqual(complaints, []);
});

describe('on another host', () => {
  /** @type {Awaited<ReturnType<typeof serveFolder>>} */
  let files;
  before(async () => (files = await serveFolder(DIST, { 'access-control-allow-origin': '*' })));
  after(() => files?.close());

  /** A page with this policy, on a host of its own. @param {string} policy @param {string} [body] */
  async function visitHost(policy, body = '') {
    const host = await listen((request, response) => {
      response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html', 'content-security-policy': policy });
      response.end(request.url === '/' ? PLAIN.replace('<body>', `<body>${body}`) : undefined);
    });
    hosts.push(host);
    return visit(`${host.origin}/`);
  }

  const policy = (/** @type {string} */ more) =>
    `default-src 'none'; script-src ${files.origin} 'wasm-unsafe-eval'; connect-src ${files.origin}; worker-src blob:${more}`;

  test('module and element work under the strictest policy', async () => {
    const body = `<script type="module" src="${files.origin}/xray-classifier.js"></script><xray-classifier></xray-classifier>`;
    const { page, complaints } = await visitHost(policy(`; require-trusted-types-for 'script'; trusted-types classifier-worker`), body);
    await equip(page, `${files.origin}/covid-classifier.js`);
    const outcome = await page.evaluate(async () => {
      const classifier = await kit.createClassifier({ workers: 1 });
      const outcome = await kit.outcome(classifier.classify(kit.files.small));
      classifier.close();
      return outcome;
    });
    assert.equal(outcome, (await classifyByCli(films.small)).verdict);
    await drop(page, [{ name: 'small.png', bytes: bytes.small }], 'xray-classifier .frame');
    await page.locator('xray-classifier .frame[data-state="done"]').waitFor();
    assert.equal(await page.locator('xray-classifier .frame').evaluate((frame) => getComputedStyle(frame).display), 'grid', 'its style is there');
    assert.deepEqual(complaints, []);
  });

  test('where no policy of that name is allowed, the start says so, and the module is there all the same', async () => {
    const { page } = await visitHost(policy(`; require-trusted-types-for 'script'; trusted-types another`));
    await equip(page, `${files.origin}/covid-classifier.js`);
    const error = await page.evaluate(() => kit.createClassifier().catch(({ kind, message }) => ({ kind, message })));
    assert.equal(error.kind, 'worker');
    assert.match(error.message, /classifier-worker/);
  });

  test('a list of policies that enforces nothing is no obstacle', async () => {
    const { page } = await visitHost(policy(`; trusted-types another`));
    await equip(page, `${files.origin}/covid-classifier.js`);
    assert.equal(await page.evaluate(() => kit.outcome(kit.createClassifier())), 'fulfilled');
  });
});

describe('the npm package', () => {
  /** @type {string} */
  let folder;
  /** @type {string} */
  let installed;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'covid-classifier-package-'));
    await run('node', ['npm/pack.mjs'], { cwd: ROOT, env: { ...process.env, DIST, OUT: folder } });
    const { version } = JSON.parse(await readFile(path.join(folder, 'package/package.json'), 'utf8'));
    await cp(path.join(ROOT, 'tests/package'), path.join(folder, 'consumer'), { recursive: true });
    const tarball = path.join(folder, `covid-classifier-${version}.tgz`);
    await run('npm', ['install', '--prefix', path.join(folder, 'consumer'), '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball]);
    installed = path.join(folder, 'consumer/node_modules/covid-classifier');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('says what it is', async () => {
    const { name, version, license, dependencies } = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8'));
    const cargo = await readFile(path.join(ROOT, 'Cargo.toml'), 'utf8');
    assert.deepEqual([name, license, dependencies], ['covid-classifier', 'MIT OR Apache-2.0', undefined]);
    assert.ok(cargo.includes(`[workspace.package]\nversion = "${version}"`));
    for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'models/MODEL_CARD.md', 'models/LICENSE'])
      assert.ok(await readFile(path.join(installed, file), 'utf8'));
  });

  test('a program that uses it compiles under strict', async () => {
    const compiler = path.join(ROOT, 'node_modules/.bin/tsc');
    const { stdout } = await run(compiler, ['--project', path.join(folder, 'consumer')]).catch((error) => error);
    assert.equal(stdout, '');
  });

  test('it reads a film in the browser', async () => {
    const host = await serveFolder(path.join(folder, 'consumer'), {});
    hosts.push(host);
    host.add('/', PLAIN);
    const { page, complaints } = await visit(`${host.origin}/`);
    const module = `${host.origin}/node_modules/covid-classifier`;
    await equip(page, `${module}/covid-classifier.js`);
    const outcomes = await page.evaluate(async (element) => {
      await import(element);
      const classifier = await kit.createClassifier();
      return [
        await kit.outcome(classifier.classify(kit.files.judged)),
        await kit.outcome(document.createElement('xray-classifier').classify(kit.files.judged)),
      ];
    }, `${module}/xray-classifier.js`);
    const { verdict } = await classifyByCli(films.judged);
    assert.deepEqual(outcomes, [verdict, verdict]);
    assert.deepEqual(complaints, []);
  });
});

/**
 * @param {string} folder
 * @param {Record<string, string>} headers
 */
async function serveFolder(folder, headers) {
  /** @type {Map<string, string>} */
  const pages = new Map();
  const server = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const page = pages.get(pathname);
    const body = page ?? (pathname.includes('..') ? null : await readFile(path.join(folder, pathname)).catch(() => null));
    const type = page ? 'text/html' : (TYPES[path.extname(pathname)] ?? 'application/octet-stream');
    response.writeHead(body === null ? 404 : 200, { 'content-type': type, ...headers });
    response.end(body ?? undefined);
  });
  return { ...server, add: (/** @type {string} */ address, /** @type {string} */ html) => void pages.set(address, html) };
}

// Nothing leaves the machine: tests the requests, the policy, and what is stored.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { allSettled, browser, choose, drop, films, FOLDER, kept, open, serveForeign, settled, site, suite } from './support.mjs';

/** @type {Awaited<ReturnType<typeof serveForeign>>} */
let foreign;
/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite({
  prepare: async () => {
    foreign = await serveForeign();
  },
});
after(() => foreign?.close());

test('loading asks for files of its own folder only, and reading films asks for nothing', async () => {
  site.requests.length = 0;
  visit = await open(browser, site, { keeps: true });
  const { page, asked } = visit;
  await page.waitForLoadState('networkidle');
  const onLoad = [...site.requests];
  for (const file of ['', 'main.js', 'reader/worker.js', 'reader/wasm.js', 'reader/relaxed_wasm_bg.wasm', 'models/texture.safetensors']) {
    assert.ok(onLoad.includes(FOLDER + file), `${file || 'the page'} is requested`);
  }
  assert.deepEqual(
    onLoad.filter((path) => !path.startsWith(FOLDER)),
    [],
  );
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(site.url) && !url.startsWith(`blob:${site.origin}/`)),
    [],
  );

  const askedOnLoad = asked.length;
  await choose(page, [films.png, films.jpeg]);
  await drop(page, [{ name: 'letter.png', bytes: Buffer.from('Dear colleague,\n') }]);
  await allSettled(page, 3);
  for (const row of await page.locator('.row-open').all()) await row.click();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.waitForTimeout(300);
  assert.deepEqual(site.requests.slice(onLoad.length), []);
  // More workers are made from files in memory: blobs, without requests.
  assert.deepEqual(
    asked.slice(askedOnLoad).filter((url) => !url.startsWith(`blob:${site.origin}/`)),
    [],
  );
  assert.equal(await page.locator('#requests').innerText(), 'Requests since the model was loaded: none.');
});

test('the page counts requests that are made after all, by page or worker', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page } = visit;
  const counted = (/** @type {number} */ count) => page.locator(`#requests[data-count="${count}"]`).waitFor();
  await counted(0);
  await page.evaluate(() => fetch('icon.svg?page').then((response) => response.text()));
  await counted(1);
  await page.workers()[0].evaluate((url) => fetch(url).then((response) => response.text()), `${site.url}icon.svg?worker`);
  await counted(2);
});

test('with the network cut, films are read', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context } = visit;
  await context.setOffline(true);
  await choose(page, films.png);
  await settled(page, 'done');
});

test('the policy lets neither page nor worker ask another host', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page } = visit;
  const reach = (/** @type {string} */ url) =>
    fetch(url).then(
      (response) => response.text(),
      (error) => `refused: ${error.message}`,
    );
  const [worker] = page.workers();
  const before = foreign.visits();
  for (const place of [page, worker]) {
    assert.match(await place.evaluate(reach, foreign.origin), /^refused/);
    // The same call to the page's own folder succeeds, so it is the policy that refuses.
    assert.match(await place.evaluate(reach, `${site.url}icon.svg`), /<svg/);
  }
  const byOtherWays = await page.evaluate(async (url) => {
    const image = new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve('loaded');
      image.onerror = () => resolve('refused');
      image.src = `${url}/image.png`;
    });
    const socket = new Promise((resolve) => {
      try {
        const socket = new WebSocket(url.replace('http', 'ws'));
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      } catch {
        resolve('refused');
      }
    });
    navigator.sendBeacon(`${url}/beacon`, 'x');
    return Promise.all([image, socket]);
  }, foreign.origin);
  assert.deepEqual(byOtherWays, ['refused', 'refused']);
  await page.waitForTimeout(200);
  assert.equal(foreign.visits(), before, 'nobody came to the other host');
});

test('without the policy the other host would be reached: the test above can fail', async () => {
  site.change['index.html'] = (bytes) => ({
    type: 'text/html',
    body: bytes.toString().replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''),
  });
  visit = await open(browser, site, { keeps: true });
  const reach = (/** @type {string} */ url) =>
    fetch(url).then(
      (response) => response.text(),
      (error) => `refused: ${error.message}`,
    );
  for (const place of [visit.page, visit.page.workers()[0]]) assert.equal(await place.evaluate(reach, foreign.origin), 'caught');
});

test('the policy runs no inline script, no eval and no worker from elsewhere', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page } = visit;
  const outcome = await page.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'globalThis.inlineRan = true';
      document.head.append(script);
    } catch {
      // Trusted Types refuse the text itself.
    }
    /** @param {() => unknown} act */
    const attempt = (act) => {
      try {
        act();
        return 'ran';
      } catch {
        return 'refused';
      }
    };
    return {
      inline: 'inlineRan' in globalThis,
      worker: attempt(() => new Worker('data:text/javascript,0')),
      html: attempt(() => (document.createElement('div').innerHTML = '<b>x</b>')),
      timer: attempt(() => setTimeout('globalThis.inlineRan = true')),
    };
  });
  assert.deepEqual(outcome, { inline: false, worker: 'refused', html: 'refused', timer: 'refused' });
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.match(policy ?? '', /^default-src 'none';/);
  assert.doesNotMatch(policy ?? '', /unsafe-inline|'unsafe-eval'|https?:|\*/);
});

test('neither films nor results are stored, and the address stays as it was', async () => {
  visit = await open(browser, site, { keeps: true });
  const { page, context } = visit;
  // Only the files of the site, and by then all of them.
  const keptBefore = await kept(page);
  for (const url of Object.values(keptBefore).flatMap(Object.keys)) assert.ok(url.startsWith(site.url), url);
  const visited = await page.evaluate(() => history.length);
  await choose(page, [films.png, films.small]);
  await allSettled(page, 2);
  await page.locator('.row-open').nth(1).click();
  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    files: await navigator.storage.getDirectory().then(async (root) => {
      let count = 0;
      for await (const _ of /** @type {any} */ (root).keys()) count++;
      return count;
    }),
    history: history.length,
    state: history.state,
    title: document.title,
  }));
  assert.deepEqual(stored, { local: 0, session: 0, databases: 0, files: 0, history: visited, state: null, title: 'COVID-Classifier' });
  assert.deepEqual(await kept(page), keptBefore);
  assert.deepEqual(await context.cookies(), []);
  assert.equal(page.url(), site.url);
});

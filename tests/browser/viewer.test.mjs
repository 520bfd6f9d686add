// The viewer: the canvas shows the film through its window, at the place of the zoom, under the chosen map.

import assert from 'node:assert/strict';
import { copyFile, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { allSettled, browser, check, choose, classifyByCli, drop, films, open, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>>} */
let visit;

suite();

/**
 * A grey PNG.
 * @param {number} width
 * @param {number} height
 * @param {8 | 16} bits
 * @param {(x: number, y: number) => number} value
 */
function grayPng(width, height, bits, value) {
  const bytes = bits / 8;
  const raw = Buffer.alloc(height * (1 + width * bytes));
  let place = 0;
  for (let y = 0; y < height; y++) {
    place++;
    for (let x = 0; x < width; x++) place = bits === 8 ? raw.writeUInt8(value(x, y), place) : raw.writeUInt16BE(value(x, y), place);
  }
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bits;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(raw, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

/** Every value there is, and no two neighbours alike. */
const coarse = (/** @type {number} */ x, /** @type {number} */ y) => (7 * x + 13 * y) % 256;
const fine = (/** @type {number} */ x, /** @type {number} */ y) => (7 * x + 997 * y) % 65536;

/** The standard's own words (PS3.3 C.11.2.1.2.1), output 0 to 255. */
function dicom(/** @type {number} */ x, /** @type {number} */ c, /** @type {number} */ w) {
  if (x <= c - 0.5 - (w - 1) / 2) return 0;
  if (x > c - 0.5 + (w - 1) / 2) return 255;
  return ((x - (c - 0.5)) / (w - 1) + 0.5) * (255 - 0) + 0;
}

/**
 * Opens the page and gives it one film.
 * @param {Buffer | string} film
 * @param {import('playwright-core').BrowserContextOptions} [context]
 */
async function look(film, context = {}) {
  visit = await open(browser, site, { context: { reducedMotion: 'reduce', ...context } });
  await give(visit.page, film, 'film.png');
  return visit.page;
}

/** @param {Page} page @param {Buffer | string} film @param {string} name */
async function give(page, film, name) {
  await drop(page, [{ name, type: 'image/png', bytes: typeof film === 'string' ? await readFile(film) : film }]);
  await page.locator('#result .file-name', { hasText: name }).waitFor();
  await settled(page, 'done');
  await page.locator('.viewer[data-state="shown"]').waitFor();
  await drawn(page);
}

/** Waits until the last change is drawn. @param {Page} page */
function drawn(page) {
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** The state that the viewer writes into its attributes. @param {Page} page */
async function state(page) {
  await drawn(page);
  return page.locator('.viewer').evaluate((node) => {
    const data = { .../** @type {HTMLElement} */ (node).dataset };
    const [zoom, center, width, x, y, opacity] = ['zoom', 'center', 'width', 'x', 'y', 'opacity'].map((key) => Number(data[key]));
    return { ...data, zoom, center, width, x, y, opacity };
  });
}

/**
 * The colours [red, green, blue] on the canvas at places of the film; null for places out of view.
 * @param {Page} page
 * @param {number[][]} places
 */
async function pixels(page, places) {
  await drawn(page);
  return page.evaluate((places) => {
    const { zoom, x, y } = /** @type {Record<string, string>} */ (/** @type {HTMLElement} */ (document.querySelector('.viewer')).dataset);
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('.viewer-view canvas'));
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const left = Math.round(canvas.width / 2 - Number(x) * Number(zoom));
    const top = Math.round(canvas.height / 2 - Number(y) * Number(zoom));
    return places.map(([column, row]) => {
      const [u, v] = [Math.floor(left + (column + 0.5) * Number(zoom)), Math.floor(top + (row + 0.5) * Number(zoom))];
      if (u < 0 || v < 0 || u >= canvas.width || v >= canvas.height) return null;
      return [...context.getImageData(u, v, 1, 1).data.slice(0, 3)];
    });
  }, places);
}

/**
 * At 1:1 every visible pixel is the film's, seen through the viewer's window.
 * @param {Page} page
 * @param {(x: number, y: number) => number} value
 * @param {string} what
 */
async function assertWindowed(page, value, what) {
  const { center, width, inverted, zoom, x, y } = await state(page);
  assert.equal(zoom, 1);
  const places = Array.from({ length: 200 }, (_, k) => [Math.round(x) - 100 + k, Math.round(y) - 90 + ((k * 37) % 180)]);
  const seen = await pixels(page, places);
  for (const [k, [column, row]] of places.entries()) {
    const gray = dicom(value(column, row), center, width);
    const expected = inverted === 'true' ? 255 - gray : gray;
    const [red, green, blue] = seen[k] ?? assert.fail(`${what}: ${column}, ${row} is not in view`);
    assert.ok(red === green && green === blue, `${what}: grey`);
    assert.ok(Math.abs(red - expected) <= 0.501, `${what}: at ${column}, ${row} ${red} is shown for ${value(column, row)}, and ${expected} was expected`);
  }
}

/** @param {Page} page */
const view = (page) => page.locator('.viewer-view');

/** The middle of the view. @param {Page} page */
async function middle(page) {
  const box = (await view(page).boundingBox()) ?? assert.fail('the view has no place');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, box };
}

/** @param {Page} page @param {number} dx @param {number} dy @param {{button?: 'left' | 'right' | 'middle'}} [options] */
async function drag(page, dx, dy, options) {
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  await page.mouse.down(options);
  await page.mouse.move(x + dx / 2, y + dy / 2);
  await page.mouse.move(x + dx, y + dy);
  await page.mouse.up(options);
}

for (const [bits, value, full] of /** @type {const} */ ([
  [8, coarse, 256],
  [16, fine, 65536],
])) {
  test(`${bits} bits: the window by presets, fields, keys and dragging is DICOM's`, async () => {
    const page = await look(grayPng(600, 520, bits, value));
    const { center, width } = await state(page);
    await page.getByRole('button', { name: '1:1' }).click();
    await assertWindowed(page, value, 'as it begins');
    assert.equal(await page.getByRole('button', { name: 'Auto' }).getAttribute('aria-pressed'), 'true');

    await page.getByRole('button', { name: 'Full range' }).click();
    await assertWindowed(page, value, 'full range');
    const shown = await state(page);
    assert.ok(Math.abs(shown.center - full / 2) < full / 100 && Math.abs(shown.width - full) < full / 50, JSON.stringify(shown));

    for (const [c, w] of [
      [full / 4, full / 8],
      [full / 2 + 0.5, 1],
      [full / 3, 2],
    ]) {
      await page.getByLabel('Center').fill(String(c));
      await page.getByLabel('Width').fill(String(w));
      const typed = await state(page);
      assert.deepEqual([typed.center, typed.width], [c, w]);
      await assertWindowed(page, value, `typed ${c}, ${w}`);
    }
    // Impossible window values are not taken.
    await page.getByLabel('Width').fill('-5');
    assert.equal((await state(page)).width, 1);
    await page.getByLabel('Width').press('Tab');
    assert.equal(await page.getByLabel('Width').inputValue(), '1');

    await page.getByRole('button', { name: 'Full range' }).click();
    await view(page).focus();
    const before = await state(page);
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('[');
    const narrower = await state(page);
    assert.ok(narrower.width < 0.92 * before.width && narrower.center === before.center, 'narrower by keys');
    await page.keyboard.press('Shift+ArrowUp');
    const brighter = await state(page);
    assert.ok(brighter.center < before.center && brighter.width === narrower.width, 'brighter by a key');
    await assertWindowed(page, value, 'by keys');
    await page.keyboard.press('Shift+ArrowDown');
    const darker = await state(page);
    assert.ok(Math.abs(darker.center - before.center) <= 1 && darker.width === narrower.width, 'darker by a key');
    await page.keyboard.press(']');
    const wider = await state(page);
    assert.ok(wider.width > 1.04 * darker.width && wider.center === darker.center, 'wider by a key');
    await page.keyboard.press('Shift+ArrowRight');
    assert.ok((await state(page)).width > 1.04 * wider.width, 'wider by the other key');
    await assertWindowed(page, value, 'by the keys back');
    await page.keyboard.press('a');
    const auto = await state(page);
    assert.deepEqual([auto.center, auto.width], [center, width]);

    await drag(page, 40, -30);
    const dragged = await state(page);
    assert.ok(dragged.width > width && dragged.center < center, JSON.stringify(dragged));
    await assertWindowed(page, value, 'dragged');
    assert.equal(await page.getByRole('button', { name: 'Auto' }).getAttribute('aria-pressed'), 'false');

    await page.getByRole('button', { name: 'Invert' }).click();
    await assertWindowed(page, value, 'inverted');
    assert.equal((await state(page)).inverted, 'true');
    await page.getByRole('button', { name: 'Reset' }).click();
    const reset = await state(page);
    assert.deepEqual([reset.center, reset.width, reset.inverted, reset.fit], [center, width, 'false', 'true']);
    assert.deepEqual(visit.complaints, []);
  });
}

test('the value under the pointer is the one stored', async () => {
  const page = await look(grayPng(600, 520, 16, fine));
  await page.getByRole('button', { name: '1:1' }).click();
  const { x, y } = await middle(page);
  for (const [dx, dy] of [
    [0, 0],
    [31, -17],
  ]) {
    await page.mouse.move(x + dx, y + dy);
    await drawn(page);
    const said = await page.locator('.viewer-value').innerText();
    const [, column, row, value] = said.match(/^(\d+), (\d+): (\d+)$/)?.map(Number) ?? assert.fail(said);
    assert.equal(value, fine(column, row));
    const now = await state(page);
    assert.ok(Math.abs(column - (now.x + dx)) <= 1.5 && Math.abs(row - (now.y + dy)) <= 1.5, `${said} at ${now.x + dx}, ${now.y + dy}`);
  }
});

test('the wheel belongs to the page until the film is clicked, and then zooms to the pointer', async () => {
  const page = await look(films.png);
  const { x, y, box } = await middle(page);
  // On whole pixels: that is what a wheel reports.
  const at = { x: Math.round(x + box.width / 5), y: Math.round(y - box.height / 6) };
  await page.mouse.move(at.x, at.y);
  const whole = await state(page);
  await page.mouse.wheel(0, 120);
  await page.waitForFunction(() => scrollY > 0);
  assert.equal((await state(page)).zoom, whole.zoom);
  await page.evaluate(() => scrollTo(0, 0));

  const place = async () => {
    const now = await state(page);
    const here = await middle(page);
    const ratio = await page.evaluate(() => devicePixelRatio);
    return [now.x + ((at.x - here.x) * ratio) / now.zoom, now.y + ((at.y - here.y) * ratio) / now.zoom];
  };
  // With Ctrl it always zooms.
  const [column, row] = await place();
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -200);
  await page.keyboard.up('Control');
  const first = await state(page);
  assert.ok(first.zoom > 1.2 * whole.zoom);
  assert.equal(await page.evaluate(() => scrollY), 0);

  await page.mouse.click(at.x, at.y);
  assert.deepEqual([(await state(page)).center, (await state(page)).width], [whole.center, whole.width], 'a click does not change the window');
  for (let turns = 0; turns < 5; turns++) await page.mouse.wheel(0, -150);
  const near = await state(page);
  assert.ok(near.zoom > 2 * first.zoom);
  const [nearColumn, nearRow] = await place();
  assert.ok(Math.hypot(nearColumn - column, nearRow - row) < 1.5, `${column}, ${row} became ${nearColumn}, ${nearRow}`);

  // Zooming out ends with the whole film, and Esc gives the wheel back.
  for (let turns = 0; turns < 15; turns++) await page.mouse.wheel(0, 200);
  const out = await state(page);
  assert.deepEqual([out.fit, out.zoom], ['true', whole.zoom]);
  await page.keyboard.press('Escape');
  await page.mouse.wheel(0, 120);
  await page.waitForFunction(() => scrollY > 0);
});

test('whoever chose a tool by its button gives the film back by Esc as well', async () => {
  const page = await look(films.png);
  const whole = await state(page);
  assert.equal(whole.held, 'false');
  await page.getByRole('radio', { name: 'Window' }).focus();
  await page.keyboard.press('ArrowRight');
  const chosen = await state(page);
  assert.deepEqual([chosen.tool, chosen.held], ['pan', 'true']);
  await page.getByText('Esc gives it back to the page').waitFor();
  await page.keyboard.press('Escape');
  const released = await state(page);
  assert.deepEqual([released.tool, released.held], ['pan', 'false']);
  await page.getByText('Click the film to zoom with the wheel').waitFor();
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, 120);
  await page.waitForFunction(() => scrollY > 0);
  assert.equal((await state(page)).zoom, whole.zoom);
});

test('fit, 1:1, steps, and panning by tool, buttons, Shift and keys', async () => {
  const page = await look(films.png);
  const whole = await state(page);
  const { box } = await middle(page);
  assert.ok(Math.abs(whole.zoom - Math.min(box.width / 1000, box.height / 900)) < 0.01, 'the film fits');
  await page.getByRole('button', { name: 'Zoom in' }).click();
  assert.ok(Math.abs((await state(page)).zoom / whole.zoom - 1.25) < 0.001);
  await page.getByRole('button', { name: 'Zoom out' }).click();
  assert.equal((await state(page)).fit, 'true');
  await page.getByRole('button', { name: '1:1' }).click();
  const begin = await state(page);
  assert.equal(begin.zoom, 1);

  /**
   * @param {() => Promise<unknown>} act
   * @param {number} dx
   * @param {number} dy
   * @param {string} what
   */
  const moved = async (act, dx, dy, what) => {
    const before = await state(page);
    await act();
    const now = await state(page);
    assert.ok(Math.abs(now.x - before.x + dx) < 1 && Math.abs(now.y - before.y + dy) < 1, `${what}: ${before.x}, ${before.y} became ${now.x}, ${now.y}`);
    assert.deepEqual([now.center, now.width], [before.center, before.width], `${what} leaves the window`);
  };
  await moved(() => drag(page, 30, 20, { button: 'right' }), 30, 20, 'right button');
  await moved(() => drag(page, -30, 20, { button: 'middle' }), -30, 20, 'middle button');
  await page.keyboard.down('Shift');
  await moved(() => drag(page, 20, -20), 20, -20, 'Shift');
  await page.keyboard.up('Shift');
  await page.getByRole('radio', { name: 'Pan' }).check();
  await moved(() => drag(page, -20, -20), -20, -20, 'the tool');
  await view(page).focus();
  await moved(() => page.keyboard.press('ArrowRight'), -box.width / 10, 0, 'a key');
  await moved(() => page.keyboard.press('ArrowUp'), 0, box.height / 10, 'a key');

  await view(page).dblclick();
  assert.deepEqual({ ...(await state(page)), held: 'true' }, { ...whole, tool: 'pan', held: 'true' });
  assert.equal(await page.evaluate(() => scrollY), 0, 'no key scrolled the page');
});

test('keys alone do everything', async () => {
  const page = await look(films.judged);
  await page.getByRole('radio', { name: 'Window' }).focus();
  for (let presses = 0; presses < 20; presses++) {
    if (await view(page).evaluate((node) => node === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  assert.ok(await view(page).evaluate((node) => node === document.activeElement), 'Tab reaches the film');
  const whole = await state(page);
  const after = async (/** @type {string} */ key) => {
    await page.keyboard.press(key);
    return state(page);
  };
  assert.ok((await after('+')).zoom > whole.zoom);
  assert.equal((await after('-')).zoom, whole.zoom);
  assert.equal((await after('1')).zoom, 1);
  assert.equal((await after('0')).fit, 'true');
  assert.equal((await after('i')).inverted, 'true');
  assert.equal((await after('h')).tool, 'pan');
  assert.equal((await after('w')).tool, 'window');
  const presets = page.locator('.viewer-panel').getByRole('button', { pressed: true });
  const full = await after('f');
  assert.deepEqual(await presets.allInnerTexts(), ['Full range']);
  assert.ok(full.width > whole.width, JSON.stringify([full, whole]));
  const lungs = await after('l');
  assert.deepEqual(await presets.allInnerTexts(), ['Lungs']);
  // The lungs do not have all of a film's values.
  assert.ok(lungs.width < whole.width && lungs.center !== whole.center, JSON.stringify([lungs, whole]));
  const auto = await after('a');
  assert.deepEqual(await presets.allInnerTexts(), ['Auto']);
  assert.deepEqual([auto.center, auto.width], [whole.center, whole.width]);
  assert.equal((await after('c')).compare, 'true');
  assert.equal((await after('o')).overlay, (await classifyByCli(films.judged)).activation.label);
  assert.equal((await after('o')).overlay, 'off');
  const reset = await after('r');
  assert.deepEqual([reset.inverted, reset.center, reset.width, reset.fit], ['false', whole.center, whole.width, 'true']);
  // The browser's own keys stay the browser's.
  assert.equal((await after('Alt+i')).inverted, 'false');

  // The change is announced once no more keys are pressed.
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  const { center, width } = await state(page);
  await page.locator('.viewer [role="status"]', { hasText: `Center ${Math.round(center)}, width ${Math.round(width)}` }).waitFor({ state: 'attached' });
  assert.equal(await view(page).getAttribute('role'), 'application');
  await page.getByRole('application', { name: 'Film film.png' }).waitFor();
  await page.keyboard.press('Tab');
  assert.ok(await view(page).evaluate((node) => node !== document.activeElement), 'Tab leaves the film');
});

describe('fingers', () => {
  const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

  /** @param {Page} page */
  async function fingers(page) {
    const session = await page.context().newCDPSession(page);
    return (/** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type, /** @type {number[][]} */ ...points) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  }

  test('two zoom and move; where they were on the film they stay', async () => {
    const page = await look(films.png, context);
    await view(page).scrollIntoViewIfNeeded();
    const touch = await fingers(page);
    const { x, y } = await middle(page);
    const whole = await state(page);
    const under = async (/** @type {number[]} */ [u, v]) => {
      const now = await state(page);
      return [now.x + ((u - x) * 2) / now.zoom, now.y + ((v - y) * 2) / now.zoom];
    };
    const before = await Promise.all(
      [
        [x - 30, y],
        [x + 30, y],
      ].map(under),
    );
    await touch('touchStart', [x - 30, y]);
    await touch('touchStart', [x - 30, y], [x + 30, y]);
    for (let step = 1; step <= 10; step++) await touch('touchMove', [x - 30 - 5 * step, y - 2 * step], [x + 30 + 7 * step, y - 2 * step]);
    const near = await state(page);
    assert.ok(Math.abs(near.zoom / whole.zoom - 180 / 60) < 0.05, `${near.zoom / whole.zoom}`);
    const now = await Promise.all(
      [
        [x - 80, y - 20],
        [x + 100, y - 20],
      ].map(under),
    );
    for (const [k, [column, row]] of before.entries()) {
      assert.ok(Math.hypot(now[k][0] - column, now[k][1] - row) < 6, `${column}, ${row} became ${now[k]}`);
    }
    await touch('touchEnd');

    // On a zoomed film, one finger moves the film, not the page.
    const scroll = await page.evaluate(() => scrollY);
    await touch('touchStart', [x, y]);
    for (let step = 1; step <= 10; step++) await touch('touchMove', [x, y - 4 * step]);
    await touch('touchEnd');
    const panned = await state(page);
    assert.ok(panned.y > near.y + 10 && panned.zoom === near.zoom, JSON.stringify([near, panned]));
    assert.equal(panned.center, near.center);
    assert.equal(await page.evaluate(() => scrollY), scroll);
  });

  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    test(`the one that stays after a pinch moves the film: ${end}`, async () => {
      const page = await look(films.png, context);
      const { x, y } = await middle(page);
      const finger = (/** @type {string} */ type, /** @type {number} */ pointerId, /** @type {number} */ dx, /** @type {number} */ dy) =>
        view(page).dispatchEvent(type, { pointerId, pointerType: 'touch', isPrimary: pointerId === 11, clientX: x + dx, clientY: y + dy, bubbles: true });
      const moved = async (/** @type {() => Promise<void>} */ act) => {
        const before = await state(page);
        await act();
        const now = await state(page);
        return { right: (before.x - now.x) * before.zoom, down: (before.y - now.y) * before.zoom, closer: now.zoom / before.zoom };
      };
      await finger('pointerdown', 11, -40, 0);
      await finger('pointerdown', 12, 40, 0);
      await finger('pointerdown', 13, 40, 80);
      const { closer } = await moved(() => finger('pointermove', 11, -80, 0));
      assert.ok(closer > 1.2, `fingers that move apart zoom: ${closer}`);
      // Of three, two go on zooming.
      await finger(end, 13, 40, 80);
      const again = await moved(() => finger('pointermove', 12, 80, 0));
      assert.ok(again.closer > 1.2, `two of three go on zooming: ${again.closer}`);
      await finger(end, 12, 80, 0);
      const one = await moved(() => finger('pointermove', 11, -70, 25));
      assert.ok(Math.abs(one.right - 20) < 1 && Math.abs(one.down - 50) < 1 && one.closer === 1, JSON.stringify(one));
      await finger(end, 11, -70, 25);
      const none = await moved(() => finger('pointermove', 11, 0, 0));
      assert.deepEqual([none.right, none.down, none.closer], [0, 0, 1], 'a finger that is lifted does nothing');
    });
  }

  test('one scrolls the page past the whole film, and after a tap drags the tool', async () => {
    const page = await look(films.png, context);
    await view(page).scrollIntoViewIfNeeded();
    const touch = await fingers(page);
    const before = await state(page);
    const swipe = async () => {
      const { x, y } = await middle(page);
      await touch('touchStart', [x, y]);
      for (let step = 1; step <= 15; step++) await touch('touchMove', [x + 4 * step, y - 8 * step]);
      await touch('touchEnd');
    };
    const scroll = await page.evaluate(() => scrollY);
    await swipe();
    await page.waitForFunction((before) => scrollY > before + 30, scroll);
    assert.deepEqual(await state(page), before);

    await view(page).scrollIntoViewIfNeeded();
    const { x, y } = await middle(page);
    await page.touchscreen.tap(x, y);
    assert.equal((await state(page)).held, 'true');
    const there = await page.evaluate(() => scrollY);
    await swipe();
    const after = await state(page);
    assert.ok(after.width > before.width && after.center < before.center, JSON.stringify(after));
    assert.equal(await page.evaluate(() => scrollY), there);

    // A tap elsewhere gives the finger back to the page; two taps fit the film.
    await page.locator('#result h2').first().tap();
    assert.equal((await state(page)).held, 'false');
    await page.getByRole('button', { name: 'Zoom in' }).tap();
    assert.equal((await state(page)).fit, 'false');
    await view(page).scrollIntoViewIfNeeded();
    const again = await middle(page);
    await page.touchscreen.tap(again.x, again.y);
    await page.touchscreen.tap(again.x, again.y);
    assert.equal((await state(page)).fit, 'true');
  });
});

test('a dense screen gets as many pixels as it has', async () => {
  const sizes = async (/** @type {number} */ deviceScaleFactor) => {
    const page = await look(grayPng(600, 520, 8, coarse), { deviceScaleFactor });
    const measured = await page.locator('.viewer-view canvas').evaluate((node) => {
      const canvas = /** @type {HTMLCanvasElement} */ (node);
      return { inside: canvas.width, outside: canvas.clientWidth };
    });
    await page.getByRole('button', { name: '1:1' }).click();
    await assertWindowed(page, coarse, `at ${deviceScaleFactor}`);
    await visit.close();
    return measured;
  };
  const [usual, dense] = [await sizes(1), await sizes(2)];
  assert.equal(usual.inside, usual.outside);
  assert.equal(dense.inside, 2 * dense.outside);
  assert.equal(dense.outside, usual.outside);
});

test('a film of 4000 × 4000 pixels: the whole of it is its mean, and at 1:1 its pixels', async () => {
  // Stripes of one pixel: skipping pixels would show black or white instead of grey.
  const stripes = (/** @type {number} */ x, /** @type {number} */ y) => (x < 2000 ? 255 * (x & 1) : (x ^ y) & 255);
  const page = await look(grayPng(4000, 4000, 8, stripes));
  await page.getByRole('button', { name: 'Full range' }).click();
  const seen = await pixels(page, [
    [500, 700],
    [1203, 2100],
    [1701, 3333],
  ]);
  for (const [gray] of seen.map((pixel) => pixel ?? [])) assert.ok(Math.abs(gray - 128) <= 2, `${gray}`);
  await page.getByRole('button', { name: '1:1' }).click();
  await assertWindowed(page, stripes, 'at 1:1');
  await drag(page, 100, 40, { button: 'right' });
  await assertWindowed(page, stripes, 'moved');
  await page.getByRole('button', { name: 'Fit' }).click();
  await drag(page, 3, 40);
  const { center, width } = await state(page);
  const [pixel] = await pixels(page, [[500, 700]]);
  assert.ok(Math.abs((pixel?.[0] ?? NaN) - dicom(128, center, width)) <= 3, `${pixel} for ${center}, ${width}`);
  assert.deepEqual(visit.complaints, []);
});

test('a film with more pixels than can be drawn at once is its mean in motion, and its pixels when it rests', async () => {
  const stripes = (/** @type {number} */ x) => 255 * (x & 1);
  const page = await look(grayPng(2000, 1800, 8, stripes), { deviceScaleFactor: 4 });
  await page.getByRole('button', { name: 'Full range' }).click();
  await page.getByRole('button', { name: '1:1' }).click();
  await assertWindowed(page, stripes, 'before');
  const columns = async () => {
    const { x, y } = await state(page);
    const seen = await pixels(
      page,
      Array.from({ length: 100 }, (_, k) => [Math.round(x) - 50 + k, Math.round(y) - 50 + k]),
    );
    return seen.map((pixel) => pixel?.[0] ?? NaN);
  };
  // However slow the test is, the film does not settle before the timers continue.
  await page.evaluate(() => {
    const { setTimeout } = globalThis;
    /** @type {(() => void)[]} */
    const waiting = [];
    Object.assign(globalThis, {
      setTimeout: (/** @type {() => void} */ act) => waiting.push(act),
      goOn() {
        Object.assign(globalThis, { setTimeout });
        for (const act of waiting) act();
      },
    });
  });
  await drag(page, 30, 20, { button: 'right' });
  for (const gray of await columns()) assert.ok(Math.abs(gray - 128) <= 2, `${gray} in motion`);
  await page.evaluate(() => /** @type {any} */ (globalThis).goOn());
  await assertWindowed(page, stripes, 'after it');
});

test('the map of each class colours the film inside the crop, and leaves it as it was outside', async () => {
  const page = await look(films.judged);
  const { activation, film } = await classifyByCli(films.judged);
  const { crop } = activation;
  const grid = Array.from({ length: 400 }, (_, k) => [((k % 20) + 0.5) / 20, (Math.floor(k / 20) + 0.5) / 20]);
  const isInside = (/** @type {number[]} */ [x, y], /** @type {number} */ margin) =>
    x > crop.left - margin && x < crop.left + crop.width + margin && y > crop.top - margin && y < crop.top + crop.height + margin;
  const places = grid.map(([x, y]) => [Math.floor(x * film.width_px), Math.floor(y * film.height_px)]);
  const read = async () => (await pixels(page, places)).map((pixel) => pixel ?? assert.fail('the whole film is in view'));
  const plain = await read();
  assert.ok(
    plain.every(([red, green, blue]) => red === green && green === blue),
    'no colour to begin with',
  );
  assert.equal(await page.locator('.viewer-legend').isVisible(), false);

  /** How far all places together are from grey. */
  const tint = (/** @type {number[][]} */ seen) => seen.reduce((sum, [red, , blue]) => sum + Math.abs(red - blue), 0);
  /** @type {Record<string, number[][]>} */
  const maps = {};
  for (const [label, name] of [
    ['covid19', 'COVID-19'],
    ['normal', 'Normal'],
    ['pneumonia', 'Pneumonia'],
  ]) {
    await page.getByRole('radio', { name, exact: true }).check();
    assert.equal((await state(page)).overlay, label);
    maps[label] = await read();
    assert.ok(tint(maps[label]) > 300, `${label} colours the film: ${tint(maps[label])}`);
    for (const [k, at] of grid.entries()) {
      // The frame itself, and the smoothing of the map, are a hundredth of the film wide.
      if (!isInside(at, 0.015)) assert.deepEqual(maps[label][k], plain[k], `${label} at ${at}`);
    }
    const legend = await page.locator('.viewer-legend').innerText();
    assert.match(legend, new RegExp(`speaks for ${name}`, 'i'));
    assert.match(legend, new RegExp(`speaks against ${name}`, 'i'));
    assert.match(legend, /saw only this part/);
    // The share inside the lungs is stated for the answer; it is unknown for other classes.
    const where = page.locator('.viewer-where');
    if (label === activation.label && activation.inside_lungs !== null) {
      assert.ok(Math.abs(Number(await where.getAttribute('data-inside')) - activation.inside_lungs) < 1e-4);
      assert.match(await where.innerText(), /\d+\u202f% of what speaks for .* lies inside the lungs/);
    } else {
      assert.equal(await where.count(), 0);
    }
  }
  assert.notDeepEqual(maps.covid19, maps.normal);
  assert.notDeepEqual(maps.normal, maps.pneumonia);

  const strong = tint(maps.pneumonia);
  await page.getByLabel('Opacity').fill('20');
  assert.equal((await state(page)).opacity, 0.2);
  const weak = tint(await read());
  assert.ok(weak > 0 && weak < 0.5 * strong, `${weak} of ${strong}`);
  await page.getByLabel('Opacity').fill('0');
  const inside = (await read()).filter((_, k) => isInside(grid[k], -0.03));
  assert.deepEqual(
    inside,
    plain.filter((_, k) => isInside(grid[k], -0.03)),
  );

  await page.getByRole('radio', { name: 'Off' }).check();
  assert.deepEqual(await read(), plain);
  const before = await page.locator('.viewer-view canvas').evaluate(cyan);
  await page.getByLabel('Lungs’ outline').check();
  await drawn(page);
  assert.equal(before, 0);
  assert.ok((await page.locator('.viewer-view canvas').evaluate(cyan)) > 200, 'the outline is drawn');
  assert.match(await page.locator('.viewer-legend').innerText(), /outline of the lungs/);
});

/** How many pixels have the outline's colour. @param {Element} node */
function cyan(node) {
  const canvas = /** @type {HTMLCanvasElement} */ (node);
  const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let k = 0; k < data.length; k += 4) if (data[k] < 130 && data[k + 1] > 190 && data[k + 2] > 190) count++;
  return count;
}

test('beside the film stands what the readers see, at the same place', async () => {
  const page = await look(films.judged);
  const equalized = page.getByRole('img', { name: /film\.png as the paper’s reader sees it/ });
  const crop = page.getByRole('img', { name: /film\.png as the convnet reader sees it/ });
  assert.deepEqual([await equalized.isVisible(), await crop.isVisible()], [false, false]);
  await page.getByRole('button', { name: 'What the readers see' }).click();
  assert.deepEqual([await equalized.isVisible(), await crop.isVisible()], [true, true]);
  await drawn(page);
  const read = (/** @type {Element} */ node) => {
    const canvas = /** @type {HTMLCanvasElement} */ (node);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    const levels = new Set(data.filter((_, k) => k % 4 === 0)).size;
    return { width: canvas.width, height: canvas.height, levels, sum: data.reduce((sum, value) => sum + value, 0) };
  };
  const whole = await equalized.evaluate(read);
  assert.ok(whole.width === whole.height && whole.levels > 50, JSON.stringify(whole));
  const cut = await crop.evaluate(read);
  assert.deepEqual([cut.width, cut.height], [128, 128]);
  assert.ok(cut.levels > 20);
  await view(page).focus();
  for (const key of ['+', '+', '+']) await page.keyboard.press(key);
  await drawn(page);
  assert.notEqual((await equalized.evaluate(read)).sum, whole.sum, 'it zooms along');
  await page.keyboard.press('0');
  await drawn(page);
  assert.equal((await equalized.evaluate(read)).sum, whole.sum);
});

test('how one looks stays from film to film; window and zoom are each film’s own', async () => {
  const page = await look(films.judged);
  const first = await state(page);
  await page.getByRole('radio', { name: 'Pan' }).check();
  await page.getByRole('radio', { name: 'Normal', exact: true }).check();
  await page.getByLabel('Opacity').fill('50');
  await page.getByRole('button', { name: 'What the readers see' }).click();
  await page.getByRole('button', { name: 'Full range' }).click();
  await page.getByRole('button', { name: 'Invert' }).click();
  await page.getByRole('button', { name: '1:1' }).click();
  // It is refused, so it has no map.
  await give(page, films.png, 'other.png');
  const other = await state(page);
  assert.deepEqual([other.tool, other.overlay, other.opacity, other.compare, other.inverted, other.fit], ['pan', 'off', 0.5, 'true', 'false', 'true']);
  assert.equal(await page.getByRole('button', { name: 'Auto' }).getAttribute('aria-pressed'), 'true');
  await give(page, films.judged, 'again.png');
  const again = await state(page);
  assert.deepEqual([again.center, again.width, again.zoom, again.overlay], [first.center, first.width, first.zoom, 'normal']);
  assert.equal(await page.locator('.viewer').count(), 1);
});

test('over a film that is refused lies no map that was chosen for another, until it is asked for there', async () => {
  const page = await look(films.judged);
  await page.getByRole('radio', { name: 'Normal', exact: true }).check();
  const withheld = page.locator('.viewer-withheld');
  assert.equal(await withheld.count(), 0);
  const places = Array.from({ length: 400 }, (_, k) => [25 + 50 * (k % 20), 22 + 45 * Math.floor(k / 20)]);
  const isGray = async () => (await pixels(page, places)).every((pixel) => pixel && pixel[0] === pixel[2]);
  await give(page, films.png, 'refused.png');
  assert.equal(await page.locator('.verdict').getAttribute('data-verdict'), 'refused');
  assert.equal((await state(page)).overlay, 'off');
  assert.ok(await isGray(), 'no colour');
  assert.ok(await page.locator('.viewer').getByRole('radio', { name: 'Off' }).isChecked());
  assert.match(await withheld.innerText(), /^This film is not judged: a map lies over it only if you choose one here/);

  // Once asked for, it also stays in another language.
  await page.getByRole('radio', { name: 'Normal', exact: true }).check();
  assert.equal((await state(page)).overlay, 'normal');
  assert.ok(!(await isGray()));
  assert.equal(await withheld.count(), 0);
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  assert.equal((await state(page)).overlay, 'normal');
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');

  // On the next refused film it has to be asked for again, also by key.
  await give(page, films.jpeg, 'next.jpg');
  assert.equal((await state(page)).overlay, 'off');
  await view(page).focus();
  await page.keyboard.press('o');
  assert.equal((await state(page)).overlay, 'normal');
  await page.locator('#films').getByText('film.png', { exact: true }).click();
  await page.locator('.viewer[data-state="shown"]').waitFor();
  assert.equal((await state(page)).overlay, 'normal', 'over a film that is judged it stays');
});

test('what the readers see stands beside a film again that was shown before', async () => {
  const page = await look(films.judged);
  await page.getByRole('button', { name: 'What the readers see' }).click();
  const equalized = page.locator('.viewer figure canvas').first();
  const levels = async () => {
    await drawn(page);
    return equalized.evaluate((node) => {
      const canvas = /** @type {HTMLCanvasElement} */ (node);
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
      return { side: canvas.width, levels: new Set(data.filter((_, k) => k % 4 === 0)).size };
    });
  };
  const first = await levels();
  assert.ok(first.side > 100 && first.levels > 50, JSON.stringify(first));
  // As large as the first: the film's place on the page does not change.
  await give(page, films.judged, 'other.png');
  assert.deepEqual(await levels(), first);
  // The pictures are cached now: switching films causes no intermediate layout.
  for (const name of ['film.png', 'other.png', 'film.png']) {
    await page.locator('#films').getByText(name, { exact: true }).click();
    await page.locator('#result .file-name', { hasText: name }).waitFor();
    await page.locator('.viewer[data-state="shown"]').waitFor();
    const again = await levels();
    assert.ok(again.side === first.side && again.levels > 50, `${name}: ${JSON.stringify(again)}`);
  }
  assert.deepEqual(await levels(), first);
});

test('a film whose file is gone is said to be gone', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const second = path.join(films.folder, 'second.png');
  await copyFile(films.png, second);
  await choose(page, [films.judged, second]);
  await settled(page, 'done');
  await allSettled(page, 2);
  await rm(second);
  await page.locator('#films').getByText('second.png', { exact: true }).click();
  await page.locator('.viewer[data-state="gone"]').waitFor();
  await page.getByText('its file could not be read again').waitFor();
  assert.equal(await view(page).isVisible(), false);
  assert.equal(await page.getByRole('button', { name: 'Invert' }).isVisible(), false);
  await check(page, 'viewer-gone');
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [1280, 390]) {
    test(`axe-core finds nothing: ${colorScheme}, ${width} px`, async () => {
      const name = (/** @type {string} */ what) => `viewer-${what}-${colorScheme}-${width}`;
      const page = await look(films.judged, { colorScheme, viewport: { width, height: width < 600 ? 844 : 900 } });
      await check(page, name('plain'));
      await page.getByRole('radio', { name: 'COVID-19', exact: true }).check();
      await page.getByLabel('Lungs’ outline').check();
      await check(page, name('map'));
      await page.getByRole('button', { name: 'What the readers see' }).click();
      await page.getByRole('button', { name: 'Invert' }).click();
      await view(page).focus();
      await drawn(page);
      await check(page, name('beside'));
    });
  }
}

test('full screen is the viewer alone', async () => {
  const page = await look(films.judged);
  await page.getByRole('button', { name: 'Full screen' }).click();
  await page.waitForFunction(() => document.fullscreenElement?.classList.contains('viewer'));
  await drawn(page);
  const { box } = await middle(page);
  assert.ok(box.width > 1200 && box.height > 400, JSON.stringify(box));
  await view(page).focus();
  await page.keyboard.press('m');
  await page.waitForFunction(() => document.fullscreenElement === null);
});

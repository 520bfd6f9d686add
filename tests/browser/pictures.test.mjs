// Pictures that contain more than a film, in formats that only the browser decodes, or turned and inverted; and the messages about those
// that cannot be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english } from '../../www/text/en.js';
import { gif, halved, mapped, onPage, png } from './made.mjs';
import { browser, check, drawGray, drop, inState, open, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('./made.mjs').Gray} */
let gray;
/** @type {Awaited<ReturnType<typeof open>> | undefined} */
let visit;

suite({
  films: false,
  prepare: async () => {
    gray = await drawGray();
  },
});

/** @param {Page} page */
const shown = (page) => page.locator('.viewer[data-state="shown"]').waitFor();

/** @param {Page} page @param {string} name @param {Buffer} bytes @param {'done' | 'failed'} [state] */
async function take(page, name, bytes, state = 'done') {
  await drop(page, [{ name, bytes }]);
  await settled(page, state);
}

test('the film inside the picture: its frame lies on the picture, and what was cut off is said', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const picture = onPage(gray, 1600, 1400, [[288, 188]], 255);
  await take(page, 'framed.png', png(picture));
  await shown(page);
  const legend = page.locator('.viewer-legend');
  assert.equal(await legend.locator('li').innerText(), 'the film that was found in the picture');
  assert.equal(
    await legend.locator('.viewer-cut').innerText(),
    'Only the film inside the picture was read. What was cut off: 18\u202f% on the left, 18\u202f% on the right, 13\u202f% at the top, 13\u202f% at the bottom.',
  );
  assert.match((await page.locator('.viewer-view canvas').getAttribute('aria-label')) ?? '', /with a frame around what was read/);
  // The whole picture is shown, and the line marks where the film begins.
  const line = await page.locator('.viewer-view canvas').evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { width, height } = canvas;
    const scale = Math.min(width / 1600, height / 1400);
    const x = Math.round(width / 2 + (288 - 800) * scale);
    const y = Math.round(height / 2);
    const { data } = context.getImageData(x - 4, y - 20, 9, 40);
    let amber = 0;
    for (let k = 0; k < data.length; k += 4) if (data[k] > 200 && data[k + 1] > 150 && data[k + 2] < 140) amber++;
    const outside = context.getImageData(x - 30, y, 1, 1).data[0];
    return { amber, outside };
  });
  assert.ok(line.amber > 5, `${line.amber} pixels of the line`);
  assert.equal(line.outside, 255, 'the page around the film is there');
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.match(await page.locator('#sheet').innerText(), /Only the film inside the picture was read\./);
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await check(page, 'framed');

  // A film that fills its picture has no frame.
  await page.getByRole('button', { name: 'Clear all' }).click();
  await take(page, 'whole.png', png(gray));
  await shown(page);
  assert.equal(await legend.locator('.viewer-cut').count(), 0);
});

test('several films are refused as such, without a word about films in general', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await take(
    page,
    'two.png',
    png(
      onPage(
        gray,
        2100,
        1024,
        [
          [0, 0],
          [1076, 0],
        ],
        0,
      ),
    ),
  );
  assert.deepEqual(await page.locator('.reasons li').allInnerTexts(), ['Several films lie on this picture. Drop each one by itself.']);
  assert.deepEqual(await page.locator('.caution, .evidence, .worth, .unknown').count(), 0);
  assert.deepEqual(await page.locator('.remedies button').allInnerTexts(), [english.readAs.choose]);
  assert.equal(await page.locator('[data-warning="child"]').count(), 0);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await take(page, 'blank.png', png(mapped(gray, () => 90)));
  assert.equal(await page.locator('[data-warning="child"]').count(), 0);
  assert.equal(await page.locator('.caution, .evidence, .worth, .unknown').count(), 0);
});

test('a film that lies otherwise is read upright, or inverted, by a button, and there is a way back', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  await take(page, 'inverted.png', png(mapped(gray, (value) => 255 - value)));
  assert.equal(await page.locator('#result-title').innerText(), 'This film is not judged');
  assert.match(await page.locator('.reasons').innerText(), /seems to be inverted.*Read it inverted\./);
  await shown(page);
  const button = page.getByRole('button', { name: 'Read it inverted' });
  await check(page, 'inverted-refused');
  await button.click();
  await page.locator('.read-as').waitFor();
  assert.equal(await page.locator('.read-as span').innerText(), 'This film was read inverted, not as it is stored.');
  assert.notEqual(await page.locator('#result-title').innerText(), 'This film is not judged');
  assert.equal(await page.locator('#films').getAttribute('data-total'), '1', 'in its place');
  await shown(page);
  // The shown film is the one that was read.
  const { width, height, pixels } = gray;
  const value = async () => Number(/: (\S+)$/.exec(await page.locator('.viewer-value').innerText())?.[1]);
  const middle = pixels[(height >> 1) * width + (width >> 1)];
  assert.equal(await value(), middle);
  await check(page, 'inverted-read');
  await page.getByRole('button', { name: 'Back to the film as it is stored' }).click();
  await button.waitFor();
  assert.equal(await page.locator('.read-as').count(), 0);
  await shown(page);
  assert.equal(await value(), 255 - middle);

  await page.getByRole('button', { name: 'Clear all' }).click();
  const turned = { width: height, height: width, pixels: new Uint8Array(pixels.length) };
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) turned.pixels[column * height + height - 1 - row] = pixels[row * width + column];
  await take(page, 'sideways.png', png(turned));
  await page.getByRole('button', { name: 'Read it turned by 270° clockwise' }).click();
  await page.locator('.read-as').waitFor();
  await shown(page);
  assert.equal(await value(), middle);
});

test('a picture that only the browser decodes is read, with a warning; one that nobody decodes says what to do', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const small = halved(gray);
  await take(page, 'film.gif', gif(small));
  assert.match(await page.locator('[data-warning="decoded_elsewhere"]').innerText(), /^The browser decoded this file \(GIF\)/);
  assert.match(await page.locator('.about').innerText(), /GIF, 512 × 512 pixels, 8-bit grey/);
  await shown(page);
  // GIF has 128 greys here: what is shown is what the file has.
  const value = Number(/: (\S+)$/.exec(await page.locator('.viewer-value').innerText())?.[1]);
  assert.equal(value, 2 * (small.pixels[256 * 512 + 256] >> 1));

  for (const [name, bytes, format] of /** @type {[string, Buffer, string][]} */ ([
    ['film.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08mdat', 'latin1'), 'HEIC'],
    ['film.avif', Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1avif\0\0\0\x08mdat', 'latin1'), 'AVIF'],
    ['film.jxl', Buffer.from('\xff\x0a\xfa\x1f', 'latin1'), 'JPEG XL'],
  ])) {
    await take(page, name, bytes, 'failed');
    assert.equal(
      await page.locator('.notice.error p:not(.file-name)').first().innerText(),
      `This is a picture in ${format}, which neither this page nor this browser can decode. Export the film as JPEG or PNG.`,
    );
  }
});

test('each file that is not read says in one sentence what it is and what to do, in German too', async () => {
  const files = /** @type {[string, Buffer][]} */ ([
    ['letter.pdf', Buffer.from('%PDF-1.7')],
    ['film.psd', Buffer.from('8BPS\0\x01', 'latin1')],
    ['empty.png', Buffer.alloc(0)],
    ['film.tif', Buffer.from('II*\0\x08\0\0\0\0\0', 'latin1')],
  ]);
  for (const [query, expected] of /** @type {const} */ ([
    [
      '',
      [
        'This is a PDF document; DICOM, PNG, JPEG, JPEG 2000, WebP, BMP and TIFF are read: export the film as one of them.',
        'This is a Photoshop document, which is not read: export the film as PNG or as 16-bit grey TIFF.',
        'The file is empty. Fetch or export it again.',
        'It begins like an image, but the rest is damaged or cut off. Fetch or export it again.',
      ],
    ],
    [
      '?lang=de',
      [
        'Das ist ein PDF-Dokument. Gelesen werden DICOM, PNG, JPEG, JPEG 2000, WebP, BMP und TIFF: Bitte die Aufnahme in einem dieser Formate exportieren.',
        'Das ist ein Photoshop-Dokument und wird nicht gelesen. Bitte die Aufnahme als PNG oder als TIFF mit 16 Bit Graustufen exportieren.',
        'Die Datei ist leer. Bitte neu holen oder neu exportieren.',
        'Die Datei beginnt wie ein Bild, ist dann aber beschädigt oder abgeschnitten. Bitte neu holen oder neu exportieren.',
      ],
    ],
  ])) {
    visit = await open(browser, site, { query });
    const { page } = visit;
    for (const [index, [name, bytes]] of files.entries()) {
      await drop(page, [{ name, bytes }]);
      await inState(page, 'failed', index + 1);
      assert.equal(await page.locator('.notice.error p:not(.file-name):not(.origin)').first().innerText(), expected[index]);
    }
    await visit.close();
  }
});

test('in German: frame, refusal and button', async () => {
  visit = await open(browser, site, { query: '?lang=de' });
  const { page } = visit;
  await take(page, 'framed.png', png(onPage(gray, 1600, 1400, [[288, 188]], 255)));
  await shown(page);
  assert.equal(
    await page.locator('.viewer-cut').innerText(),
    'Ausgewertet wurde nur die Aufnahme innerhalb des Bildes. Abgeschnitten wurden links 18\u202f%, rechts 18\u202f%, oben 13\u202f%, unten 13\u202f%.',
  );
  await drop(page, [{ name: 'kopf.png', bytes: png({ ...gray, pixels: gray.pixels.toReversed() }) }]);
  await inState(page, 'done', 2);
  assert.match(await page.locator('.reasons').innerText(), /scheint auf dem Kopf zu stehen\. Bitte um 180° gedreht auswerten\./);
  await page.getByRole('button', { name: 'Um 180° gedreht auswerten' }).click();
  await page.locator('.read-as').waitFor();
  assert.equal(await page.locator('.read-as span').innerText(), 'Diese Aufnahme wurde um 180° gedreht ausgewertet, nicht so, wie sie in der Datei liegt.');
});

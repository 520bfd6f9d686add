// Folders, CDs and archives of films: files that are not films are counted, and damaged ones become films with a reason.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isPicture } from '../../www/exchange/kinds.js';
import { partsOf } from '../../www/exchange/zip.js';
import { dicom, dicomdir, gif, halved, png, zip } from './made.mjs';
import { allSettled, browser, drawGray, drop, filmRows, open, site, suite } from './support.mjs';

/** @type {import('./made.mjs').Gray} */
let gray;
/** @type {Awaited<ReturnType<typeof open>> | undefined} */
let visit;

suite({
  films: false,
  prepare: async () => {
    gray = await drawGray().then(halved);
  },
});

const LETTER = Buffer.from('Dear colleague,\nthank you for your kind words.\n');

/** @param {Buffer} bytes */
const blob = (bytes) => new Blob([bytes]);

/** @param {Promise<unknown>} promise */
async function failureOf(promise) {
  const error = await promise.then(
    () => assert.fail('it succeeds'),
    (error) => error,
  );
  return error.kind;
}

test('parts of an archive are unpacked as they were packed, stored or deflated', async () => {
  const bytes = png(gray);
  const parts = await partsOf(
    blob(
      zip([
        { name: 'a/film 1.png', bytes },
        { name: 'b/', bytes: Buffer.alloc(0) },
        { name: 'b/fílm 2', bytes, stored: true },
      ]),
    ),
  );
  assert.deepEqual(
    parts.map(({ path }) => path),
    ['a/film 1.png', 'b/fílm 2'],
  );
  for (const { file } of parts) {
    assert.ok(file);
    assert.ok(Buffer.from(await file.arrayBuffer()).equals(bytes));
    assert.ok(Buffer.from(await file.head(100)).equals(bytes.subarray(0, 100)));
  }
  assert.deepEqual(
    parts.map(({ file }) => file?.name),
    ['film 1.png', 'fílm 2'],
  );
});

test('what is packed in another way, by password or too large is named', async () => {
  const bytes = png(gray);
  const parts = await partsOf(
    blob(
      zip([
        { name: 'secret.png', bytes, flags: 1 },
        { name: 'old.png', bytes, method: 6 },
        { name: 'large.png', bytes, size: 300e6 },
        { name: 'good.png', bytes },
      ]),
    ),
  );
  assert.deepEqual(
    parts.map(({ path, failure }) => [path, failure?.kind]),
    [
      ['secret.png', 'zip_encrypted'],
      ['old.png', 'zip_method'],
      ['large.png', 'zip_limit'],
      ['good.png', undefined],
    ],
  );
});

test('a part that says too little, or is damaged, is stopped where it stops being true', async () => {
  // A hundred megabytes of zeros in a hundred kilobytes; its header says that it is small.
  const bomb = zip([{ name: 'bomb.png', bytes: Buffer.alloc(100e6), size: 1000, crc: 0 }]);
  assert.ok(bomb.length < 200e3);
  const [part] = await partsOf(blob(bomb));
  assert.equal(await failureOf(/** @type {import('../../www/exchange/zip.js').PackedFile} */ (part.file).arrayBuffer()), 'zip_damaged');
  const bytes = png(gray);
  for (const archive of [
    zip([{ name: 'a.png', bytes, crc: 7 }]),
    zip([{ name: 'a.png', bytes, size: bytes.length + 1 }]),
    zip([{ name: 'a.png', bytes, packed: Buffer.alloc(500, 0xff) }]),
    zip([{ name: 'a.png', bytes, stored: true, size: bytes.length - 1 }]),
  ]) {
    const [part] = await partsOf(blob(archive));
    assert.equal(await failureOf(/** @type {import('../../www/exchange/zip.js').PackedFile} */ (part.file).arrayBuffer()), 'zip_damaged');
  }
});

test('an archive that is cut, or whose parts lie over each other, is refused as a whole', async () => {
  const whole = zip([{ name: 'a.png', bytes: png(gray) }]);
  assert.equal(await failureOf(partsOf(blob(whole.subarray(0, whole.length - 30)))), 'zip_damaged');
  // The same bytes under three names.
  const three = zip([
    { name: '1.png', bytes: png(gray) },
    { name: '2.png', bytes: png(gray) },
    { name: '3.png', bytes: png(gray) },
  ]);
  const list = three.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
  const over = Buffer.concat([three.subarray(0, list / 3), three.subarray(list)]);
  over.writeUInt32LE(list / 3, over.length - 6);
  assert.equal(await failureOf(partsOf(blob(over))), 'zip_damaged');
});

test('films are told by their first bytes, without their names', () => {
  const film = dicom(gray);
  for (const [bytes, expected] of /** @type {[Buffer, boolean][]} */ ([
    [png(gray), true],
    [gif(gray), true],
    [film, true],
    // Without the empty bytes, without the preamble, and without meta information.
    [film.subarray(128), true],
    [film.subarray(128 + 4), true],
    [film.subarray(film.indexOf(Buffer.from([8, 0, 0x16, 0]))), true],
    [dicomdir(), false],
    [dicomdir().subarray(128), false],
    [LETTER, false],
    [Buffer.from('%PDF-1.7\n%'), false],
    [Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0', 'latin1'), false],
    [Buffer.from('[autorun]\r\nopen=viewer.exe\r\n'), false],
    [Buffer.alloc(0), false],
    [Buffer.alloc(400), false],
  ])) {
    assert.equal(isPicture(bytes.subarray(0, 400)), expected, bytes.subarray(0, 20).toString('latin1'));
  }
});

test('a CD: files without an ending are looked into, and its index and programs are no films', async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'covid-classifier-cd-')), 'CD');
  await mkdir(path.join(folder, 'DICOM/ST1'), { recursive: true });
  await Promise.all([
    writeFile(path.join(folder, 'DICOMDIR'), dicomdir()),
    writeFile(path.join(folder, 'DICOM/INDEX'), dicomdir()),
    writeFile(path.join(folder, 'DICOM/ST1/IM000001'), dicom(gray)),
    writeFile(path.join(folder, 'DICOM/ST1/IM000002'), dicom(gray)),
    writeFile(path.join(folder, 'README.TXT'), LETTER),
    writeFile(path.join(folder, 'VIEWER.EXE'), 'MZ\x90\0'),
    writeFile(path.join(folder, 'torn.png'), 'torn'),
    writeFile(path.join(folder, '.DS_Store'), 'x'),
  ]);
  visit = await open(browser, site);
  const { page } = visit;
  await page.locator('#folder').setInputFiles(folder);
  await allSettled(page, 3);
  await rm(path.dirname(folder), { recursive: true });
  const rows = await filmRows(page);
  // A file named like a film that is not one is reported.
  assert.deepEqual(
    rows.map(({ name, state }) => [name, state]),
    [
      ['IM000001', 'done'],
      ['IM000002', 'done'],
      ['torn.png', 'failed'],
    ],
  );
  assert.equal(
    await page.locator('#intake-note').innerText(),
    '3 files taken. 4 files that are not films were left out. One hidden file of the system was left out.',
  );
});

test('an archive: its films are read one by one, and damaged or locked ones say why', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const film = png(gray);
  const archive = zip([
    { name: 'ward/film 10.png', bytes: film },
    { name: 'ward/film 2.png', bytes: film },
    { name: 'IM1', bytes: dicom(gray) },
    { name: 'letter.txt', bytes: LETTER },
    { name: 'DICOMDIR', bytes: dicomdir() },
    { name: '__MACOSX/ward/._film 2.png', bytes: LETTER },
    { name: 'locked', bytes: film, flags: 1 },
    { name: 'torn.png', bytes: film, crc: 1 },
  ]);
  await drop(page, [{ name: 'films.zip', bytes: archive }]);
  await allSettled(page, 5);
  const rows = await filmRows(page);
  assert.deepEqual(
    rows.map(({ name, state, text }) => [name, state === 'failed' ? text : state]),
    [
      ['IM1', 'done'],
      ['locked', 'Needs a password'],
      ['torn.png', 'Damaged archive'],
      ['film 2.png', 'done'],
      ['film 10.png', 'done'],
    ],
  );
  assert.equal(
    await page.locator('#intake-note').innerText(),
    '5 files taken. 2 files that are not films were left out. One hidden file of the system was left out.',
  );
  // Its pictures come from the archive, too.
  await page.locator('.row-open').nth(3).click();
  await page.locator('.viewer[data-state="shown"]').waitFor();
});

test('a damaged archive is one film that says so, and an Office document is none', async () => {
  visit = await open(browser, site);
  const { page } = visit;
  const archive = zip([{ name: 'a.png', bytes: png(gray) }]);
  await drop(page, [
    { name: 'cut.zip', bytes: archive.subarray(0, archive.length - 30) },
    {
      name: 'letter.docx',
      bytes: zip([
        { name: '[Content_Types].xml', bytes: LETTER },
        { name: 'word/media/image1.png', bytes: png(gray) },
      ]),
    },
  ]);
  await allSettled(page, 2);
  assert.deepEqual(
    (await filmRows(page)).map(({ name, text }) => [name, text]),
    [
      ['cut.zip', 'Damaged archive'],
      ['letter.docx', 'Unsupported format'],
    ],
  );
});

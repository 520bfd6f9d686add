// Makes files for the tests from grey planes: PNG, TIFF, GIF, DICOM and ZIP, following the standards.

import { deflateRawSync, deflateSync } from 'node:zlib';

/** @typedef {{width: number, height: number, pixels: Uint8Array}} Gray */

/** Reads an 8-bit BMP with a grey palette, stored from the lowest row up. @param {Buffer} bytes @returns {Gray} */
export function grayOfBmp(bytes) {
  const [at, width, height] = [bytes.readUInt32LE(10), bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const stride = (width + 3) & ~3;
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) pixels.set(bytes.subarray(at + (height - 1 - row) * stride).subarray(0, width), row * width);
  return { width, height, pixels };
}

/** @param {Gray} gray @param {(value: number) => number} change @returns {Gray} */
export const mapped = ({ width, height, pixels }, change) => ({ width, height, pixels: pixels.map(change) });

/** A film on a page of one grey. @param {Gray} film @param {number} width @param {number} height @param {[number, number][]} places @param {number} level @returns {Gray} */
export function onPage(film, width, height, places, level) {
  const pixels = new Uint8Array(width * height).fill(level);
  for (const [left, top] of places) {
    for (let row = 0; row < film.height; row++) pixels.set(film.pixels.subarray(row * film.width, (row + 1) * film.width), (top + row) * width + left);
  }
  return { width, height, pixels };
}

/** Every second pixel of every second row. @param {Gray} gray @returns {Gray} */
export function halved({ width, height, pixels }) {
  const [columns, rows] = [width >> 1, height >> 1];
  return {
    width: columns,
    height: rows,
    pixels: Uint8Array.from({ length: columns * rows }, (_, k) => pixels[2 * Math.floor(k / columns) * width + 2 * (k % columns)]),
  };
}

/** @param {Gray} gray */
export function png({ width, height, pixels }) {
  const rows = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row++) rows.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    return Buffer.concat([u32be(data.length), body, u32be(crc32(body))]);
  };
  const header = Buffer.concat([u32be(width), u32be(height), Buffer.from([8, 0, 0, 0, 0])]);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Uncompressed, in one strip, little endian. @param {Gray} gray */
export function tiff({ width, height, pixels }) {
  const entry = (/** @type {number} */ tag, /** @type {number} */ type, /** @type {number} */ value) =>
    Buffer.concat([u16(tag), u16(type), u32(1), u32(value)]);
  const [SHORT, WIDE] = [3, 4];
  const entries = [
    entry(256, WIDE, width),
    entry(257, WIDE, height),
    entry(258, SHORT, 8),
    entry(259, SHORT, 1),
    entry(262, SHORT, 1),
    entry(273, WIDE, 8 + 2 + 9 * 12 + 4),
    entry(277, SHORT, 1),
    entry(278, WIDE, height),
    entry(279, WIDE, pixels.length),
  ];
  return Buffer.concat([Buffer.from('II*\0', 'latin1'), u32(8), u16(entries.length), ...entries, u32(0), pixels]);
}

/** GIF89a with 128 greys and codes of at most 8 bits. @param {Gray} gray */
export function gif({ width, height, pixels }) {
  const palette = Buffer.from(Array.from({ length: 128 }, (_, k) => [2 * k, 2 * k, 2 * k]).flat());
  /** @type {number[]} */
  const codes = [];
  pixels.forEach((pixel, k) => {
    // The table is cleared before its codes outgrow 8 bits.
    if (k % 120 === 0) codes.push(128);
    codes.push(pixel >> 1);
  });
  codes.push(129);
  const blocks = [];
  for (let from = 0; from < codes.length; from += 255) {
    const block = codes.slice(from, from + 255);
    blocks.push(Buffer.from([block.length, ...block]));
  }
  const size = Buffer.concat([u16(width), u16(height)]);
  return Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    size,
    Buffer.from([0xf6, 0, 0]),
    palette,
    Buffer.from([0x2c, 0, 0, 0, 0]),
    size,
    Buffer.from([0, 7]),
    ...blocks,
    Buffer.from([0, 0x3b]),
  ]);
}

/** @typedef {[group: number, element: number, vr: string, value: string | number | Buffer]} Element */

const LONG = ['OB', 'OW', 'SQ', 'UN', 'UT', 'UC', 'UR'];

/** Explicit, little endian. @param {Element} element */
function element([group, number, vr, value]) {
  const raw = Buffer.isBuffer(value) ? value : typeof value === 'number' ? u16(value) : Buffer.from(value, 'utf8');
  const data = raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
  const head = Buffer.concat([u16(group), u16(number), Buffer.from(vr, 'latin1')]);
  return Buffer.concat([head, LONG.includes(vr) ? Buffer.concat([u16(0), u32(data.length)]) : u16(data.length), data]);
}

/**
 * A DICOM file (PS3.10) of a computed radiograph, uncompressed, explicit, little endian.
 * @param {Gray} gray
 * @param {{bits?: number, value?: (gray: number) => number, elements?: Element[], sopClass?: string}} [how] `value` makes what is stored
 */
export function dicom({ width, height, pixels }, { bits = 12, value = (gray) => gray << 4, elements = [], sopClass = '1.2.840.10008.5.1.4.1.1.1' } = {}) {
  const data = Buffer.alloc(2 * pixels.length);
  for (const [k, pixel] of pixels.entries()) data.writeUInt16LE(value(pixel) & 0xffff, 2 * k);
  /** @type {Element[]} */
  const own = [
    [0x0008, 0x0016, 'UI', sopClass],
    [0x0008, 0x0060, 'CS', 'CR'],
    [0x0028, 0x0002, 'US', 1],
    [0x0028, 0x0004, 'CS', 'MONOCHROME2'],
    [0x0028, 0x0010, 'US', height],
    [0x0028, 0x0011, 'US', width],
    [0x0028, 0x0100, 'US', 16],
    [0x0028, 0x0101, 'US', bits],
    [0x0028, 0x0102, 'US', bits - 1],
    [0x0028, 0x0103, 'US', 0],
    [0x7fe0, 0x0010, 'OW', data],
  ];
  const key = ([group, number]) => group * 0x10000 + number;
  const given = new Set(elements.map(key));
  const all = [...own.filter((one) => !given.has(key(one))), ...elements].sort((a, b) => key(a) - key(b));
  return part10(sopClass, all);
}

/** @param {string} sopClass @param {Element[]} elements */
function part10(sopClass, elements) {
  const meta = [/** @type {Element} */ ([2, 2, 'UI', sopClass]), /** @type {Element} */ ([2, 0x10, 'UI', '1.2.840.10008.1.2.1'])].map(element);
  const length = Buffer.concat([u16(2), u16(0), Buffer.from('UL'), u16(4), u32(meta.reduce((sum, one) => sum + one.length, 0))]);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), length, ...meta, ...elements.map(element)]);
}

/** The index of a CD. */
export const dicomdir = () =>
  part10('1.2.840.10008.1.3.10', [
    [0x0004, 0x1130, 'CS', 'CD'],
    [0x0004, 0x1220, 'SQ', Buffer.alloc(0)],
  ]);

/**
 * @param {{name: string, bytes: Buffer, stored?: boolean, flags?: number, method?: number, crc?: number, size?: number, packed?: Buffer}[]} parts what is
 *   given stands there in place of the truth
 */
export function zip(parts) {
  const bodies = [];
  const list = [];
  let at = 0;
  for (const {
    name,
    bytes,
    stored = false,
    flags = 0x800,
    crc = crc32(bytes),
    size = bytes.length,
    packed = stored ? bytes : deflateRawSync(bytes),
    method = stored ? 0 : 8,
  } of parts) {
    const path = Buffer.from(name, 'utf8');
    const facts = Buffer.concat([u16(20), u16(flags), u16(method), u32(0), u32(crc), u32(packed.length), u32(size), u16(path.length), u16(0)]);
    const body = Buffer.concat([u32(0x04034b50), facts, path, packed]);
    list.push(Buffer.concat([u32(0x02014b50), u16(20), facts, u16(0), u16(0), u16(0), u32(0), u32(at), path]));
    bodies.push(body);
    at += body.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.concat([u32(0x06054b50), u16(0), u16(0), u16(parts.length), u16(parts.length), u32(directory.length), u32(at), u16(0)]);
  return Buffer.concat([...bodies, directory, end]);
}

/** @param {number} value */
function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param {number} value */
function u32be(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** @param {Buffer} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

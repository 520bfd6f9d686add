// Films in a ZIP archive (PKWARE APPNOTE 6.3), unpacked one at a time when they are read, by the browser's own DecompressionStream.
// Nothing in the archive is trusted: its list is bounded, parts may not overlap, and every unpacked byte is counted, so that a part that
// grows beyond its declared size is stopped there.

import { archiveEntries, archiveSizes, ofArchive } from '../reader/failure-details.js';
import { ClassifierError } from '../reader/error.js';
import { ARCHIVE_BYTES, ARCHIVE_LIST_BYTES, ARCHIVE_PARTS, FILM_BYTES } from '../reader/limits.js';

/**
 * @typedef {import('../report/types.js').Failure} Failure
 * @typedef {object} Part one file of an archive
 * @property {string} path in the archive
 * @property {PackedFile | null} file null where it cannot be unpacked
 * @property {Failure | null} failure why not
 */

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_PLACE = 0x07064b50;
const LISTED = 0x02014b50;
const PART = 0x04034b50;
/** This value says that the number did not fit and stands elsewhere. */
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;

const STORED = 0;
const DEFLATED = 8;

/** Whether a file begins like an archive that is not empty. @param {Uint8Array} head */
export function isZip(head) {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/**
 * The parts of an archive, without folders.
 * @param {Blob} archive
 * @returns {Promise<Part[]>} rejects with a `ClassifierError` where its list cannot be read
 */
export async function partsOf(archive) {
  const list = await listOf(archive);
  /** @type {Part[]} */
  const parts = [];
  let [packed, unpacked] = [0, 0];
  for (const { name, flags, method, crc, packedSize, size, at } of list) {
    if (name.endsWith('/')) continue;
    packed += packedSize;
    // Overlapping parts turn a small archive into much data.
    if (packed > archive.size) throw damaged('parts lie over each other');
    const failed = (/** @type {string} */ kind, /** @type {string} */ message) => parts.push({ path: name, file: null, failure: { kind, message } });
    if (flags & 1) failed('zip_encrypted', '');
    else if (method !== STORED && method !== DEFLATED) failed('zip_method', ofArchive(`method ${method}`));
    else if (size > FILM_BYTES || unpacked + size > ARCHIVE_BYTES) failed('zip_limit', archiveSizes(size, FILM_BYTES));
    else {
      unpacked += size;
      parts.push({ path: name, file: new PackedFile(archive, { name, method, crc, packedSize, size, at }), failure: null });
    }
  }
  return parts;
}

/** A part of an archive, in place of a `File`. */
export class PackedFile {
  #archive;
  #part;

  /**
   * @param {Blob} archive
   * @param {{name: string, method: number, crc: number, packedSize: number, size: number, at: number}} part
   */
  constructor(archive, part) {
    this.#archive = archive;
    this.#part = part;
    this.name = part.name.split('/').pop() ?? part.name;
  }

  /** The declared unpacked size; unpacking is held to it. */
  get size() {
    return this.#part.size;
  }

  /** @returns {Promise<ArrayBuffer>} rejects with a `ClassifierError` */
  async arrayBuffer() {
    const { size, crc } = this.#part;
    const bytes = new Uint8Array(size);
    let done = 0;
    for await (const some of this.#unpacked()) {
      if (done + some.length > size) throw damaged('more comes out than is said');
      bytes.set(some, done);
      done += some.length;
    }
    if (done !== size) throw damaged('less comes out than is said');
    if (crc32(bytes) !== crc) throw damaged('its checksum is another');
    return bytes.buffer;
  }

  /** The first `most` bytes, or all where there are fewer. @param {number} most */
  async head(most) {
    const bytes = new Uint8Array(Math.min(most, this.#part.size));
    let done = 0;
    for await (const some of this.#unpacked()) {
      bytes.set(some.subarray(0, bytes.length - done), done);
      done = Math.min(bytes.length, done + some.length);
      if (done === bytes.length) break;
    }
    return bytes.subarray(0, done);
  }

  /** Unpacks piece by piece; a caller that stops asking stops it. */
  async *#unpacked() {
    const { method, packedSize, at } = this.#part;
    const head = await view(this.#archive, at, 30);
    if (head.byteLength < 30 || head.getUint32(0, true) !== PART) throw damaged('it is not where it is said to be');
    const from = at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    const packed = this.#archive.slice(from, from + packedSize);
    if (packed.size !== packedSize) throw damaged('the archive ends too early');
    const stream = method === STORED ? packed.stream() : packed.stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((/** @type {unknown} */ error) => {
          throw damaged(error instanceof Error ? error.message : String(error));
        });
        if (done) return;
        yield value;
      }
    } finally {
      void reader.cancel().catch(() => {});
    }
  }
}

/** @param {Blob} archive */
async function listOf(archive) {
  const { parts, size, at } = await endOf(archive);
  if (parts > ARCHIVE_PARTS || size > ARCHIVE_LIST_BYTES) throw new ClassifierError('zip_limit', archiveEntries(parts, ARCHIVE_PARTS));
  const list = await view(archive, at, size);
  if (list.byteLength !== size) throw damaged('its list is not all there');
  const found = [];
  let place = 0;
  while (found.length < parts) {
    if (place + 46 > size || list.getUint32(place, true) !== LISTED) throw damaged('its list is damaged');
    const u16 = (/** @type {number} */ by) => list.getUint16(place + by, true);
    const u32 = (/** @type {number} */ by) => list.getUint32(place + by, true);
    const [nameSize, moreSize, noteSize] = [u16(28), u16(30), u16(32)];
    const next = place + 46 + nameSize + moreSize + noteSize;
    if (next > size) throw damaged('its list is damaged');
    const name = nameOf(new Uint8Array(list.buffer, list.byteOffset + place + 46, nameSize));
    const more = new DataView(list.buffer, list.byteOffset + place + 46 + nameSize, moreSize);
    const [unpackedSize, packedSize, partAt] = largeNumbers(more, [u32(24), u32(20), u32(42)]);
    found.push({ name, flags: u16(8), method: u16(10), crc: u32(16), packedSize, size: unpackedSize, at: partAt });
    place = next;
  }
  return found;
}

/** Finds the list of the parts, which the end of the archive points to. @param {Blob} archive */
async function endOf(archive) {
  // A comment may follow.
  const from = Math.max(0, archive.size - 22 - MAX_16);
  const end = await view(archive, from, archive.size - from);
  let at = end.byteLength - 22;
  while (at >= 0 && !(end.getUint32(at, true) === END && end.getUint16(at + 20, true) <= end.byteLength - at - 22)) at--;
  if (at < 0) throw damaged('it has no end');
  const said = { parts: end.getUint16(at + 10, true), size: end.getUint32(at + 12, true), at: end.getUint32(at + 16, true) };
  if (said.parts !== MAX_16 && said.size !== MAX_32 && said.at !== MAX_32) return said;
  if (at < 20 || end.getUint32(at - 20, true) !== END_64_PLACE) return said;
  const large = await view(archive, large64(end, at - 12), 56);
  if (large.byteLength < 56 || large.getUint32(0, true) !== END_64) throw damaged('its end is damaged');
  return { parts: large64(large, 32), size: large64(large, 40), at: large64(large, 48) };
}

/**
 * Numbers that do not fit into the list stand in an extra field, in this order.
 * @param {DataView} more
 * @param {number[]} numbers
 */
function largeNumbers(more, numbers) {
  let at = 0;
  while (at + 4 <= more.byteLength) {
    const [id, size] = [more.getUint16(at, true), more.getUint16(at + 2, true)];
    const end = Math.min(at + 4 + size, more.byteLength);
    if (id === 1) {
      let place = at + 4;
      return numbers.map((number) => {
        if (number !== MAX_32 || place + 8 > end) return number;
        place += 8;
        return large64(more, place - 8);
      });
    }
    at += 4 + size;
  }
  return numbers;
}

/** @param {DataView} view @param {number} at */
function large64(view, at) {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** In UTF-8, else in the encoding closest to that of old programs. @param {Uint8Array<ArrayBuffer>} bytes */
function nameOf(bytes) {
  let name;
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    name = new TextDecoder('windows-1252').decode(bytes);
  }
  return name.replaceAll('\\', '/');
}

/** @param {Blob} archive @param {number} at @param {number} size */
async function view(archive, at, size) {
  return new DataView(await archive.slice(at, at + size).arrayBuffer());
}

/** @param {string} what */
function damaged(what) {
  return new ClassifierError('zip_damaged', ofArchive(what));
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (let k = 0; k < bytes.length; k++) crc = CRC[(crc ^ bytes[k]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

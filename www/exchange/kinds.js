// Decides by the first bytes which files of a folder or archive are handed to the program as films. The others are not mentioned. The
// program itself then decides what a file is.

/** This many bytes are enough to tell. */
export const HEAD_BYTES = 400;

/** Names of films. A file with such a name that is not a film is reported. */
const FILM_NAME = /\.(png|jpe?g|webp|bmp|tiff?|dcm|dicom|dic|ima|jp2|j2k|jpx|jls|gif|avif|hei[cf]|jxl)$/i;

/** @param {string} name */
export function isCalledFilm(name) {
  return FILM_NAME.test(name);
}

/** The index of a CD with films. @param {string} name */
export function isCalledDirectory(name) {
  return name.toUpperCase() === 'DICOMDIR';
}

/** Picture formats, including those that the program does not read: it says why. */
const MAGIC = [
  '\x89PNG\r\n\x1a\n',
  '\xff\xd8\xff',
  'II*\0',
  'MM\0*',
  'II+\0',
  'MM\0+',
  'GIF8',
  '\xff\x0a',
  '\0\0\0\x0cJXL ',
  '\0\0\0\x0cjP  ',
  '\xff\x4f\xff\x51',
  '8BPS',
  'II\xbc\x01',
];
const BRANDS = /^(avi[fs]|hei[cxms]|hev[cxms]|m[is]f1|mif2|miaf|avc[is])$/;

/** @param {Uint8Array} head */
export function isPicture(head) {
  const at = (/** @type {number} */ from, /** @type {number} */ to) => String.fromCharCode(...head.subarray(from, to));
  const begin = at(0, 12);
  if (MAGIC.some((magic) => begin.startsWith(magic))) return true;
  if (begin.startsWith('RIFF') && begin.endsWith('WEBP')) return true;
  if (begin.startsWith('BM') && head.length >= 26) return true;
  if (at(4, 8) === 'ftyp') return BRANDS.test(at(8, 12));
  return isDicom(head, at);
}

/**
 * DICOM with its preamble, with only the mark, or beginning with an element of a low group.
 * @param {Uint8Array} head
 * @param {(from: number, to: number) => string} at
 */
function isDicom(head, at) {
  // The index of a CD names itself in its first elements.
  if (at(0, HEAD_BYTES).includes('1.2.840.10008.1.3.10')) return false;
  if (at(128, 132) === 'DICM' || at(0, 4) === 'DICM') return true;
  if (head.length < 16) return false;
  const [little, big] = [head[0] + 256 * head[1], 256 * head[0] + head[1]];
  const isExplicit = /^[A-Z]{2}$/.test(at(4, 6));
  if (isExplicit) return [2, 8].includes(little) || big === 8;
  // The length is small.
  return little === 8 && head[3] === 0 && head[6] === 0 && head[7] === 0;
}

// A synthetic film in the formats that people drop most. Once it is read, the browser has compiled what the first film needs, including the
// decoders.

/** Hospital films are larger by about this factor. The program claims its memory with the first film. */
const LARGE = 2;

/** 16-bit words, little endian as on every machine with a browser. @param {...number} values */
const words = (...values) => new Uint8Array(new Uint16Array(values).buffer);

/** An element of implicit VR (DICOM PS3.5, 7.1.3). @param {number} group @param {number} number @param {Uint8Array<ArrayBuffer>} value of even length */
const element = (group, number, value) => [words(group, number, value.length & 0xffff, value.length >>> 16), value];

/** @param {string} value of even length */
const text = (value) => new TextEncoder().encode(value);

/**
 * A 12-bit film as DICOM, without a preamble.
 * @param {ImageData} picture grey
 * @returns {Promise<ArrayBuffer>}
 */
function toDicom({ width, height, data }) {
  const samples = new Uint16Array(width * height);
  for (let i = 0; i < samples.length; i++) samples[i] = data[4 * i] << 4;
  const elements = [
    element(0x0008, 0x0060, text('CR')),
    element(0x0028, 0x0002, words(1)),
    element(0x0028, 0x0004, text('MONOCHROME2 ')),
    element(0x0028, 0x0010, words(height)),
    element(0x0028, 0x0011, words(width)),
    element(0x0028, 0x0100, words(16)),
    element(0x0028, 0x0101, words(12)),
    element(0x0028, 0x0102, words(11)),
    element(0x0028, 0x0103, words(0)),
    element(0x7fe0, 0x0010, new Uint8Array(samples.buffer)),
  ];
  return new Blob(elements.flat()).arrayBuffer();
}

/**
 * @param {Uint8Array<ArrayBuffer>} film as BMP
 * @returns {Promise<ArrayBuffer[]>} the film as JPEG and as DICOM; unchanged where the browser cannot make them
 */
export async function warmFilms(film) {
  try {
    const bitmap = await createImageBitmap(new Blob([film], { type: 'image/bmp' }));
    const drawn = (/** @type {number} */ scale) => {
      const canvas = new OffscreenCanvas(scale * bitmap.width, scale * bitmap.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return { canvas, context };
    };
    const jpeg = await drawn(1).canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    const { canvas, context } = drawn(LARGE);
    return await Promise.all([jpeg.arrayBuffer(), toDicom(context.getImageData(0, 0, canvas.width, canvas.height))]);
  } catch {
    return [film.buffer];
  }
}

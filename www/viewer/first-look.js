// Shows a film before it is read, as the browser decodes it: at once, while the reader takes longer. Other formats appear when the worker
// has decoded them (`preview` of `classify`).

/** Longer side, in pixels. The film itself soon replaces it. */
const SIZE = 1600;
/** Larger files are not decoded twice. */
const LIMIT_BYTES = 60e6;

/**
 * @param {import('../report/types.js').FilmFile} file
 * @returns {Promise<HTMLCanvasElement | null>} null where the browser cannot decode it
 */
export async function firstLook(file) {
  if (file.size > LIMIT_BYTES) return null;
  /** @type {ImageBitmap | null} */
  let picture = null;
  try {
    // A file in an archive is not a blob.
    picture = await createImageBitmap(file instanceof Blob ? file : new Blob([await file.arrayBuffer()]));
    const scale = Math.min(1, SIZE / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(scale * picture.width));
    canvas.height = Math.max(1, Math.round(scale * picture.height));
    const context = canvas.getContext('2d');
    if (!context) return null;
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  } catch {
    return null;
  } finally {
    picture?.close();
  }
}

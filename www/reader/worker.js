// A worker: it takes the program and the model from the page and classifies films. It fetches nothing. client.js starts workers from this
// text and replaces the address in the import below, which must be the only import.

import init, { Classifier } from './wasm.js';

/**
 * @typedef {import('../report/types.js').FromWorker} FromWorker
 * @typedef {import('../report/types.js').ToWorker} ToWorker
 * @typedef {import('../report/types.js').Kept} Kept
 */

/** @type {Classifier | null} */
let classifier = null;

/** The film that was read last, while its pictures may still be asked for. @type {import('./wasm.js').Sight | null} */
let last = null;

/** A classifier takes one call at a time. */
let turn = Promise.resolve();

let isStarted = false;

/** The program's memory, once it runs. @type {WebAssembly.Memory | null} */
let memory = null;

self.addEventListener('message', (/** @type {MessageEvent<ToWorker>} */ { data }) => {
  if (data.type === 'hold') hold(data.lock);
  else if (data.type === 'start') void start(data.kept, data.backend, data.isFirst);
  else turn = turn.then(() => answer(data));
});

// A trap in the program's asynchronous code rejects a promise that nobody holds, or is thrown outside any call. The call itself would never
// return.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  stopped(event.reason);
});
self.addEventListener('error', (event) => {
  // The page receives every other error by itself.
  if (!(event.error instanceof WebAssembly.RuntimeError)) return;
  event.preventDefault();
  stopped(event.error);
});

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
function tell(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * Holds a lock for as long as the worker lives. The browser or a person may end it without notice; its lock is then free.
 * @param {string} lock
 */
function hold(lock) {
  const held = () => {
    tell({ type: 'held', isLocked: true });
    return new Promise(() => {});
  };
  const notHeld = () => tell({ type: 'held', isLocked: false });
  // A page opened from a disk has no locks.
  if (navigator.locks) navigator.locks.request(lock, held).catch(notHeld);
  else notHeld();
}

/**
 * @param {Kept} kept
 * @param {string | null} backend the back-end that was asked for
 * @param {boolean} isFirst whether the page is still loading
 */
async function start(kept, backend, isFirst) {
  try {
    ({ memory } = await init({ module_or_path: kept.module }).catch((/** @type {unknown} */ error) => fail('wasm', error)));
    tell({ type: 'creating' });
    classifier = await Classifier.create(kept.manifest, kept.weights, backend ?? undefined);
    isStarted = true;
    tell({ type: 'ready', model: classifier.model(), compute: classifier.compute() });
    countRequests(isFirst ? performance.now() : 0);
  } catch (error) {
    startFailed(error);
  }
}

/** @param {unknown} error */
function stopped(error) {
  if (isStarted) crashed(error);
  else startFailed(error);
}

/** @param {unknown} error */
function startFailed(error) {
  const { code = 'wasm', message = String(error) } = /** @type {{code?: string, message?: string}} */ (error ?? {});
  const kind = code === 'wasm' && isOutOfMemory(message) ? 'memory' : code;
  tell({ type: 'failed', failure: { kind, message } });
}

/**
 * @param {string} code
 * @param {unknown} cause
 * @returns {never}
 */
function fail(code, cause) {
  throw Object.assign(new Error(cause instanceof Error ? cause.message : String(cause)), { code });
}

/** @param {Blob | ArrayBuffer} film */
async function bytesOf(film) {
  return film instanceof Blob ? film.arrayBuffer().catch((error) => fail('unreadable', error)) : film;
}

/**
 * Reads a film. The browser decodes the formats that the program leaves to it.
 * @param {Classifier} classifier
 * @param {string} path
 * @param {ArrayBuffer} bytes
 * @param {import('../report/types.js').ReadAs | null} readAs
 * @param {((picture: import('../report/types.js').GrayPicture) => void) | null} seen is given the film once it is decoded, where the program does that
 */
async function read(classifier, path, bytes, readAs, seen = null) {
  const reading = await classifier.classify(path, new Uint8Array(bytes), readAs, seen);
  const report = /** @type {import('../report/types.js').Report} */ (reading.report());
  const format = report.error?.format;
  const pixels = format ? await decoded(bytes, format) : null;
  if (!format || !pixels) return reading;
  reading.free();
  return classifier.classify_pixels(path, format, pixels.width, pixels.height, new Uint8Array(pixels.data.buffer), readAs);
}

/**
 * The same, for pictures only.
 * @param {Classifier} classifier
 * @param {ArrayBuffer} bytes
 * @param {import('../report/types.js').ReadAs | null} readAs
 */
async function lookAt(classifier, bytes, readAs) {
  try {
    return await classifier.look(new Uint8Array(bytes), readAs);
  } catch (error) {
    const { format } = /** @type {{format?: import('../report/types.js').ForeignFormat}} */ (error ?? {});
    const pixels = format ? await decoded(bytes, format) : null;
    if (!format || !pixels) throw error;
    return classifier.look_pixels(format, pixels.width, pixels.height, new Uint8Array(pixels.data.buffer), readAs);
  }
}

/** The most pixels that the program takes. */
const MOST_PIXELS = 64e6;

/** Media types. @type {Record<import('../report/types.js').ForeignFormat, string>} */
const TYPES = { gif: 'image/gif', avif: 'image/avif', heic: 'image/heic', jpeg_xl: 'image/jxl' };

/**
 * The pixels of a picture as this browser decodes it: upright, and without colour management.
 * @param {ArrayBuffer} bytes
 * @param {import('../report/types.js').ForeignFormat} format
 * @returns {Promise<Pick<ImageData, 'width' | 'height' | 'data'> | null>} null where it cannot
 */
async function decoded(bytes, format) {
  /** @type {ImageBitmap | null} */
  let picture = null;
  try {
    picture = await createImageBitmap(new Blob([bytes], { type: TYPES[format] }), { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
    const { width, height } = picture;
    // The program will report it.
    if (width * height > MOST_PIXELS) return { width, height, data: new Uint8ClampedArray(0) };
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    context?.drawImage(picture, 0, 0);
    return context?.getImageData(0, 0, width, height) ?? null;
  } catch {
    return null;
  } finally {
    picture?.close();
  }
}

/** @param {Exclude<ToWorker, {type: 'start' | 'hold'}>} question */
async function answer(question) {
  const { id } = question;
  try {
    if (!classifier) throw new Error('asked to read a film without a program that runs');
    switch (question.type) {
      case 'classify': {
        last?.free();
        last = null;
        const seen = question.wantsPreview ? (/** @type {import('../report/types.js').GrayPicture} */ picture) => tell({ type: 'seen', id, picture }) : null;
        const reading = await read(classifier, question.path, await bytesOf(question.film), question.readAs, seen);
        last = reading;
        tell({ type: 'answer', id, answer: reading.report(), compute: classifier.compute() });
        break;
      }
      case 'look': {
        last?.free();
        last = null;
        last = await lookAt(classifier, await bytesOf(question.film), question.readAs);
        tell({ type: 'answer', id, answer: null, compute: classifier.compute() });
        break;
      }
      case 'sample':
        tell({ type: 'answer', id, answer: Classifier.sample(question.index) ?? null, compute: null });
        break;
      case 'warm': {
        const reading = await read(classifier, '', question.bytes, null, (picture) => tell({ type: 'seen', id, picture }));
        const report = reading.report();
        reading.thumbnail();
        reading.pictures();
        tell({ type: 'answer', id, answer: report, compute: classifier.compute() });
        break;
      }
      case 'tags':
        tell({ type: 'answer', id, answer: Classifier.tags(new Uint8Array(question.bytes)), compute: null });
        break;
      case 'validate':
        tell({ type: 'answer', id, answer: validated(classifier, question.title, question.films), compute: null });
        break;
      case 'thumbnail':
        tell({ type: 'answer', id, answer: last?.thumbnail() ?? null, compute: null });
        break;
      case 'pictures': {
        const reading = last;
        last = null;
        const pictures = reading?.pictures() ?? null;
        const large = pictures ? [pictures.film.samples.buffer, pictures.equalized.gray.buffer] : [];
        tell({ type: 'answer', id, answer: pictures, compute: null }, large);
        break;
      }
    }
  } catch (error) {
    const { code, message } = /** @type {{code?: unknown, message: string}} */ (error ?? {});
    if (typeof code === 'string') tell({ type: 'answer', id, answer: { kind: code, message }, compute: null });
    else crashed(error);
  }
}

/**
 * Faulty films give a failure; they are not a trap.
 * @param {Classifier} classifier
 * @param {string} title
 * @param {import('../report/types.js').LabelledFilm[]} films
 * @returns {import('../report/types.js').Validation | import('../report/types.js').Failure}
 */
function validated(classifier, title, films) {
  try {
    return classifier.validate(title, films);
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'films', message: error.message };
    throw error;
  }
}

/**
 * A bad film returns a report or an error with a code. Anything else that is thrown is a trap, and a trapped program must not be used
 * again.
 * @param {unknown} error
 */
function crashed(error) {
  classifier = null;
  last = null;
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'crashed', message, isOfMemory: isOutOfMemory(message) });
}

/** The memory that the largest film needs at once, in WebAssembly pages of 64 KiB. */
const MUCH = 256 * 16;

/**
 * The program does not say why it stopped. If the browser refuses it more memory, that was the cause.
 * @param {string} message the browser's
 */
function isOutOfMemory(message) {
  if (/out of memory|allocat\w+ failed|(could not|cannot|failed to) allocate/i.test(message)) return true;
  try {
    memory?.grow(MUCH);
    return false;
  } catch {
    return true;
  }
}

/**
 * Tells the page of every request that this worker makes from `since` on. There should be none.
 * @param {number} since
 */
function countRequests(since) {
  new PerformanceObserver((list) => {
    const count = list.getEntries().filter(({ name, startTime }) => startTime >= since && !name.startsWith('blob:')).length;
    if (count > 0) tell({ type: 'requests', count });
  }).observe({ type: 'resource', buffered: true });
}

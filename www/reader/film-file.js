// Brings a film's file to a worker, and classifies what goes wrong.

import { noFile, tooManyBytes } from './failure-details.js';
import { ClassifierError } from './error.js';
import { FILM_BYTES } from './limits.js';

/**
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Failure} Failure
 */

/**
 * What a worker takes: it reads a file by itself, while the page does other things. A part of an archive is unpacked here, as is a blob
 * with an `arrayBuffer` of its own: the worker would get only what the browser keeps of it.
 * @param {Pick<Blob, 'size' | 'arrayBuffer'>} file
 * @returns {Promise<Blob | ArrayBuffer>} rejects with a `ClassifierError`
 */
export async function forWorker(file) {
  if (!(file instanceof Blob) || file.arrayBuffer !== Blob.prototype.arrayBuffer) return bytesOf(file);
  ensureSize(file);
  return file;
}

/**
 * @param {Pick<Blob, 'size' | 'arrayBuffer'> | null} file
 * @returns {Promise<ArrayBuffer>} rejects with a `ClassifierError`
 */
export async function bytesOf(file) {
  if (!file) throw new ClassifierError('unreadable', noFile);
  ensureSize(file);
  try {
    return await file.arrayBuffer();
  } catch (error) {
    // A file in an archive reports its own failures.
    if (error instanceof ClassifierError) throw error;
    throw new ClassifierError('unreadable', error instanceof Error ? error.message : String(error));
  }
}

/** @param {Pick<Blob, 'size'>} file */
function ensureSize({ size }) {
  if (size > FILM_BYTES) throw new ClassifierError('too_many_bytes', tooManyBytes(size, FILM_BYTES));
}

/** @param {unknown} error @returns {Failure} */
export function toFailure(error) {
  if (error instanceof ClassifierError) {
    const { kind, message, format } = error;
    return format ? { kind, message, format } : { kind, message };
  }
  return { kind: 'crashed', message: error instanceof Error ? error.message : String(error) };
}

/**
 * Whether another try may help: the graphics processor may have crashed the program. The next worker does without it; if that one stops as
 * well, the film is the cause.
 * @param {Failure | null} failure
 * @param {Compute | null} compute the back-end of the worker
 */
export function mayBeTheDevices(failure, compute) {
  return failure?.kind === 'crashed' && compute?.backend === 'webgpu';
}

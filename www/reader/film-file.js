// A film's file on its way to a worker, and what goes wrong there.

import { noFile, tooManyBytes } from './failure-details.js';
import { ClassifierError } from './error.js';
import { FILM_BYTES } from './limits.js';

/**
 * @typedef {import('../report/types.js').Compute} Compute
 * @typedef {import('../report/types.js').Failure} Failure
 */

/**
 * @param {Pick<Blob, 'size' | 'arrayBuffer'> | null} file
 * @returns {Promise<ArrayBuffer>} rejects with a `ClassifierError`
 */
export async function bytesOf(file) {
  if (!file) throw new ClassifierError('unreadable', noFile);
  if (file.size > FILM_BYTES) {
    throw new ClassifierError('too_many_bytes', tooManyBytes(file.size, FILM_BYTES));
  }
  try {
    return await file.arrayBuffer();
  } catch (error) {
    // What lies in an archive says itself what is wrong with it.
    if (error instanceof ClassifierError) throw error;
    throw new ClassifierError('unreadable', error instanceof Error ? error.message : String(error));
  }
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
 * The graphics processor may have taken the program with it. The next worker reads without; if that one stops as well, it is the
 * film's doing.
 * @param {Failure | null} failure
 * @param {Compute | null} compute what the worker ran on
 */
export function mayBeTheDevices(failure, compute) {
  return failure?.kind === 'crashed' && compute?.backend === 'webgpu';
}

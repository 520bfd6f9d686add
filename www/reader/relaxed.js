// Chooses the build of the program for this browser: the one that multiplies and adds in one step (relaxed SIMD) is faster.

import { isEnclosed } from './files.js';

/** service-worker.js has the same two names and keeps only the one in use. */
const PROGRAM = 'reader/wasm_bg.wasm';
const RELAXED_PROGRAM = 'reader/relaxed_wasm_bg.wasm';

/** A module with one relaxed multiply-add. */
const PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
];

/** The path of the program. The single-file page has only one build. */
export function programFile() {
  return !isEnclosed(PROGRAM) && WebAssembly.validate(Uint8Array.from(PROBE)) ? RELAXED_PROGRAM : PROGRAM;
}

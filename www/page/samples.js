// Films for visitors who have none: synthetic, drawn here by the program, and named so.

import { messages } from '../text/messages.js';

const SAMPLES = 2;

/**
 * @param {import('../reader/pool.js').WorkerPool} pool
 * @returns {Promise<File[]>} rejects with a `ReaderError` where no worker runs
 */
export async function drawSamples(pool) {
  const files = [];
  for (let index = 0; index < SAMPLES; index++) {
    const bytes = await pool.sample(index);
    if (bytes) files.push(new File([bytes], messages.samples.name(index + 1), { type: 'image/bmp' }));
  }
  return files;
}

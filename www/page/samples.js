// Synthetic films for visitors who have none: the program draws them, and their names say so.

import { messages } from '../text/messages.js';

const SAMPLES = 2;

/**
 * @param {import('../reader/engine.js').Engine} engine
 * @returns {Promise<File[]>} rejects with a `ClassifierError` where no worker runs
 */
export async function drawSamples(engine) {
  const classifier = await engine.start();
  const files = [];
  for (let index = 0; index < SAMPLES; index++) {
    const film = await classifier.sample(index);
    if (film) files.push(new File([film], messages.samples.name(index + 1), { type: film.type }));
  }
  return files;
}

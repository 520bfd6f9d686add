// The one sentence that says it all, on screen and to a screen reader.

import { percent } from './format.js';
import { messages } from './messages.js';

/** @param {import('./types.js').Report} report */
export function verdictSentence({ verdict, probabilities }) {
  if (!verdict) return messages.result.noVerdict;
  const value = probabilities?.[/** @type {import('./types.js').Label} */ (verdict)];
  return messages.result.verdict(verdict, value === undefined ? null : percent(value));
}

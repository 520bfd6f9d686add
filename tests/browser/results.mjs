// Makes up results as the page exports them, from one real report: as many as a test needs, each with different numbers.

import { SCHEMA, SCHEMA_VERSION } from '../../www/exchange/export.js';

const LABELS = /** @type {const} */ (['covid19', 'normal', 'pneumonia']);
const VERDICTS = [...LABELS, 'uncertain', 'refused'];

/** Every other film without a class is known to be not normal. @param {string} verdict @param {number} index */
function findingOf(verdict, index) {
  if (verdict === 'refused') return null;
  if (verdict === 'uncertain') return index % 2 === 0 ? 'not_normal' : 'cannot_say';
  return verdict === 'normal' ? 'normal' : 'not_normal';
}

/**
 * Every seventh film was not read.
 * @param {any} report of a film that was read
 * @param {number} count
 */
export function madeUpResults(report, count) {
  const films = Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const name = `film-${number}.png`;
    const path = `ward-${1 + (index % 3)}/${name}`;
    if (number % 7 === 0) return { number, name, path, state: 'failed', report: null, failure: { kind: 'decode', message: 'the file ends too early' } };
    const verdict = VERDICTS[index % VERDICTS.length];
    const share = 0.34 + (0.65 * ((index * 7919) % count)) / count;
    const first = LABELS.find((label) => label === verdict) ?? LABELS[index % 3];
    const finding = findingOf(verdict, index);
    const values = Object.fromEntries(LABELS.map((label) => [label, label === first ? share : (1 - share) / 2]));
    return {
      number,
      name,
      path,
      state: 'done',
      report: {
        ...structuredClone(report),
        path: name,
        verdict,
        probabilities: verdict === 'refused' ? null : values,
        abnormal: verdict === 'refused' ? null : Math.min(1, values.covid19 + values.pneumonia),
        finding,
        readers: { texture: values, convnet: values },
        warnings: report.warnings.slice(0, index % 2),
        elapsed_ms: { ...report.elapsed_ms, total: 40 + ((index * 31) % 100) },
      },
      failure: null,
    };
  });
  return {
    schema: `${SCHEMA}/${SCHEMA_VERSION}`,
    exported_at: '2026-02-03T04:05:06.789Z',
    program: { name: 'covid-classifier', version: '0.0.9' },
    model: report.model,
    films,
  };
}

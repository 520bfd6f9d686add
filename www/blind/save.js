// Writes a blind reading to a file: CSV with one line per film, or JSON with the figures as well. It holds no name of a person, and names
// of films only on request.

import { programName, toCell } from '../exchange/export.js';
import { LABELS, modelId } from '../report/film-facts.js';
import { figuresOf, isChanged, personAfter, personBefore, readerOf } from './figures.js';

/**
 * @typedef {import('./session.js').BlindSession} BlindSession
 * @typedef {import('./session.js').Turn} Turn
 * @typedef {import('../exchange/export.js').Cell} Cell
 * @typedef {import('../exchange/export.js').CsvKind} CsvKind
 * @typedef {{withNames: boolean, now: Date}} Terms
 */

export const SCHEMA = 'covid-classifier-blind-reading/1';
const BYTE_ORDER_MARK = '\ufeff';

/** @param {BlindSession} session */
const answeredOf = ({ turns }) => turns.filter(({ before }) => before !== null);

/** Whether the class that was named is right; null without a label or a named class. @param {Turn} turn @param {string | null} named */
const isRight = ({ label }, named) => (label === null || named === null ? null : named === label);

/**
 * One film's row, as both kinds of file write it.
 * @param {Turn} turn
 * @param {number} index
 * @param {boolean} withNames
 */
function lineOf(turn, index, withNames) {
  const { film, before, after, reader, label, wasShown } = turn;
  return {
    number: index + 1,
    ...(withNames ? { file_name: film.name, path: film.path } : {}),
    label,
    answer: before?.answer ?? null,
    sureness: before?.sureness ?? null,
    answer_after: after?.answer ?? null,
    sureness_after: after?.sureness ?? null,
    changed: isChanged(turn),
    reader_verdict: reader?.verdict ?? null,
    reader_finding: reader?.finding ?? null,
    reader_abnormal: reader?.abnormal ?? null,
    ...Object.fromEntries(LABELS.map((label) => [`reader_${label}`, reader?.probabilities?.[label] ?? null])),
    right: isRight(turn, personBefore(turn)),
    right_after: isRight(turn, personAfter(turn)),
    reader_right: isRight(turn, readerOf(turn)),
    verdict_shown_before: wasShown,
    synthetic: film.isSynthetic,
  };
}

/** @param {BlindSession} session @param {Terms} terms */
export function toJson(session, { withNames, now }) {
  const answered = answeredOf(session);
  const model = answered[0]?.reader?.model ?? null;
  const all = {
    schema: SCHEMA,
    exported_at: now.toISOString(),
    program: programName(),
    model: model && modelId(model),
    seed: session.seed,
    left_out: session.leftOut,
    interval: 'Wilson, 95 %',
    figures: figuresOf(answered),
    films: answered.map((turn, index) => lineOf(turn, index, withNames)),
  };
  return `${JSON.stringify(all, null, 1)}\n`;
}

/** @param {BlindSession} session @param {Terms & {csv?: CsvKind}} terms */
export function toCsv(session, { withNames, now, csv = 'comma' }) {
  const lines = answeredOf(session).map((turn, index) => ({
    ...lineOf(turn, index, withNames),
    seed: session.seed,
    model_version: turn.reader?.model?.version ?? null,
    model_sha256: turn.reader?.model?.sha256 ?? null,
    model_own: turn.reader?.model ? turn.reader.model.own === true : null,
    program: programName(),
    exported_at: now.toISOString(),
  }));
  const line = (/** @type {Cell[]} */ cells) => `${cells.map((cell) => toCell(cell, csv)).join(csv === 'comma' ? ',' : ';')}\r\n`;
  return BYTE_ORDER_MARK + [line(Object.keys(lines[0] ?? {})), ...lines.map((one) => line(/** @type {Cell[]} */ (Object.values(one))))].join('');
}

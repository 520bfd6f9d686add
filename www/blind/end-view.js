// Shows the end of a blind reading: the person's figures beside the reader's, the changed answers, and every film.

import { tableHead } from '../ui/table-head.js';
import { namesBox } from '../ui/choices.js';
import { element } from '../ui/dom.js';
import { LABELS } from '../report/film-facts.js';
import { percent, percentInterval } from '../text/format.js';
import { messages } from '../text/messages.js';
import { figuresOf, readerOf } from './figures.js';
import { button } from '../ui/button.js';

/**
 * @typedef {import('./figures.js').Scores} Scores
 * @typedef {import('./figures.js').Share} Share
 * @typedef {import('./session.js').BlindSession} BlindSession
 * @typedef {import('./session.js').Turn} Turn
 *
 * @typedef {object} Actions
 * @property {(format: 'csv' | 'json') => void} save
 * @property {() => void} again
 * @property {() => void} back
 */

/** @param {BlindSession} session that has ended @param {Actions} actions */
export function endView(session, { save, again, back }) {
  const text = messages.blind;
  const figures = figuresOf(session.turns);
  const model = session.turns[0]?.reader?.model;
  const title = element('h2', { id: 'blind-title', tabindex: -1 }, text.endTitle);
  const notes = [
    text.summary(figures.films, figures.labelled),
    session.leftOut > 0 ? text.leftOut(session.leftOut) : '',
    figures.reader_refused > 0 ? text.refused(figures.reader_refused) : '',
    figures.shown_before > 0 ? text.shownInEnd(figures.shown_before) : '',
  ].filter(Boolean);
  const node = element(
    'div',
    { class: 'blind-end' },
    title,
    ...notes.map((note) => element('p', {}, note)),
    table(figures),
    element(
      'section',
      { class: 'blind-changes', 'aria-labelledby': 'blind-changes-title' },
      element('h3', { id: 'blind-changes-title' }, text.changesTitle),
      ...changes(figures.changes),
    ),
    element(
      'section',
      { class: 'blind-save', 'aria-labelledby': 'blind-save-title' },
      element('h3', { id: 'blind-save-title' }, text.saveTitle),
      element(
        'p',
        { class: 'actions' },
        button('quiet', text.saveCsv, () => save('csv')),
        button('quiet', text.saveJson, () => save('json')),
        button('quiet', messages.print.button, () => window.print()),
      ),
      namesBox(messages.export.names),
      element('p', { class: 'note' }, text.saveNote),
    ),
    films(session.turns),
    element(
      'p',
      { class: 'blind-foot' },
      [text.foot(session.seed, model && !model.own ? model.version : null), model?.own ? messages.ownModel.readBy(model) : ''].filter(Boolean).join(' '),
    ),
    element('p', { class: 'actions blind-ways' }, button('quiet', text.again, again), button('quiet', text.back, back)),
  );
  return { node, focus: () => title.focus() };
}

/** @param {import('./figures.js').Figures} figures */
function table({ labelled, person, person_after: after, reader, agreement }) {
  const text = messages.blind;
  /** @type {HTMLElement[]} */
  const rows = [];
  /** @param {string} key @param {string} name @param {(Share | null)[]} shares */
  const row = (key, name, shares) =>
    rows.push(
      element('tr', { 'data-row': key }, element('th', { scope: 'row' }, name), ...shares.map((share) => element('td', { class: 'number' }, ...cell(share)))),
    );
  /** @param {(scores: Scores) => Share | null} share */
  const each = (share) => [person, after, reader].map(share);
  if (labelled > 0) {
    row(
      'accuracy',
      text.accuracy,
      each(({ accuracy }) => accuracy),
    );
    for (const label of LABELS)
      row(
        `sensitivity-${label}`,
        text.sensitivity(label),
        each(({ sensitivity }) => sensitivity[label]),
      );
    for (const label of LABELS)
      row(
        `specificity-${label}`,
        text.specificity(label),
        each(({ specificity }) => specificity[label]),
      );
    row(
      'no-class',
      text.noClass,
      each(({ no_class }) => no_class),
    );
  }
  row('agreement', text.agreement, [agreement.person, agreement.person_after, null]);
  return element(
    'section',
    { 'aria-labelledby': 'blind-figures-title' },
    element('h3', { id: 'blind-figures-title' }, text.figuresTitle),
    element('p', { class: 'note' }, labelled > 0 ? text.figuresNote : text.figuresNoLabels),
    element(
      'table',
      { class: 'readers blind-figures' },
      element('caption', { class: 'visually-hidden' }, text.figuresTitle),
      tableHead(text.figure, text.columns),
      element('tbody', {}, ...rows),
    ),
  );
}

/** @param {Share | null} share */
function cell(share) {
  if (!share) return [messages.films.none];
  return [percent(share.value), minor(messages.blind.ofFilms(share.count, share.n)), minor(percentInterval(share))];
}

/** @param {string} text */
function minor(text) {
  return element('span', { class: 'minor' }, text);
}

/** @param {import('./figures.js').Changes} changes */
function changes({ changed, to_reader, labelled, towards_right, towards_wrong, neither }) {
  const text = messages.blind;
  if (!changed) return [];
  if (changed.count === 0) return [element('p', {}, text.changedNone)];
  return [
    element('p', {}, text.changed(changed.count, changed.n, percent(changed.value), percentInterval(changed))),
    element(
      'ul',
      {},
      element('li', {}, text.toReader(to_reader)),
      ...(labelled > 0 ? [text.towardsRight(towards_right), text.towardsWrong(towards_wrong), text.neither(neither)].map((one) => element('li', {}, one)) : []),
    ),
  ];
}

/** @param {Turn[]} turns */
function films(turns) {
  const text = messages.blind;
  const rows = turns.map((turn, index) => {
    const { film, before, after, reader, label } = turn;
    const read = readerOf(turn);
    const verdict = read
      ? text.answers[read]
      : messages.films.categories[reader?.verdict === 'refused' ? 'refused' : reader?.finding === 'not_normal' ? 'not_normal' : 'uncertain'];
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, String(index + 1), element('span', { class: 'minor blind-name' }, film.path)),
      element('td', {}, before && text.answers[before.answer], minor(before?.sureness ? text.sureness(before.sureness) : '')),
      element('td', {}, after && text.answers[after.answer], minor(after?.sureness ? text.sureness(after.sureness) : '')),
      element('td', {}, verdict),
      element('td', {}, label ? text.answers[label] : messages.films.none),
    );
  });
  return element(
    'details',
    { class: 'blind-list', open: true },
    element('summary', {}, text.listTitle(turns.length)),
    element(
      'div',
      { class: 'blind-scroll', tabindex: 0, role: 'group', 'aria-label': text.listTitle(turns.length) },
      element(
        'table',
        { class: 'readers' },
        element('thead', {}, element('tr', {}, ...text.listColumns.map((name) => element('th', { scope: 'col' }, name)))),
        element('tbody', {}, ...rows),
      ),
    ),
  );
}

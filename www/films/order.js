// Decides which films the table shows and in which order.

import { answerProbability, CATEGORIES, category, LABELS, mostProbable, readerAnswer } from '../report/film-facts.js';
import { naturally } from '../exchange/file-tree.js';

/**
 * @typedef {import('../report/film-facts.js').Category} Category
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').SortKey} SortKey
 * @typedef {object} Arrangement
 * @property {SortKey} sort
 * @property {boolean} descending
 * @property {Category | 'all'} category
 * @property {string} text part of the name or folder
 */

/** All films, in the order in which they came. @returns {Arrangement} */
export function unarranged() {
  return { sort: 'number', descending: false, category: 'all', text: '' };
}

/** Orders that do not change when a film is read. */
const LASTING = new Set(['number', 'name']);

/** @param {Arrangement} arrangement */
export function changesAsFilmsAreRead({ sort, category }) {
  return category !== 'all' || !LASTING.has(sort);
}

/** @param {Arrangement} arrangement */
export function isSorted({ sort, descending }) {
  return sort !== 'number' || descending;
}

/** @param {Arrangement} arrangement */
export function isFiltered({ category, text }) {
  return category !== 'all' || text.trim() !== '';
}

const STATES = ['done', 'reading', 'waiting', 'cancelled', 'failed'];

/** The key of each order. Films with null come last in both directions. @type {Record<SortKey, (film: Film) => number | string | null>} */
const KEYS = {
  number: () => null,
  name: ({ name }) => name,
  verdict: (film) => CATEGORIES.indexOf(category(film)),
  probability: answerProbability,
  abnormal: ({ report }) => report?.abnormal ?? null,
  covid19: ({ report }) => report?.probabilities?.covid19 ?? null,
  normal: ({ report }) => report?.probabilities?.normal ?? null,
  pneumonia: ({ report }) => report?.probabilities?.pneumonia ?? null,
  convnet: ({ report }) => answerKey(readerAnswer(report, 'convnet')),
  texture: ({ report }) => answerKey(readerAnswer(report, 'texture')),
  warnings: ({ report }) => report?.warnings?.length ?? null,
  time: ({ report }) => report?.elapsed_ms?.total ?? null,
  state: ({ state }) => STATES.indexOf(state),
};

/** Sorts by a reader's class, within it the most probable first. @param {import('../report/types.js').PerLabel | null} values */
function answerKey(values) {
  if (!values) return null;
  const label = mostProbable(values);
  return LABELS.indexOf(label) - values[label];
}

/**
 * @param {Film[]} films in the order in which they came
 * @param {Arrangement} arrangement
 * @returns {Film[]}
 */
export function arrange(films, { sort, descending, category: wanted, text }) {
  const part = text.trim().toLocaleLowerCase();
  const kept = films.filter((film) => (wanted === 'all' || category(film) === wanted) && (part === '' || film.path.toLocaleLowerCase().includes(part)));
  if (sort === 'number') return descending ? kept.reverse() : kept;
  const key = KEYS[sort];
  const sign = descending ? -1 : 1;
  return kept
    .map((film, index) => ({ film, index, key: key(film) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.index - b.index;
      const difference = typeof a.key === 'string' ? naturally(a.key, String(b.key)) : a.key - /** @type {number} */ (b.key);
      return sign * difference || a.index - b.index;
    })
    .map(({ film }) => film);
}

/**
 * Counts the films of each category.
 * @param {Film[]} films
 */
export function countCategories(films) {
  const counts = /** @type {Record<Category | 'all', number>} */ (Object.fromEntries(['all', ...CATEGORIES].map((category) => [category, 0])));
  counts.all = films.length;
  for (const film of films) counts[category(film)]++;
  return counts;
}

// Puts the parts together: what is shown follows from the films, the one that is selected, and the state of the workers.

import { listenForBatch, showBatch } from './batch-view.js';
import { byId, element } from './dom.js';
import { showCompute, showFailure, showProgress, showReady } from './engine-view.js';
import { filmRow, showState } from './film-list.js';
import { listenForFilms } from './intake.js';
import { messages } from './messages.js';
import { isUnread, Queue } from './queue.js';
import { addRequests, countRequests } from './requests.js';
import { resultView, verdictSentence } from './result-view.js';
import { poolSize, WorkerPool } from './worker-pool.js';

/**
 * @typedef {import('./types.js').Failure} Failure
 * @typedef {import('./types.js').Film} Film
 * @typedef {import('./types.js').Metrics} Metrics
 * @typedef {import('./types.js').Model} Model
 */

/** @type {Film | null} */
let selected = null;
/** @type {Model | null} */
let model = null;
/** @type {Metrics | null} */
let metrics = null;
/** Each film's row in the list. @type {WeakMap<Film, HTMLElement>} */
const rows = new WeakMap();

/** `?backend=` asks for one back-end; which there are, and what to do where there is none of that name, the program knows. */
const backend = new URLSearchParams(location.search).get('backend');
const pool = new WorkerPool(poolSize(navigator), backend, {
  progress: showProgress,
  ready: modelReady,
  failed: startFailed,
  computed: (compute) => showCompute(compute, backend),
  requests: addRequests,
});
const queue = new Queue(pool, { changed: filmChanged, moved: filmsMoved });

listenForFilms(takeFilms);
listenForBatch({ cancel: cancelFilms, readRest: readCancelled });
byId('clear').addEventListener('click', clearFilms);
// A start that fails has been shown by then.
pool.start().catch(() => {});

/** @param {File[]} files */
function takeFilms(files) {
  if (files.length === 0) {
    announce(messages.film.nothingDropped);
    return;
  }
  const added = queue.add(files);
  selected = added[0];
  byId('film-list').append(...added.map(newRow));
  showFilms();
  showResult();
  filmsMoved();
  byId('result').scrollIntoView({ block: 'nearest' });
}

/** @param {Film} film */
function filmChanged(film) {
  const row = rows.get(film);
  if (row) showState(row, film);
  if (film === selected) showResult();
  if (film.state === 'done' && film.reading) announce(messages.result.announce(film.name, verdictSentence(film.reading.report)));
  if (film.state === 'failed' && film.failure) {
    announce(messages.result.announceFailed(film.name, messages.result.failed(film.failure.kind) || film.failure.message));
  }
  const isLast = (film.state === 'done' || film.state === 'failed') && !queue.films.some(isUnread);
  if (isLast && queue.films.length > 1) announce(messages.result.announceAll(count('done'), count('failed'), count('cancelled')));
}

/** How far the films are has changed. */
function filmsMoved() {
  showBatch(queue.paused ? null : queue.progress(), count('cancelled'));
}

/** @param {Film['state']} state */
function count(state) {
  return queue.films.filter((film) => film.state === state).length;
}

/** @param {Film} film */
function selectFilm(film) {
  selected = film;
  showFilms();
  showResult();
  byId('result').scrollIntoView({ block: 'nearest' });
  if (film.reading?.report && film.state === 'done') announce(messages.result.announce(film.name, verdictSentence(film.reading.report)));
}

/** @param {Film} film */
function removeFilm(film) {
  const position = queue.films.indexOf(film);
  queue.remove(film);
  const neighbour = queue.films[Math.min(position, queue.films.length - 1)] ?? null;
  if (selected === film) selected = neighbour;
  rows.get(film)?.remove();
  showFilms();
  showResult();
  announce(messages.film.removed);
  // The button that was pressed is gone: the keyboard goes on beside it.
  const next = neighbour && rows.get(neighbour)?.querySelector('.row-remove');
  /** @type {HTMLElement} */ (next ?? byId('choose')).focus();
}

function clearFilms() {
  queue.clear();
  selected = null;
  byId('film-list').replaceChildren();
  showFilms();
  showResult();
  announce(messages.film.cleared);
  byId('choose').focus();
}

/** @param {Film} film */
function retryFilm(film) {
  queue.retry([film]);
  byId('result-title').focus();
}

function cancelFilms() {
  queue.cancel();
  announce(messages.batch.announceCancelled(count('cancelled')));
}

function readCancelled() {
  const films = queue.films.filter(({ state }) => state === 'cancelled');
  queue.retry(films);
  announce(messages.batch.announceRest(films.length));
}

/** @param {Film} film */
function newRow(film) {
  const row = filmRow(film, { select: selectFilm, remove: removeFilm });
  rows.set(film, row);
  return row;
}

/** The rows are there; this says which is selected, and makes room for them or not. */
function showFilms() {
  const isEmpty = queue.films.length === 0;
  document.body.dataset.films = isEmpty ? 'none' : 'some';
  byId('films').hidden = isEmpty;
  byId('facts').hidden = !isEmpty;
  const current = selected && rows.get(selected);
  for (const button of byId('film-list').querySelectorAll('.row-open')) {
    if (current?.contains(button)) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

function showResult() {
  const result = byId('result');
  result.hidden = selected === null;
  result.dataset.state = selected?.state ?? '';
  result.setAttribute('aria-busy', String(selected?.state === 'reading'));
  result.replaceChildren(...(selected ? resultView(selected, { model, metrics, retry: retryFilm }) : []));
}

/** @param {Model} loaded @param {Metrics | null} figures */
function modelReady(loaded, figures) {
  const isFirst = model === null;
  model = loaded;
  metrics = figures;
  showReady(loaded.version);
  if (isFirst) {
    countRequests();
    announce(messages.engine.announceReady);
  }
  if (selected?.state === 'waiting') showResult();
}

/** @param {Failure} failure */
function startFailed(failure) {
  showFailure(failure, count('waiting'), () => {
    queue.paused = false;
    filmsMoved();
    pool.start().then(() => queue.run(), () => {});
  });
}

/**
 * Says a sentence to screen readers. Sentences queue up; the oldest are dropped.
 * @param {string} sentence
 */
function announce(sentence) {
  const live = byId('live');
  live.append(element('p', {}, sentence));
  while (live.childElementCount > 10) live.firstElementChild?.remove();
}

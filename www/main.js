// Puts the parts together: what is shown follows from the films, the one that is selected, and the state of the worker.

import { byId, element } from './dom.js';
import { filmRow } from './film-list.js';
import { listenForFilms } from './intake.js';
import { messages } from './messages.js';
import { Queue } from './queue.js';
import { addRequests, countRequests } from './requests.js';
import { resultView, verdictSentence } from './result-view.js';
import { WorkerClient } from './worker-client.js';

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

const client = new WorkerClient({ progress: showProgress, ready: showReady, failed: showFailure, requests: addRequests });
const queue = new Queue(client, filmChanged);

listenForFilms(takeFilms);
byId('clear').addEventListener('click', clearFilms);
// A start that fails has been shown by then.
client.start().catch(() => {});

/** @param {File[]} files */
function takeFilms(files) {
  if (files.length === 0) {
    announce(messages.film.nothingDropped);
    return;
  }
  const added = queue.add(files);
  selected = added[0];
  byId('film-list').append(...added.map(rowOf));
  showFilms();
  showResult();
  byId('result').scrollIntoView({ block: 'nearest' });
}

/** @param {Film} film */
function filmChanged(film) {
  const row = findRow(film);
  const hadFocus = row?.contains(document.activeElement);
  const fresh = rowOf(film);
  row?.replaceWith(fresh);
  if (hadFocus) fresh.querySelector('button')?.focus();
  if (film === selected) showResult();
  if (film.state === 'done' && film.reading) announce(messages.result.announce(film.name, verdictSentence(film.reading.report)));
  if (film.state === 'failed' && film.failure) {
    announce(messages.result.announceFailed(film.name, messages.result.failed(film.failure.kind) || film.failure.message));
  }
  if (queue.films.length > 1 && queue.films.every(({ state }) => state === 'done' || state === 'failed')) {
    const read = queue.films.filter(({ state }) => state === 'done').length;
    announce(messages.result.announceAll(read, queue.films.length - read));
  }
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
  findRow(film)?.remove();
  showFilms();
  showResult();
  announce(messages.film.removed);
  // The button that was pressed is gone: the keyboard goes on beside it.
  const next = neighbour && findRow(neighbour)?.querySelector('.row-remove');
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
  queue.retry(film);
  byId('result-title').focus();
}

/** @param {Film} film */
function rowOf(film) {
  return filmRow(film, film === selected, { select: selectFilm, remove: removeFilm });
}

/** @param {Film} film */
function findRow(film) {
  return byId('film-list').querySelector(`[data-film="${film.id}"]`);
}

/** The rows are there; this says which is selected, and makes room for them or not. */
function showFilms() {
  const isEmpty = queue.films.length === 0;
  document.body.dataset.films = isEmpty ? 'none' : 'some';
  byId('films').hidden = isEmpty;
  byId('facts').hidden = !isEmpty;
  const current = selected && findRow(selected);
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

/** @param {number} done @param {number} of */
function showProgress(done, of) {
  engine('loading', messages.engine.loading(done, of));
  const bar = /** @type {HTMLProgressElement} */ (byId('engine-progress'));
  bar.max = of;
  bar.value = done;
}

/** @param {Model} loaded @param {Metrics | null} figures */
function showReady(loaded, figures) {
  const isFirst = model === null;
  model = loaded;
  metrics = figures;
  engine('ready', messages.engine.ready(loaded.version));
  byId('engine-failure').replaceChildren();
  if (isFirst) {
    countRequests();
    announce(messages.engine.announceReady);
  }
  if (selected?.state === 'waiting') showResult();
}

/** @param {Failure} failure */
function showFailure({ kind, message }) {
  engine('failed', messages.engine.failedShort);
  const again = element('button', { type: 'button', class: 'primary' }, messages.engine.retry);
  again.addEventListener('click', () => {
    engine('loading', messages.engine.again);
    byId('engine-failure').replaceChildren();
    byId('choose').focus();
    queue.paused = false;
    client.start().then(() => queue.run(), () => {});
  });
  const waiting = queue.films.filter(({ state }) => state === 'waiting').length;
  byId('engine-failure').replaceChildren(
    element(
      'section',
      { class: 'notice error', role: 'alert', 'data-start-failure': kind, 'aria-label': messages.engine.failedTitle },
      element('h2', {}, messages.engine.failedTitle),
      element('p', {}, `${messages.engine.failed(kind)} ${messages.engine.failedWaiting(waiting)}`.trim()),
      element('p', { class: 'detail' }, `${messages.result.detail} ${message}`),
      element('p', { class: 'actions' }, again),
    ),
  );
}

/** @param {'loading' | 'ready' | 'failed'} state @param {string} text */
function engine(state, text) {
  byId('engine').dataset.state = state;
  byId('engine-text').textContent = text;
  byId('engine-progress').hidden = state !== 'loading';
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

// Puts the parts of the page together: the films, the selected one, and the state of the workers decide what is shown.

import { BlindReading } from './blind/blind.js';
import { Comparison } from './compare/comparison.js';
import { listenForBatch, showBatch } from './page/batch-view.js';
import { byId, element, keepOpen } from './ui/dom.js';
import { askForExport } from './exchange/export-dialog.js';
import { listenForEngineLanguage, showCompute, showFailure, showLoadingAgain, showProgress, showReady, watchLoading } from './page/engine-view.js';
import { isOfAnotherModel } from './report/film-facts.js';
import { FilmsDesk } from './films/desk.js';
import { oncePerFrame } from './ui/frames.js';
import { toIncoming } from './exchange/incoming.js';
import { labelsOf } from './exchange/labels.js';
import { listenForFilms } from './page/intake.js';
import { listenForLanguage } from './page/language-choice.js';
import { filmsExported, listenForLeaving, watchLeaving } from './page/leaving.js';
import { inEveryLanguage, messages } from './text/messages.js';
import { keepForOffline } from './page/offline.js';
import { mayHoldModel } from './own-model/found.js';
import { OwnModel } from './own-model/own-model.js';
import { dropPrintPictures, keepPrintPictures, listenForPrint } from './result/print-view.js';
import { Queue } from './films/queue.js';
import { addRequests, countRequests, listenForRequests } from './page/requests.js';
import { resultView } from './result/result-view.js';
import { drawSamples } from './page/samples.js';
import { listenForShortcuts } from './page/shortcuts.js';
import { writeStaticText } from './page/static-text.js';
import { warmUp } from './page/warm-up.js';
import { verdictSentence } from './result/verdict-sentence.js';
import { Viewer } from './viewer/viewer.js';
import { Engine } from './reader/engine.js';
import { meaningOf } from './validate/ask.js';
import { Validation } from './validate/validation.js';

/**
 * @typedef {import('./report/types.js').Failure} Failure
 * @typedef {import('./report/types.js').Film} Film
 * @typedef {import('./report/types.js').Metrics} Metrics
 * @typedef {import('./report/types.js').Model} Model
 */

inEveryLanguage(writeStaticText);

/** @type {Film | null} */
let selected = null;
/** @type {Model | null} */
let model = null;
/** @type {Metrics | null} */
let metrics = null;
/** Aborted when everything is cleared: files that are still on their way are dropped. */
let intake = new AbortController();
/** Tables that say what films show. @type {import('./exchange/label-table.js').LabelTable[]} */
let tables = [];
/** The sentence about the files that came in. */
let intakeNote = () => '';
/** The state of each film that was last announced. @type {WeakMap<Film, Film['state']>} */
const said = new WeakMap();

/** Up to this many films are announced one by one; for more, only progress is announced. */
const FEW_FILMS = 10;

/** `?backend=` asks for one back-end. The program knows the names, and what to do with an unknown one. */
const backend = new URLSearchParams(location.search).get('backend');
const engine = new Engine(backend, {
  progress: showProgress,
  ready: modelReady,
  failed: startFailed,
  computed: (compute) => showCompute(compute, backend),
  requests: addRequests,
});
/** Thousands of films may change one after another: they are shown once per frame. */
const films = oncePerFrame(showProgressOfFilms);
/** The reader is given new films first. They are shown in the next frame, or once there is something to show of them. */
const arrivals = oncePerFrame(showArrivals);
/** Films that have not been shown yet. @type {Film[]} */
let arrived = [];
const queue = new Queue(engine, {
  changed: filmChanged,
  moved: films.soon,
  isSeen: (film) => film === selected,
  decoded(film, picture) {
    arrivals.ifDue();
    viewer.preview(film, picture);
  },
});
const desk = new FilmsDesk({ select: selectFilm, open: openFilm, remove: removeFilm, compare: compareFilm, export: exportFilms, announce });
let viewer = new Viewer(picturesOf);
const validation = new Validation({
  films: () => queue.films,
  tables: () => tables,
  classifier: () => engine.start(),
  model: () => model,
  metrics: () => metrics,
  open(film) {
    desk.reveal(film);
    openFilm(film);
  },
  cancel: cancelFilms,
  announce,
});
const blind = new BlindReading(byId('blind'), [byId('films-blind'), byId('blind-first')], {
  viewer: () => viewer,
  films: () => queue.films,
  labels: labelsOfFilms,
  metricsOf,
  hasModel: () => model !== null,
  read: readForBlind,
  turned: turnBlind,
  answered: films.soon,
  announce,
});
const ownModel = new OwnModel(byId('own-model'), byId('own-model-open'), {
  model: () => model,
  metrics: () => metrics,
  films: () => queue.films,
  use: (files) => engine.use(files, () => queue.startOver()),
  readAgain,
  announce,
});
const comparison = new Comparison(byId('comparison'), {
  films: () => queue.films,
  pictures: (film) => queue.pictures(film),
  metricsOf,
  sample: addSample,
  choose: () => byId('choose').click(),
  result: openFilm,
  marked: (compared) => desk.setCompared(compared),
  opened() {
    validation.collapse();
    showResult();
  },
  closed: comparisonClosed,
  announce,
});
/** The film that was selected before the blind reading. @type {Film | null} */
let selectedBefore = null;

listenForFilms({ take: takeFilms, looking: (files) => showIntakeNote(() => messages.intake.looking(files)), signal: () => intake.signal });
listenForPrint(
  () =>
    validation.sheet() ??
    comparison.sheet() ??
    (selected && {
      film: selected,
      number: queue.films.indexOf(selected) + 1,
      metrics: metricsOf(selected),
      isOfAnotherModel: isOfAnotherModel(selected, model),
    }),
);
listenForBatch({ cancel: cancelFilms, readRest: readCancelled });
listenForRequests();
listenForShortcuts();
listenForLeaving(() => exportFilms(null));
listenForEngineLanguage();
listenForLanguage(showAgain);
byId('clear').addEventListener('click', clearFilms);
byId('samples').addEventListener('click', takeSamples);
// A failed start has been shown by then.
watchLoading(loadAgain);
engine.start().catch(() => {});
document.body.dataset.isRunning = '';

/** Takes what came in as films, unless it is a model. @param {import('./exchange/file-tree.js').Taken} taken */
function takeFilms(taken) {
  if (!mayHoldModel(taken.sources)) return takeOnlyFilms(taken);
  showIntakeNote();
  const { signal } = intake;
  const isRefused = () => {
    if (signal.aborted) return true;
    if (blind.isOn) showIntakeNote(() => messages.ownModel.notBlind);
    return blind.isOn;
  };
  void ownModel.offer(taken.sources, isRefused).then((rest) => rest.length > 0 && !signal.aborted && takeOnlyFilms({ ...taken, sources: rest }));
}

/** @param {import('./exchange/file-tree.js').Taken} taken */
function takeOnlyFilms({ sources, leftOut }) {
  showIntakeNote();
  const { signal } = intake;
  const coming = toIncoming(sources);
  const take = (/** @type {import('./exchange/incoming.js').Found} */ { films, taken, others, hidden, tables: found }) => {
    if (signal.aborted) return;
    const all = leftOut + hidden;
    const isNothing = films.length + found.length === 0 && all + others === 0;
    const note = () => (isNothing ? messages.film.nothingDropped : all + others > 0 ? messages.intake.leftOut(taken, all, others) : '');
    showIntakeNote(note);
    if (note()) announce(note());
    tables.push(...found);
    if (films.length > 0) addFilms(films, note);
    else if (found.length > 0) labelsChanged();
  };
  if (!(coming instanceof Promise)) {
    take(coming);
    return;
  }
  if (sources.length > 1) showIntakeNote(() => messages.intake.looking(sources.length));
  void coming.then(take);
}

/** Films or tables were added. */
function labelsChanged() {
  validation.filmsChanged();
  if (blind.isOn) blind.filmsChanged();
}

/** The labels of the films: from tables or folders, with the meanings that a person gave their spellings. */
function labelsOfFilms() {
  const { labelled } = labelsOf(queue.films, tables) ?? { labelled: [] };
  return new Map(labelled.map(({ film, spelling }) => [film, meaningOf(spelling)]));
}

/** @param {import('./report/types.js').Incoming[]} incoming @param {() => string} [note] a sentence already shown about them */
function addFilms(incoming, note = () => '') {
  const imported = incoming.filter(({ imported }) => imported).length;
  if (imported > 0) {
    showIntakeNote(() => [note(), messages.import.done(imported)].filter(Boolean).join(' '));
    announce(messages.import.done(imported));
  }
  const added = queue.add(incoming);
  if (added.length === 0) return;
  if (blind.isOn) {
    showFilms();
    labelsChanged();
    return;
  }
  selected = added[0];
  comparison.close();
  // What is shown until then belongs to the film before.
  byId('result').dataset.state = selected.state;
  arrived.push(...added);
  arrivals.soon();
  // Those that have failed already: the others are announced once they are read.
  if (added.length <= FEW_FILMS) for (const film of added) if (!film.imported) announceFilm(film);
}

function showArrivals() {
  const added = arrived;
  arrived = [];
  if (added.length === 0) return;
  showFilms();
  desk.setFilms(queue.films);
  validation.filmsChanged();
  if (selected) desk.reveal(selected);
  showResult();
  films.now();
  // For several films, the page stays at the list.
  const { top } = byId('result').getBoundingClientRect();
  // A result in sight needs no scrolling.
  if (added.length === 1 && (top < 0 || top > innerHeight / 4)) byId('result').scrollIntoView({ block: 'nearest' });
}

/** @param {Film} film */
function filmChanged(film) {
  if (blind.isOn) {
    // During a blind reading nothing is announced or shown here.
    said.set(film, film.state);
    blind.filmChanged(film);
    return;
  }
  const isSettled = film.state === 'done' || film.state === 'failed';
  if (isSettled) arrivals.ifDue();
  desk.changed(film);
  // The thumbnail may arrive after the report and everything else.
  if (said.get(film) === film.state) {
    films.soon();
    return;
  }
  said.set(film, film.state);
  comparison.filmChanged(film);
  if (film === selected && arrived.length === 0) showResult();
  const progress = queue.progress();
  if (!isSettled || !progress) return;
  const { done, of } = progress;
  if (of <= FEW_FILMS || film === selected) announceFilm(film);
  else if (done < of && done % Math.ceil(of / 10) === 0) announce(messages.films.announceProgress(done, of));
  if (done === of && queue.films.length > 1) announce(messages.result.announceAll(count('done'), count('failed'), count('cancelled')));
}

/** @param {Film} film */
function announceFilm(film) {
  if (film.state === 'done' && film.report) announce(messages.result.announce(film.name, verdictSentence(film.report)));
  if (film.state === 'failed' && film.failure) {
    announce(messages.result.announceFailed(film.name, messages.result.failed(film.failure) || film.failure.message));
  }
}

function showProgressOfFilms() {
  if (!desk.update()) films.soon();
  validation.update();
  ownModel.update();
  showBatch(queue.paused ? null : queue.progress(), count('cancelled'));
  watchLeaving(queue.films, blind.isUnsaved);
}

/** Removes everything that was said of films from the document while somebody reads blind. @param {boolean} isOn */
function turnBlind(isOn) {
  if (isOn) {
    arrivals.ifDue();
    selectedBefore = selected;
    selected = null;
    byId('live').replaceChildren();
  } else {
    selected = queue.films.find((film) => film === selectedBefore) ?? queue.films[0] ?? null;
  }
  comparison.clear();
  desk.setFilms(isOn ? [] : queue.films);
  validation.turnAway(isOn);
  showFilms();
  if (selected) desk.reveal(selected);
  showResult();
  films.now();
}

function takeSamples() {
  const { signal } = intake;
  drawSamples(engine).then(
    (files) => signal.aborted || addFilms(files.map((file) => ({ file, isSynthetic: true }))),
    // A failed start has been shown by then.
    () => showIntakeNote(() => messages.samples.failed),
  );
}

/** Adds a synthetic film to compare with. */
async function addSample() {
  const { signal } = intake;
  try {
    const [file] = await drawSamples(engine);
    // A blind reading that began meanwhile is shown no new films.
    if (signal.aborted || blind.isOn) return null;
    const [film] = queue.add([{ file, isSynthetic: true }]);
    showFilms();
    desk.setFilms(queue.films);
    validation.filmsChanged();
    films.now();
    return film;
  } catch {
    announce(messages.samples.failed);
    return null;
  }
}

/** @param {() => string} [words] empty for none */
function showIntakeNote(words = () => '') {
  intakeNote = words;
  byId('intake-note').textContent = words();
  byId('intake-note').hidden = words() === '';
  blind.note(words());
}

/** @param {Film['state']} state */
function count(state) {
  return queue.films.filter((film) => film.state === state).length;
}

/**
 * @param {Film} film
 * @param {'pointer' | 'keys'} by with keys the focus stays in the rows, which screen readers read out
 */
function selectFilm(film, by) {
  validation.collapse();
  const isCompared = comparison.isOpen;
  comparison.close();
  if (film !== selected || isCompared) {
    selected = film;
    showFilms();
    showResult();
  }
  if (by === 'keys') return;
  byId('result').scrollIntoView({ block: 'nearest' });
  if (film.state === 'done') announceFilm(film);
}

/** Selects the film and moves the focus to its result. @param {Film} film */
function openFilm(film) {
  selectFilm(film, 'keys');
  byId('result-title').focus();
}

/** @param {Film} film @param {'pointer' | 'keys'} by */
function compareFilm(film, by) {
  if (by === 'keys' || !selected) comparison.mark(film);
  else comparison.open(selected, film);
}

/** @param {Element | null} from where it was opened */
function comparisonClosed(from) {
  showResult();
  const place = from?.isConnected && from !== document.body ? from : (document.getElementById('compare-with') ?? document.getElementById('result-title'));
  if (place instanceof HTMLElement) place.focus();
}

/** @param {Film} film */
function removeFilm(film) {
  const neighbour = desk.neighbourOf(film) ?? queue.films.find((other) => other !== film) ?? null;
  const isCompared = comparison.isOpen;
  queue.remove(film);
  validation.filmsChanged();
  comparison.filmsChanged();
  const wasSelected = selected === film || (isCompared && !comparison.isOpen);
  if (selected === film) selected = neighbour;
  desk.setFilms(queue.films);
  showFilms();
  if (wasSelected) {
    if (selected) desk.reveal(selected);
    showResult();
  }
  films.now();
  announce(messages.film.removed);
  // The row that had the focus is gone; the focus goes to its neighbour.
  if (!desk.focus({ preventScroll: true })) byId('choose').focus();
}

function clearFilms() {
  intake.abort();
  intake = new AbortController();
  tables = [];
  queue.clear();
  arrived = [];
  validation.clear();
  comparison.clear();
  selected = null;
  desk.setFilms(queue.films);
  showIntakeNote();
  showFilms();
  showResult();
  films.now();
  announce(messages.film.cleared);
  byId('choose').focus();
}

/** @param {Film[] | null} shown */
function exportFilms(shown) {
  askForExport(queue.films, shown, model, announce, (saved) => {
    filmsExported(saved);
    films.now();
  });
}

/** @param {Film} film */
async function picturesOf(film) {
  const pictures = await queue.pictures(film);
  if (film === selected) keepPrintPictures(film, pictures);
  return pictures;
}

/** @param {Film} film */
async function tagsOf(film) {
  const classifier = await engine.start();
  return film.file ? classifier.tags(film.file) : [];
}

/** The figures of the model that read this film; null where that is not the model in use. @param {Film} film */
function metricsOf(film) {
  return isOfAnotherModel(film, model) ? null : metrics;
}

/** @param {Film} film */
function retryFilm(film) {
  queue.retry([film]);
  byId('result-title').focus();
}

/** Reads films again with the model in use. @param {Film[]} others that another model has read */
function readAgain(others) {
  queue.readAgain(others);
  films.now();
  announce(messages.batch.announceRest(others.length));
}

/** A blind reading compares the person with one model only: the one in use. @param {Film[]} wanted */
function readForBlind(wanted) {
  queue.retry(wanted.filter(({ state }) => state === 'cancelled'));
  queue.readAgain(wanted.filter((film) => isOfAnotherModel(film, model)));
}

/** @param {Film} film @param {import('./report/types.js').ReadAs} readAs */
function readFilmAs(film, readAs) {
  queue.readAs(film, readAs);
  byId('result-title').focus();
}

/** @param {Film} film */
function readFilmAsStored(film) {
  queue.readAsStored(film);
  // The earlier result is shown and announced again.
  showResult();
  announceFilm(film);
  byId('result-title').focus();
}

function cancelFilms() {
  queue.cancel();
  films.now();
  announce(messages.batch.announceCancelled(count('cancelled')));
}

function readCancelled() {
  const cancelled = queue.films.filter(({ state }) => state === 'cancelled');
  queue.retry(cancelled);
  films.now();
  announce(messages.batch.announceRest(cancelled.length));
}

/** Shows the films and which one is selected. */
function showFilms() {
  const isEmpty = queue.films.length === 0;
  document.body.dataset.films = isEmpty ? 'none' : 'some';
  byId('facts').hidden = !isEmpty;
  desk.select(selected);
}

function showResult() {
  const result = byId('result');
  if (comparison.isOpen) {
    result.hidden = true;
    result.replaceChildren();
    viewer.clear();
    comparison.update();
    return;
  }
  result.hidden = selected === null;
  result.dataset.state = selected?.state ?? '';
  result.setAttribute('aria-busy', String(selected?.state === 'reading'));
  if (!selected || selected.state === 'failed' || selected.state === 'cancelled') viewer.clear();
  dropPrintPictures(selected);
  result.replaceChildren(
    ...(selected
      ? resultView(selected, {
          model,
          metrics: metricsOf(selected),
          viewer,
          retry: retryFilm,
          readAgain: (film) => readAgain([film]),
          readAs: readFilmAs,
          readAsStored: readFilmAsStored,
          choose: () => byId('choose').click(),
          compare: (film) => comparison.choose(film),
          tagsOf,
        })
      : []),
  );
}

/** Shows everything again in the chosen language; films and results stay as they are. */
function showAgain() {
  byId('live').replaceChildren();
  showIntakeNote(intakeNote);
  viewer = viewer.again();
  keepOpen(byId('result'), showResult);
  comparison.showAgain();
  keepOpen(byId('validation'), () => validation.showAgain());
  films.now();
}

/** @param {Model} loaded @param {Metrics | null} figures */
function modelReady(loaded, figures) {
  const isFirst = model === null;
  const isOther = model !== null && model.sha256 !== loaded.sha256;
  model = loaded;
  metrics = figures;
  showReady(loaded);
  if (isFirst) {
    countRequests();
    void keepForOffline();
    void warmUp(engine, () => queue.progress() === null, { model, metrics });
    announce(messages.engine.announceReady);
  }
  if (isOther) {
    comparison.update();
    films.now();
  }
  // A film may have been read before the figures arrived.
  if (selected && (isFirst || isOther || selected.state === 'waiting' || selected.imported)) showResult();
}

/** @param {Failure} failure */
function startFailed(failure) {
  showFailure(failure, count('waiting'), startAgain);
}

function startAgain() {
  engine.start().then(
    () => {
      queue.paused = false;
      queue.run();
      films.now();
    },
    // The failure has been shown by then; the films go on waiting.
    () => {},
  );
}

/** Gives up what does not arrive, and loads again. */
function loadAgain() {
  const loading = engine.start();
  engine.giveUp();
  loading.catch(() => {
    showLoadingAgain();
    startAgain();
  });
}

/**
 * Announces a sentence to screen readers. Sentences queue up; the oldest are dropped.
 * @param {string} sentence
 */
function announce(sentence) {
  const live = byId('live');
  live.append(element('p', {}, sentence));
  while (live.childElementCount > 10) live.firstElementChild?.remove();
}

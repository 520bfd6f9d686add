// Compares two films, side by side or one over the other: follow-ups, or a film and a sample. Each has a viewer; while the viewers are
// linked, they share one set of tools, and what a person does to one is done to the other.

import { button } from '../ui/button.js';
import { namesBox } from '../ui/choices.js';
import { element } from '../ui/dom.js';
import { cautionOfBoth, ownModelLine } from '../result/model-words.js';
import { messages } from '../text/messages.js';
import { Viewer } from '../viewer/viewer.js';
import { chooseFilm } from './choose-film.js';
import { sharesValues, viewFor } from './link.js';
import { areOfDifferentModels, numbersTable } from './numbers.js';
import { comparisonSheet, sentenceOf, SIDES } from './sheet.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Pictures} Pictures
 * @typedef {[Film, Film]} Pair
 * @typedef {'A' | 'B'} Side
 * @typedef {'beside' | 'over'} Layout
 *
 * @typedef {object} Parts elements that hold text in the page's language
 * @property {HTMLElement} title
 * @property {HTMLElement} heads
 * @property {HTMLElement} numbers
 * @property {HTMLElement} above the tools of both
 * @property {HTMLElement} below
 * @property {HTMLElement} films
 * @property {HTMLInputElement} linked
 * @property {{node: HTMLElement, check: (layout: Layout) => void}} layouts
 * @property {HTMLElement} note
 * @property {HTMLInputElement} wipe
 *
 * @typedef {object} Events
 * @property {() => Film[]} films of the page
 * @property {(film: Film) => Promise<Pictures | null>} pictures is asked for one film at a time
 * @property {(film: Film) => Metrics | null} metricsOf
 * @property {() => Promise<Film | null>} sample adds a synthetic film to those of the page
 * @property {() => void} choose files
 * @property {(film: Film) => void} result shows the result of one film
 * @property {(sides: Map<Film, Side>) => void} marked is given the films that are compared, or the first of two
 * @property {() => void} opened the comparison takes the place of the result
 * @property {(from: Element | null) => void} closed a person has closed it; the focus returns to where it was opened
 * @property {(sentence: string) => void} announce
 */

/** A key moves the boundary between the films by this many hundredths of the width. */
const WIPE_STEP = 5;
/** Two films fit side by side from this width. */
const WIDE = matchMedia('(width >= 48rem)');

export class Comparison {
  #root;
  #events;
  /** @type {Pair | null} */
  #films = null;
  /** @type {[Viewer, Viewer] | null} */
  #viewers = null;
  /** Film A, while film B has not been chosen. @type {Film | null} */
  #marked = null;
  #isLinked = true;
  /** The layout that was chosen; narrow screens show one film over the other. @type {Layout} */
  #layout = 'beside';
  /** With one film over the other, film A is seen up to here, in hundredths of the width. */
  #wipe = 50;
  /** The viewer that was touched last: the other follows it. @type {Viewer | null} */
  #lead = null;
  /** The viewer whose tools serve both. @type {Viewer | null} */
  #lender = null;
  #isStale = false;
  /** The element that had the focus before. @type {Element | null} */
  #from = null;
  /** Pictures are fetched for one film after the other. @type {Promise<unknown>} */
  #turn = Promise.resolve();
  /** Both viewers and their tools. */
  #box = element('div', { class: 'compare-box viewer' });
  /** @type {Parts | null} */
  #parts = null;

  /** @param {HTMLElement} root empty @param {Events} events */
  constructor(root, events) {
    this.#root = root;
    this.#events = events;
    // Listens before the viewers do: Esc also makes them give the wheel back to the page.
    document.addEventListener('keydown', (event) => this.#press(event), { capture: true });
    WIDE.addEventListener('change', () => this.#lay());
  }

  get isOpen() {
    return this.#films !== null;
  }

  /** Asks which film to compare this one with. @param {Film} film */
  choose(film) {
    const others = this.#events.films().filter((other) => other !== film && other.state !== 'failed' && other.state !== 'cancelled');
    const withSample = async () => {
      const sample = await this.#events.sample();
      if (sample && this.#events.films().includes(film)) this.open(film, sample);
    };
    chooseFilm(film, others, {
      film: (other) => this.open(film, other),
      sample: others.some(({ isSynthetic }) => isSynthetic) ? null : () => void withSample(),
      choose: this.#events.choose,
    });
  }

  /** Marks the first of two films; the second call compares them. @param {Film} film */
  mark(film) {
    const first = this.#marked;
    if (first && first !== film) {
      this.open(first, film);
      return;
    }
    this.#marked = first ? null : film;
    this.#showMarks();
    this.#events.announce(first ? messages.compare.unmarked : messages.compare.marked(film.name));
  }

  /** @param {Film} a @param {Film} b */
  open(a, b) {
    this.#end();
    this.#from = document.activeElement;
    this.#marked = null;
    this.#films = [a, b];
    this.#isLinked = true;
    this.#wipe = 50;
    this.#viewers = [this.#newViewer(), this.#newViewer()];
    this.#lead = this.#viewers[0];
    this.#events.opened();
    this.#write();
    this.#showMarks();
    this.#parts?.title.focus({ preventScroll: true });
    this.#root.scrollIntoView({ block: 'start' });
    this.#events.announce(messages.compare.announce(a.name, sentenceOf(a), b.name, sentenceOf(b)));
  }

  /** Closes it, for a result to take its place. */
  close() {
    if (!this.#films) return;
    this.#end();
    this.#showMarks();
  }

  /** Closes the comparison and forgets a film that was marked. */
  clear() {
    this.#marked = null;
    this.#end();
    this.#showMarks();
  }

  /** Films were removed: the comparison closes if one of its films is gone. */
  filmsChanged() {
    const here = new Set(this.#events.films());
    if (this.#marked && !here.has(this.#marked)) this.#marked = null;
    if (this.#films?.some((film) => !here.has(film))) this.close();
  }

  /** @param {Film} film */
  filmChanged(film) {
    if (this.#films?.includes(film)) this.update();
  }

  /** Writes what is said of the films. */
  update() {
    if (!this.#films || !this.#viewers || !this.#parts) return;
    const { heads, numbers } = this.#parts;
    const focused = heads.contains(document.activeElement) ? document.activeElement?.id : '';
    heads.replaceChildren(...this.#headsOf(this.#films));
    if (focused) document.getElementById(focused)?.focus();
    numbers.replaceChildren(numbersTable(this.#films), ...this.#notesOf(this.#films));
    for (const [index, film] of this.#films.entries()) {
      const viewer = this.#viewers[index];
      if (film.state === 'done' && film.report) viewer.show(film, film.report);
      else if (film.state === 'waiting' || film.state === 'reading') viewer.expect(film);
      else viewer.clear();
    }
    this.#lay();
  }

  /** Writes everything again in the page's new language. */
  showAgain() {
    if (!this.#viewers) return;
    const leads = this.#viewers.indexOf(/** @type {Viewer} */ (this.#lead));
    this.#viewers = [this.#viewers[0].again(), this.#viewers[1].again()];
    this.#lead = this.#viewers[leads];
    this.#write();
  }

  /** The sheet to print; null where nothing is compared. */
  sheet() {
    if (!this.#films || !this.#viewers || !this.#root.checkVisibility()) return null;
    return comparisonSheet(this.#films, this.#viewers, { metrics: this.#metrics(), films: this.#events.films() });
  }

  /** The figures of the model that read one of the films, if it is the model in use. */
  #metrics() {
    return this.#films?.map((film) => this.#events.metricsOf(film)).find((metrics) => metrics !== null) ?? null;
  }

  #newViewer() {
    return new Viewer((film) => this.#picturesOf(film), {
      ground: this.#box,
      changed: (viewer) => {
        this.#lead = viewer;
        if (this.#isLinked) this.#pass();
      },
      shown: () => this.#laySoon(),
    });
  }

  /** @param {Film} film */
  #picturesOf(film) {
    const pictures = this.#turn.then(() => (this.#films?.includes(film) ? this.#events.pictures(film) : null));
    this.#turn = pictures.catch(() => null);
    return pictures;
  }

  #end() {
    for (const viewer of this.#viewers ?? []) viewer.end();
    this.#films = this.#viewers = this.#lead = this.#lender = this.#parts = null;
    this.#box.replaceChildren();
    this.#root.replaceChildren();
    this.#root.hidden = true;
  }

  #closeByPerson() {
    this.close();
    this.#events.closed(this.#from);
    this.#events.announce(messages.compare.closed);
  }

  #showMarks() {
    const [a, b] = this.#films ?? [this.#marked, null];
    this.#events.marked(
      new Map(
        /** @type {[Film, Side][]} */ ([
          [a, 'A'],
          [b, 'B'],
        ]).filter(([film]) => film),
      ),
    );
  }

  #swap() {
    if (!this.#films || !this.#viewers) return;
    this.#films = [this.#films[1], this.#films[0]];
    this.#viewers = [this.#viewers[1], this.#viewers[0]];
    this.#place();
    this.update();
    this.#showMarks();
    const [a, b] = this.#films;
    this.#events.announce(messages.compare.announce(a.name, sentenceOf(a), b.name, sentenceOf(b)));
  }

  /** @param {boolean} isLinked */
  #link(isLinked) {
    this.#isLinked = isLinked;
    if (isLinked) this.#pass();
    this.#lay();
    this.#events.announce(messages.compare.linkChosen(isLinked));
  }

  /** Makes the other viewer show what the leading one shows. */
  #pass() {
    const viewers = this.#viewers;
    if (!viewers || !this.#lead) return;
    const from = viewers.indexOf(this.#lead);
    const [one, other] = [this.#seen(from), this.#seen(1 - from)];
    const { view, settings } = this.#lead;
    viewers[1 - from].follow(view && one && other ? viewFor(view, one, other) : null, settings);
  }

  /** @param {number} index @returns {import('./link.js').Seen | null} */
  #seen(index) {
    const film = this.#viewers?.[index].pictures?.film;
    return film ? { film, isDicom: this.#films?.[index].report?.film?.format === 'dicom' } : null;
  }

  // What is shown

  #write() {
    const text = messages.compare;
    const title = element('h2', { id: 'comparison-title', tabindex: -1 }, text.title);
    const [heads, numbers] = [element('div', { class: 'compare-heads' }), element('section', { class: 'compare-part', 'aria-label': text.table })];
    const [above, below] = [
      element('div', { class: 'compare-above', role: 'group', 'aria-label': text.tools }),
      element('div', { class: 'compare-below', role: 'group', 'aria-label': text.tools }),
    ];
    const wipe = element('input', { type: 'range', class: 'compare-wipe', min: 0, max: 100, step: 1, 'aria-label': text.wipe });
    wipe.addEventListener('input', () => this.#setWipe(wipe.valueAsNumber));
    const line = element('div', { class: 'compare-line', 'aria-hidden': 'true' }, element('span', {}));
    const films = element('div', { class: 'compare-films' }, line, wipe);
    const linked = element('input', { type: 'checkbox' });
    linked.addEventListener('change', () => this.#link(linked.checked));
    const layouts = this.#layoutChoice();
    const note = element('p', { class: 'viewer-note', id: 'compare-link-note' });
    linked.setAttribute('aria-describedby', note.id);
    this.#parts = { title, heads, numbers, above, below, films, linked, layouts, note, wipe };
    this.#lender = null;
    this.#listenToLine(line, films);
    this.#box.replaceChildren(
      element('div', { class: 'compare-options' }, element('label', { class: 'viewer-check' }, linked, text.linked), layouts.node, note),
      above,
      films,
      below,
    );
    this.#root.replaceChildren(
      element(
        'div',
        { class: 'compare-head' },
        title,
        element(
          'p',
          { class: 'compare-ways' },
          button('quiet', text.swap, () => this.#swap(), text.swapLong),
          button('quiet', text.close, () => this.#closeByPerson()),
        ),
      ),
      heads,
      this.#box,
      numbers,
      element(
        'p',
        { class: 'print-actions' },
        button('quiet', messages.print.button, () => window.print()),
        namesBox(text.names),
      ),
    );
    this.#root.hidden = false;
    this.#place();
    this.#setWipe(this.#wipe);
    this.update();
  }

  /** Puts each film's viewer in its place. */
  #place() {
    for (const [index, { element: node }] of this.#viewers?.entries() ?? []) {
      node.dataset.side = SIDES[index];
      node.setAttribute('aria-label', messages.compare.film(SIDES[index]));
      const focused = node.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
      this.#parts?.films.append(node);
      focused?.focus({ preventScroll: true });
    }
  }

  #laySoon() {
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => {
      this.#isStale = false;
      if (this.#isLinked && this.#viewers && this.#lead) {
        // A viewer whose film arrives later follows the one that came first.
        if (!this.#lead.view) this.#lead = this.#viewers.find(({ view }) => view !== null) ?? this.#lead;
        this.#pass();
      }
      this.#lay();
    });
  }

  /** Lays everything out by what can be seen, the room there is, and the chosen layout. */
  #lay() {
    const [parts, films, viewers] = [this.#parts, this.#films, this.#viewers];
    if (!parts || !films || !viewers) return;
    const text = messages.compare;
    const states = viewers.map(({ element: node }) => node.dataset.state ?? '');
    const areComing = states.every((state) => ['expected', 'loading', 'shown'].includes(state));
    const layout = !areComing ? 'beside' : WIDE.matches ? this.#layout : 'over';
    parts.films.dataset.layout = layout;
    parts.wipe.hidden = layout !== 'over';
    parts.layouts.node.hidden = !areComing || !WIDE.matches;
    parts.layouts.check(layout);
    parts.linked.checked = this.#isLinked;
    // Both places have one size, in which either film fits whole.
    const aspects = films.map(({ report }) => (report?.film ? report.film.width_px / report.film.height_px : 1));
    parts.films.style.setProperty('--compare-aspect', String(Math.min(1.5, Math.max(0.6, Math.min(...aspects)))));
    this.#box.dataset.linked = String(this.#isLinked);
    this.#box.dataset.state = states.includes('shown') ? 'shown' : areComing ? 'loading' : 'none';
    const shown = viewers.filter((_, index) => states[index] === 'shown');
    // The tools are those of a film that is not refused: only that one has a map to choose.
    this.#lend(this.#isLinked ? (shown.find((viewer) => !viewer.isRefused) ?? shown[0] ?? viewers[0]) : null);
    parts.note.textContent = this.#linkNote();
    parts.note.dataset.link = this.#isLinked ? this.#linkKind() : 'off';
    parts.wipe.setAttribute('aria-valuetext', text.wipeValue(this.#wipe));
  }

  #linkKind() {
    const [a, b] = [this.#seen(0), this.#seen(1)];
    return a && b ? (sharesValues(a, b) ? 'values' : 'range') : a || b ? 'one' : 'none';
  }

  #linkNote() {
    const { links, toolsOf } = messages.compare;
    const kind = this.#linkKind();
    if (kind === 'none' || kind === 'one') return links[kind];
    if (!this.#isLinked) return links.off;
    return kind === 'values' ? links.values : `${links.range} ${toolsOf(SIDES[this.#lender === this.#viewers?.[1] ? 1 : 0])}`;
  }

  /** @param {Viewer | null} lender the viewer whose tools serve both; null where each has its own */
  #lend(lender) {
    const parts = this.#parts;
    if (!parts || (this.#lender === lender && (lender === null || parts.above.hasChildNodes()))) return;
    const focused = this.#box.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    this.#lender = lender;
    for (const viewer of this.#viewers ?? []) if (viewer !== lender) viewer.lendTools();
    lender?.lendTools(parts.above, parts.below);
    focused?.focus({ preventScroll: true });
  }

  /** @param {number} wipe */
  #setWipe(wipe) {
    this.#wipe = Math.round(Math.min(100, Math.max(0, wipe)));
    if (!this.#parts) return;
    this.#parts.wipe.value = String(this.#wipe);
    this.#parts.wipe.setAttribute('aria-valuetext', messages.compare.wipeValue(this.#wipe));
    this.#parts.films.style.setProperty('--wipe', `${this.#wipe}%`);
  }

  /** Lets the boundary be dragged by its handle too. @param {HTMLElement} line @param {HTMLElement} films */
  #listenToLine(line, films) {
    const move = (/** @type {PointerEvent} */ { clientX }) => {
      const { left, width } = films.getBoundingClientRect();
      if (width > 0) this.#setWipe((100 * (clientX - left)) / width);
    };
    line.addEventListener('pointerdown', (event) => {
      line.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    line.addEventListener('pointermove', (event) => line.hasPointerCapture(event.pointerId) && move(event));
  }

  #layoutChoice() {
    const text = messages.compare;
    const all = /** @type {Layout[]} */ (['beside', 'over']);
    const radios = all.map((layout) => {
      const radio = element('input', { type: 'radio', name: 'compare-layout', value: layout });
      radio.addEventListener('change', () => this.#setLayout(layout));
      return radio;
    });
    const labels = radios.map((radio, index) => element('label', {}, radio, element('span', {}, text.layouts[all[index]])));
    return {
      node: element('fieldset', { class: 'segments' }, element('legend', { class: 'visually-hidden' }, text.layout), ...labels),
      /** @param {Layout} layout */
      check(layout) {
        for (const radio of radios) radio.checked = radio.value === layout;
      },
    };
  }

  /** @param {Layout} layout */
  #setLayout(layout) {
    this.#layout = layout;
    this.#lay();
  }

  /** @param {Pair} films */
  #headsOf(films) {
    const text = messages.compare;
    return films.map((film, index) => {
      const side = SIDES[index];
      const way = film.report?.read_as;
      const open = button('quiet', text.result, () => this.#events.result(film), text.resultOf(side));
      open.id = `compare-result-${side}`;
      return element(
        'div',
        { class: 'compare-film', 'data-side': side, 'data-verdict': film.report?.verdict },
        element(
          'div',
          { class: 'compare-name' },
          element(
            'p',
            { class: 'file-name' },
            element('span', { class: 'compare-side', 'aria-hidden': 'true' }, side),
            hidden(`${text.film(side)}: `),
            film.name,
          ),
          open,
        ),
        element('h3', {}, sentenceOf(film)),
        way ? element('p', { class: 'minor' }, messages.readAs.was(way)) : null,
        film.isSynthetic ? element('p', { class: 'origin synthetic' }, messages.samples.notice) : null,
        film.imported && element('p', { class: 'origin imported' }, messages.import.notice(film.imported)),
        ownModelLine(film.report),
      );
    });
  }

  /** @param {Pair} films */
  #notesOf(films) {
    const reports = films.map(({ report }) => report);
    const isJudged = reports.some((report) => report?.probabilities);
    return [
      areOfDifferentModels(films) ? element('p', { class: 'caution', 'data-note': 'models' }, messages.compare.otherModels) : null,
      isJudged ? element('p', { class: 'caution' }, cautionOfBoth(reports, this.#metrics())) : null,
      element('p', { class: 'note' }, messages.compare.note),
    ].filter((note) => note !== null);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (!this.#films || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const isHere = this.#root.contains(target);
    const key = event.key.toLowerCase();
    if (!this.#root.checkVisibility() || (!isHere && target !== document.body)) return;
    if (key === 'escape') {
      // The first Esc ends the full screen, or gives the wheel back to the page.
      if (document.fullscreenElement || this.#viewers?.some(({ element: node }) => node.dataset.held === 'true')) return;
      this.#closeByPerson();
    } else if (!isHere || target.matches('input:not([type="radio"], [type="checkbox"], [type="range"]), select')) {
      return;
    } else if (key === 's') {
      this.#swap();
    } else if (key === 'k') {
      this.#link(!this.#isLinked);
    } else if (key === 'b' && this.#parts && !this.#parts.layouts.node.hidden) {
      this.#setLayout(this.#layout === 'beside' ? 'over' : 'beside');
      this.#events.announce(messages.compare.layouts[this.#layout]);
    } else if ((key === ',' || key === '.') && this.#parts && !this.#parts.wipe.hidden) {
      this.#setWipe(this.#wipe + (key === ',' ? -WIPE_STEP : WIPE_STEP));
      this.#events.announce(messages.compare.wipeValue(this.#wipe));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {string} words */
function hidden(words) {
  return element('span', { class: 'visually-hidden' }, words);
}

// Shows a film through its window, at any zoom, under the convnet reader's maps and beside the pictures that the readers see. One viewer
// shows all films, one at a time.

import { element } from '../ui/dom.js';
import { firstLook } from './first-look.js';
import { grayCanvas } from './gray.js';
import { messages } from '../text/messages.js';
import { viewerControls } from './controls.js';
import { drawCut, drawFrame, drawMap, drawOutline, drawPicture, FilmPainter, pictureCanvas } from './draw.js';
import { listenForGestures } from './gestures.js';
import { listenForKeys } from './keys.js';
import { viewerLegend } from './legend.js';
import { Place } from './place.js';
import { firstWindow, limited, proposedWindow } from './window.js';

/**
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Picture} Picture
 * @typedef {import('../report/types.js').Pictures} Pictures
 * @typedef {import('../report/types.js').Report} Report
 * @typedef {import('../report/types.js').Window} Window
 * @typedef {import('./controls.js').Overlay} Overlay
 * @typedef {import('./controls.js').Preset} Preset
 * @typedef {import('./controls.js').Tool} Tool
 * @typedef {import('./gestures.js').Point} Point
 *
 * @typedef {object} Settings they carry over from film to film
 * @property {Tool} tool
 * @property {Overlay} overlay
 * @property {number} opacity
 * @property {boolean} outline
 * @property {boolean} compare
 * @property {boolean} isAsked whether somebody has asked for the map on a refused film
 *
 * @typedef {object} View which part of a film is seen and how, in terms that apply to other films too
 * @property {Window} window
 * @property {boolean} isInverted
 * @property {number} zoom 1 where the whole film fits
 * @property {number} x centre of the view, as a share of the film's width
 * @property {number} y as a share of its height
 * @property {boolean} isFit
 *
 * @typedef {object} Beside for a viewer that stands beside another
 * @property {HTMLElement} ground holds both viewers: it is what fills the full screen, and the film is left only when the focus leaves it
 * @property {(viewer: Viewer) => void} changed a person has changed what this viewer shows, or how
 * @property {() => void} shown the viewer's state has changed
 */

const ZOOM_STEP = 1.25;
/** An arrow key moves this share of the view. */
const LOOK_STEP = 0.1;
/** A key changes the window by this share of its width. */
const WINDOW_STEP = 0.05;
/** Dragging this many CSS pixels covers all values of the film. */
const DRAG_RANGE = 400;
/** Milliseconds without a change until the film is drawn in full detail; below, until the change is announced to screen readers. */
const SETTLED_MS = 160;
const SAID_MS = 700;

/** Numbers the viewers, for unique ids. */
let viewers = 0;

export class Viewer {
  element;
  #picturesOf;
  #beside;
  /** The element that holds the film and what belongs to it: this viewer, or both of a pair. */
  #ground;
  #id = `viewer-${++viewers}`;
  /** @type {Settings} */
  #settings = { tool: 'window', overlay: 'off', opacity: 0.8, outline: false, compare: false, isAsked: false };
  /** The overlay that was shown last. @type {Label | null} */
  #lastOverlay = null;

  /** The film that is shown, perhaps only as a first look. @type {Film | null} */
  #film = null;
  /** Removes this viewer's listeners on other elements. */
  #gone = new AbortController();
  /** @type {Report | null} */
  #report = null;
  /** @type {Pictures | null} */
  #pictures = null;
  #name = '';
  /** @type {Window} */
  #window = { center: 128, width: 256 };
  /** The window when a drag started. */
  #windowBefore = this.#window;
  #isInverted = false;
  /** Whether everything that the readers found is hidden. */
  #isBlind = false;
  #place = new Place();
  /** Device pixels per CSS pixel of the view. */
  #ratio = 1;
  /** Whether the view was clicked, tapped or focused, and not left since. */
  #isHeld = false;
  #isMoving = false;
  /** @type {Point | null} */
  #pointer = null;
  #frame = 0;
  #settling = 0;
  #saying = 0;
  /** Maps as canvases, made when they are shown. @type {Map<Label, HTMLCanvasElement>} */
  #maps = new Map();
  /** @type {HTMLCanvasElement | null} */
  #equalized = null;

  #canvas = element('canvas', { role: 'img' });
  #view = element('div', { class: 'viewer-view', tabindex: 0, role: 'application', 'aria-describedby': `${this.#id}-keys` }, this.#canvas);
  #placeholder = element('p', { class: 'viewer-placeholder' });
  #first = element('div', { class: 'viewer-first' });
  #equalizedCanvas = element('canvas', { role: 'img' });
  #cropPlace = element('div', { class: 'viewer-crop-picture' });
  #equalizedFigure = figure(this.#equalizedCanvas, messages.viewer.equalizedCaption);
  #cropFigure = figure(this.#cropPlace, messages.viewer.cropCaption);
  #value = element('span', { class: 'viewer-value' });
  #hint = element('p', { class: 'viewer-hint' });
  #said = element('p', { class: 'visually-hidden', role: 'status' });
  #status = element('div', { class: 'viewer-status' }, this.#hint, this.#value);
  #controls;
  #legend = viewerLegend();
  #painter = new FilmPainter(this.#canvas);

  /**
   * @param {(film: Film) => Promise<Pictures | null>} picturesOf
   * @param {Beside | null} [beside]
   */
  constructor(picturesOf, beside = null) {
    this.#picturesOf = picturesOf;
    this.#beside = beside;
    this.#controls = viewerControls(this.#id, {
      tool: (tool) => this.#setTool(tool),
      zoom: (steps) => this.#zoom(steps),
      fit: () => this.#fit(),
      oneToOne: () => this.#oneToOne(),
      invert: () => this.#invert(),
      reset: () => this.#reset(),
      fullScreen: () => this.#toggleFullScreen(),
      preset: (name) => this.#preset(name),
      proposed: (index) => this.#setWindow(proposedWindow(/** @type {Pictures} */ (this.#pictures).film.proposed[index])),
      window: (window) => this.#setWindow({ ...this.#window, ...window }),
      overlay: (overlay) => this.#setOverlay(overlay),
      opacity: (opacity) => this.#set({ opacity }),
      outline: (outline) => this.#set({ outline }),
      compare: () => this.#set({ compare: !this.#settings.compare }),
    });
    this.element = element(
      'section',
      { class: 'film viewer', 'aria-label': messages.viewer.label },
      this.#controls.bar,
      element(
        'div',
        { class: 'viewer-panes' },
        element('div', { class: 'viewer-stage' }, this.#view, this.#first, this.#placeholder),
        this.#equalizedFigure,
        this.#cropFigure,
      ),
      this.#status,
      this.#controls.panel,
      this.#legend.node,
      element('p', { class: 'visually-hidden', id: `${this.#id}-keys` }, messages.viewer.keys),
      this.#said,
    );
    this.#ground = beside?.ground ?? this.element;
    this.#listen();
    this.#showState('empty');
  }

  /**
   * A new viewer in the present language with the same view of the same film. This one ends.
   * @returns {Viewer}
   */
  again() {
    const next = new Viewer(this.#picturesOf, this.#beside);
    const [film, report, pictures] = [this.#film, this.#report, this.#pictures];
    next.#lastOverlay = this.#lastOverlay;
    next.#settings = { ...this.#settings };
    if (film && report && pictures) {
      next.#begin(film, report, this.#name);
      next.#settings.isAsked = this.#settings.isAsked;
      next.#take(pictures);
      next.#window = this.#window;
      next.#isInverted = this.#isInverted;
      const { scale, x, y, isFit, canvas } = this.#place;
      Object.assign(next.#place, { scale, x, y, isFit, canvas });
      next.#update();
    } else if (film && report) {
      next.show(film, report, this.#name);
    } else if (film) {
      next.expect(film);
    }
    this.end();
    return next;
  }

  /** Releases everything; the viewer cannot be used again. */
  end() {
    this.#gone.abort();
    this.#beside = null;
    this.clear();
  }

  /** The pictures that are shown; null where there are none. */
  get pictures() {
    return this.#pictures;
  }

  /** The present view; null without a film. @returns {View | null} */
  get view() {
    if (!this.#pictures) return null;
    const { isFit } = this.#place;
    return { window: this.#window, isInverted: this.#isInverted, ...this.#place.shares, isFit };
  }

  get settings() {
    return { ...this.#settings };
  }

  /** Shows what another viewer shows. @param {View | null} view null leaves the view as it is @param {Settings} settings */
  follow(view, settings) {
    Object.assign(this.#settings, settings);
    if (settings.overlay !== 'off') this.#lastOverlay = settings.overlay;
    if (view && this.#pictures) {
      this.#window = limited(view.window, this.#pictures.film);
      this.#isInverted = view.isInverted;
      this.#place.goTo(view);
      this.#inMotion();
    }
    this.#update();
  }

  /** Moves the viewer's tools to these places, or back without any. @param {HTMLElement} [above] @param {HTMLElement} [below] */
  lendTools(above, below) {
    const { bar, panel } = this.#controls;
    if (above && below) {
      above.replaceChildren(bar);
      below.replaceChildren(panel);
    } else {
      this.element.prepend(bar);
      this.#status.after(panel);
    }
  }

  /**
   * Shows a film that is not read yet, if the browser can decode it. It does nothing for the film that is already expected.
   * @param {Film} film
   * @returns {HTMLElement} the viewer's element
   */
  expect(film) {
    if (film === this.#film && !this.#report) return this.element;
    this.clear();
    this.#film = film;
    this.#showState('expected');
    // The browser would not show a film turned, mirrored or inverted.
    if (!film.file || film.readAs) return this.element;
    void firstLook(film.file).then((picture) => picture && this.#seen(film, picture));
    return this.element;
  }

  /** Shows an expected film as the program has decoded it. @param {Film} film @param {import('../report/types.js').GrayPicture} picture */
  preview(film, picture) {
    this.#seen(film, grayCanvas(picture));
  }

  /** @param {Film} film @param {HTMLCanvasElement} picture */
  #seen(film, picture) {
    // The first picture stays: another would only flicker.
    if (film !== this.#film || this.#pictures || this.#first.firstElementChild) return;
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', messages.viewer.view(film.name));
    this.element.style.setProperty('--film-aspect', `${picture.width} / ${picture.height}`);
    this.#first.replaceChildren(picture);
    this.#placeholder.hidden = true;
  }

  /**
   * Shows a film that has been read. It does nothing for the report that is already shown.
   * @param {Film} film
   * @param {Report} report
   * @param {string} [name] the film's name on the page
   * @returns {HTMLElement} the viewer's element
   */
  show(film, report, name = film.name) {
    if (report === this.#report) return this.element;
    this.#begin(film, report, name);
    const arrived = (/** @type {Pictures | null} */ pictures) => {
      // Another film may be shown by now.
      if (report !== this.#report) return;
      if (pictures) this.#take(pictures);
      else this.#showState(film.file ? 'gone' : 'none');
    };
    this.#picturesOf(film).then(arrived, () => arrived(null));
    return this.element;
  }

  /** @param {Film} film @param {Report} report @param {string} name */
  #begin(film, report, name) {
    // The first look stays until the pictures arrive.
    const first = film === this.#film ? [...this.#first.children] : [];
    this.clear();
    this.#first.append(...first);
    this.#film = film;
    this.#report = report;
    this.#name = name;
    this.#settings.isAsked = false;
    const { width_px: width, height_px: height } = report.film ?? { width_px: 1, height_px: 1 };
    this.element.style.setProperty('--film-aspect', `${width} / ${height}`);
    this.#view.setAttribute('aria-label', messages.viewer.view(name));
    this.#showState('loading');
  }

  /**
   * While blind, the viewer shows the film without map, outline or lung window. Film, window and place stay as they are.
   * @param {boolean} isBlind
   */
  setBlind(isBlind) {
    this.#isBlind = isBlind;
    this.#showFigures();
    this.#update();
  }

  /** The map to lay over films that have one. @returns {Overlay} */
  get overlay() {
    return this.#settings.overlay;
  }

  /** The map over this film. */
  get shownOverlay() {
    return this.#overlay;
  }

  set overlay(overlay) {
    this.#set({ overlay });
  }

  /** Releases the film and its pictures. */
  clear() {
    this.#film = null;
    this.#first.replaceChildren();
    this.#report = this.#pictures = this.#pointer = this.#equalized = null;
    this.#isInverted = false;
    this.#release();
    this.#maps.clear();
    this.#painter.setFilm(null);
    this.#equalizedCanvas.width = this.#equalizedCanvas.height = 1;
    this.#cropPlace.replaceChildren();
    this.#said.textContent = '';
    clearTimeout(this.#saying);
    this.#showState('empty');
  }

  /** @param {Pictures} pictures */
  #take(pictures) {
    this.#pictures = pictures;
    const { film, equalized, crop } = pictures;
    this.#painter.setFilm(film);
    this.#window = limited(firstWindow(film), film);
    this.element.style.setProperty('--film-aspect', `${film.width} / ${film.height}`);
    this.#place.setFilm(film.width, film.height);
    this.#equalized = grayCanvas(equalized);
    this.#equalizedCanvas.setAttribute('aria-label', messages.viewer.equalized(this.#name));
    if (crop) {
      const canvas = grayCanvas(crop);
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', messages.viewer.crop(this.#name));
      this.#cropPlace.replaceChildren(canvas);
    }
    this.#showState('shown');
    this.#measure();
    this.#update();
  }

  /** @param {'empty' | 'expected' | 'loading' | 'shown' | 'gone' | 'none'} state */
  #showState(state) {
    this.element.dataset.state = state;
    this.#view.hidden = state !== 'shown';
    if (state !== 'loading' && state !== 'expected') this.#first.replaceChildren();
    this.#placeholder.hidden = state === 'shown' || this.#first.childElementCount > 0;
    this.#placeholder.textContent = messages.viewer.placeholders[state] ?? '';
    this.#showFigures();
    this.element.setAttribute('aria-busy', String(state === 'loading'));
    this.#beside?.shown();
  }

  /** The readers' pictures keep their place while the film is loading, so that measurements find them laid out. */
  #showFigures() {
    const isBeside = this.#settings.compare && !this.#isBlind && ['loading', 'shown'].includes(this.element.dataset.state ?? '');
    this.#equalizedFigure.hidden = !isBeside;
    this.#cropFigure.hidden = !isBeside || this.#pictures?.crop === null;
  }

  #listen() {
    listenForGestures(this.#view, {
      isHeld: () => this.#isHeld,
      isZoomed: () => this.#place.isZoomed,
      tool: () => this.#settings.tool,
      hold: () => this.#hold(),
      windowFrom: () => (this.#windowBefore = this.#window),
      windowBy: (dx, dy) => {
        const step = (this.#pictures?.film.windows.full.width ?? 0) / DRAG_RANGE;
        const { center, width } = this.#windowBefore;
        // To the right the window widens; downwards the film gets darker.
        this.#setWindow({ ...this.#windowBefore, center: this.#whole(center + dy * step), width: this.#whole(width + dx * step) }, true);
      },
      moveBy: (dx, dy) => this.#move(() => this.#place.moveBy(dx * this.#ratio, dy * this.#ratio)),
      zoomBy: (factor, at) => this.#move(() => this.#place.zoomTo(this.#place.scale * factor, this.#onCanvas(at))),
      fit: () => this.#fit(),
      point: (at) => {
        this.#pointer = at;
        this.#showValue();
      },
    });
    listenForKeys(this.#view, {
      look: (dx, dy) => this.#move(() => this.#place.moveBy(-dx * LOOK_STEP * this.#place.canvas.width, -dy * LOOK_STEP * this.#place.canvas.height)),
      zoom: (steps) => this.#zoom(steps),
      fit: () => this.#fit(),
      oneToOne: () => this.#oneToOne(),
      invert: () => this.#invert(),
      reset: () => this.#reset(),
      tool: (tool) => {
        this.#setTool(tool);
        this.#say(messages.viewer.toolChosen(tool));
      },
      widen: (steps) => this.#setWindow({ ...this.#window, width: this.#whole(this.#window.width + steps * this.#step) }),
      darken: (steps) => this.#setWindow({ ...this.#window, center: this.#whole(this.#window.center + steps * this.#step) }),
      preset: (name) => this.#preset(name),
      overlay: () => {
        if (this.#isBlind) return;
        const overlay = this.#overlay === 'off' ? (this.#lastOverlay ?? this.#report?.activation?.label ?? 'covid19') : 'off';
        this.#setOverlay(overlay);
        this.#say(messages.viewer.overlayChosen(this.#overlay, Boolean(this.#pictures?.activation)));
      },
      compare: () => {
        if (this.#isBlind) return;
        this.#set({ compare: !this.#settings.compare });
        this.#say(messages.viewer.compareChosen(this.#settings.compare));
      },
      fullScreen: () => this.#toggleFullScreen(),
    });
    this.#view.addEventListener('focus', () => this.#hold());
    this.#view.addEventListener('blur', () => this.#release());
    // On the document, because the film is also held while the focus is on a tool.
    const { signal } = this.#gone;
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#release(), { signal });
    document.addEventListener('pointerdown', ({ target }) => target instanceof Node && !this.#ground.contains(target) && this.#release(), { signal });
    const leave = (/** @type {FocusEvent} */ { relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.#ground.contains(relatedTarget))) this.#release();
    };
    this.#ground.addEventListener('focusout', leave, { signal });
    this.#ground.addEventListener('fullscreenchange', () => this.#update(), { signal });
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(this.#view);
    observer.observe(this.#equalizedCanvas);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  #hold() {
    this.#isHeld = true;
    this.#showHold();
  }

  #release() {
    this.#isHeld = false;
    this.#showHold();
  }

  /** @param {Tool} tool */
  #setTool(tool) {
    this.#isHeld = true;
    this.#set({ tool });
  }

  /** @param {Partial<Settings>} settings */
  #set(settings) {
    Object.assign(this.#settings, settings);
    if (this.#settings.overlay !== 'off') this.#lastOverlay = this.#settings.overlay;
    this.#changed();
  }

  /** A person chooses a map for this film. @param {Overlay} overlay */
  #setOverlay(overlay) {
    this.#set({ overlay, isAsked: overlay !== 'off' && (this.isRefused || this.#settings.isAsked) });
  }

  /** Whether the gate has refused this film. */
  get isRefused() {
    return this.#report?.verdict === 'refused';
  }

  /** The map over this film: none where there is none, or where the film is refused and nobody asked. @returns {Overlay} */
  get #overlay() {
    const isShown = this.#pictures?.activation && !this.#isBlind && (!this.isRefused || this.#settings.isAsked);
    return isShown ? this.#settings.overlay : 'off';
  }

  /** How much a key changes the window, in values. */
  get #step() {
    return Math.max(Math.min(1, this.#pictures?.film.step ?? 1), WINDOW_STEP * this.#window.width);
  }

  /** Rounds where the film's values are whole numbers. @param {number} value */
  #whole(value) {
    return this.#pictures?.film.step === 1 ? Math.round(value) : value;
  }

  /** @param {Window} window @param {boolean} [isMoving] */
  #setWindow(window, isMoving = false) {
    if (!this.#pictures) return;
    this.#window = limited(window, this.#pictures.film);
    this.#say(messages.viewer.windowChosen(this.#window));
    if (isMoving) this.#move(() => {});
    else this.#changed();
  }

  /** @param {Preset} name */
  #preset(name) {
    if (this.#isBlind && name === 'lungs') return;
    const window = this.#pictures?.film.windows[name];
    if (window) this.#setWindow(window);
    else this.#say(messages.viewer.noLungs);
  }

  #invert() {
    this.#isInverted = !this.#isInverted;
    this.#say(messages.viewer.inverted(this.#isInverted));
    this.#changed();
  }

  /** @param {number} steps */
  #zoom(steps) {
    this.#move(() => this.#place.zoomTo(this.#place.scale * ZOOM_STEP ** steps));
    this.#say(messages.viewer.zoomed(this.#place.scale));
  }

  #fit() {
    this.#place.fit();
    this.#say(messages.viewer.zoomed(this.#place.scale));
    this.#changed();
  }

  #oneToOne() {
    this.#place.zoomTo(1);
    this.#say(messages.viewer.zoomed(this.#place.scale));
    this.#changed();
  }

  #reset() {
    if (!this.#pictures) return;
    this.#window = limited(firstWindow(this.#pictures.film), this.#pictures.film);
    this.#isInverted = false;
    this.#place.fit();
    this.#say(messages.viewer.wasReset);
    this.#changed();
  }

  #toggleFullScreen() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else
      void this.#ground.requestFullscreen?.().then(
        () => this.#view.focus(),
        () => {},
      );
  }

  /** @param {() => void} change one of many in a row */
  #move(change) {
    change();
    this.#inMotion();
    this.#changed();
  }

  /** Expects another picture soon, and draws in full detail when none follows. */
  #inMotion() {
    this.#isMoving = true;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#isMoving = false;
      this.#requestDraw();
    }, SETTLED_MS);
  }

  /** Call it after a change by a person. */
  #changed() {
    this.#update();
    this.#beside?.changed(this);
  }

  /** Gives the canvases as many pixels as the screen has there. */
  #measure() {
    if (!this.#pictures || this.#view.clientWidth === 0) return;
    this.#ratio = devicePixelRatio;
    const width = Math.round(this.#view.clientWidth * this.#ratio);
    const height = Math.round(this.#view.clientHeight * this.#ratio);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#place.resize(width, height);
    const side = Math.max(1, Math.round(this.#equalizedCanvas.clientWidth * this.#ratio));
    if (this.#equalizedCanvas.width !== side) this.#equalizedCanvas.width = this.#equalizedCanvas.height = side;
    // A resized canvas is empty and would flicker without a new picture at once.
    this.#draw();
    this.#update();
  }

  /** Updates controls and attributes at once, and the film with the next picture. */
  #update() {
    if (!this.#pictures || !this.#report) return;
    const { film, activation, outline } = this.#pictures;
    const { tool, opacity } = this.#settings;
    const compare = this.#settings.compare && !this.#isBlind;
    const overlay = this.#overlay;
    const outlined = this.#settings.outline && outline !== null && !this.#isBlind;
    Object.assign(this.element.dataset, {
      tool,
      overlay,
      opacity,
      outline: outlined,
      compare,
      center: this.#window.center,
      width: this.#window.width,
      inverted: this.#isInverted,
      zoom: this.#place.scale,
      x: this.#place.x,
      y: this.#place.y,
      fit: this.#place.isFit,
    });
    this.#controls.update({
      ...this.#settings,
      overlay,
      compare,
      isBlind: this.#isBlind,
      zoom: this.#place.scale,
      isInverted: this.#isInverted,
      isFullScreen: document.fullscreenElement === this.#ground,
      window: this.#window,
      windows: film.windows,
      proposed: film.proposed,
      hasMap: activation !== null,
      hasOutline: outline !== null,
    });
    const isWithheld = activation !== null && !this.#isBlind && overlay === 'off' && this.#settings.overlay !== 'off';
    this.#legend.update(overlay, outlined, this.#report.activation, this.#report.frame ?? null, isWithheld);
    this.#canvas.setAttribute('aria-label', messages.viewer.picture(this.#name, overlay, outlined, Boolean(this.#report.frame)));
    this.#showFigures();
    this.#showHold();
    this.#showValue();
    this.#requestDraw();
  }

  #showHold() {
    this.element.dataset.held = String(this.#isHeld);
    // One finger scrolls the page past a film that is neither held nor zoomed.
    this.#view.style.touchAction = this.#isHeld || this.#place.isZoomed ? 'none' : 'pan-x pan-y';
    const hint = messages.viewer.hint(this.#isHeld, matchMedia('(hover: none)').matches);
    if (this.#hint.textContent !== hint) this.#hint.textContent = hint;
  }

  /** Shows the stored value under the pointer, or in the middle without one. */
  #showValue() {
    if (!this.#pictures) return;
    const { width, height, samples, offset, step } = this.#pictures.film;
    const { x, y } = this.#pointer ? this.#place.toFilm(this.#onCanvas(this.#pointer)) : this.#place;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const isOnFilm = column >= 0 && column < width && row >= 0 && row < height;
    this.#value.textContent = isOnFilm
      ? messages.viewer.value(exactly(offset + step * samples[row * width + column], step), column, row, this.#pointer !== null)
      : '';
  }

  #requestDraw() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const pictures = this.#pictures;
    const context = this.#canvas.getContext('2d', { alpha: false });
    if (!pictures || !context) return;
    const place = this.#place;
    this.#painter.draw({ place, window: this.#window, isInverted: this.#isInverted, isMoving: this.#isMoving });
    const overlay = this.#overlay;
    const crop = this.#report?.activation?.crop;
    if (overlay !== 'off' && pictures.activation) {
      drawMap(context, place, this.#map(overlay, pictures.activation[overlay]), this.#settings.opacity);
      if (crop) drawFrame(context, place, crop, this.#ratio);
    }
    const frame = this.#report?.frame;
    if (frame) drawCut(context, place, frame, this.#ratio);
    if (this.#settings.outline && pictures.outline && !this.#isBlind) drawOutline(context, place, pictures.outline, this.#ratio);
    if (this.#settings.compare && !this.#isBlind && this.#equalized) {
      drawPicture(this.#equalizedCanvas, place.on(this.#equalized, this.#equalizedCanvas), this.#equalized);
    }
  }

  /** @param {Label} label @param {Picture} picture */
  #map(label, picture) {
    let map = this.#maps.get(label);
    if (!map) {
      map = pictureCanvas(picture);
      this.#maps.set(label, map);
    }
    return map;
  }

  /** @param {Point} at */
  #onCanvas({ x, y }) {
    return { x: x * this.#ratio, y: y * this.#ratio };
  }

  /**
   * Announces a sentence to screen readers once nothing else has happened for a moment.
   * @param {string} sentence
   */
  #say(sentence) {
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => (this.#said.textContent = sentence), SAID_MS);
  }
}

/** @param {HTMLElement} picture @param {string} caption */
function figure(picture, caption) {
  return element('figure', {}, picture, element('figcaption', {}, caption));
}

/** The value to the precision of the film. @param {number} value @param {number} step from one value to the next */
function exactly(value, step) {
  return step === 1 ? value : Number(value.toPrecision(5));
}

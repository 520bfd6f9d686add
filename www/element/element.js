// The element <xray-classifier>: takes one film and shows its result, on any page. element.d.ts describes the interface.

import { ClassifierError, createClassifier } from '../reader/classifier.js';
import { element } from '../ui/dom.js';
import { chooseLanguage, language } from '../text/language.js';
import { inLanguage, messages } from '../text/messages.js';
import { verdictSentence } from '../result/verdict-sentence.js';
import { styleSheet } from './style.js';
import { busyView, emptyView, failureView, resultView } from './view.js';

/**
 * @typedef {import('../reader/classifier.js').Classifier} Classifier
 * @typedef {import('../reader/classifier.js').Result} Result
 * @typedef {import('./element.js').XrayClassifierEvents} Events
 * @typedef {'empty' | 'busy' | 'done' | 'failed'} State
 */

const ACCEPT = 'image/png,image/jpeg,image/webp,image/bmp,image/tiff,.png,.jpg,.jpeg,.webp,.bmp,.tif,.tiff';

/** Failures that the film did not cause: another try may help. */
const WORTH_ANOTHER_TRY = new Set(['crashed', 'fetch', 'memory', 'model', 'unreadable', 'wasm', 'worker']);

/** @implements {Pick<import('./element.js').XrayClassifierElement, 'classifier' | 'result' | 'classify' | 'clear'>} */
export class XrayClassifierElement extends HTMLElement {
  static observedAttributes = ['preload', 'lang'];

  /** @type {Classifier | null} */
  #classifier = null;
  /** The classifier, where this element made it. @type {Classifier | null} */
  #own = null;
  /** The start of one, shared by everyone who waits for it. @type {Promise<Classifier> | null} */
  #starting = null;
  #stop = new AbortController();
  /** Aborts the film that is being read or shown. */
  #film = new AbortController();
  /** The name of the film that waits for the model. @type {string | null} */
  #waiting = null;
  /** Called by the button that tries again. */
  #again = () => {};
  /** The `lang` of the nearest element around it, up to the whole page. @type {string | null} */
  #around = null;
  /** @type {Result | null} */
  #result = null;
  /** Draws the present view again. */
  #showAgain = () => {};

  #stage = element('div', { class: 'stage', part: 'stage' });
  #choose = element('button', { type: 'button', part: 'button' });
  #retry = element('button', { type: 'button', part: 'button' });
  #cancel = element('button', { type: 'button', part: 'button' });
  #input = element('input', { type: 'file', accept: ACCEPT, hidden: true });
  #live = element('p', { class: 'visually-hidden', role: 'status' });
  #frame = element(
    'div',
    { class: 'frame', part: 'frame', role: 'group' },
    this.#stage,
    element('div', { class: 'actions' }, this.#choose, this.#retry, this.#cancel, this.#input),
    this.#live,
  );

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [styleSheet()];
    root.append(this.#frame);
    this.#choose.addEventListener('click', () => this.#input.click());
    this.#retry.addEventListener('click', () => {
      this.#again();
      this.#focus();
    });
    this.#cancel.addEventListener('click', () => {
      this.clear();
      this.#say(() => messages.embed.cancelled);
      this.#focus();
    });
    this.#input.addEventListener('change', () => {
      const files = [...(this.#input.files ?? [])];
      // So that choosing the same file again is a change.
      this.#input.value = '';
      if (files.length > 0) this.#take(files);
    });
    this.addEventListener('paste', (event) => {
      event.preventDefault();
      this.#take([...(event.clipboardData?.files ?? [])]);
    });
    this.#listenForDrops();
    this.#speak();
    this.#show('empty', emptyView);
  }

  get classifier() {
    return this.#classifier;
  }

  set classifier(classifier) {
    if (this.#waiting !== null) this.clear();
    this.#letGo();
    this.#classifier = classifier;
  }

  get result() {
    return this.#result;
  }

  connectedCallback() {
    const around = this.parentElement?.closest('[lang]:not(html)')?.getAttribute('lang') ?? null;
    if (around !== this.#around) {
      this.#around = around;
      this.#speak();
      this.#showAgain();
    }
    if (this.hasAttribute('preload')) this.#preload();
  }

  disconnectedCallback() {
    // An element that was only moved goes on; one that was removed lets its workers go.
    queueMicrotask(() => {
      if (this.isConnected) return;
      if (this.#frame.dataset.state === 'busy') this.clear();
      if (this.#own || this.#starting) this.#letGo();
    });
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (name === 'lang') {
      this.#speak();
      this.#showAgain();
    } else if (this.isConnected && this.hasAttribute('preload')) this.#preload();
  }

  /** The language of the attribute `lang`, else that of the part of the page around it, else that of the page. */
  get #language() {
    return chooseLanguage(this.getAttribute('lang'), [this.#around ?? '', language]);
  }

  /** Writes the fixed texts in its language. */
  #speak() {
    this.#frame.lang = this.#language;
    inLanguage(this.#language, () => {
      this.#frame.setAttribute('aria-label', messages.embed.label);
      this.#input.setAttribute('aria-label', messages.embed.choose);
      this.#retry.textContent = messages.embed.retry;
      this.#cancel.textContent = messages.embed.cancel;
    });
  }

  /** @type {import('./element.js').XrayClassifierElement['classify']} */
  async classify(film, { name = film instanceof File ? film.name : '' } = {}) {
    if (!(film instanceof Blob)) throw new TypeError('classify takes a Blob or a File');
    const { signal } = this.#newFilm();
    const shown = name || inLanguage(this.#language, () => messages.embed.unnamed);
    this.#waiting = shown;
    this.#show('busy', () => busyView(shown, messages.result.waitingForEngine));
    try {
      const classifier = await this.#start();
      signal.throwIfAborted();
      this.#waiting = null;
      const result = await classifier.classify(film, {
        name,
        pictures: true,
        signal,
        onProgress: ({ stage }) => {
          if (stage !== 'done') this.#show('busy', () => busyView(shown, messages.result[stage]));
          this.#tell('xray-progress', { stage });
        },
      });
      this.#result = result;
      this.#show('done', () => resultView(result, shown, classifier.metrics));
      this.#say(() => messages.result.announce(shown, verdictSentence(result.report)));
      this.#tell('xray-result', result);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      this.#failed(error, shown, () => this.#try(film, name));
      throw error;
    }
  }

  clear() {
    this.#newFilm();
    this.#show('empty', emptyView);
  }

  #newFilm() {
    this.#film.abort();
    this.#film = new AbortController();
    this.#waiting = null;
    this.#result = null;
    return this.#film;
  }

  /** @param {File[]} files */
  #take(files) {
    if (files.length === 0) {
      this.#say(() => messages.embed.noFile);
      return;
    }
    this.#say(() => (files.length > 1 ? messages.embed.onlyFirst(files[0].name) : messages.result.reading));
    this.#try(files[0], files[0].name);
  }

  /** Reads the film; the element shows what comes of it and fires its events. @param {Blob} film @param {string} name */
  #try(film, name) {
    this.classify(film, { name }).catch(() => {});
  }

  #preload() {
    const { signal } = this.#film;
    const start = this.#start();
    const { signal: stop } = this.#stop;
    start.catch((error) => {
      // A newer film shows its own outcome; a start that is no longer wanted shows nothing.
      if (!signal.aborted && !stop.aborted) this.#failed(error, null, () => this.#preloadAgain());
    });
  }

  #preloadAgain() {
    this.clear();
    this.#preload();
  }

  /** @returns {Promise<Classifier>} */
  #start() {
    if (this.#classifier) return Promise.resolve(this.#classifier);
    if (!this.#starting) {
      const starting = this.#startOwn().finally(() => {
        if (this.#starting === starting) this.#starting = null;
      });
      this.#starting = starting;
    }
    return this.#starting;
  }

  async #startOwn() {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const classifier = await createClassifier({
      backend: /** @type {import('../report/types.js').Backend | null} */ (this.getAttribute('backend')),
      signal,
      onProgress: ({ done, of }) => {
        if (signal.aborted) return;
        if (this.#waiting !== null) this.#showLoading(this.#waiting, done, of);
        this.#tell('xray-progress', { stage: 'loading', done, of });
      },
    });
    this.#own = this.#classifier = classifier;
    this.#tell('xray-ready', { model: classifier.model, compute: classifier.compute });
    return classifier;
  }

  /** @param {string} name of the film that waits @param {number} done @param {number} of */
  #showLoading(name, done, of) {
    this.#show('busy', () => busyView(name, messages.engine.loading(done, of), { done, of }));
  }

  #letGo() {
    this.#stop.abort();
    this.#own?.close();
    this.#own = this.#classifier = this.#starting = null;
  }

  /**
   * @param {unknown} error
   * @param {string | null} name of the film; null where there is none
   * @param {() => void} again
   */
  #failed(error, name, again) {
    // Any other error is a defect of the element.
    const failure = error instanceof ClassifierError ? error : new ClassifierError('internal', error instanceof Error ? error.message : String(error));
    this.#waiting = null;
    this.#again = again;
    this.#show('failed', () => failureView(failure, name), WORTH_ANOTHER_TRY.has(failure.kind));
    this.#say(() => {
      const reason = messages.result.failed(failure) || messages.engine.failed(failure.kind);
      return name === null ? `${messages.engine.failedTitle}. ${reason}` : messages.result.announceFailed(name, reason);
    });
    this.#tell('xray-error', failure);
  }

  /**
   * @param {State} state
   * @param {() => (Node | string)[]} view
   * @param {boolean} [isWorthAnotherTry]
   */
  #show(state, view, isWorthAnotherTry = false) {
    const hadFocus = this.shadowRoot?.activeElement ?? null;
    this.#frame.dataset.state = state;
    this.#stage.setAttribute('aria-busy', String(state === 'busy'));
    this.#showAgain = () => this.#show(state, view, isWorthAnotherTry);
    inLanguage(this.#language, () => {
      this.#stage.replaceChildren(...view());
      this.#choose.textContent = state === 'empty' ? messages.embed.choose : messages.embed.another;
    });
    this.#choose.classList.toggle('primary', state === 'empty');
    this.#choose.hidden = state === 'busy';
    this.#cancel.hidden = state !== 'busy';
    this.#retry.hidden = !isWorthAnotherTry;
    if (hadFocus && this.shadowRoot?.activeElement !== hadFocus) this.#focus();
  }

  /** Moves the focus to the first button, because the element that had it is gone. */
  #focus() {
    [this.#choose, this.#cancel].find(({ hidden }) => !hidden)?.focus();
  }

  #listenForDrops() {
    const frame = this.#frame;
    const over = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      // Without this a drop opens the film in place of the page.
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      frame.dataset.over = '';
    };
    frame.addEventListener('dragenter', over);
    frame.addEventListener('dragover', over);
    frame.addEventListener('dragleave', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && frame.contains(relatedTarget))) delete frame.dataset.over;
    });
    frame.addEventListener('drop', (event) => {
      event.preventDefault();
      delete frame.dataset.over;
      this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** @param {() => string} words to screen readers */
  #say(words) {
    this.#live.textContent = inLanguage(this.#language, words);
  }

  /**
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {Events[Type]['detail']} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

if (!customElements.get('xray-classifier')) customElements.define('xray-classifier', XrayClassifierElement);

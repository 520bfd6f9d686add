// What ../xray-classifier.js offers to other pages: the element <xray-classifier>.

import type { Classifier, ClassifierError, Compute, Model, Result } from '../reader/classifier.js';

export interface XrayClassifierEvents {
  /** The model is loaded: films can be read. */
  'xray-ready': CustomEvent<{ model: Model; compute: Compute }>;
  /** Loading counts files; a film has stages. */
  'xray-progress': CustomEvent<{ stage: 'loading'; done: number; of: number } | { stage: 'waiting' | 'reading' | 'done' }>;
  'xray-result': CustomEvent<Result>;
  /** The film was not read, or the model not loaded. */
  'xray-error': CustomEvent<ClassifierError>;
}

export interface XrayClassifierEventMap extends HTMLElementEventMap, XrayClassifierEvents {}

/**
 * One film at a time, dropped, chosen, pasted or given to `classify`. The model is loaded with the first film, or at once with the
 * attribute `preload`. The attribute `backend` asks for one, as `ClassifierOptions.backend` does. It speaks English, German or
 * Spanish: as `lang` says, its own or that of an element around it, else as the page does when it loads (`<html lang>`), else as
 * the browser does.
 */
export class XrayClassifierElement extends HTMLElement {
  /** What reads the films. Set one to share it among elements; the element closes only one that it made itself. */
  classifier: Classifier | null;
  /** Of the film that is shown; null while there is none. */
  readonly result: Result | null;
  /**
   * Reads and shows a film, in place of the one before. Rejects as `Classifier.classify` does, with an `AbortError` where another
   * film takes its place.
   */
  classify(film: Blob, options?: { name?: string }): Promise<Result>;
  /** Takes back the film and its result. */
  clear(): void;

  addEventListener<Type extends keyof XrayClassifierEventMap>(
    type: Type,
    listener: (this: XrayClassifierElement, event: XrayClassifierEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof XrayClassifierEventMap>(
    type: Type,
    listener: (this: XrayClassifierElement, event: XrayClassifierEventMap[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'xray-classifier': XrayClassifierElement;
  }
}

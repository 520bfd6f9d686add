// The user's own model, from the offer to the return to the page's model: it asks for the files, has them checked, and shows a notice while
// the model is in use. It is kept while the page is open.

import { button } from '../ui/button.js';
import { closeBeside } from '../ui/close-beside.js';
import { element } from '../ui/dom.js';
import { takenFiles } from '../exchange/file-tree.js';
import { toFailure } from '../reader/film-file.js';
import { EVIDENCE } from '../reader/own-model.js';
import { isOfAnotherModel } from '../report/film-facts.js';
import { detail } from '../result/detail-view.js';
import { inEveryLanguage, messages } from '../text/messages.js';
import { findModel } from './found.js';

/**
 * @typedef {import('../exchange/file-tree.js').Source} Source
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').FilmFile} FilmFile
 * @typedef {import('../report/types.js').Metrics} Metrics
 * @typedef {import('../report/types.js').Model} Model
 *
 * @typedef {object} Around what the page provides
 * @property {() => Model | null} model in use
 * @property {() => Metrics | null} metrics its figures
 * @property {() => Film[]} films
 * @property {(files: FilmFile[] | null) => Promise<unknown>} use null for the page's own model; rejects where it cannot be used
 * @property {(films: Film[]) => void} readAgain
 * @property {(sentence: string) => void} announce
 */

export class OwnModel {
  /** Whether the model in use came with figures, even if they cannot be shown. */
  #hasEvidence = false;
  /** The page's own model could not be started again. */
  #isStuck = false;
  /** The present notice, which is rewritten only when it changes. */
  #shown = '';
  #place;
  #around;

  /**
   * @param {HTMLElement} place for the notice
   * @param {HTMLElement} button
   * @param {Around} around
   */
  constructor(place, button, around) {
    this.#place = place;
    this.#around = around;
    button.addEventListener('click', () => this.#ask());
    inEveryLanguage(() => (button.textContent = messages.ownModel.open));
  }

  /**
   * Offers a model that lies among what came in.
   * @param {Source[]} sources
   * @param {() => boolean} isRefused whether no other model can be taken now; it tells the person so
   * @returns {Promise<Source[]>} everything else that came in
   */
  async offer(sources, isRefused) {
    const found = await findModel(sources);
    if (!found) return sources;
    if (!isRefused()) {
      const text = messages.ownModel;
      const dialog = open();
      dialog.show(
        text.foundTitle,
        element('p', {}, text.found(found.name, found.files.length)),
        element('p', { class: 'note' }, text.lead),
        actions(
          button('primary', text.use, () => void this.#use(dialog, found.files)),
          button('quiet', text.not, () => dialog.close()),
        ),
      );
    }
    return found.rest;
  }

  #ask() {
    const text = messages.ownModel;
    const dialog = open();
    dialog.show(text.title, element('p', {}, text.lead), element('p', {}, text.what), this.#choices(dialog, text.not));
  }

  /** @param {ReturnType<typeof open>} dialog @param {string} close */
  #choices(dialog, close) {
    const text = messages.ownModel;
    const hasFolders = 'webkitdirectory' in HTMLInputElement.prototype;
    const field = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {Record<string, string | boolean>} */ attributes) => {
      const input = element('input', { type: 'file', hidden: true, 'aria-label': name, ...attributes });
      input.addEventListener('change', () => void this.#chosen(dialog, [...(input.files ?? [])]));
      return [button(kind, name, () => input.click()), input];
    };
    return actions(
      ...(hasFolders ? field('primary', text.chooseFolder, { webkitdirectory: true, 'data-own-model': 'folder' }) : []),
      ...field(hasFolders ? 'quiet' : 'primary', text.chooseFiles, { multiple: true, accept: '.zip,.json,.safetensors', 'data-own-model': 'files' }),
      button('quiet', close, () => dialog.close()),
    );
  }

  /** @param {ReturnType<typeof open>} dialog @param {File[]} files */
  async #chosen(dialog, files) {
    if (files.length === 0) return;
    const found = await findModel(takenFiles(files).sources);
    // Without a model, the failure is about the chosen files.
    await this.#use(dialog, found?.files ?? files);
  }

  /** @param {ReturnType<typeof open>} dialog @param {FilmFile[]} files */
  async #use(dialog, files) {
    const text = messages.ownModel;
    dialog.show(text.title, element('p', { role: 'status' }, text.checking), element('div', { class: 'busy', 'aria-hidden': 'true' }));
    // Set before `use`, during which the notice is written.
    const had = this.#hasEvidence;
    this.#hasEvidence = files.some(({ name }) => EVIDENCE.includes(name));
    try {
      await this.#around.use(files);
    } catch (error) {
      this.#hasEvidence = had;
      const { kind, message } = toFailure(error);
      dialog.show(
        text.failedTitle,
        element('p', { role: 'alert', 'data-own-model-failure': kind }, `${text.failures[kind] ?? text.failed} ${text.stays}`),
        message ? detail(message) : null,
        this.#choices(dialog, text.close),
      );
      return;
    }
    this.#isStuck = false;
    this.update();
    dialog.close();
    document.getElementById('own-model-title')?.focus();
    this.#around.announce(text.announce);
  }

  async #back() {
    this.#isStuck = false;
    try {
      await this.#around.use(null);
      this.#around.announce(messages.ownModel.announceBack);
    } catch {
      this.#isStuck = true;
    }
    this.update();
    (document.getElementById('own-model-title') ?? document.getElementById('choose'))?.focus();
  }

  /** Films that another model has read and that can be read again. */
  #others() {
    const model = this.#around.model();
    return this.#around.films().filter((film) => film.file !== null && film.state === 'done' && isOfAnotherModel(film, model));
  }

  /** Call it when the model or the films may have changed. It is cheap when they have not. */
  update() {
    const model = this.#around.model();
    const own = model?.own ? model : null;
    const others = this.#others().length;
    const text = messages.ownModel;
    const evidence = this.#around.metrics() ? text.evidence : this.#hasEvidence ? text.evidenceNot : text.evidenceNone;
    const shown = JSON.stringify([own?.sha256, others, evidence, this.#isStuck]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const hadFocus = this.#place.contains(document.activeElement);
    const again = button('quiet', text.again(others), () => this.#around.readAgain(this.#others()));
    again.dataset.ownModel = 'again';
    this.#place.replaceChildren(
      ...(own || others > 0
        ? [
            element(
              'section',
              { class: 'notice own-model-notice', 'aria-labelledby': 'own-model-title', 'data-own': own !== null },
              element('h2', { id: 'own-model-title', tabindex: -1 }, own ? text.bannerTitle : text.othersTitle),
              own && element('p', {}, `${text.banner(own)} ${evidence}`),
              others > 0 ? element('p', {}, text.others(others)) : null,
              this.#isStuck ? element('p', { role: 'alert' }, text.backFailed) : null,
              actions(own && button('quiet', text.back, () => void this.#back()), others > 0 ? again : null),
            ),
          ]
        : []),
    );
    if (hadFocus) (document.getElementById('own-model-title') ?? document.getElementById('choose'))?.focus();
  }
}

/** A dialog whose content changes. */
function open() {
  const dialog = element('dialog', { class: 'dialog own-model-dialog', 'aria-labelledby': 'own-model-dialog-title' });
  dialog.addEventListener('close', () => dialog.remove());
  closeBeside(dialog);
  document.body.append(dialog);
  return {
    /** @param {string} title @param {...(Node | null)} content */
    show(title, ...content) {
      const heading = element('h2', { id: 'own-model-dialog-title', tabindex: -1 }, title);
      dialog.replaceChildren(element('div', { class: 'dialog-body' }, heading, ...content));
      if (!dialog.open && dialog.isConnected) dialog.showModal();
      heading.focus();
    },
    close: () => dialog.close(),
  };
}

/** @param {...(Node | null)} buttons */
function actions(...buttons) {
  return element('p', { class: 'actions' }, ...buttons);
}

// Takes a person's answer about a film: one of four, and how sure they are. Keys 1 to 4 choose the answer, 5 to 9 and 0 choose 50 to 100 %.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';
import { ANSWERS, SURENESS } from './session.js';

/**
 * @typedef {import('./session.js').Answer} Answer
 * @typedef {import('./session.js').Said} Said
 */

export class AnswerView {
  element;
  /** @type {Answer | null} */
  #answer;
  /** @type {number | null} */
  #sureness;
  #answers;
  #sure;
  #changed;

  /**
   * @param {string} legend
   * @param {Said | null} said before
   * @param {(said: Said) => void} changed is given the answer once it is complete
   */
  constructor(legend, said, changed) {
    const text = messages.blind;
    this.#answer = said?.answer ?? null;
    this.#sureness = said?.sureness ?? null;
    this.#changed = changed;
    this.#answers = choices(
      'blind-answer',
      legend,
      ANSWERS,
      (answer) => [text.answers[answer], String(ANSWERS.indexOf(answer) + 1)],
      (answer) => this.answer(answer),
    );
    this.#sure = choices(
      'blind-sure',
      text.sure,
      SURENESS,
      (share) => [text.sureness(share), keyOf(share)],
      (share) => this.sure(share),
    );
    this.element = element('div', { class: 'blind-answer' }, this.#answers.node, this.#sure.node);
    this.#show();
  }

  /** Null while the answer or the sureness is missing. @returns {Said | null} */
  get said() {
    if (this.#answer === 'cannot_say') return { answer: this.#answer, sureness: null };
    return this.#answer && this.#sureness ? { answer: this.#answer, sureness: this.#sureness } : null;
  }

  /** Moves the focus to what is missing and returns the sentence that asks for it. @returns {string} */
  askForRest() {
    const isAnswered = this.#answer !== null;
    (isAnswered ? this.#sure : this.#answers).focus();
    return isAnswered ? messages.blind.sureMissing : messages.blind.answerMissing;
  }

  /** @param {string} key @returns {boolean} false for a key that means nothing here */
  press(key) {
    const answer = ANSWERS[Number(key) - 1];
    const share = SURENESS.find((share) => keyOf(share) === key);
    if (answer) {
      const wasThere = this.#answers.node.contains(document.activeElement);
      this.answer(answer);
      // Arrow keys say how sure: among the answers, the browser would choose another answer with them.
      if (wasThere && !this.#sure.node.disabled) this.#sure.focus();
    } else if (share === undefined) return false;
    else if (this.#answer !== 'cannot_say') this.sure(share);
    return true;
  }

  /** @param {-1 | 1} steps @returns {boolean} */
  step(steps) {
    if (this.#answer === 'cannot_say') return false;
    const at = this.#sureness === null ? -1 : SURENESS.indexOf(this.#sureness);
    this.sure(SURENESS[at < 0 ? 0 : Math.max(0, Math.min(SURENESS.length - 1, at + steps))]);
    return true;
  }

  /** @param {Answer} answer */
  answer(answer) {
    this.#answer = answer;
    this.#show();
    this.#say();
  }

  /** @param {number} share */
  sure(share) {
    this.#sureness = share;
    this.#show();
    this.#say();
  }

  #show() {
    const cannotSay = this.#answer === 'cannot_say';
    this.#answers.check(this.#answer);
    this.#sure.check(cannotSay ? null : this.#sureness);
    this.#sure.node.disabled = cannotSay;
  }

  #say() {
    const { said } = this;
    if (said) this.#changed(said);
  }
}

/** 5 for 50 %, 0 for 100 %. @param {number} share */
function keyOf(share) {
  return String(Math.round(share * 10) % 10);
}

/**
 * @template {string | number} Choice
 * @param {string} name
 * @param {string} legend
 * @param {readonly Choice[]} all
 * @param {(choice: Choice) => [text: string, key: string]} textOf
 * @param {(choice: Choice) => void} choose
 */
function choices(name, legend, all, textOf, choose) {
  const radios = all.map((choice) => {
    const input = element('input', { type: 'radio', name, value: choice });
    input.addEventListener('change', () => choose(choice));
    return input;
  });
  const labels = radios.map((radio, index) => {
    const [text, key] = textOf(all[index]);
    return element('label', {}, radio, element('span', {}, element('span', {}, text), element('kbd', { 'aria-hidden': 'true' }, key)));
  });
  const node = element('fieldset', { class: `blind-choices ${name}` }, element('legend', {}, legend), element('div', {}, ...labels));
  return {
    node,
    /** @param {Choice | null} choice */
    check(choice) {
      for (const [index, radio] of radios.entries()) radio.checked = all[index] === choice;
    },
    focus() {
      (radios.find(({ checked }) => checked) ?? radios[0]).focus();
    },
  };
}

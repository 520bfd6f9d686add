// Keys on the film while it has the focus. Esc is not among them: it works wherever the focus is.

import { messages } from '../text/messages.js';

/**
 * The keys and what they do, for the list of keys.
 * @returns {{keys: string[], does: string}[]}
 */
export function viewerShortcuts() {
  return messages.viewer.shortcuts;
}

/**
 * @typedef {object} KeyActions
 * @property {(dx: number, dy: number) => void} look in steps to the right and down
 * @property {(steps: number) => void} zoom by this many steps; negative zooms out
 * @property {() => void} fit
 * @property {() => void} oneToOne
 * @property {() => void} invert
 * @property {() => void} reset
 * @property {(tool: 'window' | 'pan') => void} tool
 * @property {(steps: number) => void} widen
 * @property {(steps: number) => void} darken
 * @property {(name: 'auto' | 'full' | 'lungs') => void} preset
 * @property {() => void} overlay
 * @property {() => void} compare
 * @property {() => void} fullScreen
 */

/**
 * @param {HTMLElement} view
 * @param {KeyActions} actions
 */
export function listenForKeys(view, actions) {
  /** @type {Record<string, () => void>} */
  const plain = {
    ArrowLeft: () => actions.look(-1, 0),
    ArrowRight: () => actions.look(1, 0),
    ArrowUp: () => actions.look(0, -1),
    ArrowDown: () => actions.look(0, 1),
    '+': () => actions.zoom(1),
    '=': () => actions.zoom(1),
    '-': () => actions.zoom(-1),
    _: () => actions.zoom(-1),
    0: actions.fit,
    1: actions.oneToOne,
    i: actions.invert,
    r: actions.reset,
    w: () => actions.tool('window'),
    h: () => actions.tool('pan'),
    '[': () => actions.widen(-1),
    ']': () => actions.widen(1),
    a: () => actions.preset('auto'),
    f: () => actions.preset('full'),
    l: () => actions.preset('lungs'),
    o: actions.overlay,
    c: actions.compare,
    m: actions.fullScreen,
  };
  /** @type {Record<string, () => void>} */
  const shifted = {
    ArrowLeft: () => actions.widen(-1),
    ArrowRight: () => actions.widen(1),
    ArrowUp: () => actions.darken(-1),
    ArrowDown: () => actions.darken(1),
  };
  view.addEventListener('keydown', (event) => {
    // Keys with Ctrl, Alt or Cmd are the browser's. AltGr, which some keyboards need for a bracket, is reported as Ctrl with Alt.
    if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = (event.shiftKey && shifted[key]) || plain[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

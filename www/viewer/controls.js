// The viewer's buttons, fields and switches. They show a state and report what a person asks for; they keep no state.

import { button } from '../ui/button.js';
import { element } from '../ui/dom.js';
import { LABELS } from '../report/film-facts.js';
import { percent } from '../text/format.js';
import { messages } from '../text/messages.js';
import { isSame, proposedWindow } from './window.js';

/**
 * @typedef {import('../report/types.js').FilmPicture} FilmPicture
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Window} Window
 *
 * @typedef {'window' | 'pan'} Tool
 * @typedef {Label | 'off'} Overlay
 * @typedef {keyof FilmPicture['windows']} Preset
 *
 * @typedef {object} Asked
 * @property {(tool: Tool) => void} tool
 * @property {(steps: number) => void} zoom
 * @property {() => void} fit
 * @property {() => void} oneToOne
 * @property {() => void} invert
 * @property {() => void} reset
 * @property {() => void} fullScreen
 * @property {(name: Preset) => void} preset
 * @property {(index: number) => void} proposed one of the windows of the file
 * @property {(window: Partial<Window>) => void} window
 * @property {(overlay: Overlay) => void} overlay
 * @property {(opacity: number) => void} opacity
 * @property {(isShown: boolean) => void} outline
 * @property {() => void} compare
 *
 * @typedef {object} Shown
 * @property {Tool} tool
 * @property {number} zoom
 * @property {boolean} isInverted
 * @property {boolean} isFullScreen
 * @property {Window} window
 * @property {FilmPicture['windows']} windows
 * @property {FilmPicture['proposed']} proposed
 * @property {Overlay} overlay
 * @property {number} opacity
 * @property {boolean} outline
 * @property {boolean} compare
 * @property {boolean} hasMap
 * @property {boolean} hasOutline
 * @property {boolean} isBlind without the controls that reveal what the readers found
 */

const PRESETS = /** @type {Preset[]} */ (['auto', 'full', 'lungs']);

/**
 * @param {string} id of the viewer
 * @param {Asked} asked
 */
export function viewerControls(id, asked) {
  const text = messages.viewer;
  const tools = segments(`${id}-tool`, text.tool, /** @type {Tool[]} */ (['window', 'pan']), text.tools, asked.tool);
  const zoom = element('span', { class: 'viewer-zoom' });
  const invert = button('viewer-button', text.invert, asked.invert);
  const compare = button('viewer-button', text.compare, asked.compare);
  compare.classList.add('viewer-readers');
  const full = button('viewer-button', '', asked.fullScreen, text.fullScreen);
  full.classList.add('viewer-full');
  full.hidden = !document.fullscreenEnabled;
  const bar = element(
    'div',
    { class: 'viewer-bar' },
    tools.node,
    element(
      'div',
      { class: 'viewer-group', role: 'group', 'aria-label': text.zoom },
      button('viewer-button', '−', () => asked.zoom(-1), text.zoomOut),
      zoom,
      button('viewer-button', '+', () => asked.zoom(1), text.zoomIn),
      button('viewer-button', text.fit, asked.fit, text.fitLong),
      button('viewer-button', text.oneToOne, asked.oneToOne, text.oneToOneLong),
    ),
    element('div', { class: 'viewer-group' }, invert, button('viewer-button', text.reset, asked.reset), compare, full),
  );

  const presets = PRESETS.map((name) => ({ name, node: button('viewer-button', text.presets[name], () => asked.preset(name)) }));
  const center = numberField(text.center, (value) => asked.window({ center: value }));
  const width = numberField(text.width, (value) => asked.window({ width: value }));
  width.input.min = '1';
  const proposed = proposedWindows(asked);
  const overlayTexts = { off: text.off, ...messages.labels };
  const overlays = segments(`${id}-overlay`, text.overlay, /** @type {Overlay[]} */ (['off', ...LABELS]), overlayTexts, asked.overlay);
  const opacity = element('input', { type: 'range', min: 0, max: 100, step: 5 });
  opacity.addEventListener('input', () => asked.opacity(opacity.valueAsNumber / 100));
  const opacityField = element('label', { class: 'viewer-field' }, text.opacity, opacity);
  const outline = checkbox(text.outline, asked.outline);
  const noMap = element('p', { class: 'viewer-note' }, text.noMap);
  const overlayRow = row(text.overlay, overlays.node, noMap, element('div', { class: 'viewer-fields' }, opacityField, outline.node));
  const panel = element(
    'div',
    { class: 'viewer-panel' },
    row(
      text.window,
      element('div', { class: 'viewer-group' }, ...presets.map(({ node }) => node)),
      element('div', { class: 'viewer-fields' }, proposed.node, center.node, width.node),
    ),
    overlayRow,
  );

  /** @param {Shown} shown */
  function update(shown) {
    tools.check(shown.tool);
    zoom.textContent = text.percent(shown.zoom);
    invert.setAttribute('aria-pressed', String(shown.isInverted));
    full.setAttribute('aria-pressed', String(shown.isFullScreen));
    for (const { name, node } of presets) {
      node.disabled = shown.windows[name] === null;
      node.hidden = shown.isBlind && name === 'lungs';
      node.setAttribute('aria-pressed', String(isSame(shown.windows[name], shown.window)));
    }
    proposed.show(shown);
    center.show(shown.window.center);
    width.show(shown.window.width);
    overlayRow.hidden = compare.hidden = shown.isBlind;
    overlays.node.hidden = !shown.hasMap;
    noMap.hidden = shown.hasMap;
    overlays.check(shown.overlay);
    opacityField.hidden = !shown.hasMap;
    opacity.disabled = shown.overlay === 'off';
    opacity.value = String(Math.round(100 * shown.opacity));
    opacity.setAttribute('aria-valuetext', percent(shown.opacity));
    outline.node.hidden = !shown.hasOutline;
    outline.input.checked = shown.outline;
    compare.setAttribute('aria-pressed', String(shown.compare));
  }

  return { bar, panel, update };
}

/**
 * A list of the file's windows to choose from by name; hidden where the file has none.
 * @param {Asked} asked
 */
function proposedWindows(asked) {
  const text = messages.viewer;
  const select = element('select', { class: 'viewer-proposed' });
  const node = element('label', { class: 'viewer-field' }, text.fileWindows, select);
  /** The windows that the list shows. @type {FilmPicture['proposed'] | null} */
  let listed = null;
  select.addEventListener('change', () => {
    if (select.value === 'full') asked.preset('full');
    else if (select.value !== '') asked.proposed(Number(select.value));
  });

  /** @param {Shown} shown */
  function show({ proposed, windows, window }) {
    node.hidden = proposed.length === 0;
    if (proposed !== listed) {
      listed = proposed;
      const named = proposed.map((one, index) => element('option', { value: index }, text.fileWindow(one, index + 1)));
      select.replaceChildren(...named, element('option', { value: 'full' }, text.presets.full), element('option', { value: '', hidden: true }, text.ownWindow));
    }
    const chosen = proposed.findIndex((one) => isSame(proposedWindow(one), window));
    select.value = chosen >= 0 ? String(chosen) : isSame(windows.full, window) ? 'full' : '';
  }

  return { node, show };
}

/**
 * @param {string} label
 * @param {(Node | null)[]} children
 */
function row(label, ...children) {
  return element(
    'div',
    { class: 'viewer-row', role: 'group', 'aria-label': label },
    element('span', { class: 'viewer-row-name', 'aria-hidden': 'true' }, label),
    element('div', { class: 'viewer-row-controls' }, ...children),
  );
}

/**
 * @template {string} Choice
 * @param {string} name
 * @param {string} legend
 * @param {Choice[]} choices
 * @param {Record<string, string>} texts
 * @param {(choice: Choice) => void} choose
 */
function segments(name, legend, choices, texts, choose) {
  const radios = choices.map((choice) => {
    const input = element('input', { type: 'radio', name, value: choice });
    input.addEventListener('change', () => choose(choice));
    return input;
  });
  const labels = radios.map((radio, index) => element('label', {}, radio, element('span', {}, texts[choices[index]])));
  const node = element('fieldset', { class: 'segments' }, element('legend', { class: 'visually-hidden' }, legend), ...labels);
  const check = (/** @type {Choice} */ choice) => {
    for (const [index, radio] of radios.entries()) radio.checked = choices[index] === choice;
  };
  return { node, check };
}

/**
 * @param {string} text
 * @param {(isChecked: boolean) => void} change
 */
function checkbox(text, change) {
  const input = element('input', { type: 'checkbox' });
  input.addEventListener('change', () => change(input.checked));
  return { input, node: element('label', { class: 'viewer-check' }, input, text) };
}

/**
 * @param {string} text
 * @param {(value: number) => void} change
 */
function numberField(text, change) {
  const input = element('input', { type: 'number', step: 'any', inputmode: 'decimal' });
  let shown = 0;
  const show = () => (input.value = String(shown < 1000 ? Math.round(10 * shown) / 10 : Math.round(shown)));
  input.addEventListener('input', () => Number.isFinite(input.valueAsNumber) && change(input.valueAsNumber));
  // An invalid or rounded entry is replaced by the value in use.
  input.addEventListener('change', show);
  return {
    input,
    node: element('label', { class: 'viewer-field' }, text, input),
    /** @param {number} value */
    show(value) {
      shown = value;
      if (document.activeElement !== input) show();
    },
  };
}

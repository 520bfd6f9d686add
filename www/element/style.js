// The style of <xray-classifier>. Its colours follow the `color-scheme` of the page around it, which can also set each of them.

/** Light and dark. `--xray-accent` and its like, set on the element, override these. */
const COLORS = {
  surface: ['#ffffff', '#131b21'],
  ink: ['#0f1a22', '#e6edf1'],
  muted: ['#4a5a67', '#a2b1bc'],
  line: ['#d8dfe4', '#26323b'],
  edge: ['#768693', '#6d7e8b'],
  track: ['#e3e9ed', '#26323b'],
  accent: ['#0a5674', '#7fcae6'],
  'accent-soft': ['#e2eff5', '#15303d'],
  'on-accent': ['#ffffff', '#04202c'],
  caution: ['#fcf5e4', '#251d0e'],
  'caution-line': ['#c08a26', '#a9803a'],
  'caution-ink': ['#3d2c07', '#f2e3c0'],
  error: ['#fdf0ee', '#2a1513'],
  'error-line': ['#b3372b', '#d0675b'],
  'error-ink': ['#5c150e', '#f8d5d0'],
};

/** @param {(light: string, dark: string) => string} choose */
const colors = (choose) =>
  Object.entries(COLORS)
    .map(([name, [light, dark]]) => `--${name}: var(--xray-${name}, ${choose(light, dark)});`)
    .join(' ');

const STYLE = `
:host {
  display: block;
  container-type: inline-size;
  /* A size container contributes no width of its own in a flex row. */
  min-inline-size: min(18rem, 100%);
  ${colors((light) => light)}
  color: var(--ink);
  font: 400 1rem/1.5 var(--xray-font, ui-sans-serif, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, "Helvetica Neue", Arial, sans-serif);
  font-variant-numeric: tabular-nums;
}
@supports (color: light-dark(#000, #fff)) {
  :host { ${colors((light, dark) => `light-dark(${light}, ${dark})`)} }
}
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
p, dl, dd, ul, figure { margin: 0; padding: 0; }
p { text-wrap: pretty; }

.frame {
  display: grid;
  gap: 1rem;
  padding: clamp(1rem, 4cqi, 1.5rem);
  border: 1px solid var(--line);
  border-radius: var(--xray-radius, 12px);
  background: var(--surface);
}
.frame[data-state="empty"] { border: 1px dashed var(--edge); text-align: center; justify-items: center; padding-block: clamp(1.5rem, 8cqi, 2.5rem); }
.frame[data-over] { outline: 3px solid var(--accent); outline-offset: -1px; background: var(--accent-soft); }

.mark { display: block; width: 48px; height: 48px; color: var(--accent); }
.stage { display: grid; gap: 1rem; min-width: 0; justify-items: inherit; }
.title { font-size: 1.125rem; font-weight: 650; line-height: 1.3; letter-spacing: -0.011em; }
.hint { max-width: 34rem; color: var(--muted); font-size: 0.875rem; }
.name { color: var(--muted); font-size: 0.875rem; overflow-wrap: anywhere; }
.stage > .name + .title { margin-top: -0.75rem; }
.frame[data-state="empty"] .stage { gap: 0.375rem; }
.frame[data-state="empty"] .mark { margin-bottom: 0.5rem; }

button, .toggle { font: inherit; font-weight: 600; color: inherit; cursor: pointer; }
button { min-height: 40px; padding: 0.375rem 1rem; border: 1px solid var(--edge); border-radius: 8px; background: transparent; }
button:hover { background: var(--accent-soft); }
button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
button.primary:hover { background: color-mix(in srgb, var(--accent) 85%, var(--ink)); }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.actions .hint { flex: 1 1 12rem; }
.frame[data-state="empty"] .actions { justify-content: center; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
button:focus-visible { border-radius: 8px; }

progress, .busy { display: block; width: 100%; height: 6px; border: 0; border-radius: 3px; overflow: hidden; appearance: none; background: var(--track); }
progress::-webkit-progress-bar { background: var(--track); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
.busy::after { content: ""; display: block; width: 30%; height: 100%; border-radius: 3px; background: var(--accent); animation: busy 1.4s ease-in-out infinite; }
@keyframes busy { from { transform: translateX(-100%); } to { transform: translateX(340%); } }
@media (prefers-reduced-motion: reduce) { .busy::after { width: 100%; animation: none; opacity: 0.6; } }

.result { display: grid; gap: 1rem clamp(1rem, 4cqi, 1.5rem); align-items: start; }
@container (width >= 36rem) {
  .result:has(.film) { grid-template: "film head" auto "film rest" 1fr / minmax(0, 5fr) minmax(0, 7fr); }
  .result:has(.film) > .head { grid-area: head; }
  .result:has(.film) > .film { grid-area: film; }
  .result:has(.film) > .rest { grid-area: rest; }
}
.film { overflow: hidden; border-radius: 8px; background: #000; color: #c9d3da; }
.film .layers { display: grid; }
.film canvas { grid-area: 1 / 1; display: block; width: 100%; height: auto; max-height: 26rem; object-fit: contain; }
.film figcaption { display: grid; gap: 0.25rem; padding: 0.625rem 0.875rem; font-size: 0.8125rem; line-height: 1.4; }
.film :focus-visible { outline-color: #7fcae6; }
.toggle { display: flex; gap: 0.5rem; align-items: center; min-height: 28px; color: #fff; }
.toggle input { width: 18px; height: 18px; margin: 0; accent-color: #7fcae6; }

.rest { display: grid; gap: 0.875rem; min-width: 0; }
.verdict { margin-top: 0.125rem; font-size: clamp(1.25rem, 1rem + 1.6cqi, 1.625rem); font-weight: 650; line-height: 1.2; letter-spacing: -0.015em; text-wrap: balance; }
.unbroken { white-space: nowrap; }
.reasons, .warnings ul { padding-left: 1.1rem; }
.part-title { font-size: 0.875rem; font-weight: 650; }
.probabilities { display: grid; gap: 0.375rem; margin-top: 0.375rem; }
.probability { display: grid; grid-template-columns: 7.25rem minmax(0, 1fr) 3.5rem; gap: 0.75rem; align-items: center; }
.probability[data-label="abnormal"] { padding-bottom: 0.375rem; border-bottom: 1px solid var(--line); }
.probability dt { color: var(--muted); }
.bar { display: block; height: 12px; border-radius: 3px; overflow: hidden; background: var(--track); }
.fill { display: block; height: 100%; min-width: 2px; background: var(--edge); }
.value { text-align: right; white-space: nowrap; }
.probability dd { display: contents; }
.probability[data-answer] :is(dt, .value) { color: var(--ink); font-weight: 650; }
.probability[data-answer] .fill { background: var(--accent); }
.warnings { padding: 0.625rem 0.875rem; border-left: 3px solid var(--caution-line); background: var(--caution); color: var(--caution-ink); font-size: 0.875rem; }
.caution { padding: 0.25rem 0 0.25rem 0.75rem; border-left: 3px solid var(--caution-line); font-size: 0.9375rem; }
.caution strong { font-weight: 650; }

.error { display: grid; gap: 0.375rem; padding: 0.875rem 1rem; border: 1px solid var(--error-line); border-radius: 8px; background: var(--error); color: var(--error-ink); }
.error .name { color: inherit; }
.detail { font-size: 0.875rem; overflow-wrap: anywhere; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (forced-colors: active) {
  .fill, .busy::after { forced-color-adjust: none; background: CanvasText !important; }
}
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** One sheet for all elements of a page. It is made through the CSSOM, which no Content-Security-Policy forbids. */
export function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  return sheet;
}

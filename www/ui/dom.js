// Creates elements in one expression. Text is set as text and attributes as attributes: nothing is parsed as HTML.

/** A browser may break a line after a hyphen; in this name it must not. */
const UNBROKEN = /(COVID-19)/;

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] `false`, `null` and `undefined` leave the attribute out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child !== null) node.append(...(typeof child === 'string' ? unbroken(child) : [child]));
  }
  return node;
}

/**
 * A text in which “COVID-19” is not broken between two lines.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function unbroken(text) {
  return text.split(UNBROKEN).map((part, index) => {
    if (index % 2 === 0) return part;
    const name = document.createElement('span');
    name.className = 'unbroken';
    name.textContent = part;
    return name;
  });
}

/**
 * The element with this id, which index.html holds.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element #${id}`);
  return /** @type {E} */ (node);
}

/** Rewrites the content of the place and reopens the `details` that were open. @param {Element} place @param {() => void} write */
export function keepOpen(place, write) {
  const all = () => [...place.querySelectorAll('details')];
  const open = all().map((details) => details.open);
  write();
  for (const [index, details] of all().entries()) details.open = open[index] ?? false;
}

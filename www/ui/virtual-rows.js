// A scrolling box of rows of one height. Only the rows in sight are in the document, and the one that the keyboard is on.

/** Extra rows above and below, for scrolling that is faster than the next frame. */
const BEYOND = 8;

/**
 * @template Item
 * @typedef {object} Rows
 * @property {(item: Item) => HTMLElement} create
 * @property {(row: HTMLElement, item: Item, index: number) => void} place called for a new row, or one whose index has changed
 */

/** @template Item */
export class VirtualRows {
  /** @type {Item[]} */
  items = [];
  /** The item whose row stays in the document, even out of sight. @type {Item | null} */
  pinned = null;
  /** @type {Map<Item, HTMLElement>} */
  #shown = new Map();
  /** @type {Map<Item, number>} */
  #indexes = new Map();
  #scroller;
  #body;
  #rows;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} body in the scroller; its rows are placed by the custom properties --rows and --index
   * @param {Rows<Item>} rows
   */
  constructor(scroller, body, rows) {
    this.#scroller = scroller;
    this.#body = body;
    this.#rows = rows;
    scroller.addEventListener('scroll', () => this.render(), { passive: true });
    new ResizeObserver(() => this.render()).observe(scroller);
  }

  /** @param {Item[]} items */
  show(items) {
    this.items = items;
    this.#indexes = new Map(items.map((item, index) => [item, index]));
    this.#body.style.setProperty('--rows', String(items.length));
    this.render();
  }

  /** @param {Item} item */
  indexOf(item) {
    return this.#indexes.get(item) ?? -1;
  }

  /** The row of an item, if it is in the document. @param {Item} item */
  rowOf(item) {
    return this.#shown.get(item) ?? null;
  }

  /** Makes every row in the document again. */
  rebuild() {
    this.#shown.clear();
    this.#body.replaceChildren();
    this.render();
  }

  /** How many rows fit in the box. */
  pageSize() {
    return Math.max(1, Math.floor(this.#sight().height / this.#rowHeight()) - 1);
  }

  /** Scrolls just far enough to show the whole row. @param {number} index */
  reveal(index) {
    const height = this.#rowHeight();
    const sight = this.#sight();
    const top = index * height;
    if (top < sight.top) this.#scroller.scrollTop += top - sight.top;
    else if (top + height > sight.top + sight.height) this.#scroller.scrollTop += top + height - sight.top - sight.height;
    this.render();
  }

  render() {
    const height = this.#rowHeight();
    const sight = this.#sight();
    const first = Math.max(0, Math.floor(sight.top / height) - BEYOND);
    const last = Math.min(this.items.length, Math.ceil((sight.top + sight.height) / height) + BEYOND);
    const wanted = this.items.slice(first, last);
    const pinned = this.pinned === null ? -1 : this.indexOf(this.pinned);
    if (pinned >= 0 && pinned < first) wanted.unshift(this.items[pinned]);
    if (pinned >= last) wanted.push(this.items[pinned]);

    const keep = new Set(wanted);
    for (const [item, row] of this.#shown) {
      if (keep.has(item)) continue;
      row.remove();
      this.#shown.delete(item);
    }
    // The order in the document is that on the screen, because screen readers follow it.
    let before = this.#body.firstElementChild;
    for (const item of wanted) {
      const index = this.indexOf(item);
      const row = this.#shown.get(item) ?? this.#rows.create(item);
      this.#shown.set(item, row);
      if (row.dataset.index !== String(index)) {
        row.dataset.index = String(index);
        row.style.setProperty('--index', String(index));
        this.#rows.place(row, item, index);
      }
      if (row === before) before = before.nextElementSibling;
      else this.#body.insertBefore(row, before);
    }
  }

  /** The visible part, in pixels from the top of the body. */
  #sight() {
    const top = this.#scroller.scrollTop;
    // Content above the body does not move when the body scrolls.
    return { top, height: Math.max(0, this.#scroller.clientHeight - this.#body.offsetTop) };
  }

  #rowHeight() {
    return this.items.length === 0 ? 1 : Math.max(1, this.#body.getBoundingClientRect().height / this.items.length);
  }
}

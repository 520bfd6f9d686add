// Rows of one height in a box that scrolls: only those in sight, and one more that holds the keyboard's place, are in the document.

/** So many rows more above and below, for a scroll that is faster than the next frame. */
const BEYOND = 8;

/**
 * @template Item
 * @typedef {object} Rows
 * @property {(item: Item) => HTMLElement} create
 * @property {(row: HTMLElement, item: Item, index: number) => void} place its index has changed, or it is new
 */

/** @template Item */
export class VirtualRows {
  /** @type {Item[]} */
  items = [];
  /** It stays in the document wherever it is. @type {Item | null} */
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

  /** Every row in the document anew. */
  rebuild() {
    this.#shown.clear();
    this.#body.replaceChildren();
    this.render();
  }

  /** Rows that a page shows at once. */
  pageSize() {
    return Math.max(1, Math.floor(this.#sight().height / this.#rowHeight()) - 1);
  }

  /** Scrolls no further than it takes to have the whole row in sight. @param {number} index */
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
    // In the document as on the screen: who hears the page reads in that order.
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

  /** What is in sight, in the body's own measure. */
  #sight() {
    const top = this.#scroller.scrollTop;
    // What stands above the body stays where it is when the body scrolls.
    return { top, height: Math.max(0, this.#scroller.clientHeight - this.#body.offsetTop) };
  }

  #rowHeight() {
    return this.items.length === 0 ? 1 : Math.max(1, this.#body.getBoundingClientRect().height / this.items.length);
  }
}

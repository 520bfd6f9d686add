// Reports what mouse, pen, fingers and wheel do on the film. The viewer decides what it means.
//
// The page can be scrolled past a film: until the viewer is held (clicked, tapped or focused), the wheel and a single finger scroll the
// page. Two fingers and the wheel with Ctrl always act on the film; so does one finger where the film is zoomed.

/**
 * @typedef {{x: number, y: number}} Point in CSS pixels of the view
 *
 * @typedef {object} Actions
 * @property {() => boolean} isHeld
 * @property {() => boolean} isZoomed
 * @property {() => 'window' | 'pan'} tool
 * @property {() => void} hold
 * @property {() => void} windowFrom the next `windowBy` starts from the present window
 * @property {(dx: number, dy: number) => void} windowBy distance since `windowFrom`
 * @property {(dx: number, dy: number) => void} moveBy
 * @property {(factor: number, at: Point) => void} zoomBy
 * @property {() => void} fit
 * @property {(at: Point | null) => void} point the pointer's place; null when it has left
 */

/** CSS pixels: a smaller movement of a finger, or a mouse, does not count. */
const SLOP = 6;
const MOUSE_SLOP = 3;
const DOUBLE_TAP_MS = 350;
/** For a wheel that counts in pixels, lines or pages. */
const PIXELS_PER_UNIT = [1, 20, 400];

/**
 * @param {HTMLElement} view
 * @param {Actions} actions
 */
export function listenForGestures(view, actions) {
  /** Fingers and buttons that are down: where, and what they do. @type {Map<number, {from: Point, at: Point, does: Doing}>} */
  const down = new Map();
  /** @type {{at: Point, time: number} | null} */
  let tapped = null;

  view.addEventListener('pointerdown', (event) => {
    const at = place(view, event);
    if (event.pointerType === 'touch') {
      down.set(event.pointerId, { from: at, at, does: 'tap' });
      // The second finger ends what the first one did.
      if (down.size > 1) for (const pointer of down.values()) pointer.does = 'pinch';
      return;
    }
    if (event.button > 2) return;
    view.setPointerCapture(event.pointerId);
    view.focus({ preventScroll: true });
    actions.hold();
    const tool = actions.tool();
    const does = event.button !== 0 || event.shiftKey ? 'pan' : tool === 'window' ? 'click' : tool;
    down.set(event.pointerId, { from: at, at, does });
  });

  view.addEventListener('pointermove', (event) => {
    const at = place(view, event);
    const pointer = down.get(event.pointerId);
    if (event.pointerType !== 'touch') actions.point(at);
    if (!pointer) return;
    const before = pointer.at;
    if (pointer.does === 'tap' && distance(pointer.from, at) >= SLOP) {
      pointer.does = actions.isHeld() ? actions.tool() : actions.isZoomed() ? 'pan' : 'nothing';
      pointer.from = before;
      actions.windowFrom();
    }
    // A click does not change the window, even if the hand trembles.
    if (pointer.does === 'click' && distance(pointer.from, at) >= MOUSE_SLOP) {
      pointer.does = 'window';
      actions.windowFrom();
    }
    if (pointer.does === 'pinch') pinch(pointer, at);
    pointer.at = at;
    if (pointer.does === 'window') actions.windowBy(at.x - pointer.from.x, at.y - pointer.from.y);
    if (pointer.does === 'pan') actions.moveBy(at.x - before.x, at.y - before.y);
  });

  view.addEventListener('pointerup', (event) => {
    const pointer = lift(event.pointerId);
    if (pointer?.does !== 'tap') return;
    view.focus({ preventScroll: true });
    actions.hold();
    const { at } = pointer;
    if (tapped && event.timeStamp - tapped.time < DOUBLE_TAP_MS && distance(tapped.at, at) < 5 * SLOP) {
      tapped = null;
      actions.fit();
    } else {
      tapped = { at, time: event.timeStamp };
    }
  });

  view.addEventListener('pointercancel', (event) => lift(event.pointerId));
  // When the view captures a pen, the canvas also reports that it lost it; that is ignored.
  view.addEventListener('lostpointercapture', (event) => event.target === view && lift(event.pointerId));
  view.addEventListener('pointerleave', () => actions.point(null));
  view.addEventListener('dblclick', () => actions.fit());
  view.addEventListener('contextmenu', (event) => event.preventDefault());
  // Prevents automatic scrolling with the middle button.
  view.addEventListener('mousedown', (event) => event.button === 1 && event.preventDefault());

  // Two fingers must not scroll the page, whatever the style lets one finger do.
  for (const type of /** @type {const} */ (['touchstart', 'touchmove'])) {
    view.addEventListener(type, (event) => event.touches.length > 1 && event.cancelable && event.preventDefault(), { passive: false });
  }

  view.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !actions.isHeld()) return;
      event.preventDefault();
      const pixels = event.deltaY * (PIXELS_PER_UNIT[event.deltaMode] ?? 1);
      // A pinch on a touchpad arrives as a wheel with Ctrl, in small steps.
      const speed = event.ctrlKey && Math.abs(pixels) < 50 ? 0.01 : 0.0015;
      actions.zoomBy(Math.exp(-speed * pixels), place(view, event));
    },
    { passive: false },
  );

  /**
   * Removes a pointer, however it ended.
   * @param {number} id
   */
  function lift(id) {
    const pointer = down.get(id);
    down.delete(id);
    // The finger that remains after a pinch moves the film.
    const [last] = down.values();
    if (down.size === 1 && last.does === 'pinch') last.does = 'pan';
    return pointer;
  }

  /**
   * One of two fingers moves to `at`.
   * @param {{at: Point}} pointer
   * @param {Point} at
   */
  function pinch(pointer, at) {
    const other = [...down.values()].find((one) => one !== pointer && one.does === 'pinch');
    if (!other) return;
    const [before, after] = [middle(pointer.at, other.at), middle(at, other.at)];
    actions.moveBy(after.x - before.x, after.y - before.y);
    actions.zoomBy(Math.max(distance(at, other.at), 1) / Math.max(distance(pointer.at, other.at), 1), after);
  }
}

/** @typedef {'window' | 'pan' | 'pinch' | 'click' | 'tap' | 'nothing'} Doing */

/**
 * @param {HTMLElement} view
 * @param {MouseEvent} event
 * @returns {Point}
 */
function place(view, event) {
  const { left, top } = view.getBoundingClientRect();
  return { x: event.clientX - left - view.clientLeft, y: event.clientY - top - view.clientTop };
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** @param {Point} a @param {Point} b */
function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

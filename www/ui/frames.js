// Runs work at most once per frame, however often it is requested.

/**
 * @param {() => void} work
 * @returns {{soon: () => void, now: () => void, ifDue: () => void}} `now` also replaces a pending request; `ifDue` does the work that was
 *   requested, and nothing where none was
 */
export function oncePerFrame(work) {
  let asked = 0;
  const now = () => {
    cancelAnimationFrame(asked);
    asked = 0;
    work();
  };
  return {
    soon: () => {
      asked ||= requestAnimationFrame(now);
    },
    now,
    ifDue: () => {
      if (asked) now();
    },
  };
}

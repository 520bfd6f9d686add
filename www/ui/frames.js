// Work that is done at most once a frame, however often it is asked for.

/**
 * @param {() => void} work
 * @returns {{soon: () => void, now: () => void}} `now` also takes the place of what was asked for before
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
  };
}

// Carries a view over to another film. Place and zoom carry over as shares of the film; a window does where values mean the same.

/**
 * @typedef {import('../report/types.js').FilmPicture} FilmPicture
 * @typedef {import('../report/types.js').Window} Window
 * @typedef {import('../viewer/viewer.js').View} View
 * @typedef {Pick<FilmPicture, 'samples' | 'offset' | 'step' | 'is_inverted' | 'windows'>} Scale
 * @typedef {{film: Scale, isDicom: boolean}} Seen
 */

/** Values of two DICOM films mean the same where the ranges that occur overlap by at least this share. */
const COMMON = 0.5;

/**
 * Whether a value means the same in both films: it does in two DICOM films of similar range, and in two 8-bit films.
 * @param {Seen} a
 * @param {Seen} b
 */
export function sharesValues(a, b) {
  if (a.film.is_inverted !== b.film.is_inverted || a.isDicom !== b.isDicom) return false;
  if (a.isDicom) return common(rangeOf(a.film), rangeOf(b.film)) >= COMMON;
  return [a, b].every(({ film }) => film.samples instanceof Uint8Array && film.offset === 0 && film.step === 1);
}

/**
 * Carries a window over to the other film: the same values, or else the same place in the range that occurs.
 * @param {Window} window
 * @param {Seen} from
 * @param {Seen} to
 * @returns {Window}
 */
export function windowFor(window, from, to) {
  if (sharesValues(from, to)) return window;
  const [one, other] = [from.film.windows.full, to.film.windows.full];
  const share = (window.center - one.center) / one.width;
  // Where one film shows its least value white and the other black, the offset changes sign.
  const sign = from.film.is_inverted === to.film.is_inverted ? 1 : -1;
  return { ...window, center: other.center + sign * share * other.width, width: (window.width / one.width) * other.width };
}

/** @param {View} view @param {Seen} from @param {Seen} to @returns {View} */
export function viewFor(view, from, to) {
  return { ...view, window: windowFor(view.window, from, to) };
}

/** @param {Scale} film @returns {[number, number]} */
function rangeOf({ windows: { full } }) {
  return [full.center - full.width / 2, full.center + full.width / 2];
}

/** The overlap of two ranges, as a share of what both together cover. @param {[number, number]} a @param {[number, number]} b */
function common(a, b) {
  const both = Math.max(a[1], b[1]) - Math.min(a[0], b[0]);
  return both > 0 ? Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0])) / both : 1;
}

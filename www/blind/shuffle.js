// Orders films by a seed: the same films and the same seed give the same order in every browser, however the films came in.

/** Seeds are whole numbers below this. */
const SEEDS = 2 ** 32;

/** A seed that nobody chose, short enough to be read out. */
export function newSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
}

/**
 * Reads a seed as it was typed; null where it is not a whole number from 0 to 4,294,967,295.
 * @param {string} text
 */
export function readSeed(text) {
  const digits = text.trim();
  return /^\d{1,10}$/.test(digits) && Number(digits) < SEEDS ? Number(digits) : null;
}

/**
 * Sorts the films by path, so that the order in which they came in does not matter, then shuffles them (Fisher–Yates).
 * @template {{path: string}} Film
 * @param {readonly Film[]} films
 * @param {number} seed
 * @returns {Film[]}
 */
export function shuffled(films, seed) {
  // By code units: a language's collation differs between browsers.
  const order = [...films].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const random = mulberry32(seed);
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/**
 * Tommy Ettinger's generator mulberry32, which yields the same numbers in every browser.
 * @param {number} seed
 * @returns {() => number} from 0 to below 1
 */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / SEEDS;
  };
}

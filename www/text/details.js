// Details of failures in other languages than English: Rust's words, and the page's own, which both are English wherever they are kept
// and exported. Each language lists what it knows (details-de.js); what a browser says of its own accord has no translation.

/** What the English words look like, and how the language says them: from what the pattern captured, or not at all. @typedef {[RegExp, (...found: string[]) => string | undefined]} Detail */

/**
 * @param {readonly Detail[]} details
 * @param {string} message
 * @returns {string | null} null where it is not known
 */
export function detailIn(details, message) {
  for (const [pattern, say] of details) {
    const match = pattern.exec(message);
    const said = match && say(...match.slice(1));
    if (said) return said;
  }
  return null;
}

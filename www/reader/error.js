/** What went wrong, in the form the page shows: a kind to branch on and a sentence. */
export class ReaderError extends Error {
  /**
   * @param {import('../report/types.js').Failure} failure
   * @param {boolean} [isTrap] the program stopped while a back-end was being tried
   */
  constructor({ kind, message, format }, isTrap = false) {
    super(message);
    this.kind = kind;
    this.format = format;
    this.isTrap = isTrap;
  }
}

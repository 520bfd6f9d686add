/** A failure of a film or of the start: a kind to branch on and a sentence. classifier.d.ts lists the kinds. */
export class ClassifierError extends Error {
  /** @type {'ClassifierError'} */
  name = 'ClassifierError';
  /** The program stopped while a back-end was being tried. */
  isTrap = false;
  /** A worker ended, perhaps not because of the film. */
  mayBePassing = false;

  /**
   * @param {string} kind
   * @param {string} message
   * @param {import('../report/types.js').Failure['format']} [format]
   */
  constructor(kind, message, format) {
    super(message);
    this.kind = kind;
    this.format = format;
  }

  /** @param {import('../report/types.js').Failure} failure */
  static of({ kind, message, format }) {
    return new ClassifierError(kind, message, format);
  }
}

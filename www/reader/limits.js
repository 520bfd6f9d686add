// Every limit that the page puts on files. Limits on pictures are in src/decode/limits.rs; docs/limits.md lists and explains both.

/** Bytes of a film's file, also within an archive: no chest film is this large, even 16-bit and uncompressed. */
export const FILM_BYTES = 200e6;

/** Bytes of all parts of an archive together, unpacked. */
export const ARCHIVE_BYTES = 20e9;
export const ARCHIVE_PARTS = 20_000;
/** Bytes of an archive's list of parts. */
export const ARCHIVE_LIST_BYTES = 20e6;

/** Bytes of a file of exported results. */
export const RESULTS_BYTES = 500e6;
export const RESULTS_FILMS = 100_000;
/** Characters of the longest text in exported results. */
export const RESULTS_LETTERS = 20_000;

/** Bytes of a table of labels. */
export const TABLE_BYTES = 50e6;

/** Bytes of a file that may be a model's manifest. */
export const MANIFEST_BYTES = 5e6;
/** A model names a handful of files; a longer list is something else. */
export const MODEL_FILES = 100;

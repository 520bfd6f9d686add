// What this page takes of files: every bound in one place. What a picture may ask for stands in src/decode/limits.rs; docs/limits.md has
// both, with what they are for.

/** A film's file, and so a part of an archive: no chest film is this large, uncompressed 16-bit ones included. */
export const FILM_BYTES = 200e6;

/** All parts of an archive together, unpacked. */
export const ARCHIVE_BYTES = 20e9;
export const ARCHIVE_PARTS = 20_000;
/** The list of all parts. */
export const ARCHIVE_LIST_BYTES = 20e6;

/** Exported results. */
export const RESULTS_BYTES = 500e6;
export const RESULTS_FILMS = 100_000;
/** The longest text in them. */
export const RESULTS_LETTERS = 20_000;

/** A table that says what films show. */
export const TABLE_BYTES = 50e6;

/** What is looked into for a model's manifest. */
export const MANIFEST_BYTES = 5e6;
/** A model names a handful of files; a list that is longer is something else. */
export const MODEL_FILES = 100;

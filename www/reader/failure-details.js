// Details of failures that the page itself finds. They are English in every language, as those from Rust are, because exports contain them.

/** @param {number} size @param {number} limit */
export const tooManyBytes = (size, limit) => `${megabytes(size)}; this page takes files up to ${megabytes(limit)}.`;

/** @param {string} what */
export const ofArchive = (what) => `Of the archive: ${what}.`;

/** @param {number} size @param {number} limit */
export const archiveSizes = (size, limit) => `${megabytes(size)} unpacked; this page unpacks up to ${megabytes(limit)} a film, and 20\u202fGB of an archive.`;

/** @param {number} parts @param {number} limit */
export const archiveEntries = (parts, limit) => `${parts} files; this page unpacks up to ${limit}.`;

export const noFile = 'There is no file to this result.';

/** @param {string} schema */
export const otherSchema = (schema) => `“${schema.slice(0, 80)}”`;

/** The browser's own message would quote the file, which may hold names. */
export const notJson = 'The file is not JSON, or not all of it is there.';

/** @param {string} at the place in the file @param {string} expected */
export const notAsExpected = (at, expected) => `${at || 'the file'} is not ${expected}`;

export const expected = {
  text: 'a text',
  number: 'a number',
  size: 'a number of 0 or more',
  share: 'a number from 0 to 1',
  flag: 'true or false',
  time: 'a time such as 2026-02-03T04:05:06.789Z',
  list: 'a list',
  shape: 'as it should be',
};

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)}\u202fMB`;
}

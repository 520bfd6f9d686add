// Finds each film's label, from tables or else from the names of folders. Spellings stay as they are; a person says what they mean.

/**
 * @typedef {import('../exchange/label-table.js').LabelTable} LabelTable
 * @typedef {import('../exchange/label-table.js').LabelRow} LabelRow
 * @typedef {import('../report/types.js').Film} Film
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {object} Labelled
 * @property {Film} film
 * @property {string} spelling of its label
 * @property {string} patient empty where it is not known
 * @typedef {'no_label' | 'ambiguous' | 'contradicted' | 'twice'} WhyNot
 * @typedef {object} Labels
 * @property {Labelled[]} labelled in the order of the tables, then of the films
 * @property {{film: Film, why: WhyNot}[]} without films without a usable label
 * @property {string[]} rowsWithout paths of rows without a film
 * @property {Map<string, number>} spellings with the number of films of each, the most frequent first
 * @property {boolean} isByTable
 */

/** @param {string} spelling */
function plain(spelling) {
  return spelling
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

const NORMAL =
  /^(normal\w*|healthy|normal healthy|healthy normal|no findings?|nofindings?|gesund\w*|ohne befund|kein befund|o b|unauffallig\w*|unremarkable|sin (hallazgos?( patologicos?)?|alteraciones|patologia)|san[oa]s?|sain)( \d+)?$/;
const COVID = /^(sars )?cov(id)?\b|^covid|^corona|sars ?cov/;
/** Words of such a spelling. Any other may deny it (*ruled out*, *descartado*), in whatever language. */
const OF_COVID =
  /^(sars|cov|covid|covid19|corona\w*|sarscov2?|\d+|positiv\w*|pos|confirm\w*|bestatigt\w*|disease|infe[ck]\w*|pneumoni\w*|neumonia|lungenentzundung|patient\w*|pacientes?|cases?|casos?|falle?|images?|bilder|films?|aufnahmen?|radiografias?|x|rays?|xrays?|cxr)$/;
const PNEUMONIA =
  /^((other|non covid|viral|bacterial|virus|bacteria|lobar|common|typical|andere|bakterielle|virale) )*(pneumoni(a|as|e|en)|lungenentzundung(en)?|neumonia( (viral|bacteriana))?)( \d+)?$/;

/**
 * The most probable meaning of a spelling; null where a person has to say.
 * @param {string} spelling
 * @returns {Label | null}
 */
export function guess(spelling) {
  const words = plain(spelling);
  if (NORMAL.test(words)) return 'normal';
  if (PNEUMONIA.test(words)) return 'pneumonia';
  return COVID.test(words) && words.split(' ').every((word) => OF_COVID.test(word)) ? 'covid19' : null;
}

/**
 * @param {Film[]} films
 * @param {LabelTable[]} tables
 * @returns {Labels | null} null where nothing says what the films show
 */
export function labelsOf(films, tables) {
  const found = tables.length > 0 ? byTables(films, tables) : byFolders(films);
  if (!found) return null;
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { spelling } of found.labelled) counts.set(spelling, (counts.get(spelling) ?? 0) + 1);
  const spellings = new Map([...counts].sort(([, a], [, b]) => b - a));
  return { ...found, spellings, isByTable: tables.length > 0 };
}

/** @param {Film[]} films @param {LabelTable[]} tables */
function byTables(films, tables) {
  const index = new FilmIndex(films);
  /** @type {Map<Film, {row: LabelRow, isContradicted: boolean}>} */
  const rows = new Map();
  /** @type {Set<Film>} */
  const ambiguous = new Set();
  const rowsWithout = [];
  for (const table of tables) {
    const folder = table.path.split('/').slice(0, -1);
    for (const row of table.rows) {
      const matching = row.path === '' ? [] : index.find(row.path, folder);
      if (matching.length === 0) rowsWithout.push(row.path);
      if (matching.length > 1) for (const film of matching) ambiguous.add(film);
      if (matching.length !== 1) continue;
      const [film] = matching;
      const before = rows.get(film);
      if (!before) rows.set(film, { row, isContradicted: false });
      else if (before.row.label !== row.label || before.row.patient !== row.patient) before.isContradicted = true;
    }
  }
  /** @type {Labels['without']} */
  const without = [];
  for (const film of films) {
    const found = rows.get(film);
    if (index.isRepeated(film)) without.push({ film, why: 'twice' });
    else if (ambiguous.has(film)) without.push({ film, why: 'ambiguous' });
    else if (found?.isContradicted) without.push({ film, why: 'contradicted' });
    else if (!found?.row.label) without.push({ film, why: 'no_label' });
  }
  const isLeftOut = new Set(without.map(({ film }) => film));
  const labelled = [...rows].filter(([film]) => !isLeftOut.has(film)).map(([film, { row }]) => ({ film, spelling: row.label, patient: row.patient }));
  return { labelled, without, rowsWithout };
}

/** Labels by folder, where folders of at least two labels exist. Folders beside those count as spellings too. @param {Film[]} films */
function byFolders(films) {
  const index = new FilmIndex(films);
  const foldersOf = (/** @type {Film} */ { path }) => path.split('/').slice(0, -1);
  /** Where folders named by labels lie. @type {Set<string>} */
  const places = new Set();
  /** @type {Set<Label>} */
  const labels = new Set();
  for (const film of films) {
    const folders = foldersOf(film);
    let at = folders.length - 1;
    while (at >= 0 && !guess(folders[at])) at--;
    if (at < 0) continue;
    places.add(folders.slice(0, at).join('/'));
    labels.add(/** @type {Label} */ (guess(folders[at])));
  }
  if (labels.size < 2) return null;
  /** @type {Labelled[]} */
  const labelled = [];
  /** @type {Labels['without']} */
  const without = [];
  for (const film of films) {
    const folders = foldersOf(film);
    // The innermost folder decides: `covid project/normal` is normal.
    let at = folders.length - 1;
    while (at >= 0 && !places.has(folders.slice(0, at).join('/'))) at--;
    if (index.isRepeated(film)) without.push({ film, why: 'twice' });
    else if (at < 0) without.push({ film, why: 'no_label' });
    else labelled.push({ film, spelling: folders[at], patient: '' });
  }
  return { labelled, without, rowsWithout: [] };
}

/** Finds films by the paths that tables give them. */
class FilmIndex {
  /** By the name in lower case, with and without the extension. @type {Map<string, {film: Film, path: string[]}[]>} */
  #byName = new Map();
  /** The same with the parent folder, where there is one: thousands of films may share a name. @type {Map<string, {film: Film, path: string[]}[]>} */
  #byFolder = new Map();
  /** By the whole path. @type {Map<string, Film[]>} */
  #byPlace = new Map();
  /** @type {Set<Film>} */
  #repeated = new Set();

  /** @param {Film[]} films */
  constructor(films) {
    /** @type {Map<string, number | undefined>} */
    const sizes = new Map();
    for (const film of films) {
      const path = partsOf(film.path);
      const whole = path.join('/');
      const size = film.file?.size;
      if (film.file && sizes.has(whole) && sizes.get(whole) === size) {
        this.#repeated.add(film);
        continue;
      }
      sizes.set(whole, size);
      for (const key of spellings(path.slice(-1))) push(this.#byName, key, { film, path });
      for (const key of spellings(path.slice(-2))) push(this.#byFolder, key, { film, path });
      for (const key of spellings(path)) push(this.#byPlace, key, film);
    }
  }

  /** Whether the same file came in before. @param {Film} film */
  isRepeated(film) {
    return this.#repeated.has(film);
  }

  /**
   * The film at this path, relative to the folder; else the films whose path ends like this one, or whose path this one ends with, as when
   * films were chosen without their folders.
   * @param {string} place
   * @param {string[]} folder of the table
   * @returns {Film[]} several where the path is ambiguous
   */
  find(place, folder) {
    const wanted = partsOf(place);
    const exact = this.#byPlace.get([...partsOf(folder.join('/')), ...wanted].join('/'));
    if (exact) return exact;
    // A film that was chosen without its folder is found by its name alone.
    const name = wanted.slice(-1).join('/');
    const same = wanted.length < 2 ? this.#byName.get(name) : [...(this.#byFolder.get(wanted.slice(-2).join('/')) ?? []), ...(this.#byFolder.get(name) ?? [])];
    return (same ?? []).filter(({ path }) => endsWith(path, wanted) || endsWith(wanted, path)).map(({ film }) => film);
  }
}

/** @template Item @param {Map<string, Item[]>} map @param {string} key @param {Item} item */
function push(map, key, item) {
  const others = map.get(key);
  if (others) others.push(item);
  else map.set(key, [item]);
}

/** @param {string} path */
function partsOf(path) {
  return path
    .normalize('NFC')
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}

/** The path with and without the extension. @param {string[]} path */
function spellings(path) {
  const whole = path.join('/');
  return new Set([whole, whole.replace(/\.[a-z0-9]{1,5}$/, '')]);
}

/** The names have been compared before, up to the extension. @param {string[]} all @param {string[]} end */
function endsWith(all, end) {
  return end.length <= all.length && end.slice(0, -1).every((part, index) => part === all[all.length - end.length + index]);
}

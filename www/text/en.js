// Every sentence of the page in English. Other languages have objects of the same shape; messages.js chooses one.

import { cutShares } from '../report/film-facts.js';
import { duration, grouped, percent, percentInterval, score, scoreInterval } from './format.js';

/**
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Elsewhere} Elsewhere
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').Model} Model
 * @typedef {import('../report/types.js').Reason} Reason
 * @typedef {import('../report/types.js').Report} Report
 */

/** @type {Record<string, string>} */
const labels = { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Pneumonia' };

/** @type {Record<string, string>} */
const answers = { covid19: 'COVID-19', normal: 'normal', pneumonia: 'pneumonia' };

/** @type {Record<string, string>} */
const blocks = {
  texture: 'Texture',
  fourier: 'Fourier',
  wavelet: 'Wavelet',
  gray_level_difference: 'Grey-level difference',
  cooccurrence: 'Co-occurrence',
};

/** @type {Record<string, string>} */
const blockMeanings = {
  texture: 'the grey levels themselves',
  fourier: 'fine and coarse patterns',
  wavelet: 'edges at two scales',
  gray_level_difference: 'contrast over ten pixels',
  cooccurrence: 'which greys are neighbours',
};

/** What a person can do about each kind of failure. Other kinds show only Rust's own sentence. */
/** @type {Record<string, string>} */
const failures = {
  empty: 'The file is empty. Fetch or export it again.',
  unsupported_format:
    'This is not an image that the page can read. It reads DICOM, PNG, JPEG, JPEG 2000, WebP, BMP and TIFF; what counts is the content, not the name. Export the film as one of these.',
  decode: 'It begins like an image, but the rest is damaged or cut off. Fetch or export it again.',
  too_large: 'The image is larger than this page reads, which is 64 million pixels, and 65,535 along a side. Export it smaller.',
  too_small: 'The image is too small to be a chest film. Export the film at its full size.',
  model: 'The model did not accept it.',
  internal: 'The reader has a defect that this film revealed. Export the film again as PNG.',
  unreadable: 'The browser could not read the file. It may be a folder, or it may have been moved or deleted since you chose it.',
  too_many_bytes: 'The file is too large for a film. Export the film as PNG.',
  zip_damaged: 'This part of a ZIP archive is damaged. Pack the films again, or drop them unpacked.',
  zip_encrypted: 'This part of a ZIP archive is protected by a password. Unpack it and drop the films.',
  zip_method: 'This part of a ZIP archive is packed in a way that the page does not know. Unpack it and drop the films.',
  zip_limit: 'The ZIP archive holds more than this page unpacks. Unpack it and drop the films.',
  crashed: 'The reader stopped while it read this film. It has started afresh: try the film again, or export it again as PNG.',
  memory: 'The browser gave too little memory to read this film. Close other tabs and programs and try the film again, or export it smaller.',
  import_damaged: 'These are results of this page, but the file is damaged or was changed. Nothing was imported.',
  import_schema: 'These are results of another version of this page, which this one does not know. Nothing was imported.',
  import_foreign: 'This is a JSON file, but not one with results that this page has exported.',
  label_columns:
    'This table does not say what films show. Name its columns in the first line: file (or path) and label. A table of results that this page has exported cannot be used.',
  not_read: 'It had not been read when the results were exported, and exports contain no films.',
};

/** @type {Record<string, string>} */
const failuresShort = {
  empty: 'Empty file',
  unsupported_format: 'Unsupported format',
  decode: 'Damaged image',
  too_large: 'Image too large',
  too_small: 'Image too small',
  unreadable: 'File not readable',
  too_many_bytes: 'File too large',
  zip_damaged: 'Damaged archive',
  zip_encrypted: 'Needs a password',
  zip_method: 'Unknown archive',
  zip_limit: 'Archive too large',
  internal: 'Reader’s defect',
  crashed: 'Reader stopped',
  memory: 'Too little memory',
  import_damaged: 'Damaged results',
  import_schema: 'From another version',
  import_foreign: 'No film, no results',
  label_columns: 'Table without labels',
  not_read: 'Not read before export',
};

/** Short verdicts that name no class. @type {Record<string, string>} */
const verdictsShort = { not_normal: 'Not normal', uncertain: 'Uncertain', refused: 'Not judged' };

/** @type {Record<string, string>} */
const starts = {
  fetch: 'A file of this page could not be loaded. Check the network and try again.',
  worker: 'The browser did not start the background worker. Reload the page; if that does not help, use another browser.',
  wasm: 'The browser did not start the WebAssembly program: it may be damaged. Try again; if that does not help, use another browser.',
  memory: 'The browser gave this page too little memory. Close other tabs and programs, then try again.',
  model: 'The model files do not fit the program. A reload may help: they may come from two versions of this page.',
};

/** @type {Record<import('../report/report.js').Backend, string> & Record<string, string>} */
const backends = { webgpu: 'WebGPU', simd: 'WebAssembly SIMD', candle: 'candle' };

/** @type {Record<string, string>} */
const outcomes = { chosen: 'chosen', failed: 'failed', passed_over: 'passed over', lost: 'lost' };

/** @type {Record<import('../report/report.js').Color, string> & Record<string, string>} */
const colors = { gray8: '8-bit grey', gray16: '16-bit grey', color8: '8-bit colour', color16: '16-bit colour' };

/** @type {Record<import('../report/report.js').Format, string> & Record<string, string>} */
const formats = {
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  bmp: 'BMP',
  tiff: 'TIFF',
  dicom: 'DICOM',
  jpeg2000: 'JPEG 2000',
  jpeg_ls: 'JPEG-LS',
  gif: 'GIF',
  avif: 'AVIF',
  heic: 'HEIC',
  jpeg_xl: 'JPEG XL',
};

/** Matches Rust's longer messages about files that it does not read, which say what the file is and what to do. */
const TELLING = /^(this |[A-Z].* is not read)/;

/** @param {import('../report/types.js').Failure} failure */
function failedSentence({ kind, message, format }) {
  if (format) return `This is a picture in ${formats[format] ?? format}, which neither this page nor this browser can decode. Export the film as JPEG or PNG.`;
  if (kind === 'unsupported_format' && TELLING.test(message)) return sentence(message);
  return failures[kind] ?? '';
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** At most two decimals. @param {number} value */
function plain(value) {
  return String(Math.round(100 * value) / 100);
}

/** For example "turned by 90° clockwise and inverted", worded as in Rust; empty where nothing is altered. @param {import('../report/types.js').ReadAs} way */
function waysOf({ quarter_turns, mirrored, inverted }) {
  const turned = ['', 'turned by 90° clockwise', 'turned by 180°', 'turned by 270° clockwise'][quarter_turns % 4];
  return [turned, mirrored ? 'mirrored' : '', inverted ? 'inverted' : ''].filter(Boolean).join(' and ');
}

export const english = {
  labels,

  /** The texts of index.html, word for word; static-text.js writes them in other languages. */
  page: {
    title: 'COVID-Classifier',
    description: 'Reads a chest X-ray with the COVID-Classifier, in this browser. The film does not leave the machine. A research tool, not a medical device.',
    tagline: 'Chest X-rays read in your browser, with the evidence',
    badge: 'Research tool,',
    badgeRest: 'not a medical device',
    intake: 'Have a chest X-ray read',
    lead: 'Drop films anywhere on this page, paste one, or choose them. They are read here, on this machine, and go nowhere.',
    choose: 'Choose films…',
    chooseFiles: 'Chest X-ray films',
    folder: 'Folder…',
    chooseFolder: 'Folder with chest X-ray films',
    formats: 'DICOM, PNG, JPEG, TIFF, ZIP and more',
    control: 'Ctrl',
    or: 'or',
    pastes: 'pastes',
    noFilm: 'No film at hand?',
    teaching: 'Teaching, or a reader study?',
    samples: 'Read two synthetic films',
    validateQuestion: 'Does it work on your films?',
    validateButton: 'Validate on your own films…',
    validation: 'Validation',
    loading: 'Loading the model…',
    films: 'Films',
    clear: 'Clear all',
    keys: 'Keys',
    language: 'Language',
    result: 'Result',
    facts: 'Before you start',
    readers: 'What reads the film',
    readersText:
      'Two readers: the COVID-Classifier of a published paper, which measures texture, and a small network that sees only the lungs. A gate refuses pictures that are not frontal chest films.',
    limits: 'What it cannot do',
    limitsText:
      'Diagnose. It tells COVID-19, normal and other pneumonia apart less well on films of new hospitals than on those it knows, says how well, and names no class where it cannot.',
    privacy: 'Where the film goes',
    privacyText: 'Nowhere. Once the page has loaded it makes no request, and it keeps no film and no result. Cut the network and it still reads.',
    veil: 'Drop to have it read',
  },

  /** Asked before the page is left with open films. */
  leaving: {
    title: 'Close the films that are open?',
    /** @param {number} films @param {boolean} answers whether answers of a blind reading are unsaved */
    text: (films, answers) =>
      [
        'The newer version comes with a reload, which closes the films.',
        films === 0 ? '' : `${films === 1 ? 'The result of one film is' : `The results of ${films} films are`} in no file yet. You can export first.`,
        answers ? 'Your answers in the blind reading are in no file yet; they can be saved at its end.' : '',
      ]
        .filter(Boolean)
        .join(' '),
    stay: 'Stay',
    export: 'Export first…',
    leave: 'Reload and close them',
  },

  /** @param {string} block */
  block: (block) => blocks[block] ?? block.replaceAll('_', ' '),
  /** @param {string} block */
  blockMeaning: (block) => blockMeanings[block] ?? '',

  /**
   * Splits `wavelet_ch1_entropy` into its block and its statistic ("cH1 entropy").
   * @param {string} name
   */
  feature(name) {
    const block = Object.keys(blocks).find((key) => name.startsWith(`${key}_`));
    if (!block) return { block: '', statistic: name.replaceAll('_', ' ') };
    const statistic = name
      .slice(block.length + 1)
      .replaceAll('_', ' ')
      .replace(/^image /, '')
      .replace(/^(\d+)deg /, '$1° ')
      .replace(/^c([ahvd])(\d) /, (_, band, level) => `c${band.toUpperCase()}${level} `);
    return { block: blocks[block], statistic };
  },

  engine: {
    /** @param {number} done @param {number} of */
    loading: (done, of) => `Loading the model… ${done} of ${of} files`,
    /** @param {string} version */
    ready: (version) => `Ready. Model ${version}, on this machine`,
    again: 'Starting again…',
    stalledTitle: 'Loading is taking a long time',
    stalled: 'Nothing has arrived for a minute. Keep waiting, or load the model again.',
    loadAgain: 'Load again',
    failedShort: 'The model is not loaded',
    failedTitle: 'The reader did not start',
    /** @param {string} kind */
    failed: (kind) => starts[kind] ?? 'It stopped for a reason that this page does not know.',
    /** @param {number} waiting */
    failedWaiting: (waiting) =>
      waiting === 0 ? '' : waiting === 1 ? 'One film is waiting and is not lost.' : `${waiting} films are waiting and are not lost.`,
    retry: 'Try again',
    announceReady: 'The model is loaded. Films can be read.',
  },

  compute: {
    /** @param {string} backend @param {string | null} adapter */
    runsOn(backend, adapter) {
      if (backend === 'simd') return `Runs on this processor (${backends.simd})`;
      if (backend === 'candle') return 'Runs on candle (slow)';
      return `Runs on ${named(backend, adapter)}`;
    },
    named,
    why: 'Why',
    /** @param {import('../report/types.js').Compute['attempts'][number]} attempt */
    attempt: ({ backend, outcome, reason }) =>
      [backend && `${named(backend, null)}: ${outcomes[outcome] ?? outcome}.`, reason && sentence(reason)].filter(Boolean).join(' '),
    /**
     * A sentence on why a back-end was not chosen or was lost; null where it was chosen.
     * @param {import('../report/types.js').Compute['attempts'][number]} attempt
     * @returns {string | null}
     */
    trouble: ({ reason }) => reason && sentence(reason),
    /** @param {string} asked */
    notAsAskedTitle: (asked) => `The back-end “${named(asked, null)}” could not be used`,
    /** @param {string} backend @param {string | null} adapter */
    notAsAsked: (backend, adapter) => `This page’s address asks for it. Films are read on ${named(backend, adapter)} instead.`,
    /** @param {string | null} lost @param {string} now @param {string | null} adapter */
    changed(lost, now, adapter) {
      const what =
        lost === 'webgpu'
          ? 'The graphics processor was lost while films were being read.'
          : lost
            ? `The back-end ${named(lost, null)} was lost while films were being read.`
            : 'The back-end that reads films has changed.';
      const on = now === 'simd' ? 'the processor' : named(now, adapter);
      return `${what} Reading continues on ${on}; no film is lost.`;
    },
    changedTitle: 'Another back-end reads now',
    dismiss: 'Dismiss',
  },

  batch: {
    /** @param {number} done @param {number} of */
    reading: (done, of) => `Reading… ${done} of ${of} films`,
    cancel: 'Cancel',
    /** @param {number} cancelled */
    cancelled: (cancelled) => (cancelled === 1 ? 'One film was cancelled.' : `${cancelled} films were cancelled.`),
    /** @param {number} cancelled @returns {string} */
    readRest: (cancelled) => (cancelled === 1 ? 'Read the remaining film' : 'Read the remaining films'),
    /** @param {number} cancelled */
    announceCancelled: (cancelled) => `Reading is cancelled. ${cancelled === 1 ? 'One film is' : `${cancelled} films are`} not read and can be read later.`,
    /** @param {number} films */
    announceRest: (films) => (films === 1 ? 'One film is read now.' : `${films} films are read now.`),
  },

  film: {
    /** @type {Record<string, string>} */
    states: { waiting: 'Waiting', reading: 'Reading…', done: 'Read', failed: 'Not read', cancelled: 'Cancelled' },
    unnamed: 'pasted film',
    /** @param {string} name */
    remove: (name) => `Remove ${name}`,
    removed: 'Film removed.',
    cleared: 'All films removed.',
    nothingDropped: 'That was not a file. Drop, paste or choose an image file or a folder.',
    /** @param {string} verdict */
    verdictShort: (verdict) => labels[verdict] ?? verdictsShort[verdict] ?? verdict,
    /** @param {string} kind */
    failureShort: (kind) => failuresShort[kind] ?? 'Not read',
    /** @param {{format: string, width_px: number, height_px: number, color: string}} film */
    facts: (film) => `${formats[film.format] ?? film.format}, ${film.width_px} × ${film.height_px} pixels, ${colors[film.color] ?? film.color}`,
  },

  viewer: {
    label: 'Film viewer',
    /** @param {string} name */
    view: (name) => `Film ${name}`,
    /** @param {string} name @param {string} overlay @param {boolean} isOutlined @param {boolean} isCut */
    picture: (name, overlay, isOutlined, isCut) =>
      `The film ${name}` +
      (isCut ? ', with a frame around what was read' : '') +
      (overlay === 'off' ? '' : `, with what speaks for and against ${answers[overlay] ?? overlay} over it`) +
      (isOutlined ? ', with the outline of the lungs' : ''),
    /** @param {string} name */
    equalized: (name) => `The film ${name} as the paper’s reader sees it: 512 by 512 pixels, contrast equalised`,
    equalizedCaption: 'The paper’s reader: 512 × 512, contrast equalised',
    /** @param {string} name */
    crop: (name) => `The film ${name} as the convnet reader sees it: 128 by 128 pixels, the lungs only`,
    cropCaption: 'The convnet reader: 128 × 128, the lungs only',
    /** @type {Record<string, string>} */
    placeholders: {
      loading: 'Getting the film…',
      gone: 'The film cannot be shown: its file could not be read again, as it was moved or deleted, or the reader stopped. The result stands.',
      none: 'There is no film to show: this result was imported, and exports contain no films.',
    },
    tool: 'Dragging changes',
    tools: { window: 'Window', pan: 'Pan' },
    zoom: 'Zoom',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Fit',
    fitLong: 'Fit the whole film',
    oneToOne: '1:1',
    oneToOneLong: '1:1, a pixel of the film to a pixel of the screen',
    invert: 'Invert',
    reset: 'Reset',
    fullScreen: 'Full screen',
    window: 'Window',
    presets: { auto: 'Auto', full: 'Full range', lungs: 'Lungs' },
    center: 'Center',
    width: 'Width',
    overlay: 'Speaks for',
    off: 'Off',
    opacity: 'Opacity',
    outline: 'Lungs’ outline',
    noMap: 'There is no map of this film: the convnet reader did not look at it, or a model other than the one in use did.',
    compare: 'What the readers see',
    /** @param {number} zoom */
    percent: (zoom) => `${Math.round(100 * zoom)}\u202f%`,
    /** @param {number} value @param {number} column @param {number} row @param {boolean} isPointed */
    value: (value, column, row, isPointed) => `${isPointed ? '' : 'Middle '}${column}, ${row}: ${value}`,
    /** @param {boolean} isHeld @param {boolean} isTouch @returns {string} */
    hint(isHeld, isTouch) {
      if (isTouch) {
        return isHeld ? 'One finger drags, two zoom. Tap beside the viewer to scroll the page here again.' : 'Two fingers zoom. Tap the film to drag with one.';
      }
      return isHeld ? 'The wheel zooms. Esc gives it back to the page.' : 'Click the film to zoom with the wheel, or hold Ctrl.';
    },
    keys:
      'Arrow keys move the film, plus and minus zoom, 0 fits it, 1 shows it at 1 to 1. Shift with arrow keys changes the window; ' +
      'A, F and L choose one. I inverts, O shows what speaks for the answer, C what the readers see, R resets.',
    /** @param {string} tool @returns {string} */
    toolChosen: (tool) => (tool === 'pan' ? 'Dragging moves the film' : 'Dragging changes the window'),
    /** @param {import('../report/types.js').Window} window */
    windowChosen: ({ center, width }) => `Center ${Math.round(center)}, width ${Math.round(width)}`,
    /** @param {number} zoom */
    zoomed: (zoom) => `Zoom ${Math.round(100 * zoom)} per cent`,
    /** @param {boolean} isInverted @returns {string} */
    inverted: (isInverted) => (isInverted ? 'Inverted' : 'Not inverted'),
    wasReset: 'Window, zoom and inversion are reset',
    noLungs: 'No lungs were found in this film',
    /** @param {string} overlay @param {boolean} hasMap */
    overlayChosen: (overlay, hasMap) =>
      !hasMap ? 'There is no map of this film' : overlay === 'off' ? 'Map off' : `What speaks for and against ${answers[overlay] ?? overlay}`,
    /** @param {boolean} isShown @returns {string} */
    compareChosen: (isShown) => (isShown ? 'What the readers see is shown' : 'What the readers see is hidden'),
    legend: {
      /** @param {string} label */
      for: (label) => `speaks for ${answers[label] ?? label}`,
      /** @param {string} label */
      against: (label) => `speaks against ${answers[label] ?? label}`,
      frame: 'the convnet reader saw only this part',
      outline: 'outline of the lungs it found',
      cut: 'the film that was found in the picture',
      /** For a refused film. */
      withheld: 'This film is not judged: a map lies over it only if you choose one here, or press O on the film.',
      /** @param {string} label @param {number} inside */
      where: (label, inside) => `${percent(inside)} of what speaks for ${answers[label] ?? label} lies inside the lungs, the rest outside.`,
    },
    /** Says how much of the picture was not read. @param {import('../report/types.js').Frame} frame */
    cutOff(frame) {
      const cut = cutShares(frame);
      const sides = /** @type {const} */ (['left', 'right', 'top', 'bottom']).filter((side) => cut[side] > 0);
      const said = sides.map((side) => `${percent(cut[side])} ${['left', 'right'].includes(side) ? `on the ${side}` : `at the ${side}`}`);
      return `Only the film inside the picture was read. What was cut off: ${said.join(', ')}.`;
    },
    fileWindows: 'The file’s windows',
    /** @param {import('../report/types.js').ProposedWindow} window @param {number} number */
    fileWindow: ({ name, center, width }, number) => `${name ?? `Window ${number}`} (${plain(center)} / ${plain(width)})`,
    ownWindow: 'Another',
    shortcuts: [
      { keys: ['←', '→', '↑', '↓'], does: 'Move the film' },
      { keys: ['+', '−'], does: 'Zoom in, zoom out' },
      { keys: ['0'], does: 'Fit the whole film' },
      { keys: ['1'], does: '1:1, a pixel of the film to a pixel of the screen' },
      { keys: ['W', 'H'], does: 'Dragging changes the window, moves the film' },
      { keys: ['Shift ←', 'Shift →'], does: 'Window narrower, wider; also [ and ]' },
      { keys: ['Shift ↑', 'Shift ↓'], does: 'Brighter, darker' },
      { keys: ['A', 'F', 'L'], does: 'Window: auto, full range, lungs' },
      { keys: ['I'], does: 'Invert' },
      { keys: ['O'], does: 'What speaks for the answer: on, off' },
      { keys: ['C'], does: 'What the readers see: on, off' },
      { keys: ['M'], does: 'Full screen' },
      { keys: ['R'], does: 'Reset window, zoom and inversion' },
      { keys: ['Esc'], does: 'Give the wheel back to the page' },
    ],
  },

  result: {
    waiting: 'This film is waiting for its turn.',
    waitingForEngine: 'This film is waiting for the model to load.',
    reading: 'Reading this film…',
    /**
     * Says whether the film is normal and which class it shows, as far as either is known. Reports of earlier versions have no finding.
     * @param {{finding?: string | null, verdict: string}} said
     * @param {string | null} probability
     */
    verdict({ finding, verdict }, probability) {
      const share = probability === null ? '' : ` (${probability})`;
      if (verdict === 'refused') return 'This film is not judged';
      if (verdict !== 'uncertain') return `${finding === 'not_normal' ? 'Not normal' : 'The readers’ verdict'}: ${answers[verdict] ?? verdict}${share}`;
      if (finding === 'not_normal') return `Not normal${share}: COVID-19 or another pneumonia, which cannot be told apart here`;
      if (finding === 'cannot_say') return 'Cannot say whether this film is normal';
      return 'No class can be named for this film';
    },
    noVerdict: 'There is no verdict for this film',
    /** Under a refused film, for whoever asks. */
    refusedAnswers: {
      title: 'What the readers say anyway',
      note: 'This film was refused. What follows is not an answer: it is not known how good the readers are on such a picture.',
    },
    /**
     * Why a film is refused or no class is named; in English these are Rust's own words.
     * @param {Reason} reason
     * @param {Report} _report other languages take their numbers from it
     */
    reason: ({ message }, _report) => message,
    /** @param {import('../report/types.js').Warning} warning @param {Report} _report */
    warning: ({ message }, _report) => message,
    probabilitiesTitle: 'Calibrated probabilities',
    abnormal: 'Not normal',
    levelsNote:
      'The verdict first says whether the film is normal, not normal, or that it cannot say. For a film that is not normal, it then names COVID-19 or another pneumonia, if the two can be told apart.',
    probabilitiesNote:
      'Calibrated on films of sources that the networks had not seen. At a single hospital, more or fewer of its answers can be right than they promise.',
    warningsTitle: 'About this film',
    /** @param {number} total */
    elapsed: (total) => `Read in ${duration(total)}`,
    /** @param {import('../report/types.js').Elapsed} ms */
    elapsedParts: (ms) =>
      `decode ${duration(ms.decode)}; film in the picture ${duration(ms.frame)}; paper’s reader ${duration(ms.preprocess + ms.features + ms.classify)}; ` +
      `lungs ${duration(ms.lungs)}, convnet reader ${duration(ms.convnet)}`,
    /** @param {string} version */
    model: (version) => `Model ${version}`,
    sha256: 'SHA-256',
    aboutTitle: 'Film, time and model',
    aboutFilm: 'Film',
    aboutLungs: 'Lungs',
    /** @param {{area: number, left: number, right: number}} lungs */
    lungs: ({ area, left, right }) =>
      area === 0 ? 'none found' : `${percent(area)} of the film; the patient’s left ${percent(left)}, right ${percent(right)}`,
    aboutGate: 'Fit to be judged',
    /** @param {{accepted: boolean, doubtful: boolean}} gate @returns {string} */
    gate: ({ accepted, doubtful }) => (accepted ? (doubtful ? 'yes, with doubts' : 'yes: it looks like a frontal chest film') : 'no'),
    aboutTime: 'Time',
    aboutModel: 'Model',
    aboutBackend: 'Computed by',
    failedTitle: 'This film was not read',
    /** Says what is wrong with the film and what to do. @param {import('../report/types.js').Failure} failure */
    failed: failedSentence,
    /** Details that the sentence leaves out; null where there are none. @param {import('../report/types.js').Failure} failure @returns {string | null} */
    failedDetail: (failure) => (failure.format || failedSentence(failure) === sentence(failure.message) ? null : failure.message || null),
    detail: 'Detail:',
    /** Translates words of the program or the browser; null where they are unknown. @param {string} words @returns {string | null} */
    detailWords: (words) => words,
    retry: 'Try this film again',
    cancelledTitle: 'This film is not read yet',
    cancelled: 'Reading it was cancelled. It is not lost.',
    readCancelled: 'Read it',
    /** @param {string} name @param {string} sentence */
    announce: (name, sentence) => `${name}: ${sentence}.`,
    /** @param {string} name @param {string} reason */
    announceFailed: (name, reason) => `${name} was not read. ${reason}`,
    /** @param {number} read @param {number} failed @param {number} cancelled */
    announceAll: (read, failed, cancelled) =>
      cancelled === 0 ? `All films are done: ${read} read, ${failed} not read.` : `Reading is done: ${read} read, ${failed} not read, ${cancelled} cancelled.`,
  },

  readers: {
    title: 'What each reader says',
    head: 'Reader',
    names: { verdict: 'The verdict', convnet: 'Convnet reader', texture: 'Paper’s reader' },
    remarks: {
      verdict: 'calibrated probabilities',
      convnet: 'sees only the lungs; softmax, not calibrated',
      texture: 'the published COVID-Classifier; softmax, not calibrated',
    },
  },

  evidence: {
    title: 'How it did on films like these',
    lead: 'On films of patients that the verdict did not learn from. Nothing was chosen by “external” films either. Those of Cohen et al. come from publications of many hospitals, and the paper’s reader knows some of them.',
    /** @param {import('../report/types.js').PerLabel} films */
    mostly: ({ covid19, normal, pneumonia }) =>
      ` Of those, ${covid19} are of COVID-19, ${normal} normal and ${pneumonia} of other pneumonias: always saying COVID-19 would be right on most of them, too.`,
    /**
     * The title that metrics.json gives to a set of films.
     * @param {import('../report/types.js').EvidenceSet} set
     */
    set: ({ title }) => title,
    pair: 'COVID-19 told from other pneumonias (AUC)',
    aucMeaning: '0.5 is a coin toss, 1 is perfect',
    allExternal: 'All external films',
    surestHalf: 'Right, among the half that it is surest of',
    accuracy: 'Right, among all that were not refused',
    /** @param {string} label */
    sensitivity: (label) => `Sensitivity: ${answers[label]} films called ${answers[label]}`,
    /** @param {string} label */
    specificity: (label) => `Specificity: other films not called ${answers[label]}`,
  },

  /** At hospitals that the networks never saw. */
  hospitals: {
    title: 'At hospitals that it never saw, the worst first',
    lead: 'A new hospital is the hard test. “Left out” means read by a network that was trained without that source. “External” means read by this model, for which nothing was learned or chosen from those films. Something is said of a film that is called normal or not normal.',
    head: 'Hospital',
    measures: {
      normals_named_covid19: 'Normal films for which COVID-19 is named',
      right: 'Right, where some\u00adthing is said',
      named: 'Some\u00adthing is said',
    },
    /** @param {import('../report/types.js').Hospital} hospital */
    name: ({ title }) => capital(title.replace(/ \(external\)$/, '')),
    /** @param {'left_out' | 'external'} kept @param {number} patients */
    kept: (kept, patients) => `${kept === 'external' ? 'external' : 'left out'}, ${patients} patients`,
    /** @param {number} count */
    others: (count) => (count === 1 ? 'One more hospital' : `${count} more hospitals`),
    unknownTitle: 'What it does not know',
    /** @param {boolean} isMeasured */
    unknown: (isMeasured) =>
      'Tuberculosis, effusion, heart failure and nodules are not among its answers. It can call such a film normal, or give it a name that is wrong.' +
      (isMeasured ? ' These are its answers to such films, from hospitals that it never saw; the rest got no answer.' : ''),
    /**
     * @param {import('../report/types.js').Hospital} hospital
     * @param {'tuberculosis' | 'other'} finding
     * @param {number} films
     * @param {{normal: string, covid19: string, pneumonia: string, notNormal: string}} shares
     */
    unknownLine: ({ title, kept }, finding, films, { normal, covid19, pneumonia, notNormal }) =>
      `Of ${films} films with ${finding === 'tuberculosis' ? 'tuberculosis' : 'other findings'} (${title.replace(/ \(external\)$/, '')}; ${kept === 'external' ? 'external' : 'left out'}), ` +
      `${normal} were called normal, ${covid19} COVID-19, ${pneumonia} another pneumonia, and ${notNormal} not normal without a class.`,
  },

  worth: {
    title: 'What the paper’s reader is worth',
    /** @param {Model['training']} training */
    trained({ films, population }) {
      const shares = /** @type {Label[]} */ (['covid19', 'normal', 'pneumonia']).map(
        (label) => `${films[label]} ${answers[label]} films of ${population[label]}`,
      );
      return `It learned from ${shares[0]}, ${shares[1]} and ${shares[2]}.`;
    },
    /** @param {{named: Estimate | null, right: Estimate | null} | undefined} unseen */
    caution: (unseen) =>
      `${
        unseen?.named && unseen.right
          ? `Of ${grouped(unseen.named.n)} films of hospitals it had not seen, it called ${percent(unseen.named.value)} normal or not normal, and was right on ${percent(unseen.right.value)} of those (95 % interval ${percentInterval(unseen.right)}). `
          : ''
      }Do not take it for a diagnosis.`,
    meaning:
      'So “adult or child” was enough to tell COVID-19 from the rest; what the lungs show need not have mattered. For an adult it tends to answer COVID-19 whatever the film shows.',
    figuresTitle: 'How it did on films it had not seen',
    measured: 'Measured on',
    films: 'Films',
    value: 'Result',
    interval: '95 % interval',
    /** @param {Estimate} estimate */
    authorsSplit: (estimate) => ({
      what: 'The paper’s own test films, right answers',
      remark: 'the same patients are also among the training films',
      ...share(estimate),
    }),
    /** @param {Estimate} estimate */
    patientDisjoint: (estimate) => ({
      what: 'The paper’s films again, no patient on both sides, right answers',
      remark: 'five-fold; adults are still COVID-19, children still the rest',
      ...share(estimate),
    }),
    /** @param {Elsewhere} figure @param {boolean} isTelling in words of its own, where there are some */
    elsewhere(figure, isTelling) {
      const isAuc = figure.scale === 'auc';
      const measure = figure.measure.replaceAll('covid19', 'COVID-19');
      return {
        what: (isTelling && elsewhereSentences[figure.id]) || `${measure[0].toUpperCase()}${measure.slice(1)}`,
        remark: [figure.source, figure.population, isAuc ? '0.5 is a coin toss, 1 is perfect' : ''].filter(Boolean).join('; '),
        ...(isAuc ? { value: score(figure.estimate.value), interval: scoreInterval(figure.estimate) } : share(figure.estimate)),
      };
    },
    /**
     * The few figures that answer what somebody asks who has a film before them.
     * @param {Elsewhere} figure
     */
    isTelling: (figure) => figure.id in elsewhereSentences,
    /** @param {number} count */
    allElsewhere: (count) => `All ${count} figures on films from elsewhere`,
    noFigures: 'The figures that belong to this model could not be loaded.',
  },

  why: {
    title: 'Why the paper’s reader says so',
    /** @param {string} block @param {string} value @param {string} label */
    strongest: (block, value, label) =>
      `What moved this film most towards ${answers[label] ?? label}, compared with the mean training film: ${blocks[block] ?? block} (${value}).`,
    lead: 'Plus is towards the class, minus is away from it. The unit is the logit, the network’s output before softmax.',
    blocksTitle: 'The five groups of measurements',
    blocksCaption: 'The mean training film, plus the five groups, makes this film.',
    blocksHead: 'Group',
    baseline: 'Mean training film',
    total: 'This film',
    featuresTitle: 'The ten strongest measurements',
    featuresCaption: 'Under each name: its value in this film, then its mean in the training films.',
    featuresHead: 'Measurement',
    /** @param {string} value @param {string} mean */
    featureValues: (value, mean) => `${value}, mean ${mean}`,
    /** @param {number} count */
    others: (count) => `The other ${count}`,
  },

  /** The element <xray-classifier>, on other pages. */
  embed: {
    label: 'Chest X-ray classifier',
    title: 'Drop a chest X-ray here',
    hint: 'DICOM, PNG, JPEG, WebP, BMP or TIFF. It is read on this machine and goes nowhere.',
    choose: 'Choose a film…',
    another: 'Another film…',
    cancel: 'Cancel',
    retry: 'Try again',
    research: 'Research tool, not a medical device.',
    unnamed: 'Film without a name',
    noFile: 'That was not a file. Drop, paste or choose an image file.',
    /** @param {string} name */
    onlyFirst: (name) => `One film at a time: ${name} is read.`,
    cancelled: 'Reading is cancelled.',
    /** @param {string} name */
    filmPicture: (name) => `The film ${name}`,
    /** @param {string} label */
    where: (label) => `Show what speaks for ${answers[label] ?? label}`,
    /** @param {string} label @param {number | null} inside */
    whereCaption: (label, inside) =>
      `Orange speaks for ${answers[label] ?? label} to the convnet reader, blue against it; the line is the outline of the lungs.` +
      (inside === null ? '' : ` ${percent(inside)} of what speaks for it lies inside the lungs.`),
  },

  offline: {
    states: {
      kept: 'Ready for use without a network.',
      'not-kept': 'Not kept for use without a network; while it is open it needs none.',
    },
    update: {
      title: 'A newer version of this page is ready',
      text: 'This one goes on working. A reload brings the newer one and closes the films that are open; save what you want to keep first.',
      reload: 'Reload to update',
      later: 'Not now',
    },
  },

  intake: {
    /** @param {number} files */
    looking: (files) => (files === 0 ? 'Looking through the folder…' : `Looking through the folder… ${files} ${files === 1 ? 'file' : 'files'}`),
    /** @param {number} films @param {number} hidden @param {number} others that are no films */
    leftOut: (films, hidden, others) =>
      [
        films === 0 ? 'There was nothing to read.' : `${films} ${films === 1 ? 'file' : 'files'} taken.`,
        others === 0 ? '' : others === 1 ? 'One file that is not a film was left out.' : `${others} files that are not films were left out.`,
        hidden === 0 ? '' : hidden === 1 ? 'One hidden file of the system was left out.' : `${hidden} hidden files of the system were left out.`,
      ]
        .filter(Boolean)
        .join(' '),
  },

  films: {
    /** @param {number} films */
    title: (films) => (films < 2 ? 'Films' : `Films (${films})`),
    none: '–',
    imported: 'Imported',
    wide: 'Wide table',
    narrow: 'Narrow list',
    export: 'Export…',
    filter: 'Show films by answer',
    /** @param {string} category @param {number} films */
    counted: (category, films) => `${category} (${films})`,
    find: 'Find by name',
    sort: 'Sort by',
    keys: 'Arrow keys, Page Up and Page Down move through the films, Enter opens one, C chooses it for a comparison, Delete removes it.',
    /** @type {{keys: string[], does: string}[]} */
    shortcuts: [
      { keys: ['↑', '↓'], does: 'In the films: the film before, the next one' },
      { keys: ['Home', 'End'], does: 'The first film, the last one' },
      { keys: ['Enter'], does: 'Go on to its result' },
      { keys: ['Del'], does: 'Remove it from the page' },
    ],
    removeHint: 'Remove (Del)',
    removeHead: 'Remove',
    noneShown: 'No film matches.',
    showAll: 'Show all films',
    /** @param {number} shown */
    announceShown: (shown) => (shown === 1 ? 'One film is shown.' : `${shown} films are shown.`),
    /** @param {number} done @param {number} of */
    announceProgress: (done, of) => `${done} of ${of} films are done.`,
    /** @type {Record<import('../report/film-facts.js').Category | 'all', string>} */
    categories: {
      all: 'All',
      covid19: 'COVID-19',
      normal: 'Normal',
      pneumonia: 'Pneumonia',
      not_normal: 'Not normal',
      uncertain: 'Uncertain',
      refused: 'Not judged',
      unread: 'Not read',
      waiting: 'Waiting',
    },
    /** @type {Record<string, string>} */
    sorts: { number: 'In order', name: 'Name', verdict: 'Answer', probability: 'Probability', warnings: 'Warnings', time: 'Time' },
    /** @param {boolean} descending @returns {string} */
    direction: (descending) => (descending ? 'Largest or last first' : 'Smallest or first first'),
    /** @type {Record<import('../report/types.js').SortKey, {head: string, headMeaning: string}>} */
    columns: {
      number: { head: 'No.', headMeaning: 'In the order in which they came' },
      name: { head: 'Film', headMeaning: 'Name, and folder where there is one' },
      verdict: { head: 'Verdict', headMeaning: 'What both readers together say' },
      probability: { head: 'Probability', headMeaning: 'Calibrated probability of what the verdict says' },
      abnormal: { head: 'Not normal', headMeaning: 'Calibrated probability that the film is not normal' },
      covid19: { head: 'COVID-19', headMeaning: 'Calibrated probability of COVID-19' },
      normal: { head: 'Normal', headMeaning: 'Calibrated probability of a normal film' },
      pneumonia: { head: 'Pneumonia', headMeaning: 'Calibrated probability of pneumonia' },
      convnet: { head: 'Convnet reader', headMeaning: 'What the convnet reader alone says; softmax, not calibrated' },
      texture: { head: 'Paper’s reader', headMeaning: 'What the paper’s reader alone says; softmax, not calibrated' },
      warnings: { head: 'Warnings', headMeaning: 'Warnings about the film' },
      time: { head: 'Time', headMeaning: 'How long it took to read' },
      state: { head: 'State', headMeaning: 'Whether the film has been read' },
    },
  },

  export: {
    title: 'Export the results',
    format: 'Format',
    formats: { csv: 'CSV, for spreadsheets', json: 'JSON, with all details; this page can read it again' },
    csv: 'Cells and decimals',
    csvKinds: { comma: 'Comma between cells, 0.5', semicolon: 'Semicolon between cells, 0,5' },
    which: 'Films',
    /** @param {number} films */
    all: (films) => (films === 1 ? 'The one film' : `All ${films} films`),
    /** @param {number} films */
    shown: (films) => (films === 1 ? 'The one that is shown' : `The ${films} that are shown`),
    names: 'Include file names',
    namesNote: 'A name may reveal whose film it is. Without the tick, the file contains no name and no folder.',
    note: 'The file is made here and saved by your browser. It contains no films or pictures.',
    save: 'Save file',
    cancel: 'Cancel',
    failedTitle: 'The file could not be made',
    failed: 'This browser has no room for it. Free space on the disk or close other tabs, and save again. The results are still on this page.',
    close: 'Close',
    /** @param {number} films */
    saved: (films) => (films === 1 ? 'The result of one film is exported.' : `The results of ${films} films are exported.`),
  },

  import: {
    /** @param {number} films */
    done: (films) => (films === 1 ? 'The result of one film was imported.' : `The results of ${films} films were imported.`),
    /** @param {number} number */
    numbered: (number) => `Film ${number}`,
    /** @param {import('../report/types.js').Imported} imported */
    notice: ({ at, program }) => `Imported: read by ${program}, exported on ${dateAndTime(new Date(at))}. The film itself is not here.`,
    otherModel: 'Another version of the model read this film. The figures of this page’s model do not apply to it.',
  },

  print: {
    button: 'Print or save as PDF',
    names: 'With the file name',
    title: 'COVID-Classifier: result for one film',
    caution: 'Research tool, not a medical device.',
    /** @param {string | null} name @param {number} number */
    film: (name, number) => name ?? `Film ${number} of this session`,
    /** @param {Date} now */
    printed: (now) => `Printed on ${dateAndTime(now)}`,
    asRead: 'As read',
    /** @param {string} probability */
    abnormal: (probability) => `not normal: ${probability}`,
    /** @param {string} label @param {number | null} inside */
    where: (label, inside) =>
      `What speaks for ${answers[label] ?? label} to the convnet reader (orange; blue: against it), and the outline of the lungs it found.` +
      (inside === null ? '' : ` ${percent(inside)} of what speaks for it lies inside the lungs.`),
    /** @param {number} more */
    more: (more) => `and ${more} more, on the page`,
  },

  /** Films read otherwise than they lie in their files. */
  readAs: {
    /** @param {import('../report/types.js').ReadAs} way */
    read: (way) => `Read it ${waysOf(way) || 'as it is stored'}`,
    /** @param {import('../report/types.js').ReadAs | null} way */
    was: (way) => (way ? `This film was read ${waysOf(way)}, not as it is stored.` : 'This film was read as it is stored.'),
    back: 'Back to the film as it is stored',
    /** For a film that only another file can replace. */
    choose: 'Choose another file…',
  },

  tags: {
    title: 'What the file says (may name the patient)',
    warning: 'This may contain the patient’s name, birth date and more. It is read from the file only now, and is never in prints, exports or copies.',
    tag: 'Tag',
    name: 'Attribute',
    value: 'Value',
    none: 'The file says nothing.',
    failed: 'What the file says could not be read: the file was moved or deleted, or it is damaged.',
  },

  samples: {
    /** @param {number} number */
    name: (number) => `synthetic-film-${number}.bmp`,
    notice: 'A synthetic film, drawn by this program. It shows no real person; with it you can see how the page works.',
    failed: 'The synthetic films could not be drawn, because the reader has not started.',
  },

  shortcuts: {
    title: 'Keys',
    page: 'On the whole page',
    films: 'In the list of films',
    viewer: 'In the film, once it has the focus',
    close: 'Close',
    keys: [
      { keys: ['Tab'], does: 'To the next control' },
      { keys: ['Ctrl V', '⌘ V'], does: 'Paste a film' },
      { keys: ['Ctrl P', '⌘ P'], does: 'Print the report of the film that is shown' },
      { keys: ['Ctrl /', '⌘ /'], does: 'This list' },
    ],
  },

  requests: {
    sent: {
      nothing: 'Nothing. Since the model was loaded, neither this page nor its workers have made a request, by the browser’s own count.',
      something: 'Requests have been made since the model was loaded; the browser lists those of the page below.',
    },
    verify: 'See for yourself',
    steps: [
      'Open the browser’s developer tools (F12, or ⌘ ⌥ I) and there the Network tab.',
      'Have a film read: the only new lines say “blob”, which is this machine’s own memory.',
      'Or cut the network and have a film read: it works as before.',
    ],
    /** @param {number} files */
    loaded: (files) => `What was loaded before, all of it from this site: ${files} files`,
    offline:
      'Once they are loaded, the browser itself may ask this site for them again: to keep them, so that the page opens without a network, and at later visits to see whether there are newer ones. It keeps no film and no result. A policy of the page (Content-Security-Policy) forbids any other address.',
    check: 'Check the files of this page against the published sums',
    /** @param {number} count */
    since: (count) =>
      count === 0 ? 'Requests since the model was loaded: none.' : `Requests since the model was loaded: ${count}, all to this page’s own files.`,
  },

  /** The user's own model. */
  ownModel: {
    open: 'A model of your own…',
    title: 'A model of your own',
    lead: 'Films can be read by a model that you have trained on your own films. It stays in this page until the page is closed: nothing is stored, fetched or sent.',
    what: 'Choose the folder that training wrote, or a ZIP of it: manifest.json with the weight files that it names, and evidence.json or metrics.json if you have measured it. Format, hashes, shapes and the known answer are checked first.',
    chooseFolder: 'Choose its folder…',
    chooseFiles: 'Choose a ZIP or the files…',
    foundTitle: 'Read films with this model?',
    /** @param {string} name of the folder or archive @param {number} files */
    found: (name, files) => `${name ? `“${name}” holds` : 'These are'} a model, not films: ${files === 1 ? 'one file' : `${files} files`}.`,
    use: 'Use this model',
    not: 'Not now',
    checking: 'Checking the model…',
    failedTitle: 'This model cannot be used',
    /** @type {Record<string, string>} */
    failures: {
      model_manifest_missing: 'There is no manifest.json. Choose the whole folder that training wrote.',
      model_manifest: 'Its manifest.json is damaged, or is not the manifest of a model. Copy it again from where the model was trained.',
      model_layout: 'Its manifest has a format that this version of the page does not know. Train with the program of the same version as the page.',
      model_file_missing: 'A weight file that its manifest names is not there. Choose the whole folder that training wrote.',
      model_hash: 'A weight file is not the one that its manifest names: it is damaged, or from another training. Copy all files again.',
      model_shape: 'Its weights do not have the shape that this program needs, or are damaged. Train with the program of the same version as the page.',
      model_unfinished: 'The model is not finished. Run the remaining steps of training, the last of which calibrates it (train verdict).',
      model_answer: 'The model does not give its known answer to the known film. Its weights and its manifest do not belong together: train again.',
      model_same: 'This is the page’s own model.',
      too_many_bytes: 'One of its files is too large for a model.',
      unreadable: 'The browser could not read one of its files. Choose the folder again.',
    },
    failed: 'The model could not be opened.',
    stays: 'The model that was in use stays in use.',
    close: 'Close',
    notBlind: 'That is a model, not films. Leave the blind reading to use another model.',
    bannerTitle: 'Your own model is in use, not this page’s',
    /** @param {import('../report/types.js').ModelId} model */
    banner: ({ version, sha256 }) => `Version ${version}, SHA-256 ${sha256.slice(0, 12)}…, until this page is closed.`,
    evidence: 'The figures beside its results came with it; this page has not measured them.',
    evidenceNot: 'The figures that came with it are damaged or from another model, and are not shown: it is not known how good the model is.',
    evidenceNone: 'No figures came with it: it is not known how good the model is.',
    back: 'Back to the page’s model',
    backFailed: 'The page’s model could not be started. Try again, or reload the page.',
    announce: 'Your own model reads films now.',
    announceBack: 'The page’s own model reads films again.',
    othersTitle: 'Results of another model',
    /** @param {number} films */
    others: (films) => `${films === 1 ? 'One film was' : `${films} films were`} read by a model other than the one in use.`,
    /** @param {number} films */
    again: (films) => (films === 1 ? 'Read it again with the model in use' : `Read these ${films} films again`),
    otherModel: 'A model other than the one in use read this film. The figures of the model in use do not apply to it.',
    /** @param {string} version */
    ready: (version) => `Ready. Your own model ${version}, on this machine`,
    /** @param {string} version */
    name: (version) => `A model of the user’s own, ${version}`,
    /** @param {import('../report/types.js').ModelId} model */
    readBy: ({ version, sha256 }) => `Read by a model of the user’s own, version ${version} (SHA-256 ${sha256.slice(0, 12)}…), not by this page’s.`,
    validated: 'A model of the user’s own read these films, not this page’s.',
    unknown: 'It is not known how good this model is.',
    noFigures: 'No figures came with this model: it is not known how good it is.',
    probabilitiesNote: 'As this model was calibrated by whoever trained it.',
    evidenceLead: 'These figures came with the model; this page has not measured them.',
    /** Figures of the user's own model, shown beside a validation in place of the model card's. */
    figures: {
      card: 'Its own figures',
      /** @param {string} set @param {import('../report/types.js').PerLabel} films */
      compared: (set, { covid19, normal, pneumonia }) =>
        `Beside your films: the figures that came with this model (${set}; ${covid19} COVID-19, ${normal} normal, ${pneumonia} pneumonia). This page has not measured them.`,
      noCard: 'No figures came with this model to compare with.',
    },
  },

  /** Validation on labelled films. */
  validate: {
    how: {
      title: 'Validate on your own films',
      lead: 'Give the page films whose findings you know. It reads them here, on this machine, and says how often it was right, beside the figures of the model card. Nothing leaves this page.',
      table: 'With a table',
      tableText:
        'Films and a CSV file with the columns file (or path), label and, if you can, patient. Commas, semicolons or tabs separate them. Paths are relative to the folder of the table.',
      folders: 'With folders',
      foldersText: 'Use folders that are named after what their films show. You say afterwards what other names mean.',
      note: 'Name patients by any number or letter. Several films of one patient then do not count as independent. Choose the folder that holds everything, or drop it on the page.',
      chooseFolder: 'Choose a folder…',
      chooseFiles: 'Choose films and table…',
    },
    offer: {
      title: 'These films are labelled',
      titleNoFilms: 'The films of the table are missing',
      /** @param {number} films */
      table: (films) => (films === 1 ? 'A table says what one of the films shows.' : `A table says what ${films} of the films show.`),
      /** @param {number} films */
      folders: (films) => `Folders are named after what their films show: ${films} films.`,
      noFilms: 'There is a table that says what films show, but none of its films is here. Add the films, best with the folder in which the table lies.',
      what: 'The page can say how often it was right on them.',
      validate: 'Validate on these films',
      dismiss: 'Not now',
    },
    ask: {
      title: 'What the labels mean',
      /** @param {number} films @param {boolean} isByTable */
      lead: (films, isByTable) =>
        `${films === 1 ? 'One film has a label' : `${films} films have a label`}, by ${isByTable ? 'the table' : 'the names of folders'}. Say what each label means. Labels that fit none of the three classes are left out.`,
      leaveOut: 'Leave out',
      /** @param {number} films */
      films: (films) => (films === 1 ? '1 film' : `${films} films`),
      /** @param {number} films */
      without: (films) => (films === 1 ? 'One film without a label is left out' : `${films} films without a label are left out`),
      /** @param {number} rows */
      rowsWithout: (rows) => (rows === 1 ? 'One row without its film is left out' : `${rows} rows without their films are left out`),
      /** @type {Record<string, string>} */
      why: {
        ambiguous: 'the table may mean another film',
        contradicted: 'the table says two things of it',
        twice: 'it is here twice',
        other_model: 'another model read it',
      },
      nothing: 'Say for at least one label which class it means.',
      validate: 'Validate',
      cancel: 'Cancel',
    },
    title: 'Validation on your own films',
    show: 'Show the figures',
    hide: 'Hide the figures',
    close: 'End the validation',
    /** @param {number} done @param {number} of */
    reading: (done, of) => `Reading… ${done} of ${of} labelled films`,
    counting: 'Counting…',
    failed: 'The figures could not be counted: the reader stopped.',
    again: 'Try again',
    /** @param {number} films */
    announce: (films) => (films === 1 ? 'Validation is done, on one film.' : `Validation is done, on ${films} films.`),
    noneRead: 'None of the labelled films was read.',
    facts: {
      films: 'Films counted',
      /** @param {import('../report/types.js').PerLabel} films */
      classes: ({ covid19, normal, pneumonia }) => `${covid19} COVID-19, ${normal} normal, ${pneumonia} pneumonia`,
      patients: 'Patients',
      unnamed:
        'Not all patients are named. Each film without a patient counts as a separate patient; if several are of one patient, the intervals are too narrow.',
      refused: 'Refused by the gate',
      unread: 'Could not be read',
      cancelled: 'Cancelled, not read',
      otherModel: 'Read by another model, left out',
      leftOut: 'Label left out',
      without: 'Without a label, left out',
      rowsWithout: 'Rows without a film',
    },
    verdicts: {
      title: 'What it said',
      truth: 'Label',
      /** @type {Record<string, string>} */
      said: { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Pneumonia', uncertain: 'No class named', refused: 'Refused' },
      all: 'All',
    },
    figures: {
      title: 'Figures, each with its 95\u202f% interval by patient',
      what: 'Figure',
      here: 'Your films',
      card: 'Model card',
      /** @param {string} set @param {import('../report/types.js').PerLabel} films */
      compared: (set, { covid19, normal, pneumonia }) =>
        `Beside your films: the same figures, by the same code, on the model card’s films of hospitals that this model never saw (${set}; ${covid19} COVID-19, ${normal} normal, ${pneumonia} pneumonia). The films, patients and labels there differ from yours.`,
      noCard: 'The figures of the model card could not be loaded.',
      basis:
        'Sensitivity, specificity and AUC count each film that was read by its most probable class, including films for which the page names no class or which the gate refuses.',
      few: 'fewer than 5 films',
      /** @param {string} one @param {string} other */
      pair: (one, other) => `AUC: ${answers[one]} told from ${answers[other]}`,
      judged: 'Right, where a class is named',
      coverage: 'The class is among those not ruled out',
      accuracy: 'The most probable class is right',
      /** @param {number} named @param {number} films */
      normalsNamed: (named, films) =>
        films === 1 ? `Of one normal film, ${named} was named COVID-19.` : `Of ${films} normal films, ${named} ${named === 1 ? 'was' : 'were'} named COVID-19.`,
      /** @param {string} hospital @param {string} share @param {number} films */
      normalsWorst: (hospital, share, films) => `At the worst hospital of the model card (${hospital}) it was ${share} of ${films}.`,
      alone: 'The two readers alone',
    },
    diagrams: {
      title: 'How far to trust how sure it is',
      calibration: 'Calibration',
      confidence: 'How sure it was',
      right: 'Share that is right',
      films: 'Films',
      /** @param {number} films @param {Estimate} error */
      calibrationSaid: (films, error) =>
        `${films === 1 ? 'One accepted film' : `${films} accepted films`} by the probability of the most probable class; on the diagonal it is as often right as it says. On average it is off by ${percent(error.value)} (${percentInterval(error)}).`,
      risk: 'Risk and coverage',
      kept: 'Films kept, the surest first',
      wrong: 'Share that is wrong',
      /** @param {number} films @param {Estimate} all @param {Estimate} half */
      riskSaid: (films, all, half) =>
        `${films === 1 ? 'One accepted film' : `${films} accepted films`}: it is right on ${percent(all.value)} (${percentInterval(all)}) of all, and on ${percent(half.value)} (${percentInterval(half)}) of the half that it is surest of.`,
      numbers: 'The numbers',
    },
    wrong: {
      /** @param {number} films */
      title: (films) => `Films that it got wrong: ${films}`,
      lead: 'A class other than the label was named. The surest come first.',
      open: 'Open one to look at it.',
      none: 'No film was given another class.',
      /** @param {number} films */
      all: (films) => `Show all ${films}`,
      /** @param {string} truth @param {string} said @param {string} probability */
      what: (truth, said, probability) => `${labels[truth]}, named ${labels[said]} (${probability})`,
    },
    save: {
      title: 'Take it with you',
      csv: 'Save films (CSV)',
      json: 'Save figures (JSON)',
      print: 'Print or save as PDF',
      names: 'With file names',
      note: 'One row per film with its label and the answer; all figures in full. Patients appear by running numbers only.',
      saved: 'The file is saved.',
    },
  },
  /** The comparison of two films. */
  compare: {
    title: 'Comparison',
    button: 'Compare with…',
    close: 'Close',
    swap: 'Swap',
    swapLong: 'Swap the two films',
    /** @param {string} side */
    film: (side) => `Film ${side}`,
    result: 'Whole result',
    /** @param {string} side */
    resultOf: (side) => `Whole result of film ${side}`,
    tools: 'Tools for both films',
    /** @param {string} a @param {string} saidOfA @param {string} b @param {string} saidOfB */
    announce: (a, saidOfA, b, saidOfB) => `Two films are compared. Film A, ${a}: ${saidOfA}. Film B, ${b}: ${saidOfB}.`,
    closed: 'The comparison is closed.',
    /** @param {string} name */
    marked: (name) => `${name} is film A of a comparison. Go to another film and press C.`,
    unmarked: 'No film is chosen for a comparison.',
    layout: 'How the films lie',
    layouts: { beside: 'Side by side', over: 'One over the other' },
    linked: 'Linked',
    /** Says what the link does to the window. */
    links: {
      values: 'Both films share window, zoom and place. The window is the same range of values in both films.',
      range: 'Both films share window, zoom and place. Their values differ in kind or range, so the window is relative to what occurs in each.',
      one: 'One of the two films cannot be shown.',
      none: 'Neither film can be shown.',
      off: 'Each film has its own window, zoom and place.',
    },
    /** @param {string} side */
    toolsOf: (side) => `The numbers are those of film ${side}.`,
    /** @param {boolean} isLinked @returns {string} */
    linkChosen: (isLinked) => (isLinked ? 'The films are linked' : 'The films are not linked'),
    wipe: 'Film A is seen on the left up to here, film B on the right',
    /** @param {number} percent */
    wipeValue: (percent) => `${percent} per cent film A, ${100 - percent} per cent film B`,
    table: 'Numbers of both films',
    what: 'Share',
    difference: 'B minus A',
    /** In percentage points. @param {string} points */
    points: (points) => `${points} points`,
    probabilities: 'Calibrated probability',
    lungs: 'Share of the film that is lung',
    area: 'Both lungs',
    left: 'Left lung, on the right of the film',
    right: 'Right lung, on the left of the film',
    refused: 'not judged',
    noLungs: 'no lungs found',
    unread: 'not read',
    missing: 'not in this result',
    noDifference: 'none: one of the two numbers is missing',
    note: 'Differences are in percentage points, taken before rounding. A difference alone does not say whether anything has changed. Exposure, breathing and posture change these numbers too.',
    otherModels: 'The two results come from different models. Their probabilities are not on one scale.',
    names: 'With the file names',
    sheetTitle: 'COVID-Classifier: two films compared',
    /** @param {string} side @param {string} overlay @returns {string} */
    paper: (side, overlay) =>
      `Film ${side}${overlay === 'off' ? '' : `, with what speaks for ${answers[overlay] ?? overlay} over it (orange; blue: against it) and the outline of the lungs`}`,
    /** @param {string} name */
    chooseTitle: (name) => `Compare ${name} with…`,
    find: 'Find by name',
    alone: 'There is no other film on this page. Choose one, or take a synthetic film.',
    /** @param {number} more */
    more: (more) => (more === 1 ? 'One more film: type part of its name.' : `${more} more films: type part of the name.`),
    noMatch: 'No film matches.',
    sample: 'A synthetic film',
    choose: 'Choose films…',
    cancel: 'Cancel',
    /** @type {{keys: string[], does: string}[]} */
    keys: [
      { keys: ['C'], does: 'In the films: choose film A; on another film: compare the two. Ctrl or ⌘ with a click compares with the film that is shown' },
      { keys: ['S'], does: 'In the comparison: swap the films' },
      { keys: ['K'], does: 'Link, or unlink' },
      { keys: ['B'], does: 'Side by side, or one over the other' },
      { keys: [',', '.'], does: 'One over the other: less of film A, more of it' },
      { keys: ['Esc'], does: 'Close the comparison' },
    ],
  },

  blind: {
    open: 'Read blind…',
    /** @param {number} number @param {number} of */
    goOn: (number, of) => `Go on reading blind (${number} of ${of})…`,
    toFigures: 'Figures of the blind reading…',
    title: 'Read blind',
    lead: 'For teaching and for reader studies: you read each film before the page says anything about it.',
    steps: [
      'You say what you see, and how sure you are. Until then nothing of what the reader found is on the page.',
      'The reader’s verdict and its map appear. You may change your answer; both answers are kept.',
      'At the end your figures stand beside the reader’s. No name is asked, and the answers stay on this page.',
    ],
    /** @param {number} films */
    films: (films) =>
      films === 0 ? 'There are no films yet. Drop them anywhere on this page, or choose them.' : films === 1 ? 'One film is here.' : `${films} films are here.`,
    /** @param {number} shown @param {number} films */
    shownBefore: (shown, films) =>
      `${shown === films ? 'Their verdicts have' : `The verdicts of ${shown} of them have`} been on the page already. To see none before you answer, open “Read blind” first and bring the films then.`,
    count: 'How many films',
    /** @param {number} films */
    countWrong: (films) => (films === 1 ? 'There is one film: enter 1.' : `Enter a whole number from 1 to ${films}.`),
    noFilms: 'Choose films first.',
    noneReadable: 'None of these films could be read.',
    seed: 'Seed of the order',
    seedNote: 'The films are shuffled. The same films and the same seed give the same order.',
    seedWrong: 'Enter a whole number from 0 to 4294967295.',
    anotherSeed: 'Another',
    /** @param {number} labelled @param {number} films */
    labels: (labelled, films) =>
      `${labelled === films ? (films === 1 ? 'The film has a label' : `All ${films} films have a label`) : `${labelled} of ${films} films have a label`}, from a table or the name of a folder. Labels are shown at the end.`,
    noLabels:
      'No labels were found, and none are needed. For figures of right and wrong put the films into folders called covid19, normal and pneumonia, or bring a table with them (CSV: file,label).',
    useLabels: 'Compare with the labels at the end',
    start: 'Start reading',
    back: 'Back to the films',
    keysTitle: 'Keys',
    /** @type {{keys: string[], does: string}[]} */
    keys: [
      { keys: ['1', '2', '3', '4'], does: 'COVID-19, normal, other pneumonia, cannot say' },
      { keys: ['5', '…', '9', '0'], does: '50 to 90 % sure, 100 % sure' },
      { keys: ['←', '→'], does: 'Less sure, more sure' },
      { keys: ['Enter'], does: 'Show the verdict; then the next film' },
    ],
    /** @param {number} number @param {number} of */
    place: (number, of) => `Film ${number} of ${of}`,
    /** Before the reader's verdict. @param {string} place */
    saysAt: (place) => `${place}; the reader says`,
    ask: 'What do you see?',
    askAfter: 'Your answer after seeing the reader',
    afterNote: 'Change it or leave it. Your first answer is kept beside it.',
    /** @type {Record<Label | 'cannot_say', string>} */
    answers: { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Other pneumonia', cannot_say: 'Cannot say' },
    sure: 'How sure are you?',
    /** @param {number} share */
    sureness: (share) => percent(share),
    answerMissing: 'Choose an answer first.',
    sureMissing: 'Say how sure you are first.',
    show: 'Show the verdict',
    next: 'Next film',
    toEnd: 'To the figures',
    leave: 'Leave…',
    failedNote: 'It is left out of this reading.',
    later: 'The films that came now are not part of this reading. They are in the list when you leave it.',
    /** @param {Label | 'cannot_say'} answer @param {number | null} sureness */
    youSaid: (answer, sureness) =>
      answer === 'cannot_say'
        ? 'You could not say what this film shows.'
        : `You said: ${answers[answer] === 'pneumonia' ? 'other pneumonia' : answers[answer]}, ${percent(sureness ?? 0)} sure.`,
    leaveTitle: 'Leave the blind reading?',
    leaveText:
      'You can go on later, as long as this page is open. The list then shows the verdicts of all films, also of those that you have not answered; the export says so of each that you answer afterwards.',
    leaveNow: 'Leave for now',
    endNow: 'End here, to the figures',
    stay: 'Stay',
    endTitle: 'Your reading beside the reader’s',
    /** @param {number} films @param {number} labelled */
    summary: (films, labelled) =>
      `You read ${films === 1 ? 'one film' : `${films} films`} blind; ${labelled === 0 ? 'none has' : labelled === films ? 'all have' : labelled === 1 ? 'one has' : `${labelled} have`} a label.`,
    /** @param {number} films */
    leftOut: (films) =>
      films === 1 ? 'One film could not be read, or was removed, and is left out.' : `${films} films could not be read, or were removed, and are left out.`,
    /** @param {number} films */
    refused: (films) => (films === 1 ? 'The reader refused one film.' : `The reader refused ${films} films.`),
    /** @param {number} films */
    shownInEnd: (films) => `The verdict of ${films === 1 ? 'one film' : `${films} films`} had been on the page before the answer was given.`,
    figuresTitle: 'Figures, with 95 % intervals',
    figuresNote:
      'Over the films with a label. Accuracy, sensitivity and specificity are shares of the films for which a class was named; films without one are counted apart. Intervals after Wilson.',
    figuresNoLabels: 'Without labels nobody is right or wrong. What can be counted is how often you and the reader say the same.',
    figure: 'Figure',
    columns: ['You', 'You, after the reader', 'The reader'],
    accuracy: 'Right',
    /** @param {string} label */
    sensitivity: (label) => `Sensitivity, ${answers[label]}`,
    /** @param {string} label */
    specificity: (label) => `Specificity, ${answers[label]}`,
    noClass: 'No class named',
    agreement: 'Same class as the reader, where both name one',
    /** @param {number} count @param {number} n */
    ofFilms: (count, n) => `${count} of ${n}`,
    changesTitle: 'After seeing the reader',
    changedNone: 'You changed no answer.',
    /** @param {number} count @param {number} n @param {string} share @param {string} interval */
    changed: (count, n, share, interval) => `You changed your answer for ${count} of ${n} films (${share}; 95 % interval ${interval}).`,
    /** @param {number} films */
    toReader: (films) => `To the class that the reader named: ${films}`,
    /** @param {number} films */
    towardsRight: (films) => `Towards right: ${films}`,
    /** @param {number} films */
    towardsWrong: (films) => `Towards wrong: ${films}`,
    /** @param {number} films */
    neither: (films) => `Not right before, and not after: ${films}`,
    saveTitle: 'Take it with you',
    saveCsv: 'Save as CSV',
    saveJson: 'Save as JSON, with the figures',
    saveNote: 'The file contains the seed and the model, but no name of a person and no film. It is made here.',
    saved: 'The blind reading is saved.',
    /** @param {number} films */
    listTitle: (films) => (films === 1 ? 'The film' : `All ${films} films`),
    listColumns: ['Film', 'You', 'After the reader', 'The reader', 'Label'],
    /** @param {number} seed @param {string | null} version */
    foot: (seed, version) => `Seed of the order: ${seed}.${version ? ` Model ${version}.` : ''} Research tool, not a medical device.`,
    again: 'Another round…',
    againTitle: 'Start another round?',
    againText: 'The answers of this one have not been saved and would be lost.',
  },
};

/** @type {Record<string, string>} */
const elsewhereSentences = {
  nih_normal_called_covid19: 'Normal films of adults that it calls COVID-19',
  cohen_pneumonia_called_covid19: 'Other pneumonias that it calls COVID-19',
  cohen_covid19_against_pneumonia_auc: 'COVID-19 told from other pneumonias (AUC)',
  kermany_pneumonia_called_covid19: 'Pneumonias of small children that it calls COVID-19',
};

/** In full and with the time zone, so that it is unambiguous. @param {Date} when */
function dateAndTime(when) {
  return when.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'long' });
}

/** @param {Estimate} estimate */
function share(estimate) {
  return { value: percent(estimate.value), interval: percentInterval(estimate) };
}

/** @param {string} backend @param {string | null} adapter */
function named(backend, adapter) {
  return `${backends[backend] ?? backend}${adapter ? ` (${adapter})` : ''}`;
}

/**
 * Makes a sentence of Rust's own words, which may be a fragment.
 * @param {string} words
 */
function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?…]$/.test(words) ? '' : '.');
}

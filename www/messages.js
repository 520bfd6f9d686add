// Every sentence that the page writes itself, in English. A second language is a second object of this shape.

import { bytes, duration, percent, percentInterval, score } from './format.js';

/**
 * @typedef {import('./types.js').Label} Label
 * @typedef {import('./types.js').Elsewhere} Elsewhere
 * @typedef {import('./types.js').Estimate} Estimate
 * @typedef {import('./types.js').Model} Model
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

/** What a reader can do about each kind of failure. Kinds that are not here show Rust's own sentence alone. */
/** @type {Record<string, string>} */
const failures = {
  empty: 'The file is empty.',
  unsupported_format: 'This is not an image that the page can read. It reads PNG, JPEG, WebP, BMP and TIFF; what counts is the content, not the name.',
  decode: 'It begins like an image, but the rest is damaged or cut off.',
  too_large: 'The image is larger than this page reads.',
  too_small: 'The image is too small to be a chest film.',
  model: 'The model did not accept it.',
  internal: 'The reader met a defect of its own in this film. The other films are not affected.',
  unreadable: 'The browser could not read the file. It may be a folder, or it may have been moved or deleted since you chose it.',
  too_many_bytes: 'The file is too large for a film.',
  crashed: 'The reader stopped while it read this film. It starts afresh for the next one; the other films are not affected.',
};

/** @type {Record<string, string>} */
const failuresShort = {
  empty: 'empty file',
  unsupported_format: 'not an image',
  decode: 'damaged image',
  too_large: 'image too large',
  too_small: 'image too small',
  unreadable: 'file not readable',
  too_many_bytes: 'file too large',
  internal: 'reader’s defect',
  crashed: 'reader stopped',
};

/** @type {Record<string, string>} */
const starts = {
  fetch: 'A file of this page could not be loaded.',
  worker: 'The browser did not start the background worker.',
  wasm: 'The browser did not start the WebAssembly program.',
  model: 'The model files do not fit the program. A reload may help: they may come from two versions of this page.',
};

/** @type {Record<string, string>} */
const backends = { webgpu: 'WebGPU', simd: 'WebAssembly SIMD', candle: 'candle' };

/** @type {Record<string, string>} */
const outcomes = { chosen: 'chosen', failed: 'failed', passed_over: 'passed over', lost: 'lost' };

/** @type {Record<string, string>} */
const colors = { gray8: '8-bit grey', gray16: '16-bit grey', color8: '8-bit colour', color16: '16-bit colour' };

/** @type {Record<string, string>} */
const formats = { png: 'PNG', jpeg: 'JPEG', webp: 'WebP', bmp: 'BMP', tiff: 'TIFF' };

export const messages = {
  labels,

  /** @param {string} block */
  block: (block) => blocks[block] ?? block.replaceAll('_', ' '),
  /** @param {string} block */
  blockMeaning: (block) => blockMeanings[block] ?? '',

  /**
   * `wavelet_ch1_entropy` in two parts: the block, and what was measured in it ("cH1 entropy").
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
    loading: (done, of) => `Loading the model … ${done} of ${of} files`,
    /** @param {string} version */
    ready: (version) => `Ready. Model ${version}, on this machine`,
    again: 'Starting again …',
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
    /** @param {import('./types.js').Compute['attempts'][number]} attempt */
    attempt: ({ backend, outcome, reason }) =>
      [backend && `${named(backend, null)}: ${outcomes[outcome] ?? outcome}.`, reason && sentence(reason)].filter(Boolean).join(' '),
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
    sentence,
  },

  batch: {
    /** @param {number} done @param {number} of */
    reading: (done, of) => `Reading … ${done} of ${of} films`,
    cancel: 'Cancel',
    /** @param {number} cancelled */
    cancelled: (cancelled) => (cancelled === 1 ? 'One film was cancelled.' : `${cancelled} films were cancelled.`),
    /** @param {number} cancelled */
    readRest: (cancelled) => (cancelled === 1 ? 'Read the remaining film' : 'Read the remaining films'),
    /** @param {number} cancelled */
    announceCancelled: (cancelled) =>
      `Reading is cancelled. ${cancelled === 1 ? 'One film is' : `${cancelled} films are`} not read and can be read later.`,
    /** @param {number} films */
    announceRest: (films) => (films === 1 ? 'One film is read now.' : `${films} films are read now.`),
  },

  film: {
    /** @type {Record<string, string>} */
    states: { waiting: 'Waiting', reading: 'Reading …', failed: 'Not read', cancelled: 'Cancelled' },
    unnamed: 'pasted film',
    /** @param {string} name */
    remove: (name) => `Remove ${name}`,
    removed: 'Film removed.',
    cleared: 'All films removed.',
    nothingDropped: 'That was no file. Drop, paste or choose an image file.',
    /** @param {string} verdict */
    verdictShort: (verdict) => (verdict === 'refused' ? 'Not judged' : verdict === 'uncertain' ? 'Uncertain' : (labels[verdict] ?? verdict)),
    /** @param {string} kind */
    failureShort: (kind) => failuresShort[kind] ?? 'not read',
    views: { film: 'As read', where: 'What speaks for it', equalized: 'As the paper’s reader sees it', both: 'Both' },
    viewsLegend: 'Show the film',
    /** @param {string} name */
    filmPicture: (name) => `The film ${name} as read`,
    /** @param {string} name */
    equalizedPicture: (name) => `The film ${name} as the paper’s reader sees it: 512 by 512 pixels, contrast equalised`,
    filmCaption: 'As read',
    equalizedCaption: 'As the paper’s reader sees it: 512 × 512, contrast equalised',
    /** @param {string} name @param {string} label */
    wherePicture: (name, label) => `The film ${name} with the lungs’ outline and where the convnet reader found what speaks for ${answers[label] ?? label}`,
    /** @param {string} label @param {number | null} inside */
    whereCaption: (label, inside) =>
      `Orange speaks for ${answers[label] ?? label} to the convnet reader, blue against it; the line is the outline of the lungs it found.` +
      (inside === null ? '' : ` ${percent(inside)} of what speaks for it lies inside the lungs.`),
    /** @param {{format: string, width_px: number, height_px: number, color: string}} film */
    facts: (film) => `${formats[film.format] ?? film.format}, ${film.width_px} × ${film.height_px} pixels, ${colors[film.color] ?? film.color}`,
  },

  result: {
    waiting: 'This film is waiting for its turn.',
    waitingForEngine: 'This film is waiting for the model to load.',
    reading: 'Reading this film …',
    /** @param {string} verdict @param {string | null} probability */
    verdict(verdict, probability) {
      if (verdict === 'refused') return 'This film is not judged';
      if (verdict === 'uncertain') return 'No class can be named for this film';
      return `The readers’ verdict: ${answers[verdict] ?? verdict}${probability === null ? '' : ` (${probability})`}`;
    },
    noVerdict: 'There is no verdict for this film',
    probabilitiesTitle: 'Calibrated probabilities',
    probabilitiesNote:
      'Calibrated on films of the collections that the model was chosen with: among such films, of those with 0.90 about nine in ten are right. Elsewhere that is not known, and it is less often.',
    warningsTitle: 'About this film',
    /** @param {number} total */
    elapsed: (total) => `Read in ${duration(total)}`,
    /** @param {import('./types.js').Elapsed} ms */
    elapsedParts: (ms) =>
      `decode ${duration(ms.decode)}; paper’s reader ${duration(ms.preprocess + ms.features + ms.classify)}; ` +
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
    /** @param {{accepted: boolean, doubtful: boolean}} gate */
    gate: ({ accepted, doubtful }) =>
      accepted ? (doubtful ? 'yes, with doubts' : 'yes: it looks like a frontal chest film') : 'no',
    aboutTime: 'Time',
    aboutModel: 'Model',
    aboutBackend: 'Computed by',
    failedTitle: 'This film was not read',
    /** @param {string} kind */
    failed: (kind) => failures[kind] ?? '',
    detail: 'Detail:',
    retry: 'Try this film again',
    cancelledTitle: 'This film is not read yet',
    cancelled: 'Reading it was cancelled. It is not lost.',
    readCancelled: 'Read it',
    /** @param {number} size @param {number} limit */
    tooManyBytes: (size, limit) => `${bytes(size)}; this page takes files up to ${bytes(limit)}.`,
    /** @param {string} name @param {string} sentence */
    announce: (name, sentence) => `${name}: ${sentence}.`,
    /** @param {string} name @param {string} reason */
    announceFailed: (name, reason) => `${name} was not read. ${reason}`,
    /** @param {number} read @param {number} failed @param {number} cancelled */
    announceAll: (read, failed, cancelled) =>
      cancelled === 0
        ? `All films are done: ${read} read, ${failed} not read.`
        : `Reading is done: ${read} read, ${failed} not read, ${cancelled} cancelled.`,
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
    lead: 'On films of patients that the verdict did not learn from. “External” films chose nothing either: they come from publications of many hospitals, and the paper’s reader knows some of them.',
    /** @param {number} share */
    mostly: (share) => ` ${percent(share)} of the external films are of COVID-19: who always says COVID-19 is right that often.`,
    pair: 'COVID-19 told from other pneumonias (AUC)',
    aucMeaning: '0.5 is a coin toss, 1 is perfect',
    surestHalf: 'Right, among the half that it is surest of',
    accuracy: 'Right, among all that were not refused',
    /** @param {string} label */
    sensitivity: (label) => `${labels[label]} films called ${answers[label]}`,
    /** @param {string} label */
    specificity: (label) => `Other films not called ${answers[label]}`,
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
    /** @param {{accuracy: Estimate, films: number} | undefined} external */
    caution: (external) =>
      (external ? `On ${external.films} films of hospitals it had not seen, it was right on ${percent(external.accuracy.value)}. ` : '') +
      'Do not take it for a diagnosis.',
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
        ...(isAuc
          ? { value: score(figure.estimate.value), interval: `${score(figure.estimate.low)} to ${score(figure.estimate.high)}` }
          : share(figure.estimate)),
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

  requests: {
    /** @param {number} count */
    since: (count) =>
      count === 0
        ? 'Requests since the model was loaded: none.'
        : `Requests since the model was loaded: ${count}, all to this page’s own files.`,
  },
};

/** @type {Record<string, string>} */
const elsewhereSentences = {
  nih_normal_called_covid19: 'Normal films of adults that it calls COVID-19',
  cohen_pneumonia_called_covid19: 'Other pneumonias that it calls COVID-19',
  cohen_covid19_against_pneumonia_auc: 'COVID-19 told from other pneumonias (AUC)',
  kermany_pneumonia_called_covid19: 'Pneumonias of small children that it calls COVID-19',
};

/** @param {Estimate} estimate */
function share(estimate) {
  return { value: percent(estimate.value), interval: percentInterval(estimate) };
}

/** @param {string} backend @param {string | null} adapter */
function named(backend, adapter) {
  return `${backends[backend] ?? backend}${adapter ? ` (${adapter})` : ''}`;
}

/**
 * Rust's own words, which may stand in the middle of a sentence, as one of its own.
 * @param {string} words
 */
function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?…]$/.test(words) ? '' : '.');
}

// What ../covid-classifier.js offers to other pages and programs.

import type {
  Compute,
  DicomTag,
  FilmFile,
  ForeignFormat,
  GrayPicture,
  LabelledFilm,
  Metrics,
  Model,
  Pictures,
  ReadAs,
  Report,
  Validation,
} from '../report/types.js';

export type {
  Attempt,
  Backend,
  Compute,
  DicomTag,
  Elapsed,
  Explanation,
  FilmFile,
  FilmPicture,
  ForeignFormat,
  Frame,
  GrayPicture,
  Label,
  LabelledFilm,
  Metrics,
  Model,
  PerLabel,
  Picture,
  Pictures,
  ProposedWindow,
  ReadAs,
  Reason,
  ReasonKind,
  Report,
  Validation,
  ValidationScores,
  Verdict,
  Warning,
  WarningKind,
  Window,
} from '../report/types.js';

export interface ClassifierOptions {
  /** Which back-end is to run the networks. By default, and where it cannot be had, the fastest that works. */
  backend?: 'webgpu' | 'simd' | 'candle' | (string & {}) | null;
  /** How many films may be read at once. By default what cores and memory allow. */
  workers?: number;
  /**
   * Another model than the one beside this module: the files of the folder that training wrote, `manifest.json` and the weight files
   * that it names, with `evidence.json` or `metrics.json` where there is one; others are left alone. Nothing is fetched for it, and it is
   * checked (layout, hashes, shapes, known answer) before it reads. Its `model` and its reports' `model` then have `own: true`, and
   * `metrics` is what came with it.
   */
  model?: Iterable<File | FilmFile> | null;
  /** Load what the model was measured to be worth as well, for `Classifier.metrics` (true). */
  metrics?: boolean;
  /** Gives up starting. A classifier that has started is not affected; it has `close()`. */
  signal?: AbortSignal;
  /** Files loaded so far, of all that the start needs. */
  onProgress?(progress: { done: number; of: number }): void;
  /** Which back-end reads: at the start, with each film, and when a device is lost. */
  onCompute?(compute: Compute): void;
  /** So many requests were made by workers since they started. There are none; this is how a page would know. */
  onRequests?(count: number): void;
}

export interface ClassifyOptions {
  /** Stands in `report.path` and in `Result.name`; by default the file's own name, if it has one. */
  name?: string;
  /** Read the film turned, mirrored or inverted, and not as it lies in its file. */
  readAs?: Partial<ReadAs> | null;
  /**
   * Ask for the film at full size, what the readers see, and the class activation maps. They cost time and memory. A function is
   * asked once the film has been read.
   */
  pictures?: boolean | (() => boolean);
  /**
   * Ask for a picture of the film, longer side at most 1024 px, once it is decoded and before it is read; `onPreview` has it. A function
   * is asked when a worker takes the film. There is none of a film that the browser decodes.
   */
  preview?: boolean | (() => boolean);
  /** Takes the film back, whether it waits or is being read. */
  signal?: AbortSignal;
  /** A film may go back from `reading` to `waiting` once, when the graphics processor is lost under it. */
  onProgress?(progress: { stage: 'waiting' | 'reading' | 'done' }): void;
  /**
   * What there is before the result is whole: the report, then the thumbnail. Of a film that cannot be read the report comes as
   * well, with its `error`, before the call rejects.
   */
  onPart?(part: { report: Report } | { thumbnail: GrayPicture | null }): void;
  /** Has the picture that `preview` asks for. */
  onPreview?(picture: GrayPicture): void;
}

export interface LookOptions {
  /** As the film was read. */
  readAs?: Partial<ReadAs> | null;
  /** Takes the film back. */
  signal?: AbortSignal;
}

export interface Result {
  name: string;
  /** The same as `covid-classifier classify --json` prints. Its `error` is null here. */
  report: Report;
  /** The film, longer side 96 px. */
  thumbnail: GrayPicture | null;
  /** Null unless asked for. */
  pictures: Pictures | null;
}

export interface WarmOptions {
  /** Is given each synthetic film once it is decoded, for pages that show such pictures. */
  onPreview?: (picture: GrayPicture) => void;
  /** Is given the report of each, for pages that prepare for showing reports. */
  onReport?: (report: Report) => void;
}

/** The pictures of a film that has been read before. */
export type Look = Pick<Result, 'thumbnail' | 'pictures'>;

export interface Classifier {
  readonly model: Model;
  /** What the model was measured to be worth; null where that file could not be loaded, is of another model, or was not asked for. */
  readonly metrics: Metrics | null;
  /** Which back-end reads, and why. It may change when a device is lost. */
  readonly compute: Compute;
  /**
   * Reads one film: DICOM, PNG, JPEG, JPEG 2000, WebP, BMP or TIFF, by its content; GIF, AVIF, HEIC and JPEG XL where the browser
   * decodes them. Calls may overlap; films are read in the order of the calls, as
   * many at once as there are workers. What happens to one film never harms another.
   *
   * Rejects with a `ClassifierError` where the film cannot be read, and with the signal's reason (by default an `AbortError`)
   * where it was taken back. A film that is rejected while it waits has not been looked at: no worker runs, and none could be
   * started.
   */
  classify(film: Blob | FilmFile, options?: ClassifyOptions): Promise<Result>;
  /** The pictures of a film, without an answer: cheaper than to read it again, and before films that wait. Rejects as `classify`. */
  look(film: Blob | FilmFile, options?: LookOptions): Promise<Look>;
  /** What a DICOM file says, which may name the patient. Rejects with a `ClassifierError` where the film is none. */
  tags(film: Blob | FilmFile): Promise<DicomTag[]>;
  /**
   * What the readers are worth on films whose classes are known, from the reports that `classify` gave of them with this model:
   * counted in a worker, and the same as `covid-lab evaluate --manifest FILE --out FILE` writes for these films in this order. Films
   * that could not be read have no place in it. Rejects with a `TypeError` for anything but a list of such films.
   */
  validate(title: string, films: readonly LabelledFilm[]): Promise<Validation>;
  /** A synthetic chest film, as a BMP file; null where there are not so many. */
  sample(index: number): Promise<Blob | null>;
  /**
   * Has a worker read a synthetic film, as JPEG and as DICOM, so that the first film need not wait for the browser to compile what reads
   * it. Nothing is said of it, but to `onPreview` and `onReport`. A film that comes meanwhile waits for the end of one. Rejects with a
   * `ClassifierError`.
   */
  warm(options?: WarmOptions): Promise<void>;
  /** Sees to it that a worker runs, where the last one was lost. Films do so by themselves. Rejects with a `ClassifierError`. */
  start(): Promise<void>;
  /** Lets all workers go. Films that are not read yet are rejected with the kind `closed`. */
  close(): void;
}

/**
 * What went wrong with a film or with the start, to branch on: of a film `empty`, `unsupported_format`, `decode`, `too_large`,
 * `too_small`, `too_many_bytes`, `unreadable`, `model`, `internal`, `crashed`, `memory` (the browser gave too little); of the start `fetch`, `worker`, `wasm`, `model`,
 * `memory`; and `closed`. Of a model that was handed over: `model_manifest_missing`, `model_manifest` (damaged), `model_layout` (another version's),
 * `model_file_missing`, `model_hash`, `model_shape`, `model_unfinished` (not calibrated), `model_answer` (not the known one).
 */
export type ErrorKind =
  | 'closed'
  | 'crashed'
  | 'decode'
  | 'empty'
  | 'fetch'
  | 'internal'
  | 'memory'
  | 'model'
  | 'model_answer'
  | 'model_file_missing'
  | 'model_hash'
  | 'model_layout'
  | 'model_manifest'
  | 'model_manifest_missing'
  | 'model_shape'
  | 'model_unfinished'
  | 'too_large'
  | 'too_many_bytes'
  | 'too_small'
  | 'unreadable'
  | 'unsupported_format'
  | 'wasm'
  | 'worker'
  | (string & {});

export class ClassifierError extends Error {
  constructor(kind: ErrorKind, message: string, format?: ForeignFormat);
  readonly name: 'ClassifierError';
  readonly kind: ErrorKind;
  /** With `unsupported_format`: what the file is, where a browser may decode it, though this one did not. */
  readonly format: ForeignFormat | undefined;
}

/**
 * Loads the model from beside this module and starts the first worker. Rejects with a `ClassifierError` where that fails, and
 * with the signal's reason where it was given up. A second classifier of a page loads nothing again.
 */
export function createClassifier(options?: ClassifierOptions): Promise<Classifier>;

// What ../covid-classifier.js offers to other pages and programs.

import type { Compute, ForeignFormat, GrayPicture, Metrics, Model, Pictures, Report } from '../report/types.js';

export type {
  Attempt,
  Backend,
  Compute,
  Elapsed,
  Explanation,
  FilmPicture,
  ForeignFormat,
  Frame,
  GrayPicture,
  Label,
  Metrics,
  Model,
  PerLabel,
  Picture,
  Pictures,
  ProposedWindow,
  Reason,
  ReasonKind,
  Report,
  Verdict,
  Warning,
  WarningKind,
  Window,
} from '../report/types.js';

export interface ClassifierOptions {
  /** Which back-end is to run the networks. By default, and where it cannot be had, the fastest that works. */
  backend?: 'webgpu' | 'simd' | 'candle' | null;
  /** How many films may be read at once. By default what cores and memory allow. */
  workers?: number;
  /** Gives up starting. A classifier that has started is not affected; it has `close()`. */
  signal?: AbortSignal;
  /** Files loaded so far, of all that the start needs. */
  onProgress?(progress: { done: number; of: number }): void;
}

export interface ClassifyOptions {
  /** Stands in `report.path` and in `Result.name`; by default the file's own name, if it has one. */
  name?: string;
  /** Ask for the film at full size, what the readers see, and the class activation maps. They cost time and memory. */
  pictures?: boolean;
  /** Takes the film back, whether it waits or is being read. */
  signal?: AbortSignal;
  /** A film may go back from `reading` to `waiting` once, when the graphics processor is lost under it. */
  onProgress?(progress: { stage: 'waiting' | 'reading' | 'done' }): void;
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

export interface Classifier {
  readonly model: Model;
  /** What the model was measured to be worth; null where that file could not be loaded. */
  readonly metrics: Metrics | null;
  /** Which back-end reads, and why. It may change when a device is lost. */
  readonly compute: Compute;
  /**
   * Reads one film: DICOM, PNG, JPEG, JPEG 2000, WebP, BMP or TIFF, by its content; GIF, AVIF, HEIC and JPEG XL where the browser
   * decodes them. Calls may overlap; films are read in the order of the calls, as
   * many at once as there are workers. What happens to one film never harms another.
   *
   * Rejects with a `ClassifierError` where the film cannot be read, and with the signal's reason (by default an `AbortError`)
   * where it was taken back.
   */
  classify(film: Blob, options?: ClassifyOptions): Promise<Result>;
  /** Lets all workers go. Films that are not read yet are rejected with the kind `closed`. */
  close(): void;
}

/**
 * What went wrong with a film or with the start, to branch on: of a film `empty`, `unsupported_format`, `decode`, `too_large`,
 * `too_small`, `too_many_bytes`, `unreadable`, `model`, `internal`, `crashed`; of the start `fetch`, `worker`, `wasm`, `model`;
 * and `closed`.
 */
export type ErrorKind =
  | 'closed'
  | 'crashed'
  | 'decode'
  | 'empty'
  | 'fetch'
  | 'internal'
  | 'model'
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
 * with the signal's reason where it was given up.
 */
export function createClassifier(options?: ClassifierOptions): Promise<Classifier>;

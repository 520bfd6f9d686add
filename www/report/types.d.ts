// The shapes that cross the boundary: what Rust reports, and what page and worker say to each other.
// Types only, for the checker; no browser loads this file.

import type {
  Attempt as RustAttempt,
  Backend,
  DicomTag,
  ForeignFormat,
  Frame,
  Label,
  ModelId as RustModelId,
  PerLabel,
  ProposedWindow,
  ReadAs,
  Report as RustReport,
  SetbackKind,
  Training,
  VoiFunction,
  Window as RustWindow,
  Windows,
} from './report.js';

// What Rust reports is declared once, in Rust; report.d.ts is written from there.
export type {
  AttemptOutcome,
  Backend,
  BlockContribution,
  DicomTag,
  Elapsed,
  ErrorKind,
  Explanation,
  FeatureContribution,
  Finding,
  ForeignFormat,
  Frame,
  GateReport,
  Label,
  PerLabel,
  ProposedWindow,
  ReadAs,
  Reason,
  ReasonKind,
  Remedy,
  SetbackKind,
  Verdict,
  VoiFunction,
  Warning,
  WarningKind,
  Windows,
} from './report.js';

/** Which model answered: as Rust says, and whether it was another than this page's own (`createClassifier({ model })`). */
export interface ModelId extends RustModelId {
  own?: true;
}

/** What is said of a film, as Rust says it. */
export interface Report extends Omit<RustReport, 'model'> {
  model: ModelId | null;
}

/** What was tried: as Rust says, or a back-end that took the program with it, which the page has to say itself. */
export interface Attempt extends Omit<RustAttempt, 'kind'> {
  kind: SetbackKind | 'trap' | null;
}

/** Which back-end answers, and what became of each that was tried for it. */
export interface Compute {
  backend: Backend;
  adapter: string | null;
  attempts: Attempt[];
}

/** What went wrong: an `ErrorKind` of Rust, or one of the page's own. */
export interface Failure {
  kind: string;
  message: string;
  /** With `unsupported_format`: what the file is, where a browser may decode it, though this one did not. */
  format?: ForeignFormat;
}

/** RGBA, as Rust hands it over. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** One byte per pixel: what the page keeps of a picture. */
export interface GrayPicture {
  width: number;
  height: number;
  gray: Uint8Array<ArrayBuffer>;
}

/** Center and width, and how they are to be read; linear where nothing is said. */
export interface Window extends RustWindow {
  function?: VoiFunction;
}

/** The film at full size: the samples as stored, or what stands for the modality values of a DICOM film. */
export interface FilmPicture {
  width: number;
  height: number;
  samples: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** The value that a sample of 0 stands for; 0 but for DICOM. */
  offset: number;
  /** By how much the value grows with the sample; 1 but for DICOM. */
  step: number;
  /** All values; the middle of them; those inside the lungs, where there are any. */
  windows: Windows;
  /** Those of a DICOM file, the first of which the film was read through. */
  proposed: ProposedWindow[];
  /** The least value is white. */
  is_inverted: boolean;
}

/** What there is to see of one film. */
export interface Pictures {
  film: FilmPicture;
  /** What the paper's reader sees. */
  equalized: GrayPicture;
  /** What the convnet reader sees. */
  crop: GrayPicture | null;
  /** Where on the picture the film lies that was read; null where it is all of it. */
  frame: Frame | null;
  /** For each class, what speaks for it and against it, to lay over the film. */
  activation: Record<Label, Picture> | null;
  /** The lungs' outline: segments x0, y0, x1, y1 in shares of the film's sides. */
  outline: Float32Array<ArrayBuffer> | null;
}

export interface Model extends ModelId {
  labels: Label[];
  training: Training;
}

/** A figure with the number of films behind it and its 95 % interval. */
export interface Estimate {
  n: number;
  value: number;
  low: number;
  high: number;
}

export interface Elsewhere {
  id: string;
  /** Of somebody's own model: the same id may then be of other films. */
  own?: true;
  source: string;
  population: string;
  measure: string;
  scale: 'share' | 'auc';
  estimate: Estimate;
}

/** What was measured of the model, as far as the page shows it: `models/evidence.json`, which lab/src/write/page.rs writes. */
export interface Metrics {
  schema: number;
  /** That was measured. */
  model?: ModelId;
  authors_split?: { films?: number; shipped?: { accuracy?: Estimate } };
  patient_disjoint?: { folds?: number; accuracy?: Estimate };
  elsewhere?: Elsewhere[];
  verdict?: VerdictEvidence;
}

export interface Scores {
  reader: 'verdict' | 'convnet' | 'texture';
  accuracy: Estimate | null;
  sensitivity: Record<Label, Estimate | null>;
  specificity: Record<Label, Estimate | null>;
  auc_of_pairs: Record<string, Estimate>;
}

export interface EvidenceSet {
  id: string;
  own?: true;
  title: string;
  films: PerLabel;
  scores: Scores[];
}

/** Of films of a finding that is none of the classes, the shares that were called what; of the rest nothing was said. */
export interface Shares {
  normal: Estimate;
  covid19: Estimate;
  pneumonia: Estimate;
  /** Not normal, and no class named. */
  not_normal: Estimate;
}

/** One source as a hospital that the networks never saw. */
export interface Hospital {
  id: string;
  own?: true;
  title: string;
  /** Networks were trained without it, or the shipped model was. */
  kept: 'left_out' | 'external';
  patients: number;
  /** By what the collection says of the films, where that is none of the classes. Older metrics have none. */
  beyond?: Record<string, Shares | undefined>;
  normals_named_covid19: Estimate | null;
  /** The share of which it is said whether they are normal. */
  named: Estimate | null;
  /** Of those, the share of which that is right. */
  right: Estimate | null;
}

export interface VerdictEvidence {
  sets: EvidenceSet[];
  /** The worst first. Older metrics have none. */
  hospitals?: Hospital[];
  /** All of them together, as if of one hospital. */
  all_unseen?: Pick<Hospital, 'named' | 'right'> | null;
  risk_coverage: { title: string; films: number; accuracy: Estimate; accuracy_of_surest_half: Estimate }[];
}

/** A film of a known class and what was said of it. */
export interface LabelledFilm {
  label: Label;
  /** Whose film it is, by any name that is the same for all films of one patient; without it the film is of a patient of its own. */
  patient?: string | null;
  /** What `classify` gave with the same model. */
  report: Pick<Report, 'verdict' | 'probabilities' | 'prediction_set' | 'readers'>;
}

/** One reader on labelled films, every film that was read counted: accepted or refused. */
export interface ValidationScores extends Scores {
  /** `confusion[label][most probable class]`, both in the order COVID-19, normal, pneumonia. */
  confusion: number[][];
  /** Each class against the others. */
  auc: Record<Label, Estimate | null>;
}

/**
 * What labelled films say of the readers, the same as `covid-lab evaluate --manifest FILE --out FILE` writes. Intervals are 95 %, by
 * resampling patients. A figure on fewer than 5 films is null, or left out of `auc_of_pairs`.
 */
export interface Validation {
  id: string;
  title: string;
  films: PerLabel;
  patients: number;
  scores: ValidationScores[];
  /** `verdicts[label]`: how many were called COVID-19, normal, pneumonia, uncertain, refused; labels in the order COVID-19, normal, pneumonia. */
  verdicts: number[][];
  /** Of the films with a verdict of a class, the share that is right. */
  accuracy_where_judged: Estimate | null;
  /** The share of accepted films whose prediction set holds their class. */
  coverage: Estimate | null;
  /** Of the accepted films: how far the largest probability is to be believed. `error` is the expected calibration error over ten bins. */
  calibration: { title: string; films: number; error: Estimate; bins: { films: number; confidence: number; accuracy: number }[] } | null;
  /** Of the same films, the surest first: [share of films kept, share of them that is wrong]. */
  risk_coverage: { title: string; films: number; accuracy: Estimate; accuracy_of_surest_half: Estimate; curve: [number, number][] } | null;
}

/** The text of the modules that a worker is made of. */
export interface Scripts {
  worker: string;
  /** Empty where it lies in the worker's. */
  program: string;
}

/** What a worker runs on. */
export interface Kept {
  module: WebAssembly.Module;
  manifest: Uint8Array<ArrayBuffer>;
  /** By file name. */
  weights: Record<string, Uint8Array<ArrayBuffer>>;
}

export type ToWorker =
  /** A lock to hold for as long as the worker lives: who waits for it hears of its end. */
  | { type: 'hold'; lock: string }
  | { type: 'start'; kept: Kept; backend: string | null; isFirst: boolean }
  | { type: 'classify'; id: number; path: string; film: Blob | ArrayBuffer; readAs: ReadAs | null; wantsPreview: boolean }
  /** At a film that has been classified before: for its pictures alone. */
  | { type: 'look'; id: number; film: Blob | ArrayBuffer; readAs: ReadAs | null }
  | { type: 'sample'; id: number; index: number }
  | { type: 'warm'; id: number; bytes: ArrayBuffer }
  | { type: 'tags'; id: number; bytes: ArrayBuffer }
  | { type: 'validate'; id: number; title: string; films: LabelledFilm[] }
  /** These two are about the film that was classified or looked at last. */
  | { type: 'thumbnail'; id: number }
  | { type: 'pictures'; id: number };

export type FromWorker =
  /** The worker runs, and holds its lock where there are locks. */
  | { type: 'held'; isLocked: boolean }
  /** The program runs; what comes now depends on the back-end. */
  | { type: 'creating' }
  | { type: 'ready'; model: Model; compute: Compute }
  | { type: 'failed'; failure: Failure }
  /** The film of this question, decoded and about to be read. */
  | { type: 'seen'; id: number; picture: GrayPicture }
  /** `compute` comes with a report and with a look. */
  | {
      type: 'answer';
      id: number;
      answer: Report | Failure | GrayPicture | Pictures | DicomTag[] | Validation | Uint8Array<ArrayBuffer> | null;
      compute: Compute | null;
    }
  /** `isOfMemory`: the browser gives it no more. */
  | { type: 'crashed'; message: string; isOfMemory: boolean }
  /** Requests made since the last such message. */
  | { type: 'requests'; count: number };

/** A file, or a part of an archive, which is unpacked when it is read. */
export type FilmFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

/** A film to be read, or what has come of it already. */
export interface Incoming {
  file: FilmFile | null;
  path?: string;
  failure?: Failure | null;
  report?: Report | null;
  /** The program has drawn it. */
  isSynthetic?: boolean;
  imported?: Imported | null;
}

/** What films can be ordered by. */
export type SortKey = 'number' | 'name' | 'verdict' | 'probability' | 'abnormal' | Label | 'convnet' | 'texture' | 'warnings' | 'time' | 'state';

/** A film in the queue. */
export interface Film {
  id: number;
  name: string;
  /** Folder and name, as far as the browser tells. */
  path: string;
  /** Null for a result that was imported, and for what the browser could not get at. */
  file: FilmFile | null;
  state: 'waiting' | 'reading' | 'done' | 'failed' | 'cancelled';
  report: Report | null;
  /** How it is to be read; null for as it lies in its file. */
  readAs: ReadAs | null;
  /** What was said of it before it was read otherwise. */
  before: { readAs: ReadAs | null; report: Report; thumbnail: GrayPicture | null } | null;
  thumbnail: GrayPicture | null;
  failure: Failure | null;
  /** Drawn by the program: it shows nobody. */
  isSynthetic: boolean;
  /** Null for a film that came in here. */
  imported: Imported | null;
}

/** Where an imported result comes from. */
export interface Imported {
  /** When it was exported. */
  at: string;
  /** The program that read the film, with its version. */
  program: string;
  /** The export named the film. */
  isNamed: boolean;
}

/** What service-worker.js sees of itself; the library of the DOM has no types for it. */
export interface ServiceWorkerScope {
  registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent & { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(type: 'fetch', listener: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
}

// The shapes that cross the boundary: what Rust reports, and what page and worker say to each other.
// Types only, for the checker; no browser loads this file.

export type Label = 'covid19' | 'normal' | 'pneumonia';
export type PerLabel = Record<Label, number>;

export interface Report {
  path: string;
  probabilities: PerLabel | null;
  verdict: Label | string | null;
  readers: Record<string, PerLabel> | null;
  warnings: { kind: string; message: string }[] | null;
  error: Failure | null;
  film: { format: string; width_px: number; height_px: number; color: string } | null;
  explanation: Explanation | null;
  model: { version: string; sha256: string } | null;
  elapsed_ms: { decode: number; preprocess: number; features: number; classify: number; total: number } | null;
}

export interface Explanation {
  baseline_logits: PerLabel;
  logits: PerLabel;
  blocks: ({ block: string } & PerLabel)[];
  features: ({ name: string; value: number; training_mean: number } & PerLabel)[];
  other_features: PerLabel;
}

export interface Failure {
  kind: string;
  message: string;
}

/** RGBA, as Rust hands it over. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** One byte a pixel: what the page keeps of a picture. */
export interface GrayPicture {
  width: number;
  height: number;
  gray: Uint8Array<ArrayBuffer>;
}

export interface Reading {
  report: Report;
  film: GrayPicture | null;
  equalized: GrayPicture | null;
}

export interface Model {
  version: string;
  sha256: string;
  labels: Label[];
  training: {
    films: PerLabel;
    population: Record<Label, string>;
  };
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
  source: string;
  population: string;
  measure: string;
  scale: 'share' | 'auc';
  estimate: Estimate;
}

export interface Metrics {
  schema: number;
  authors_split?: { films?: number; shipped?: { accuracy?: Estimate } };
  patient_disjoint?: { folds?: number; accuracy?: Estimate };
  elsewhere?: Elsewhere[];
}

/** What a started worker hands to the page, so that its successor starts without a download. */
export interface Kept {
  module: WebAssembly.Module;
  manifest: Uint8Array<ArrayBuffer>;
  texture: Uint8Array<ArrayBuffer>;
  metrics: Metrics | null;
}

export type ToWorker =
  | { type: 'start'; kept: Kept | null }
  | { type: 'classify'; id: number; path: string; bytes: ArrayBuffer };

export type FromWorker =
  | { type: 'progress'; done: number; of: number }
  | { type: 'ready'; model: Model; kept: Kept }
  | { type: 'failed'; failure: Failure }
  | { type: 'reading'; id: number; reading: Reading }
  | { type: 'crashed'; id: number; message: string }
  /** Requests made since the last such message. */
  | { type: 'requests'; count: number };

/** A film in the queue. */
export interface Film {
  id: number;
  name: string;
  file: File;
  state: 'waiting' | 'reading' | 'done' | 'failed';
  reading: Reading | null;
  failure: Failure | null;
}

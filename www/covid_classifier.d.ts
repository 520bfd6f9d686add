// What worker.js uses of the module that wasm-bindgen generates beside it in the built site.
import type { Compute, GrayPicture, Model, Pictures, Report } from './types.js';

export default function init(options: {
  module_or_path: WebAssembly.Module | BufferSource | Response | string | URL;
}): Promise<unknown>;

export class Classifier {
  static create(manifest: Uint8Array, weights: Record<string, Uint8Array>, backend?: string): Promise<Classifier>;
  classify(path: string, bytes: Uint8Array): Promise<Reading>;
  /** A synthetic film, as a BMP file. */
  static sample(index: number): Uint8Array<ArrayBuffer> | undefined;
  compute(): Compute;
  model(): Model;
}

export class Reading {
  report(): Report;
  thumbnail(): GrayPicture | null;
  /** Of no use afterwards. */
  pictures(): Pictures | null;
  free(): void;
}

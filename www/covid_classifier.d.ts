// What worker.js uses of the module that wasm-bindgen generates beside it in the built site.
import type { Compute, GrayPicture, Model, Pictures, Report } from './types.js';

export default function init(options: {
  module_or_path: WebAssembly.Module | BufferSource | Response | string | URL;
}): Promise<unknown>;

export class Classifier {
  static create(manifest: Uint8Array, weights: Record<string, Uint8Array>, backend?: string): Promise<Classifier>;
  classify(path: string, bytes: Uint8Array): Promise<Reading>;
  /** Of a film that has been read before. Rejects with an `Error` with a `code`. */
  look(bytes: Uint8Array): Promise<Sight>;
  /** A synthetic film, as a BMP file. */
  static sample(index: number): Uint8Array<ArrayBuffer> | undefined;
  compute(): Compute;
  model(): Model;
}

export interface Sight {
  thumbnail(): GrayPicture | null;
  /** Of no use afterwards. */
  pictures(): Pictures | null;
  free(): void;
}

export interface Reading extends Sight {
  report(): Report;
}

// What worker.js uses of the module that wasm-bindgen generates beside it in the built site.
import type { Compute, GrayPicture, Label, Model, Picture, Report } from './types.js';

export default function init(options: {
  module_or_path: WebAssembly.Module | BufferSource | Response | string | URL;
}): Promise<unknown>;

interface Classified {
  report: Report;
  film: GrayPicture | null;
  equalized: GrayPicture | null;
  activation: Record<Label, Picture> | null;
  outline: Float32Array<ArrayBuffer> | null;
}

export class Classifier {
  static create(manifest: Uint8Array, weights: Record<string, Uint8Array>, backend?: string): Promise<Classifier>;
  classify(path: string, bytes: Uint8Array): Promise<Classified>;
  compute(): Compute;
  model(): Model;
}

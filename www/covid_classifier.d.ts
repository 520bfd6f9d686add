// What worker.js uses of the module that wasm-bindgen generates beside it in the built site.
import type { Label, Model, Picture, Report } from './types.js';

export default function init(options: {
  module_or_path: WebAssembly.Module | BufferSource | Response | string | URL;
}): Promise<unknown>;

export class Classifier {
  constructor(manifest: Uint8Array, weights: Record<string, Uint8Array>);
  classify(
    path: string,
    bytes: Uint8Array,
  ): {
    report: Report;
    film: Picture | null;
    equalized: Picture | null;
    activation: Record<Label, Picture> | null;
    outline: Float32Array<ArrayBuffer> | null;
  };
  model(): Model;
}

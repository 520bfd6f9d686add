// What worker.js uses of the module that wasm-bindgen generates beside it in the built site.
import type { Model, Picture, Report } from './types.js';

export default function init(options: {
  module_or_path: WebAssembly.Module | BufferSource | Response | string | URL;
}): Promise<unknown>;

export class Classifier {
  constructor(manifest: Uint8Array, texture: Uint8Array);
  classify(path: string, bytes: Uint8Array): { report: Report; film: Picture | null; equalized: Picture | null };
  model(): Model;
}

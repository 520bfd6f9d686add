// What worker.js uses of the module that wasm-bindgen generates as wasm.js beside it in the built site.
import type { Compute, DicomTag, ForeignFormat, GrayPicture, LabelledFilm, Model, Pictures, ReadAs, Report, Validation } from '../report/types.js';

export default function init(options: { module_or_path: WebAssembly.Module | BufferSource | Response | string | URL }): Promise<{ memory: WebAssembly.Memory }>;

export class Classifier {
  static create(manifest: Uint8Array, weights: Record<string, Uint8Array>, backend?: string): Promise<Classifier>;
  /** `readAs` alters the film first; without it the film is read as stored. */
  classify(path: string, bytes: Uint8Array, readAs?: Partial<ReadAs> | null, seen?: ((picture: GrayPicture) => void) | null): Promise<Reading>;
  /** A film that the browser decoded: RGBA. */
  classify_pixels(path: string, format: ForeignFormat, width: number, height: number, rgba: Uint8Array, readAs?: Partial<ReadAs> | null): Promise<Reading>;
  /** Of a film that has been read before. Rejects with an `Error` with a `code`. */
  look(bytes: Uint8Array, readAs?: Partial<ReadAs> | null): Promise<Sight>;
  look_pixels(format: ForeignFormat, width: number, height: number, rgba: Uint8Array, readAs?: Partial<ReadAs> | null): Promise<Sight>;
  /** Throws a `TypeError` for anything but such films. */
  validate(title: string, films: LabelledFilm[]): Validation;
  /** What a DICOM file says. It may name the patient. Throws an `Error` with a `code`. */
  static tags(bytes: Uint8Array): DicomTag[];
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

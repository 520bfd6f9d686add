// The shapes of what Rust reports, written by a test of src/report.rs from the Rust types. Not to be edited.

/**
 * What a film can show, for the readers.
 */
export type Label = "covid19" | "normal" | "pneumonia";

/**
 * One value per label: probabilities, logits or contributions to logits.
 */
export type PerLabel<T = number> = { covid19: T, normal: T, pneumonia: T, };

/**
 * The report on one film. On an error, all but `path` and `error` is `null`.
 */
export type Report = { 
/**
 * The path or name the caller gave.
 */
path: string, 
/**
 * Probabilities, calibrated on films of sources that the networks had not seen; `null` where the film is
 * refused.
 */
probabilities: PerLabel<number> | null, 
/**
 * What is said of the film.
 */
verdict: Verdict | null, 
/**
 * Each reader's own answer, of refused films too.
 */
readers: Readers | null, 
/**
 * What makes this film unlike those that the readers know.
 */
warnings: Array<Warning> | null, 
/**
 * Why there is no reading.
 */
error: ReadFailure | null, 
/**
 * The film as decoded.
 */
film: Provenance | null, 
/**
 * What moved the logits.
 */
explanation: Explanation | null, 
/**
 * Which model answered.
 */
model: ModelId | null, 
/**
 * How long each stage took.
 */
elapsed_ms: Elapsed | null, 
/**
 * The classes that cannot be excluded, most probable first; `null` where the film is refused.
 */
prediction_set: Array<Label> | null, 
/**
 * Why the verdict is `uncertain`; empty where it is not.
 */
abstentions: Array<Reason> | null, 
/**
 * Whether the film may be judged.
 */
gate: GateReport | null, 
/**
 * The lung fields.
 */
lungs: LungAreas | null, 
/**
 * Where the convnet reader found what speaks for its answer.
 */
activation: ActivationSummary | null, 
/**
 * What ran the networks.
 */
backend: Backend | null, 
/**
 * The graphics adapter that ran them, if one did.
 */
adapter: string | null, 
/**
 * The calibrated probability that the film is not normal; `null` where the film is refused.
 */
abnormal: number | null, 
/**
 * Whether the film is normal, which is said first; `null` where the film is refused.
 */
finding: Finding | null, 
/**
 * Where on the picture the film lies that was read; `null` where it is all of the picture. What is said of lungs and
 * of the size is of the film, what is shown lies on the picture.
 */
frame: Frame | null, 
/**
 * How the film was read if not as it is stored: all that is said and shown is of the altered film. `null` where
 * nothing was altered.
 */
read_as: ReadAs | null, };

/**
 * The softmax of each reader's logits. Not calibrated: not a chance of disease.
 */
export type Readers = { 
/**
 * The paper's COVID-Classifier.
 */
texture: PerLabel<number>, 
/**
 * The convnet reader, on the lung crop.
 */
convnet: PerLabel<number>, };

/**
 * What is said of a film.
 */
export type Verdict = "covid19" | "normal" | "pneumonia" | "uncertain" | "refused";

/**
 * Whether a film is normal: what is said first. Which class a film that is not shows, the `Verdict` says where that can
 * be told.
 */
export type Finding = "normal" | "not_normal" | "cannot_say";

/**
 * Why a film is refused, or why its verdict is `uncertain`.
 */
export type Reason = { 
/**
 * What to branch on.
 */
kind: ReasonKind, 
/**
 * What was seen; of a refusal also what to do.
 */
message: string, 
/**
 * What to do about a refusal, the most promising first. Empty where a verdict is uncertain.
 */
remedies: Array<Remedy>, };

/**
 * The kinds of `Reason`.
 */
export type ReasonKind = "no_lungs" | "upside_down" | "sideways" | "inverted" | "cropped" | "squeezed" | "not_a_chest_film" | "unlike_training_films" | "color_overlay" | "several_films" | "crop_to_film" | "empty_set" | "several_classes" | "readers_contradict" | "doubtful_film" | "enhanced";

/**
 * What to do about a refusal.
 */
export type Remedy = { 
/**
 * What to branch on.
 */
kind: RemedyKind, 
/**
 * With `read_as`: how the file is to be read, whatever was altered before. `null` otherwise.
 */
read_as: ReadAs | null, };

/**
 * The kinds of `Remedy`.
 */
export type RemedyKind = "read_as" | "crop" | "export" | "other_film";

/**
 * How a film is read: as it lies in its file (the default), or altered by who reads it. First it is turned, then
 * mirrored, as Image Rotation and Image Horizontal Flip of DICOM are applied (PS3.3 C.10.6). It is applied to the
 * decoded film, so that readers, viewer, outline and map all have the film upright.
 */
export type ReadAs = { 
/**
 * Quarter turns clockwise, 0…3; four of them are none.
 */
quarter_turns: number, 
/**
 * Left and right exchanged.
 */
mirrored: boolean, 
/**
 * Black and white exchanged.
 */
inverted: boolean, };

/**
 * Something about a film that makes its reading less trustworthy.
 */
export type Warning = { 
/**
 * What to branch on.
 */
kind: WarningKind, 
/**
 * For people.
 */
message: string, };

/**
 * The kinds of `Warning`.
 */
export type WarningKind = "upscaled" | "aspect_ratio" | "color" | "flat" | "outside_training_range" | "more_frames" | "scaled" | "child" | "readers_disagree" | "modality" | "view" | "body_part" | "laterality" | "turned" | "pixel_shape" | "enhanced" | "photograph" | "mirrored" | "decoded_elsewhere";

/**
 * An `Error` as a report carries it.
 */
export type ReadFailure = { 
/**
 * What to branch on.
 */
kind: ErrorKind, 
/**
 * For people.
 */
message: string, 
/**
 * With `unsupported_format`: the format, where it is one that a browser may decode. Left out otherwise.
 */
format?: ForeignFormat, };

/**
 * What went wrong, as far as a caller can act on it.
 *
 * Serialised in snake case: it is the `error.kind` of the JSON report and the `code` of an
 * error that reaches JavaScript.
 */
export type ErrorKind = "empty" | "unsupported_format" | "decode" | "too_large" | "too_small" | "model" | "dataset" | "io" | "internal";

/**
 * A picture format that is recognised and not read here, but that the surroundings may be able to decode: a browser
 * shows most of them, and can give their pixels as PNG.
 */
export type ForeignFormat = "gif" | "avif" | "heic" | "jpeg_xl";

/**
 * Where a film came from; part of the report.
 */
export type Provenance = { 
/**
 * The file format, by its magic bytes.
 */
format: Format, 
/**
 * Width in pixels, as it is read: after EXIF or patient orientation and after `read_as`.
 */
width_px: number, 
/**
 * Height in pixels, as it is read.
 */
height_px: number, 
/**
 * How the pixels were stored.
 */
color: Color, };

/**
 * The file format a film was read from.
 */
export type Format = "png" | "jpeg" | "webp" | "bmp" | "tiff" | "dicom" | "jpeg2000" | "jpeg_ls" | "gif" | "avif" | "heic" | "jpeg_xl";

/**
 * How the file stored its pixels, before they became one grey plane.
 */
export type Color = "gray8" | "gray16" | "color8" | "color16";

/**
 * What moved the three logits of the texture reader away from those of the mean training film.
 */
export type Explanation = { 
/**
 * The logits of the mean training film.
 */
baseline_logits: PerLabel<number>, 
/**
 * The logits of this film.
 */
logits: PerLabel<number>, 
/**
 * The contribution of each of the five blocks; they add up to `logits − baseline_logits`.
 */
blocks: Array<BlockContribution>, 
/**
 * The ten features that moved the logits most, strongest first.
 */
features: Array<FeatureContribution>, 
/**
 * What all other features moved together.
 */
other_features: PerLabel<number>, };

/**
 * What one block of features moved.
 */
export type BlockContribution = { 
/**
 * One of `BLOCKS`.
 */
block: string, covid19: number, normal: number, pneumonia: number, };

/**
 * What one feature moved.
 */
export type FeatureContribution = { 
/**
 * One of `feature_names`.
 */
name: string, 
/**
 * Its value on this film.
 */
value: number, 
/**
 * Its mean over the training films.
 */
training_mean: number, covid19: number, normal: number, pneumonia: number, };

/**
 * Which model answered.
 */
export type ModelId = { 
/**
 * The version in the manifest.
 */
version: string, 
/**
 * SHA-256 of the manifest, which names every weight file's, in hexadecimal.
 */
sha256: string, };

/**
 * Training provenance of the texture reader.
 */
export type Training = { 
/**
 * Where the films come from.
 */
source: string, 
/**
 * Which films trained it, as a rule that can be repeated.
 */
films_rule: string, 
/**
 * SHA-256 over the sorted SHA-256s of the image files that trained it.
 */
films_sha256: string, 
/**
 * How many films trained it.
 */
films: PerLabel<number>, 
/**
 * How many films stopped the training and chose the seed; none of them trained it.
 */
validation_films: PerLabel<number>, 
/**
 * Who is on the films.
 */
population: PerLabel<string>, 
/**
 * The seed of the shipped weights.
 */
seed: number, 
/**
 * The epoch whose weights are shipped.
 */
epoch: number, 
/**
 * Cross-entropy on the validation films at that epoch.
 */
validation_loss: number, 
/**
 * Of the validation films, 95 % have at most this many features outside the range of the
 * training films: more are warned about.
 */
features_outside_limit: number, 
/**
 * The program that trained it.
 */
program: string, };

/**
 * How long each stage took, in milliseconds: of `frame`, `lungs` and `convnet` over all that was tried. `frame` was a
 * part of `preprocess` in reports of earlier versions.
 */
export type Elapsed = { decode: number, frame: number, preprocess: number, features: number, classify: number, lungs: number, convnet: number, total: number, };

/**
 * The gate's answer.
 */
export type GateReport = { 
/**
 * Whether the film is judged.
 */
accepted: boolean, 
/**
 * Accepted, but near the limit.
 */
doubtful: boolean, 
/**
 * Why not accepted; empty where it is.
 */
reasons: Array<Reason>, 
/**
 * How likely a frontal chest film, 0…1, by the classifier.
 */
frontal: number, 
/**
 * The Mahalanobis distance over its limit: above 1 is refused.
 */
distance: number, 
/**
 * How likely a child's, 0…1.
 */
child: number, };

/**
 * Where a film lies in a picture, in shares of the picture's width and height.
 */
export type Frame = { left: number, top: number, width: number, height: number, };

/**
 * How much of a film is lung.
 */
export type LungAreas = { 
/**
 * The share of the film that is lung, 0…1.
 */
area: number, 
/**
 * The share of the film that is the patient's left lung (on the right of the film).
 */
left: number, 
/**
 * The share of the film that is the patient's right lung.
 */
right: number, };

/**
 * The class activation map in a few numbers.
 */
export type ActivationSummary = { 
/**
 * The class with the largest logit of the convnet reader.
 */
label: Label, 
/**
 * The share of what speaks for it that lies inside the lung fields, 0…1.
 */
inside_lungs: number | null, 
/**
 * What the reader saw, in shares of the picture; it may reach beyond it.
 */
crop: Rectangle, };

/**
 * A rectangle in shares of the picture's width and height.
 */
export type Rectangle = { left: number, top: number, width: number, height: number, };

/**
 * What runs the networks.
 */
export type Backend = "webgpu" | "simd" | "candle";

/**
 * Which back-end runs, and what was tried before.
 */
export type Compute = { 
/**
 * What runs the networks.
 */
backend: Backend, 
/**
 * The graphics adapter, where one is used.
 */
adapter: string | null, 
/**
 * In the order of events.
 */
attempts: Array<Attempt>, };

/**
 * What was tried, and what came of it.
 */
export type Attempt = { 
/**
 * The back-end; `null` for a name that none has.
 */
backend: Backend | null, 
/**
 * What came of it.
 */
outcome: AttemptOutcome, 
/**
 * What to branch on, where it was not chosen.
 */
kind: SetbackKind | null, 
/**
 * For people, where it was not chosen.
 */
reason: string | null, };

/**
 * What came of an `Attempt`.
 */
export type AttemptOutcome = "chosen" | "passed_over" | "failed" | "lost";

/**
 * What to branch on where a back-end was not chosen, or was left.
 */
export type SetbackKind = "self_test" | "slower" | "unknown_name" | TroubleKind;

/**
 * The kinds of `Trouble`.
 */
export type TroubleKind = "no_adapter" | "software_adapter" | "no_device" | "shader" | "out_of_memory" | "timed_out" | "lost" | "input";

/**
 * What to begin with.
 */
export type Windows = { 
/**
 * All values of the film.
 */
full: Window, 
/**
 * The middle 99 % of them: a burnt-in letter does not darken the chest.
 */
auto: Window, 
/**
 * The middle 98 % of those inside the lungs; `null` where none were found.
 */
lungs: Window | null, };

/**
 * A linear window, in stored values. Values up to `center - 0.5 - (width - 1) / 2` are black, those
 * above `center - 0.5 + (width - 1) / 2` white.
 */
export type Window = { 
/**
 * The middle.
 */
center: number, 
/**
 * At least 1.
 */
width: number, };

/**
 * A window that a DICOM file proposes, in modality values.
 */
export type ProposedWindow = { 
/**
 * What its maker calls it. `null` where it has no name, or one with words other than those that makers use: free text may
 * name a person.
 */
name: string | null, 
/**
 * Window Center.
 */
center: number, 
/**
 * Window Width.
 */
width: number, 
/**
 * How the two are to be read.
 */
function: VoiFunction, };

/**
 * VOI LUT Function (PS3.3 C.11.2.1.3).
 */
export type VoiFunction = "linear" | "linear_exact" | "sigmoid";

/**
 * One element of a file, as text. It may name the patient.
 */
export type DicomTag = { 
/**
 * For example `0010,0010`.
 */
tag: string, 
/**
 * Its name in PS3.6, for those that films commonly have; empty for others.
 */
name: string, 
/**
 * Its value: at most 200 letters. Pixels and other bulk data are described, not given.
 */
value: string, };

//! What leaves the pipeline: one serialisable struct, the same on the page, in the CLI's JSON and
//! in the tests. Keys are frozen: later versions add, none rename.

use serde::{Deserialize, Serialize};

use crate::compute::Backend;
use crate::convnet::Rectangle;
use crate::error::Error;
use crate::gate::{GateReport, Reason};
use crate::radiograph::Provenance;

/// What a film can show, for the readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// COVID-19.
    Covid19,
    /// No finding.
    Normal,
    /// Pneumonia of another cause.
    Pneumonia,
}

/// The labels in the order of the network's outputs.
pub const LABELS: [Label; 3] = [Label::Covid19, Label::Normal, Label::Pneumonia];

impl Label {
    /// The name in JSON: `covid19`, `normal` or `pneumonia`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Covid19 => "covid19",
            Self::Normal => "normal",
            Self::Pneumonia => "pneumonia",
        }
    }

    /// The name in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Covid19 => "COVID-19",
            Self::Normal => "normal",
            Self::Pneumonia => "other pneumonia",
        }
    }

    /// The place in [`LABELS`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// What is said of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// COVID-19.
    Covid19,
    /// No finding.
    Normal,
    /// Pneumonia of another cause.
    Pneumonia,
    /// The film was read, but no class can be named.
    Uncertain,
    /// The film is not judged.
    Refused,
}

impl Verdict {
    /// The name in JSON: `covid19`, `normal`, `pneumonia`, `uncertain` or `refused`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Covid19 => "covid19",
            Self::Normal => "normal",
            Self::Pneumonia => "pneumonia",
            Self::Uncertain => "uncertain",
            Self::Refused => "refused",
        }
    }
}

impl From<Label> for Verdict {
    fn from(label: Label) -> Self {
        match label {
            Label::Covid19 => Self::Covid19,
            Label::Normal => Self::Normal,
            Label::Pneumonia => Self::Pneumonia,
        }
    }
}

/// One value a label: probabilities, logits or contributions to logits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PerLabel<T = f64> {
    pub covid19: T,
    pub normal: T,
    pub pneumonia: T,
}

impl<T> From<[T; 3]> for PerLabel<T> {
    fn from([covid19, normal, pneumonia]: [T; 3]) -> Self {
        Self { covid19, normal, pneumonia }
    }
}

impl<T> From<PerLabel<T>> for [T; 3] {
    fn from(values: PerLabel<T>) -> Self {
        [values.covid19, values.normal, values.pneumonia]
    }
}

/// The report on one film. On an error, all but `path` and `error` is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The path or name the caller gave.
    pub path: String,
    /// Calibrated probabilities, for films like the validation films; `None` where the film is
    /// refused.
    pub probabilities: Option<PerLabel>,
    /// What is said of the film.
    pub verdict: Option<Verdict>,
    /// Each reader's own answer, of refused films too.
    pub readers: Option<Readers>,
    /// What makes this film unlike those that the readers know.
    pub warnings: Option<Vec<Warning>>,
    /// Why there is no reading.
    pub error: Option<Failure>,
    /// The film as decoded.
    pub film: Option<Provenance>,
    /// What moved the logits.
    pub explanation: Option<Explanation>,
    /// Which model answered.
    pub model: Option<ModelId>,
    /// How long each stage took.
    pub elapsed_ms: Option<Elapsed>,
    /// The classes that cannot be excluded, most probable first; `None` where the film is refused.
    pub prediction_set: Option<Vec<Label>>,
    /// Why the verdict is `uncertain`; empty where it is not.
    pub abstentions: Option<Vec<Reason>>,
    /// Whether the film may be judged.
    pub gate: Option<GateReport>,
    /// The lung fields.
    pub lungs: Option<Lungs>,
    /// Where the convnet reader found what speaks for its answer.
    pub activation: Option<ActivationSummary>,
    /// What ran the networks.
    pub backend: Option<Backend>,
    /// The graphics adapter that ran them, if one did.
    pub adapter: Option<String>,
}

/// The lung fields of a film.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lungs {
    /// The share of the film that is lung, 0…1.
    pub area: f64,
    /// The share of the film that is the patient's left lung (on the right of the film).
    pub left: f64,
    /// The share of the film that is the patient's right lung.
    pub right: f64,
}

/// The class activation map in a few numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivationSummary {
    /// The class with the largest logit of the convnet reader.
    pub label: Label,
    /// The share of what speaks for it that lies inside the lung fields, 0…1.
    pub inside_lungs: Option<f64>,
    /// What the reader saw, in shares of the film; it may reach beyond it.
    pub crop: Rectangle,
}

impl Report {
    /// The report on a film that could not be read.
    pub fn failed(path: impl Into<String>, error: &Error) -> Self {
        Self {
            path: path.into(),
            probabilities: None,
            verdict: None,
            readers: None,
            warnings: None,
            error: Some(error.into()),
            film: None,
            explanation: None,
            model: None,
            elapsed_ms: None,
            prediction_set: None,
            abstentions: None,
            gate: None,
            lungs: None,
            activation: None,
            backend: None,
            adapter: None,
        }
    }
}

/// The softmax of each reader's logits. Not calibrated: not a chance of disease.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readers {
    /// The paper's COVID-Classifier.
    pub texture: PerLabel,
    /// The convnet reader, on the lung crop.
    pub convnet: PerLabel,
}

/// Something about a film that makes its reading less trustworthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What to branch on.
    pub kind: WarningKind,
    /// For people.
    pub message: String,
}

/// The kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    /// A side is shorter than 512 px: the features read resolution.
    Upscaled,
    /// The film is far from square: squeezing it to 512 × 512 distorts the texture.
    AspectRatio,
    /// The file has colour: perhaps not a plain radiograph.
    Color,
    /// All pixels are equal.
    Flat,
    /// Many features lie outside the range of the training films.
    OutsideTrainingRange,
    /// The file is animated or has several pages; the first picture was read.
    MoreFrames,
    /// The film seems to be a child's; the evidence is from adults.
    Child,
    /// The readers name different classes.
    ReadersDisagree,
}

/// An error, as the report carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What to branch on: an [`ErrorKind`](crate::ErrorKind) in snake case.
    pub kind: crate::error::ErrorKind,
    /// For people.
    pub message: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), message: error.to_string() }
    }
}

/// What moved the three logits of the texture reader away from those of the mean training film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The logits of the mean training film.
    pub baseline_logits: PerLabel,
    /// The logits of this film.
    pub logits: PerLabel,
    /// The contribution of each of the five blocks; they add up to `logits − baseline_logits`.
    pub blocks: Vec<BlockContribution>,
    /// The ten features that moved the logits most, strongest first.
    pub features: Vec<FeatureContribution>,
    /// What all other features moved together.
    pub other_features: PerLabel,
}

/// What one block of features moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockContribution {
    /// One of [`BLOCKS`](crate::texture::BLOCKS).
    pub block: String,
    /// Contribution to each logit.
    #[serde(flatten)]
    pub contribution: PerLabel,
}

/// What one feature moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureContribution {
    /// One of [`feature_names`](crate::texture::feature_names).
    pub name: String,
    /// Its value on this film.
    pub value: f64,
    /// Its mean over the training films.
    pub training_mean: f64,
    /// Contribution to each logit.
    #[serde(flatten)]
    pub contribution: PerLabel,
}

/// Which model answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelId {
    /// The version in the manifest.
    pub version: String,
    /// SHA-256 of the manifest, which names every weight file's, in hexadecimal.
    pub sha256: String,
}

/// How long each stage took, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Elapsed {
    pub decode: f64,
    pub preprocess: f64,
    pub features: f64,
    pub classify: f64,
    pub lungs: f64,
    pub convnet: f64,
    pub total: f64,
}

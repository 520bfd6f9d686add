//! Evidence about the paper's reader: repeats the authors' protocol, then measures what it hides.

use std::path::Path;

use covid_classifier::Result;
use covid_classifier::model::{Manifest, ModelId};
use covid_classifier::texture::TextureWeights;
use serde::{Deserialize, Serialize};

use super::authors::{AuthorsSplit, authors_split};
use super::disjoint::{PatientDisjoint, patient_disjoint};
use super::elsewhere::{Measure, elsewhere};
use super::features::{FeatureSummary, feature_summary};
use crate::paper::PaperSet;
use crate::tools::{PROGRAM, Progress};

/// All evidence about the paper's reader; a part of `models/metrics.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// The file's layout.
    pub schema: u32,
    /// The model that was measured.
    pub model: ModelId,
    /// The program that measured it.
    pub program: String,
    /// The authors' protocol on their 84 test films.
    pub authors_split: AuthorsSplit,
    /// The same recipe with every patient in one fold only.
    pub patient_disjoint: PatientDisjoint,
    /// How well each feature tells the classes apart, as the paper plots it.
    pub features: FeatureSummary,
    /// The shipped model on films from other places.
    pub elsewhere: Vec<Measure>,
}

/// Repeats the authors' protocol, then measures what it hides.
///
/// # Errors
/// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) where the films are not there.
pub fn evaluate(
    data: &Path,
    manifest: &Manifest,
    id: ModelId,
    weights: &TextureWeights,
    say: Progress<'_>,
) -> Result<Metrics> {
    let paper = PaperSet::load(data, say)?;
    let authors_split = authors_split(&paper, manifest, weights, say)?;
    let patient_disjoint = patient_disjoint(&paper, say)?;
    let features = feature_summary(&paper.examples);
    let elsewhere = elsewhere(data, &paper, weights, say)?;
    Ok(Metrics {
        schema: 1,
        model: id,
        program: PROGRAM.to_owned(),
        authors_split,
        patient_disjoint,
        features,
        elsewhere,
    })
}

//! The authors' protocol: their split by image over several seeds, and the shipped seed on their test films.

use std::collections::BTreeSet;
use std::path::PathBuf;

use covid_classifier::decode::decode;
use covid_classifier::model::Manifest;
use covid_classifier::preprocess::{preprocess, shrunk};
use covid_classifier::radiograph::{Radiograph, Samples};
use covid_classifier::statistics::{
    ClassScores, Estimate, Prediction, accuracy, class_auc, class_scores, confusion, proportion,
};
use covid_classifier::texture::{FeatureExtractor, TextureWeights};
use covid_classifier::{LABELS, Label, PerLabel, Result};
use serde::{Deserialize, Serialize};

use super::areas::{aucs, undefined};
use crate::dataset::Split;
use crate::paper::{PaperSet, SEEDS, prediction};
use crate::tools::{Progress, read};
use crate::train::texture::Example;

/// Mean and spread over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Spread {
    pub mean: f64,
    pub standard_deviation: f64,
    pub minimum: f64,
    pub maximum: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        Self {
            mean,
            standard_deviation: variance.sqrt(),
            minimum: values.iter().copied().fold(f64::INFINITY, f64::min),
            maximum: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// One row of the paper's table, over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TableRow {
    pub precision: Spread,
    pub sensitivity: Spread,
    pub f_score: Spread,
    pub support: usize,
    /// Area under the ROC curve, one class against the rest.
    pub auc: Spread,
}

/// The authors' protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorsSplit {
    /// Their test films.
    pub films: usize,
    /// How many of them are of a patient who also has a training film.
    pub films_of_training_patients: usize,
    /// Number of trained seeds.
    pub seeds: usize,
    /// The accuracy that the paper reports.
    pub paper_accuracy: f64,
    /// Accuracy over the seeds.
    pub accuracy_over_seeds: Spread,
    /// The paper's table over the seeds.
    pub table_over_seeds: PerLabel<TableRow>,
    /// The shipped seed on the authors' preprocessed images.
    pub shipped: Shipped,
    /// The shipped seed on the originals of the same films, through the whole pipeline.
    pub shipped_from_originals: Shipped,
    /// The same originals shrunk to a shorter side of 256 px first.
    pub shipped_from_256_px: Shipped,
}

/// The shipped model on one set of films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shipped {
    /// Its seed.
    pub seed: u64,
    /// Share answered rightly.
    pub accuracy: Estimate,
    /// `matrix[true][answered]`: covid19, normal, pneumonia.
    pub confusion: [[usize; 3]; 3],
    /// The paper's table.
    pub scores: PerLabel<ClassScores>,
    /// Area under the ROC curve, one class against the rest.
    pub auc: PerLabel<Estimate>,
}

fn shipped(seed: u64, predictions: &[Prediction]) -> Result<Shipped> {
    let matrix = confusion(predictions);
    Ok(Shipped {
        seed,
        accuracy: proportion(predictions, |o| o.answer() == o.label).ok_or_else(undefined)?,
        confusion: matrix,
        scores: class_scores(&matrix),
        auc: aucs(predictions)?,
    })
}

/// Repeats the protocol.
///
/// # Errors
/// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) for too few films.
pub fn authors_split(
    paper: &PaperSet,
    manifest: &Manifest,
    weights: &TextureWeights,
    say: Progress<'_>,
) -> Result<AuthorsSplit> {
    let seeds = paper.train_seeds(SEEDS, say)?;
    let row = |label: Label| {
        let k = label.index();
        let scores: Vec<ClassScores> = seeds
            .iter()
            .map(|(_, predictions)| <[ClassScores; 3]>::from(class_scores(&confusion(predictions)))[k])
            .collect();
        let spread = |of: fn(&ClassScores) -> f64| Spread::of(&scores.iter().map(of).collect::<Vec<_>>());
        let auc: Vec<f64> =
            seeds.iter().filter_map(|(_, predictions)| class_auc(predictions, label)).collect();
        TableRow {
            precision: spread(|s| s.precision),
            sensitivity: spread(|s| s.sensitivity),
            f_score: spread(|s| s.f_score),
            support: scores.first().map_or(0, |s| s.support),
            auc: Spread::of(&auc),
        }
    };
    let test = |k: usize| paper.films[k].split == Split::Test;
    let predictions = paper.predictions(weights, test);
    let training: BTreeSet<&str> = paper
        .films
        .iter()
        .filter(|film| film.split == Split::Train)
        .map(|film| film.patient.as_str())
        .collect();
    let seed = manifest.training.seed;

    // The same films before the authors preprocessed them.
    let originals: Vec<(usize, &PathBuf)> = (0..paper.films.len())
        .filter(|&k| test(k))
        .filter_map(|k| paper.films[k].original.as_ref().map(|path| (k, path)))
        .collect();
    say(&format!(
        "reading the originals of {} of the test films through the whole pipeline",
        originals.len()
    ));
    let mut extractor = FeatureExtractor::new();
    let mut from_originals = Vec::new();
    let mut from_256 = Vec::new();
    for (k, path) in originals {
        let film = decode(&read(path)?)?;
        let mut read = |film: &Radiograph| {
            let features = extractor.features(&preprocess(film));
            prediction(weights, &Example { features, label: paper.films[k].label }, &paper.films[k].patient)
        };
        from_originals.push(read(&film));
        from_256.push(read(&small(&film)));
    }
    Ok(AuthorsSplit {
        films: predictions.len(),
        films_of_training_patients: predictions.iter().filter(|o| training.contains(&*o.group)).count(),
        seeds: seeds.len(),
        paper_accuracy: 0.94,
        accuracy_over_seeds: Spread::of(&seeds.iter().map(|(_, o)| accuracy(o)).collect::<Vec<_>>()),
        table_over_seeds: LABELS.map(row).into(),
        shipped: shipped(seed, &predictions)?,
        shipped_from_originals: shipped(seed, &from_originals)?,
        shipped_from_256_px: shipped(seed, &from_256)?,
    })
}

/// The film with a shorter side of 256 px, like the copies of the other collections.
fn small(film: &Radiograph) -> Radiograph {
    let plane = shrunk(film, 256);
    Radiograph::drawn(plane.width, plane.height, Samples::F64(plane.pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_a_sample() {
        let spread = Spread::of(&[1.0, 2.0, 3.0, 6.0]);
        assert_eq!((spread.mean, spread.minimum, spread.maximum), (3.0, 1.0, 6.0));
        assert!((spread.standard_deviation - (14.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(Spread::of(&[0.5]).standard_deviation, 0.0);
    }

    #[test]
    fn a_small_film_is_the_film() {
        let film = Radiograph::drawn(600, 512, Samples::U8(vec![51; 600 * 512]));
        let small = small(&film);
        assert_eq!((small.width, small.height, small.provenance.width_px), (300, 256, 300));
        let Samples::F64(samples) = small.samples else { panic!("not rounded") };
        assert!(samples.iter().all(|value| (value - 0.2).abs() < 1e-12));
    }

    #[test]
    fn the_shipped_seed_is_scored_on_all_its_films() {
        let said = |label: Label, answer: usize, k: usize| {
            let mut probabilities = [0.1; 3];
            probabilities[answer] = 0.8;
            Prediction { label, probabilities, group: format!("p{k}").into() }
        };
        let all: Vec<Prediction> =
            (0..30).map(|k| said(LABELS[k % 3], if k < 27 { k % 3 } else { 0 }, k)).collect();
        let shipped = shipped(7, &all).unwrap();
        assert_eq!((shipped.seed, shipped.accuracy.n), (7, 30));
        assert!((shipped.accuracy.value - 28.0 / 30.0).abs() < 1e-12);
        assert_eq!(shipped.confusion, [[10, 0, 0], [1, 9, 0], [1, 0, 9]]);
    }
}

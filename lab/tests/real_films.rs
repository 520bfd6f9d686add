//! Tests on real films, in the folder `COVID_CLASSIFIER_DATA`, by default `../shared/data`. Without them, these tests
//! are reported as ignored, never as passed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use covid_classifier::model::Part;
use covid_classifier::pipeline::{Input, film_features};
use covid_classifier::texture::{CooccurrenceScaling, FEATURES, FeatureExtractor, TextureWeights};
use covid_classifier::{Classifier, Model, most_probable};
use covid_lab::dataset::{Split, paper};
use covid_lab::paper::SEEDS;
use covid_lab::ship;
use libtest_mimic::{Arguments, Failed, Trial};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn main() {
    let root = root();
    let data =
        std::env::var_os("COVID_CLASSIFIER_DATA").map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let absent = !data.join("paper/features.csv").is_file();
    if absent {
        println!("no films in {}: the tests on real films are skipped", data.display());
    }
    let trial = |name: &str, test: fn(&Path) -> Result<(), Failed>| {
        let data = data.clone();
        Trial::test(name, move || test(&data)).with_ignored_flag(absent)
    };
    let trials = vec![
        trial("features_equal_the_published_table", features_equal_the_published_table),
        trial("training_repeats_the_shipped_model", training_repeats_the_shipped_model),
        trial("the_shipped_model_reads_the_papers_test_films", the_shipped_model_reads_the_papers_test_films),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// All 420 films, all 252 columns, within 1e-6 of the column's largest magnitude.
fn features_equal_the_published_table(data: &Path) -> Result<(), Failed> {
    let films = paper(data)?;
    let mut extractor = FeatureExtractor::with_scaling(CooccurrenceScaling::Published);
    let mut largest = vec![0.0_f64; FEATURES];
    let mut errors = vec![0.0_f64; FEATURES];
    for film in &films {
        let features =
            film_features(&mut extractor, &std::fs::read(&film.preprocessed)?, Input::Preprocessed)?;
        for k in 0..FEATURES {
            largest[k] = largest[k].max(film.published[k].abs());
            errors[k] = errors[k].max((features[k] - film.published[k]).abs());
        }
    }
    let relative: Vec<f64> = errors.iter().zip(&largest).map(|(error, largest)| error / largest).collect();
    let worst = (0..FEATURES).max_by(|&a, &b| relative[a].total_cmp(&relative[b])).ok_or("no features")?;
    println!("{} films; worst column {worst}: {:e}", films.len(), relative[worst]);
    if films.len() != 420 || relative.iter().any(|error| error.is_nan() || *error > 1e-6) {
        return Err(format!("{} films, column {worst} is off by {:e}", films.len(), relative[worst]).into());
    }
    Ok(())
}

/// `train texture` on the same films reproduces the shipped model: to the byte on the same kind of processor, and up to
/// the order of summation on another.
fn training_repeats_the_shipped_model(data: &Path) -> Result<(), Failed> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("repeated-model");
    let repeated = ship::texture(data, &out, SEEDS, &mut |_| ())?;
    let models = root().join("models");
    let shipped = Model::read_folder(&models)?.manifest;
    let (a, b) = (&repeated.training, &shipped.training);
    let same = (a.seed, a.epoch, &a.films_sha256, &a.films_rule, a.films, a.validation_films)
        == (b.seed, b.epoch, &b.films_sha256, &b.films_rule, b.films, b.validation_films);
    if !same || (a.validation_loss - b.validation_loss).abs() > 1e-3 {
        return Err(format!("trained {a:?}, shipped {b:?}").into());
    }
    let weights = |folder: &Path| -> Result<TextureWeights, Failed> {
        Ok(TextureWeights::from_bytes(&ship::part(folder, Part::Texture)?)?)
    };
    let (a, b) = (weights(&out)?, weights(&models)?);
    println!("to the byte: {}", a == b);
    for (a, b) in a.perceptron.layers.iter().zip(&b.perceptron.layers) {
        let largest = a.weights.iter().zip(&b.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        if largest > 0.02 {
            return Err(format!("a weight is off by {largest}").into());
        }
    }
    Ok(())
}

/// The shipped model on the originals of the 84 test films, through the whole pipeline.
fn the_shipped_model_reads_the_papers_test_films(data: &Path) -> Result<(), Failed> {
    let mut classifier = Classifier::new(Model::read_folder(root().join("models"))?)?;
    let (mut read, mut right) = (0, 0);
    for film in paper(data)?.iter().filter(|film| film.split == Split::Test) {
        let Some(original) = &film.original else { continue };
        let report = classifier.classify(&film.name, &std::fs::read(original)?).report;
        read += 1;
        let readers = report.readers.ok_or_else(|| format!("{}: {:?}", film.name, report.error))?;
        right += usize::from(most_probable(readers.texture) == film.label);
    }
    println!("{right} of {read} right");
    // 78 of 84 when this was written (models/metrics.json); far below means a broken stage.
    if right * 100 < read * 88 {
        return Err(format!("only {right} of {read} right").into());
    }
    Ok(())
}

//! The seed paper's 420 films with their features, in the authors' split and in folds that keep each patient together.

use std::path::{Path, PathBuf};

use covid_classifier::model::{Training, sha256};
use covid_classifier::pipeline::{Input, film_features};
use covid_classifier::statistics::{Prediction, accuracy};
use covid_classifier::texture::{FeatureExtractor, TextureWeights};
use covid_classifier::{LABELS, PerLabel, Result, softmax};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::dataset::{PaperFilm, Split, paper};
use crate::engine::{Stock, parallel};
use crate::tools::{PROGRAM, Progress, read};
use crate::train::texture::{Example, Trained, train};

/// Number of seeds on the authors' split.
pub const SEEDS: u64 = 10;

/// Number of patient-disjoint folds.
pub const FOLDS: usize = 5;

/// The paper's films with the features of the authors' preprocessed images.
pub struct PaperSet {
    /// The films, in the authors' row order.
    pub films: Vec<PaperFilm>,
    /// Their features and labels, in the same order.
    pub examples: Vec<Example>,
}

impl PaperSet {
    /// Reads the films in `data`.
    ///
    /// # Errors
    /// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) where they are not there.
    pub fn load(data: &Path, say: Progress<'_>) -> Result<Self> {
        let films = paper(data)?;
        say(&format!("computing the features of the paper's {} preprocessed images", films.len()));
        let paths = films.iter().map(|film| film.preprocessed.clone()).collect::<Vec<_>>();
        let features = features_of(&paths, Input::Preprocessed, say)?;
        let example = |(film, features): (&PaperFilm, _)| Example { features, label: film.label };
        let examples = films.iter().zip(features).map(example).collect();
        Ok(Self { films, examples })
    }

    /// The examples of a split.
    pub fn of(&self, split: Split) -> Vec<&Example> {
        let chosen = self.films.iter().zip(&self.examples).filter(|(film, _)| film.split == split);
        chosen.map(|(_, example)| example).collect()
    }

    /// The predictions of these weights for the films whose number is `chosen`.
    pub fn predictions(&self, weights: &TextureWeights, chosen: impl Fn(usize) -> bool) -> Vec<Prediction> {
        let chosen = (0..self.films.len()).filter(|&k| chosen(k));
        chosen.map(|k| prediction(weights, &self.examples[k], &self.films[k].patient)).collect()
    }

    /// Trains each seed on the authors' split and has it answer their test films.
    ///
    /// # Errors
    /// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) for too few films.
    pub fn train_seeds(&self, seeds: u64, say: Progress<'_>) -> Result<Vec<(Trained, Vec<Prediction>)>> {
        let (training, validation) = (self.of(Split::Train), self.of(Split::Val));
        let mut all = Vec::new();
        for seed in 1..=seeds {
            let mut epochs = 0;
            let trained = train(&training, &validation, seed, |epoch| epochs = epoch.epoch)?;
            let predictions = self.predictions(&trained.weights, |k| self.films[k].split == Split::Test);
            say(&format!(
                "seed {seed:>2} of {seeds}: {epochs:>3} epochs, best {:>3}, validation loss {:.4}; \
                 accuracy on the {} test films {:.4} (reported, never chosen by)",
                trained.epoch,
                trained.validation_loss,
                predictions.len(),
                accuracy(&predictions)
            ));
            all.push((trained, predictions));
        }
        Ok(all)
    }

    fn count(&self, split: Split) -> PerLabel<usize> {
        let of = |label| self.films.iter().filter(|film| film.split == split && film.label == label).count();
        LABELS.map(of).into()
    }

    /// The provenance of trained weights, for the manifest.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](covid_classifier::ErrorKind::Io) where a film cannot be read again.
    pub fn provenance(&self, best: &Trained) -> Result<Training> {
        let mut hashes = Vec::new();
        for film in self.films.iter().filter(|film| film.split == Split::Train) {
            hashes.push(sha256(&read(&film.preprocessed)?));
        }
        hashes.sort();
        let children = "children of 1 to 5 years".to_owned();
        Ok(Training {
            source: "the seed paper's 420 images as its authors preprocessed them (github.com/abzargar/COVID-Classifier): \
                     COVID-19 from Cohen et al., normal and pneumonia from Kermany et al."
                .to_owned(),
            films_rule: "the authors' split: over their row order, scikit-learn's train_test_split(test_size=0.2, \
                         random_state=1), then train_test_split(test_size=0.25, random_state=1) of the larger part; \
                         the larger part of that trained, the smaller stopped the training and chose the seed, the \
                         first 20 % did neither"
                .to_owned(),
            films_sha256: sha256(hashes.join("\n").as_bytes()),
            films: self.count(Split::Train),
            validation_films: self.count(Split::Val),
            population: PerLabel {
                covid19: "adults".to_owned(),
                normal: children.clone(),
                pneumonia: children,
            },
            seed: best.seed,
            epoch: best.epoch,
            validation_loss: best.validation_loss,
            features_outside_limit: self.features_outside_limit(&best.weights),
            program: PROGRAM.to_owned(),
        })
    }

    /// For each validation film, counts the features outside the range of the training films; gives the 95th percentile
    /// of these counts.
    fn features_outside_limit(&self, weights: &TextureWeights) -> usize {
        let validation = self.of(Split::Val);
        percentile_95(validation.iter().map(|example| weights.reduction.outside(&example.features)).collect())
    }
}

/// The smallest of the numbers that 95 % of them do not exceed; 0 without any.
fn percentile_95(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers.get((numbers.len() * 95).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
}

/// The fold of each film: five folds, each patient in only one, with the classes spread evenly.
pub fn patient_folds(films: &[PaperFilm]) -> Vec<usize> {
    let mut patients: Vec<(&str, [usize; 3])> = Vec::new();
    for film in films {
        let known = patients.iter().position(|(patient, _)| *patient == film.patient);
        let slot = known.unwrap_or_else(|| {
            patients.push((&film.patient, [0; 3]));
            patients.len() - 1
        });
        patients[slot].1[film.label.index()] += 1;
    }
    patients.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
    patients.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
    let mut folds = [[0_usize; 3]; FOLDS];
    let mut fold_of = std::collections::HashMap::new();
    for (patient, counts) in patients {
        // The fold in which this patient's classes are rarest so far.
        let crowd = |fold: &[usize; 3]| (0..3).map(|k| fold[k] * counts[k]).sum::<usize>();
        let size = |fold: &[usize; 3]| fold.iter().sum::<usize>();
        let emptiest = (0..FOLDS).min_by_key(|&k| (crowd(&folds[k]), size(&folds[k]))).unwrap_or(0);
        for k in 0..3 {
            folds[emptiest][k] += counts[k];
        }
        fold_of.insert(patient.to_owned(), emptiest);
    }
    films.iter().map(|film| fold_of[&film.patient]).collect()
}

/// The texture reader's prediction for one film.
pub fn prediction(weights: &TextureWeights, example: &Example, group: &str) -> Prediction {
    let probabilities = softmax(weights.logits(&example.features));
    Prediction { label: example.label, probabilities, group: group.into() }
}

/// The features of many files, on all cores, in order.
///
/// # Errors
/// Of the first file that cannot be read.
pub fn features_of(paths: &[PathBuf], input: Input, say: Progress<'_>) -> Result<Vec<Vec<f64>>> {
    /// Progress is reported after this many films.
    const STEP: usize = 500;
    let extractors = Stock::default();
    let one = |path: &PathBuf| {
        let bytes = read(path)?;
        extractors
            .lend(|| Ok(FeatureExtractor::new()), |extractor| film_features(extractor, &bytes, input))?
    };
    let mut all = Vec::with_capacity(paths.len());
    for chunk in paths.chunks(STEP) {
        all.extend(parallel(chunk, one).into_iter().collect::<Result<Vec<_>>>()?);
        if paths.len() > STEP {
            say(&format!("  {} of {}", all.len(), paths.len()));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use covid_classifier::Label;

    use super::*;

    fn film(label: Label, patient: usize) -> PaperFilm {
        PaperFilm {
            label,
            split: Split::Train,
            patient: format!("p{patient}"),
            preprocessed: PathBuf::new(),
            original: None,
            name: String::new(),
            published: Vec::new(),
        }
    }

    #[test]
    fn no_patient_is_in_two_folds_and_classes_are_spread() {
        // Every fourth patient has three films.
        let mut films = Vec::new();
        for k in 0..120 {
            for _ in 0..if k % 4 == 0 { 3 } else { 1 } {
                films.push(film(LABELS[k % 3], k));
            }
        }
        let folds = patient_folds(&films);
        let mut of_patient: BTreeMap<&str, usize> = BTreeMap::new();
        let mut counts = [[0; 3]; FOLDS];
        for (film, &fold) in films.iter().zip(&folds) {
            assert_eq!(*of_patient.entry(&film.patient).or_insert(fold), fold, "{}", film.patient);
            counts[fold][film.label.index()] += 1;
        }
        // 180 films: 12 of each class in each fold.
        assert!(counts.iter().flatten().all(|&count| (10..=14).contains(&count)), "{counts:?}");
        assert_eq!(patient_folds(&films), folds);
    }

    #[test]
    fn ninety_five_of_a_hundred_do_not_exceed_the_limit() {
        assert_eq!(percentile_95((1..=100).rev().collect()), 95);
        assert_eq!(percentile_95((1..=84).collect()), 80);
        assert_eq!((percentile_95(vec![7]), percentile_95(Vec::new())), (7, 0));
    }

    #[test]
    fn features_come_in_the_order_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (1..4)
            .map(|k| {
                let path = folder.path().join(format!("{k}.png"));
                let film = covid_classifier::phantom::Phantom { width: 90, height: 80, seed: k };
                image::GrayImage::from_raw(90, 80, film.draw_u8()).unwrap().save(&path).unwrap();
                path
            })
            .collect();
        let all = features_of(&paths, Input::Film, &mut |_| ()).unwrap();
        for (path, features) in paths.iter().zip(&all) {
            let bytes = std::fs::read(path).unwrap();
            assert_eq!(film_features(&mut FeatureExtractor::new(), &bytes, Input::Film).unwrap(), *features);
        }
        let error = features_of(&[folder.path().join("none.png")], Input::Film, &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains("none.png"), "{error}");
    }
}

//! The texture reader's training command and its evidence: the authors' protocol repeated, then
//! what it hides.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::metrics::{
    ClassScores, Estimate, Outcome, accuracy, auc, bootstrap, class_auc, class_scores, confusion, proportion,
};
use crate::error::{Error, ErrorKind, Result};
use crate::model_file::{Manifest, SCHEMA, TEXTURE_FILE, TextureWeights, Training, sha256};
use crate::pipeline::{Input, film_features};
use crate::report::{LABELS, Label, ModelId, PerLabel};
use crate::texture::{BLOCKS, FEATURES, FeatureExtractor, feature_names, softmax};
use crate::training::dataset::{Film, PaperFilm, Split, films, paper};
use crate::training::texture::{Example, Trained, train as train_reader};

/// Seeds on the authors' split.
pub const SEEDS: u64 = 10;

const FOLDS: usize = 5;

const PROGRAM: &str = concat!("covid-classifier ", env!("CARGO_PKG_VERSION"));

/// Says what is being done, a line at a time.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

// ---------------------------------------------------------------------------------- training

/// Trains the texture reader on the authors' split with `seeds` seeds and writes the one with the
/// best *validation* loss, with its manifest, into `out`.
///
/// # Errors
/// [`ErrorKind::Dataset`] where the films are not there; [`ErrorKind::Io`] where the model cannot
/// be written.
pub fn train(data: &Path, out: &Path, seeds: u64, say: Progress<'_>) -> Result<Manifest> {
    let paper = PaperSet::load(data, say)?;
    let best = paper.train_seeds(seeds, say)?.into_iter().map(|(trained, _)| trained);
    let best = best.min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss));
    let best = best.ok_or_else(|| Error::new(ErrorKind::Dataset, "no seed to train with"))?;
    let weights = best.weights.to_bytes()?;
    // The other networks' part of a manifest that is there already stays.
    let before = std::fs::read(out.join("manifest.json")).ok();
    let before = before.and_then(|bytes| Manifest::from_json(&bytes).ok());
    let mut manifest = Manifest {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        labels: LABELS,
        feature_names: feature_names(),
        files: before.iter().flat_map(|manifest| manifest.files.clone()).collect(),
        training: paper.provenance(&best)?,
        networks: before.as_ref().and_then(|manifest| manifest.networks.clone()),
        calibration: before.as_ref().and_then(|manifest| manifest.calibration.clone()),
        self_test: before.and_then(|manifest| manifest.self_test),
    };
    manifest.set_file(TEXTURE_FILE, &weights);
    std::fs::create_dir_all(out)?;
    std::fs::write(out.join(TEXTURE_FILE), &weights)?;
    std::fs::write(out.join("manifest.json"), manifest.to_json()?)?;
    say(&format!(
        "wrote {}: seed {} (validation loss {:.4} at epoch {})",
        out.display(),
        best.seed,
        best.validation_loss,
        best.epoch
    ));
    Ok(manifest)
}

/// The paper's films with the features of the authors' preprocessed images.
struct PaperSet {
    films: Vec<PaperFilm>,
    examples: Vec<Example>,
}

impl PaperSet {
    fn load(data: &Path, say: Progress<'_>) -> Result<Self> {
        let films = paper(data)?;
        say(&format!("computing the features of the paper's {} preprocessed images", films.len()));
        let paths = films.iter().map(|film| film.preprocessed.clone()).collect::<Vec<_>>();
        let features = features_of(&paths, Input::Preprocessed, say)?;
        let example = |(film, features): (&PaperFilm, _)| Example { features, label: film.label };
        let examples = films.iter().zip(features).map(example).collect();
        Ok(Self { films, examples })
    }

    fn of(&self, split: Split) -> Vec<&Example> {
        let chosen = self.films.iter().zip(&self.examples).filter(|(film, _)| film.split == split);
        chosen.map(|(_, example)| example).collect()
    }

    fn outcomes(&self, weights: &TextureWeights, chosen: impl Fn(usize) -> bool) -> Vec<Outcome> {
        let chosen = (0..self.films.len()).filter(|&k| chosen(k));
        chosen.map(|k| outcome(weights, &self.examples[k], &self.films[k].patient)).collect()
    }

    /// Each seed on the authors' split, with its answers on their test films.
    fn train_seeds(&self, seeds: u64, say: Progress<'_>) -> Result<Vec<(Trained, Vec<Outcome>)>> {
        let (training, validation) = (self.of(Split::Train), self.of(Split::Val));
        let mut all = Vec::new();
        for seed in 1..=seeds {
            let mut epochs = 0;
            let trained = train_reader(&training, &validation, seed, |epoch| epochs = epoch.epoch)?;
            let outcomes = self.outcomes(&trained.weights, |k| self.films[k].split == Split::Test);
            say(&format!(
                "seed {seed:>2} of {seeds}: {epochs:>3} epochs, best {:>3}, validation loss {:.4}; \
                 accuracy on the {} test films {:.4} (reported, never chosen by)",
                trained.epoch,
                trained.validation_loss,
                outcomes.len(),
                accuracy(&outcomes)
            ));
            all.push((trained, outcomes));
        }
        Ok(all)
    }

    fn count(&self, split: Split) -> PerLabel<usize> {
        let of = |label| self.films.iter().filter(|film| film.split == split && film.label == label).count();
        LABELS.map(of).into()
    }

    fn provenance(&self, best: &Trained) -> Result<Training> {
        let mut hashes = Vec::new();
        for film in self.films.iter().filter(|film| film.split == Split::Train) {
            hashes.push(sha256(&std::fs::read(&film.preprocessed)?));
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

    /// The 95th percentile over the validation films of how many features lie outside the range
    /// of the training films.
    fn features_outside_limit(&self, weights: &TextureWeights) -> usize {
        let validation = self.of(Split::Val);
        let mut outside: Vec<usize> =
            validation.iter().map(|example| weights.reduction.outside(&example.features)).collect();
        outside.sort_unstable();
        outside.get((outside.len() * 95).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
    }

    /// Five parts of the films without a patient in two of them, classes spread evenly.
    fn patient_folds(&self) -> Vec<usize> {
        let mut patients: Vec<(&str, [usize; 3])> = Vec::new();
        for film in &self.films {
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
            // Where this patient's classes are rarest so far.
            let crowd = |fold: &[usize; 3]| (0..3).map(|k| fold[k] * counts[k]).sum::<usize>();
            let size = |fold: &[usize; 3]| fold.iter().sum::<usize>();
            let emptiest = (0..FOLDS).min_by_key(|&k| (crowd(&folds[k]), size(&folds[k]))).unwrap_or(0);
            for k in 0..3 {
                folds[emptiest][k] += counts[k];
            }
            fold_of.insert(patient.to_owned(), emptiest);
        }
        self.films.iter().map(|film| fold_of[&film.patient]).collect()
    }
}

fn outcome(weights: &TextureWeights, example: &Example, group: &str) -> Outcome {
    let TextureWeights { reduction, perceptron } = weights;
    let logits = perceptron.logits(&reduction.project(&reduction.centered(&example.features)));
    Outcome { label: example.label, probabilities: softmax(logits), group: group.to_owned() }
}

/// The features of many files, on all cores, in order.
fn features_of(paths: &[PathBuf], input: Input, say: Progress<'_>) -> Result<Vec<Vec<f64>>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<Vec<f64>>>>> = Mutex::new((0..paths.len()).map(|_| None).collect());
    let work = || {
        let mut extractor = FeatureExtractor::new();
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(k) else { break };
            let bytes = std::fs::read(path).map_err(|error| {
                Error::with_source(ErrorKind::Io, format!("cannot read {}", path.display()), error)
            });
            let result = bytes.and_then(|bytes| film_features(&mut extractor, &bytes, input));
            if let Ok(mut results) = results.lock() {
                results[k] = Some(result);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut said = 0;
        while workers.iter().any(|worker| !worker.is_finished()) {
            std::thread::sleep(std::time::Duration::from_millis(50));
            let done = next.load(Ordering::Relaxed).min(paths.len());
            if done >= said + 500 {
                said = done;
                say(&format!("  {done} of {}", paths.len()));
            }
        }
    });
    let missing = || Err(Error::new(ErrorKind::Internal, "a film was not computed"));
    let results = results.into_inner().unwrap_or_default();
    results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
}

// -------------------------------------------------------------------------------- evaluation

/// `models/metrics.json`: every number on the page and in the README comes from here.
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
    /// The same recipe, no patient on two sides.
    pub patient_disjoint: PatientDisjoint,
    /// What the features can do one by one, as the paper plots it.
    pub features: FeatureSummary,
    /// The shipped model on films of other places.
    pub elsewhere: Vec<Measure>,
}

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
    /// One against the rest.
    pub auc: Spread,
}

/// The authors' protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorsSplit {
    /// Their test films.
    pub films: usize,
    /// How many of them are of a patient who also has a training film.
    pub films_of_training_patients: usize,
    /// Seeds trained.
    pub seeds: usize,
    /// What the paper reports.
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
    /// One against the rest.
    pub auc: PerLabel<Estimate>,
}

/// The recipe, five-fold, no patient on two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PatientDisjoint {
    pub folds: usize,
    pub films: usize,
    pub patients: usize,
    pub accuracy: Estimate,
    pub confusion: [[usize; 3]; 3],
    pub sensitivity: PerLabel<Estimate>,
    pub auc: PerLabel<Estimate>,
}

/// What the features can do one by one (the larger of AUC and 1 − AUC, over all 420 films).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureSummary {
    /// The mean over the features of each block.
    pub average_auc: Vec<BlockAuc>,
    /// The best feature for each class.
    pub best: PerLabel<BestFeature>,
    /// How the absolute correlations of all 252 × 252 pairs fall into eight equal bins of 0…1.
    pub correlation_shares: [f64; 8],
}

/// The mean AUC of one block's features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BlockAuc {
    pub block: String,
    #[serde(flatten)]
    pub auc: PerLabel,
}

/// One feature and its AUC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BestFeature {
    pub name: String,
    pub auc: f64,
}

/// One number about the shipped model on films of another place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Stable name.
    pub id: String,
    /// The collection.
    pub source: String,
    /// Who is on the films.
    pub population: String,
    /// What is measured, in words.
    pub measure: String,
    /// What the number is.
    pub scale: Scale,
    /// The number.
    pub estimate: Estimate,
}

/// What a [`Measure`] is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A share of the films.
    Share,
    /// An area under the ROC curve.
    Auc,
}

fn undefined() -> Error {
    Error::new(ErrorKind::Dataset, "too few films of a class to measure on")
}

fn aucs(outcomes: &[Outcome]) -> Result<PerLabel<Estimate>> {
    let of = |label| bootstrap(outcomes, |sample| class_auc(sample, label)).ok_or_else(undefined);
    Ok(PerLabel {
        covid19: of(Label::Covid19)?,
        normal: of(Label::Normal)?,
        pneumonia: of(Label::Pneumonia)?,
    })
}

fn shipped(seed: u64, outcomes: &[Outcome]) -> Result<Shipped> {
    let matrix = confusion(outcomes);
    Ok(Shipped {
        seed,
        accuracy: proportion(outcomes, |o| o.answer() == o.label).ok_or_else(undefined)?,
        confusion: matrix,
        scores: class_scores(&matrix),
        auc: aucs(outcomes)?,
    })
}

/// Repeats the authors' protocol, then measures what it hides.
///
/// # Errors
/// [`ErrorKind::Dataset`] where the films are not there; [`ErrorKind::Model`] where the weights are
/// not the manifest's.
pub fn evaluate(
    data: &Path,
    manifest: &Manifest,
    id: ModelId,
    weights: &[u8],
    say: Progress<'_>,
) -> Result<Metrics> {
    manifest.check(TEXTURE_FILE, weights)?;
    let weights = TextureWeights::from_bytes(weights)?;
    let paper = PaperSet::load(data, say)?;
    let authors_split = authors_split(&paper, manifest, &weights, say)?;
    let patient_disjoint = patient_disjoint(&paper, say)?;
    let features = feature_summary(&paper);
    let elsewhere = elsewhere(data, &paper, &weights, say)?;
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

fn authors_split(
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
            .map(|(_, outcomes)| <[ClassScores; 3]>::from(class_scores(&confusion(outcomes)))[k])
            .collect();
        let spread = |of: fn(&ClassScores) -> f64| Spread::of(&scores.iter().map(of).collect::<Vec<_>>());
        let auc: Vec<f64> = seeds.iter().filter_map(|(_, outcomes)| class_auc(outcomes, label)).collect();
        TableRow {
            precision: spread(|s| s.precision),
            sensitivity: spread(|s| s.sensitivity),
            f_score: spread(|s| s.f_score),
            support: scores.first().map_or(0, |s| s.support),
            auc: Spread::of(&auc),
        }
    };
    let test = |k: usize| paper.films[k].split == Split::Test;
    let outcomes = paper.outcomes(weights, test);
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
        let film = crate::decode::decode(&std::fs::read(path)?)?;
        let mut read = |film: &crate::Radiograph| {
            let features = extractor.features(&crate::preprocess::preprocess(film));
            outcome(weights, &Example { features, label: paper.films[k].label }, &paper.films[k].patient)
        };
        from_originals.push(read(&film));
        from_256.push(read(&crate::preprocess::shrink(&film, 256)));
    }
    Ok(AuthorsSplit {
        films: outcomes.len(),
        films_of_training_patients: outcomes.iter().filter(|o| training.contains(o.group.as_str())).count(),
        seeds: seeds.len(),
        paper_accuracy: 0.94,
        accuracy_over_seeds: Spread::of(&seeds.iter().map(|(_, o)| accuracy(o)).collect::<Vec<_>>()),
        table_over_seeds: LABELS.map(row).into(),
        shipped: shipped(seed, &outcomes)?,
        shipped_from_originals: shipped(seed, &from_originals)?,
        shipped_from_256_px: shipped(seed, &from_256)?,
    })
}

fn patient_disjoint(paper: &PaperSet, say: Progress<'_>) -> Result<PatientDisjoint> {
    let fold_of = paper.patient_folds();
    let mut outcomes = Vec::new();
    for fold in 0..FOLDS {
        // The next fold stops the training; the other three train.
        let validation_fold = (fold + 1) % FOLDS;
        let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<&Example> {
            paper
                .examples
                .iter()
                .zip(&fold_of)
                .filter(|(_, f)| wanted(**f))
                .map(|(example, _)| example)
                .collect()
        };
        let training = of(&|f| f != fold && f != validation_fold);
        let validation = of(&|f| f == validation_fold);
        let trained = train_reader(&training, &validation, 1, |_| ())?;
        let tested = paper.outcomes(&trained.weights, |k| fold_of[k] == fold);
        say(&format!(
            "patient-disjoint fold {} of {FOLDS}: {} trained, {} tested, accuracy {:.4}",
            fold + 1,
            training.len(),
            tested.len(),
            accuracy(&tested)
        ));
        outcomes.extend(tested);
    }
    let sensitivity = |label| {
        let films: Vec<Outcome> = outcomes.iter().filter(|o| o.label == label).cloned().collect();
        proportion(&films, |o| o.answer() == o.label).ok_or_else(undefined)
    };
    Ok(PatientDisjoint {
        folds: FOLDS,
        films: outcomes.len(),
        patients: outcomes.iter().map(|o| &o.group).collect::<BTreeSet<_>>().len(),
        accuracy: proportion(&outcomes, |o| o.answer() == o.label).ok_or_else(undefined)?,
        confusion: confusion(&outcomes),
        sensitivity: PerLabel {
            covid19: sensitivity(Label::Covid19)?,
            normal: sensitivity(Label::Normal)?,
            pneumonia: sensitivity(Label::Pneumonia)?,
        },
        auc: aucs(&outcomes)?,
    })
}

fn feature_summary(paper: &PaperSet) -> FeatureSummary {
    let names = feature_names();
    let single = |feature: usize, label: Label| {
        let scores: Vec<(f64, bool)> = paper
            .examples
            .iter()
            .map(|example| (example.features[feature], example.label == label))
            .collect();
        auc(&scores).map_or(0.5, |auc| auc.max(1.0 - auc))
    };
    let table: Vec<[f64; 3]> =
        (0..FEATURES).map(|feature| LABELS.map(|label| single(feature, label))).collect();
    let mut start = 0;
    let average_auc = BLOCKS.map(|(block, count)| {
        let rows = &table[start..start + count];
        start += count;
        let mean = |k: usize| rows.iter().map(|row| row[k]).sum::<f64>() / count as f64;
        BlockAuc { block: block.to_owned(), auc: [mean(0), mean(1), mean(2)].into() }
    });
    let best = |label: Label| {
        let k = label.index();
        let feature = (0..FEATURES).max_by(|&a, &b| table[a][k].total_cmp(&table[b][k])).unwrap_or(0);
        BestFeature { name: names[feature].clone(), auc: table[feature][k] }
    };
    FeatureSummary {
        average_auc: average_auc.to_vec(),
        best: LABELS.map(best).into(),
        correlation_shares: correlation_shares(&paper.examples),
    }
}

/// pandas' `corr().abs().fillna(0)`, histogrammed: a constant feature correlates 0 with all.
fn correlation_shares(examples: &[Example]) -> [f64; 8] {
    let n = examples.len() as f64;
    let standardised: Vec<Vec<f64>> = (0..FEATURES)
        .map(|k| {
            let mean = examples.iter().map(|example| example.features[k]).sum::<f64>() / n;
            let deviations: Vec<f64> = examples.iter().map(|example| example.features[k] - mean).collect();
            let norm = deviations.iter().map(|d| d * d).sum::<f64>().sqrt();
            deviations.into_iter().map(|d| if norm > 0.0 { d / norm } else { 0.0 }).collect()
        })
        .collect();
    let mut shares = [0.0; 8];
    for a in &standardised {
        for b in &standardised {
            let r: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            shares[((r.abs() * 8.0) as usize).min(7)] += 1.0 / (FEATURES * FEATURES) as f64;
        }
    }
    shares
}

fn elsewhere(
    data: &Path,
    paper: &PaperSet,
    weights: &TextureWeights,
    say: Progress<'_>,
) -> Result<Vec<Measure>> {
    let stem = |name: &str| Path::new(name).with_extension("").to_string_lossy().to_lowercase();
    let known: BTreeSet<String> = paper.films.iter().map(|film| stem(&film.name)).collect();
    let all = films(data)?;
    // Patients of whom the paper has a film are left out, whatever film it is.
    let seen: BTreeSet<&str> = all
        .iter()
        .filter(|film| known.contains(&stem(&film.original_name)))
        .map(|film| film.patient_group.as_str())
        .collect();
    // Of the large collections the validation films are enough.
    let large = |film: &Film| matches!(film.source.as_str(), "radiography" | "kermany");
    let chosen: Vec<&Film> = all
        .iter()
        .filter(|film| !seen.contains(film.patient_group.as_str()))
        .filter(|film| !large(film) || film.split == Split::Val)
        .collect();
    say(&format!("reading {} films of other collections", chosen.len()));
    let paths: Vec<PathBuf> = chosen.iter().map(|film| film.path.clone()).collect();
    let features = features_of(&paths, Input::Film, say)?;
    let outcomes: Vec<(&str, Outcome)> = chosen
        .iter()
        .zip(features)
        .map(|(film, features)| {
            let example = Example { features, label: film.label };
            (film.source.as_str(), outcome(weights, &example, &film.patient_group))
        })
        .collect();

    let mut measures = Vec::new();
    let places = [
        ("nih", "NIH ChestX-ray14, copies of 256 px", "adults"),
        ("radiography", "COVID-19 Radiography Database (validation films), copies of 256 px", "adults"),
        ("cohen", "Cohen et al., patients the paper does not have, copies of 256 px", "mostly adults"),
        ("kermany", "Kermany et al. (validation films), copies of 256 px", "children of 1 to 5 years"),
    ];
    for (source, title, population) in places {
        let of = |labels: &[Label]| -> Vec<Outcome> {
            let here = outcomes.iter().filter(|(s, o)| *s == source && labels.contains(&o.label));
            here.map(|(_, outcome)| outcome.clone()).collect()
        };
        let mut push = |id: String, measure: String, scale: Scale, estimate: Option<Estimate>| {
            let (source, population) = (title.to_owned(), population.to_owned());
            measures.extend(estimate.map(|estimate| Measure {
                id,
                source,
                population,
                measure,
                scale,
                estimate,
            }));
        };
        for label in LABELS {
            let films = of(&[label]);
            if films.len() < 10 {
                continue;
            }
            for answer in LABELS {
                let id = format!("{source}_{}_called_{}", label.name(), answer.name());
                let measure = format!("share of {} films called {}", label.name(), answer.name());
                push(id, measure, Scale::Share, proportion(&films, |o| o.answer() == answer));
            }
        }
        for (positive, negative) in [
            (Label::Covid19, Label::Pneumonia),
            (Label::Covid19, Label::Normal),
            (Label::Pneumonia, Label::Normal),
        ] {
            let films = of(&[positive, negative]);
            let count = |label| films.iter().filter(|o| o.label == label).count();
            if count(positive) < 10 || count(negative) < 10 {
                continue;
            }
            let id = format!("{source}_{}_against_{}_auc", positive.name(), negative.name());
            let measure =
                format!("AUC, {} against {}, by the probability of {0}", positive.name(), negative.name());
            let area = |sample: &[Outcome]| {
                let score = |o: &Outcome| (o.probabilities[positive.index()], o.label == positive);
                auc(&sample.iter().map(score).collect::<Vec<_>>())
            };
            push(id, measure, Scale::Auc, bootstrap(&films, area));
        }
    }
    Ok(measures)
}

// ------------------------------------------------------------------------------------ tables

const BEGIN: &str = "<!-- results: written by `./build.sh evaluate` -->";
const END: &str = "<!-- end of results -->";

/// A document with the text between its result markers replaced.
///
/// # Errors
/// [`ErrorKind::Dataset`] where the document has no markers.
pub fn with_results(document: &str, tables: &str) -> Result<String> {
    let missing = || Error::new(ErrorKind::Dataset, "the document has no place for the results");
    let (head, rest) = document.split_once(BEGIN).ok_or_else(missing)?;
    let (_, tail) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{head}{BEGIN}\n{tables}{END}{tail}"))
}

/// The results that matter most as Markdown, for the README.
pub fn summary(metrics: &Metrics) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_summary(&mut text, metrics);
    text
}

/// All results as Markdown, for the model card.
pub fn tables(metrics: &Metrics) -> String {
    let mut text = String::new();
    let _ = write_tables(&mut text, metrics);
    text
}

/// What the README quotes of the films of other places.
const QUOTED: [&str; 6] = [
    "nih_normal_called_normal",
    "nih_normal_called_covid19",
    "radiography_normal_called_normal",
    "radiography_covid19_against_normal_auc",
    "cohen_covid19_against_pneumonia_auc",
    "kermany_pneumonia_called_pneumonia",
];

fn write_summary(text: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let authors = &metrics.authors_split;
    let disjoint = &metrics.patient_disjoint;
    write_head(text, metrics)?;
    writeln!(text, "| films | what | n | value |\n| --- | --- | --- | --- |")?;
    let over = &authors.accuracy_over_seeds;
    writeln!(
        text,
        "| the authors' test films | accuracy in the paper | {} | {} |",
        authors.films,
        percent(authors.paper_accuracy)
    )?;
    writeln!(
        text,
        "| the same | accuracy here, mean of {} seeds (range) | {} | {} ({} to {}) |",
        authors.seeds,
        authors.films,
        percent(over.mean),
        percent(over.minimum),
        percent(over.maximum)
    )?;
    writeln!(
        text,
        "| the same | accuracy of the shipped seed | {} | {} |",
        authors.shipped.accuracy.n,
        interval(&authors.shipped.accuracy)
    )?;
    writeln!(
        text,
        "| the same, from the originals | accuracy of the shipped seed | {} | {} |",
        authors.shipped_from_originals.accuracy.n,
        interval(&authors.shipped_from_originals.accuracy)
    )?;
    writeln!(
        text,
        "| **the same recipe, {} folds, no patient on two sides** | accuracy | {} | **{}** |",
        disjoint.folds,
        disjoint.films,
        interval(&disjoint.accuracy)
    )?;
    for measure in metrics.elsewhere.iter().filter(|measure| QUOTED.contains(&measure.id.as_str())) {
        writeln!(
            text,
            "| {} ({}) | {} | {} | **{}** |",
            measure.source,
            measure.population,
            measure.measure,
            measure.estimate.n,
            value(measure)
        )?;
    }
    writeln!(
        text,
        "\n{} of the {} test films are of patients who also have a training film. An AUC of 0.5 is a coin.",
        authors.films_of_training_patients, authors.films
    )
}

fn write_head(text: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let hash = metrics.model.sha256.get(..12).unwrap_or_default();
    writeln!(
        text,
        "Model {} ({hash}…). In brackets the 95 % interval: bootstrap over patients, 2,000 resamples; Wilson's where \
         all films agree.\n",
        metrics.model.version
    )
}

/// A measure's number: an area as a decimal, a share in per cent.
fn value(measure: &Measure) -> String {
    match measure.scale {
        Scale::Share => interval(&measure.estimate),
        Scale::Auc => decimal(&measure.estimate),
    }
}

fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

fn interval(estimate: &Estimate) -> String {
    format!("{} ({} to {})", percent(estimate.value), percent(estimate.low), percent(estimate.high))
}

fn decimal(estimate: &Estimate) -> String {
    format!("{:.3} ({:.3} to {:.3})", estimate.value, estimate.low, estimate.high)
}

fn write_tables(text: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let authors = &metrics.authors_split;
    let over = &authors.accuracy_over_seeds;
    write_head(text, metrics)?;
    writeln!(text, "**The authors' protocol** (their {} test films, split by image):\n", authors.films)?;
    writeln!(text, "| | accuracy |\n| --- | --- |")?;
    writeln!(text, "| the paper | {} |", percent(authors.paper_accuracy))?;
    writeln!(
        text,
        "| this program, {} seeds: mean (standard deviation; range) | {} ({}; {} to {}) |",
        authors.seeds,
        percent(over.mean),
        percent(over.standard_deviation),
        percent(over.minimum),
        percent(over.maximum)
    )?;
    writeln!(
        text,
        "| the shipped seed ({}) | {} |",
        authors.shipped.seed,
        interval(&authors.shipped.accuracy)
    )?;
    writeln!(
        text,
        "| the shipped seed, from the originals of {} of these films | {} |",
        authors.shipped_from_originals.accuracy.n,
        interval(&authors.shipped_from_originals.accuracy)
    )?;
    writeln!(
        text,
        "| the shipped seed, from the same originals shrunk to 256 px | {} |\n",
        interval(&authors.shipped_from_256_px.accuracy)
    )?;
    writeln!(
        text,
        "{} of the {} test films are of patients who also have a training film.\n",
        authors.films_of_training_patients, authors.films
    )?;
    writeln!(
        text,
        "| mean over {} seeds | precision | sensitivity | F-score | support | AUC |",
        authors.seeds
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- |")?;
    for (label, row) in LABELS.iter().zip(<[TableRow; 3]>::from(authors.table_over_seeds)) {
        let cell = |spread: Spread| format!("{:.3} ± {:.3}", spread.mean, spread.standard_deviation);
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            label.name(),
            cell(row.precision),
            cell(row.sensitivity),
            cell(row.f_score),
            row.support,
            cell(row.auc)
        )?;
    }
    writeln!(text, "\nConfusion of the shipped seed:\n")?;
    write_confusion(text, &authors.shipped.confusion)?;

    let disjoint = &metrics.patient_disjoint;
    writeln!(
        text,
        "\n**The same recipe, {}-fold, no patient on two sides** ({} films of {} patients): accuracy {}.\n",
        disjoint.folds,
        disjoint.films,
        disjoint.patients,
        interval(&disjoint.accuracy)
    )?;
    writeln!(text, "| | n | sensitivity | AUC, one against the rest |\n| --- | --- | --- | --- |")?;
    let sensitivity: [Estimate; 3] = disjoint.sensitivity.into();
    let auc: [Estimate; 3] = disjoint.auc.into();
    for ((label, sensitivity), auc) in LABELS.iter().zip(&sensitivity).zip(&auc) {
        writeln!(
            text,
            "| {} | {} | {} | {} |",
            label.name(),
            sensitivity.n,
            interval(sensitivity),
            decimal(auc)
        )?;
    }

    writeln!(
        text,
        "\n**The shipped model on films of other places** (none of them, nor their patients, in its training):\n"
    )?;
    writeln!(text, "| films | who | measure | n | value |\n| --- | --- | --- | --- | --- |")?;
    for measure in &metrics.elsewhere {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            measure.source,
            measure.population,
            measure.measure,
            measure.estimate.n,
            value(measure)
        )?;
    }

    let features = &metrics.features;
    writeln!(
        text,
        "\n**What single features can do** on the 420 films (mean over a block of the larger of AUC and 1 − AUC):\n"
    )?;
    writeln!(text, "| block | covid19 | normal | pneumonia |\n| --- | --- | --- | --- |")?;
    for block in &features.average_auc {
        writeln!(
            text,
            "| {} | {:.3} | {:.3} | {:.3} |",
            block.block, block.auc.covid19, block.auc.normal, block.auc.pneumonia
        )?;
    }
    let best = &features.best;
    writeln!(
        text,
        "| best feature | {} `{}` | {} `{}` | {} `{}` |",
        format_args!("{:.3}", best.covid19.auc),
        best.covid19.name,
        format_args!("{:.3}", best.normal.auc),
        best.normal.name,
        format_args!("{:.3}", best.pneumonia.auc),
        best.pneumonia.name
    )?;
    writeln!(text, "\nAbsolute correlation of pairs of features, share of all 252 × 252 pairs:\n")?;
    writeln!(
        text,
        "| 0 to ⅛ | to ¼ | to ⅜ | to ½ | to ⅝ | to ¾ | to ⅞ | to 1 |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    let shares: Vec<String> = features.correlation_shares.iter().map(|&share| percent(share)).collect();
    writeln!(text, "| {} |", shares.join(" | "))
}

fn write_confusion(text: &mut String, matrix: &[[usize; 3]; 3]) -> std::fmt::Result {
    writeln!(text, "| | called covid19 | called normal | called pneumonia |\n| --- | --- | --- | --- |")?;
    for (label, row) in LABELS.iter().zip(matrix) {
        writeln!(text, "| is {} | {} | {} | {} |", label.name(), row[0], row[1], row[2])?;
    }
    Ok(())
}

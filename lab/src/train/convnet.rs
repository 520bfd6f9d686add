//! Trains the convnet reader.
//!
//! Every class comes from several collections and few collections have all classes, so a network can score by
//! recognising the collection. The lung crop works against that, as do augmentation that destroys what tells
//! collections apart, and batches balanced over classes and, less strictly, over the collections of each. Two more
//! means can be added: a loss *within* the source, in which a film's class competes only with the classes of its own
//! collection, and an adversary that tries to tell the source from the features. On left-out sources, the loss within
//! the source did not help.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::{Device, Tensor};
use covid_classifier::convnet::{CELL, Crop};
use covid_classifier::network::{Network, Weights};
use covid_classifier::statistics::auc;
use covid_classifier::{Error, ErrorKind, Result, softmax};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::augment::{Placement, enhanced, erase, mark, photometric};
use super::network::{SHARDS, Schedule, Trainee};
use super::pools::{BEYOND, Pools};
use super::recipe::{Epoch, Recipe, Run};
use super::targets::Targets;
use crate::crops::{Prepared, View, place, plain, warped};
use crate::dataset::{Film, Finding, Split};
use crate::engine::{Engine, parallel};
use crate::tools::{Progress, failed};

const BATCH: usize = 32;
/// Steps between two validations.
const EPOCH: usize = 1000;
/// After this many steps, the remaining time is estimated.
const TIMED: usize = 20;
/// An AUC needs at least this many films of both kinds.
const ENOUGH: usize = 20;
const PLACEMENT: Placement =
    Placement { scale: 0.15, aspect: 0.2, rotation: 0.15, shift: 0.06, mirror: true };
/// Share of the feature channels that are dropped.
const DROPOUT: f64 = 0.2;

/// The network's input for one film, augmented.
fn augmented(prepared: &Prepared, recipe: &Recipe, step: usize, rng: &mut ChaCha8Rng) -> Crop {
    let side = recipe.side_at(step);
    let affine = PLACEMENT.draw(side, rng).then(&place(prepared, recipe.view, side));
    let (mut values, lungs) = warped(prepared, recipe.view, &affine, side);
    let outside: Vec<bool> = values.iter().map(|value| value.is_nan()).collect();
    values.iter_mut().for_each(|value| *value = if value.is_nan() { 0.0 } else { *value / 255.0 });
    let (share, tiles) = recipe.enhancement_at(step);
    if rng.random_bool(share) {
        values = enhanced(&values, side, tiles, rng);
    }
    if rng.random_bool(recipe.marked) {
        mark(&mut values, side, rng);
    }
    let counts: Vec<bool> =
        lungs.iter().zip(&outside).map(|(&lung, &outside)| lung > 0.5 && !outside).collect();
    // Scales the range between the darkest and the brightest hundredth of the counting pixels to 0…1.
    let mut sorted: Vec<f32> =
        values.iter().zip(&counts).filter(|(_, counts)| **counts).map(|(value, _)| *value).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let (low, high) = match sorted.len() {
        0 => (0.0, 1.0),
        n => (sorted[n / 100], sorted[n - 1 - n / 100]),
    };
    let range = (high - low).max(1.0 / 255.0);
    values.iter_mut().for_each(|value| *value = ((*value - low) / range).clamp(-0.5, 1.5));
    let mut values = photometric(values, &counts, side, rng);
    erase(&mut values, side, rng);
    values.iter_mut().zip(&outside).filter(|(_, outside)| **outside).for_each(|(value, _)| *value = f32::NAN);
    let threshold = rng.random_range(0.3..0.7);
    let reach = rng.random_range(side / 100..=side / 14);
    Crop::new(values, &lungs, side, threshold, reach)
}

/// A film that was read: its source, its finding, and the logits.
pub type Read<'a> = (&'a str, Finding, [f64; 3]);

/// Two groups of films, and the score that tells them apart.
pub struct Pair {
    /// `a against b`.
    pub name: &'static str,
    /// The findings that should score high…
    pub first: &'static [Finding],
    /// … and those that should score low.
    pub second: &'static [Finding],
    /// The score, from logits.
    pub score: fn([f64; 3]) -> f64,
}

/// The evidence against *normal*, as the logit of being not normal.
pub fn not_normal(logits: [f64; 3]) -> f64 {
    let largest = logits[0].max(logits[2]);
    largest + ((logits[0] - largest).exp() + (logits[2] - largest).exp()).ln() - logits[1]
}

/// The pairs that are told apart within a source.
pub const PAIRS: [Pair; 5] = [
    Pair {
        name: "covid19 against normal",
        first: &[Finding::Covid19],
        second: &[Finding::Normal],
        score: |logits| logits[0] - logits[1],
    },
    Pair {
        name: "covid19 against pneumonia",
        first: &[Finding::Covid19],
        second: &[Finding::Pneumonia],
        score: |logits| logits[0] - logits[2],
    },
    Pair {
        name: "covid19 against atypical",
        first: &[Finding::Covid19],
        second: &[Finding::Atypical],
        score: |logits| logits[0] - logits[2],
    },
    Pair {
        name: "normal against pneumonia",
        first: &[Finding::Normal],
        second: &[Finding::Pneumonia],
        score: |logits| logits[1] - logits[2],
    },
    Pair {
        name: "not normal against normal",
        first: &[
            Finding::Covid19,
            Finding::Pneumonia,
            Finding::Indeterminate,
            Finding::Atypical,
            Finding::Tuberculosis,
        ],
        second: &[Finding::Normal],
        score: not_normal,
    },
];

/// AUCs within the sources, for every source and every pair of which it has at least `least` films on both sides. Keys
/// are `source: a against b`.
pub fn within_source(films: &[Read<'_>], least: usize) -> BTreeMap<String, f64> {
    let mut sources: BTreeMap<&str, Vec<(Finding, [f64; 3])>> = BTreeMap::new();
    for &(source, finding, logits) in films {
        sources.entry(source).or_default().push((finding, logits));
    }
    let mut table = BTreeMap::new();
    for (source, films) in sources {
        for pair in &PAIRS {
            let of = |among: &[Finding]| -> Vec<f64> {
                let films = films.iter().filter(|(finding, _)| among.contains(finding));
                films.map(|(_, logits)| (pair.score)(*logits)).collect()
            };
            let (first, second) = (of(pair.first), of(pair.second));
            if first.len() < least || second.len() < least {
                continue;
            }
            let marked = |scores: Vec<f64>, is: bool| scores.into_iter().map(move |score| (score, is));
            let scores: Vec<(f64, bool)> = marked(first, true).chain(marked(second, false)).collect();
            if let Some(value) = auc(&scores) {
                table.insert(format!("{source}: {}", pair.name), value);
            }
        }
    }
    table
}

/// The films of left-out sources that the network of a recipe has [never seen](Recipe::unseen).
pub fn unseen<'a>(films: &'a [Prepared], recipe: &Recipe) -> Vec<&'a Prepared> {
    let about: Vec<&Film> = films.iter().map(|film| &film.about).collect();
    let unseen = recipe.unseen(&about);
    films.iter().zip(unseen).filter_map(|(film, unseen)| unseen.then_some(film)).collect()
}

/// Runs the reader over films without augmentation.
///
/// # Errors
/// As [`Engine::run`].
pub fn evaluate<'a>(films: &[&'a Prepared], view: View, reader: &Engine) -> Result<Vec<Read<'a>>> {
    let one = |film: &&'a Prepared| {
        let crop = plain(film, view, reader.side());
        let output = reader.read(&crop)?;
        Ok((film.about.source.as_str(), film.about.finding, crop.logits(&output.maps)))
    };
    parallel(films, one).into_iter().collect()
}

/// The files of a run.
pub struct Files {
    folder: PathBuf,
    name: String,
}

impl Files {
    /// `folder/name.*`.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned() }
    }

    fn with(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// The checkpoint: everything that is needed to continue.
    pub fn checkpoint(&self) -> PathBuf {
        self.with("checkpoint")
    }

    /// One JSON object per epoch.
    pub fn log(&self) -> PathBuf {
        self.with("log.jsonl")
    }

    /// The weights so far, as they would ship.
    pub fn weights(&self) -> PathBuf {
        self.with("safetensors")
    }
}

/// Trains, or continues from the checkpoint if there is one. After `limit` seconds it stops early and can be continued.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing films, [`ErrorKind::Model`] for a checkpoint of another
/// recipe, [`ErrorKind::Io`] where files cannot be written.
pub fn train(
    films: &[Prepared],
    recipe: &Recipe,
    files: &Files,
    limit: Option<f64>,
    progress: Progress<'_>,
) -> Result<Option<Run>> {
    train_by(EPOCH, films, recipe, files, limit, progress)
}

/// The same, with `epoch_steps` steps between two validations.
fn train_by(
    epoch_steps: usize,
    films: &[Prepared],
    recipe: &Recipe,
    files: &Files,
    limit: Option<f64>,
    progress: Progress<'_>,
) -> Result<Option<Run>> {
    if !recipe.side.is_multiple_of(CELL) || recipe.side == 0 {
        let message = format!("the input's side must be a multiple of {}", CELL);
        return Err(Error::new(ErrorKind::Dataset, message));
    }
    let kept = |film: &&Prepared| recipe.keeps(&film.about);
    let of = |split| films.iter().filter(kept).filter(|film| film.about.split == split).collect::<Vec<_>>();
    let (train, val) = (of(Split::Train), of(Split::Val));
    // Left-out sources are read at the end.
    let left_out = unseen(films, recipe);
    let pools = Pools::new(&train, recipe)?;
    let shows_beyond = recipe.beyond > 0.0 && pools.has_beyond();
    let mut sources: BTreeMap<&str, [bool; 3]> = BTreeMap::new();
    for film in &train {
        let classes = sources.entry(&film.about.source).or_default();
        if let Some(label) = recipe.class(film.about.finding) {
            classes[label.index()] = true;
        }
    }
    let number = |source: &str| sources.keys().position(|other| *other == source).unwrap_or_default();
    progress(&format!(
        "{} films to train on, {} to validate, {} sources",
        train.len(),
        val.len(),
        sources.len()
    ));

    let network = Network::convnet(recipe.side);
    let width = network.shapes()[network.features].0;
    let schedule =
        Schedule { cycle: recipe.cycle(), learning_rate: 2e-3, weight_decay: 0.05, average_over: 600.0 };
    let extra = [("source", 3 * sources.len(), width)];
    let extra = if recipe.adversary > 0.0 { &extra[..] } else { &[] };
    let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
    let mut trainee = Trainee::new(network.clone(), extra, schedule, &mut rng).map_err(failed)?;
    let mut last: Option<Epoch> = None;
    let mut before = 0.0;
    let io = |path: &Path, error: std::io::Error| {
        Error::with_source(ErrorKind::Io, format!("{}", path.display()), error)
    };
    std::fs::create_dir_all(&files.folder).map_err(|error| io(&files.folder, error))?;
    if files.checkpoint().is_file() {
        let note = trainee.resume(&files.checkpoint())?;
        let misfit = |_| Error::new(ErrorKind::Model, "the checkpoint is of another recipe");
        let (of, epoch): (Recipe, Option<Epoch>) = serde_json::from_str(&note).map_err(misfit)?;
        if !recipe.goes_on_from(&of, trainee.step) {
            return Err(Error::new(
                ErrorKind::Model,
                format!("{} is of another recipe", files.checkpoint().display()),
            ));
        }
        before = epoch.as_ref().map_or(0.0, |epoch| epoch.seconds);
        last = epoch;
        progress(&format!("going on from step {}", trainee.step));
    }
    let validate = |trainee: &Trainee, at_the_end: bool| -> Result<_> {
        let bytes = trainee.averaged().to_bytes(&network)?;
        let reader = Engine::new(network.clone(), Weights::from_bytes(&network, &bytes)?)?;
        let validation = within_source(&evaluate(&val, recipe.view, &reader)?, ENOUGH);
        let left_out = match at_the_end {
            true => within_source(&evaluate(&left_out, recipe.view, &reader)?, ENOUGH),
            false => BTreeMap::new(),
        };
        Ok((bytes, validation, left_out))
    };
    let (start, first) = (Instant::now(), trainee.step);
    let mut mean = 0.0;
    while trainee.step < recipe.steps {
        let step = trainee.step;
        let value = trainee.learn(|trainee, shard| {
            let (size, side) = (BATCH / SHARDS, recipe.side_at(step));
            let (mut inputs, mut counts) = (Vec::new(), Vec::new());
            let mut targets = Targets { labels: vec![], allowed: vec![], sources: vec![] };
            let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
            for k in shard * size..(shard + 1) * size {
                rng.set_stream((step * BATCH + k) as u64 + 1);
                rng.set_word_pos(0);
                // Every step has every class equally often, up to the remainder of a division by 3.
                let class = if shows_beyond && k % 8 == 7 { BEYOND } else { (step * BATCH + k) % 3 };
                let film = train[pools.draw(class, &mut rng)];
                let crop = augmented(film, recipe, step, &mut rng);
                inputs.extend(crop.values);
                counts.extend(crop.weights);
                targets.labels.push(class);
                targets.allowed.push(sources[film.about.source.as_str()]);
                targets.sources.push(number(&film.about.source));
            }
            let kept: Vec<f32> = (0..size * width)
                .map(|_| if rng.random_bool(DROPOUT) { 0.0 } else { 1.0 / (1.0 - DROPOUT as f32) })
                .collect();
            let kept = Tensor::from_vec(kept, (size, width, 1, 1), &Device::Cpu)?;
            let input = Tensor::from_vec(inputs, (size, 1, side, side), &Device::Cpu)?;
            let forward = trainee.forward(input, |features| features.broadcast_mul(&kept))?;
            let cells = side / CELL;
            let counts = Tensor::from_vec(counts, (size, 1, cells, cells), &Device::Cpu)?;
            let logits = forward.maps.broadcast_mul(&counts)?.sum((2, 3))?;
            let strength = (step as f64 / (0.3 * recipe.cycle() as f64)).min(1.0);
            let loss = targets.loss(trainee, recipe, &logits, &forward.features, strength)?;
            Ok((loss, forward.pass))
        })?;
        mean += value;
        if trainee.step - first == TIMED {
            let each = start.elapsed().as_secs_f64() / TIMED as f64;
            let left = each * (recipe.steps - trainee.step) as f64;
            progress(&format!("{each:.2} s per batch: {:.0} min, and the validations", left / 60.0));
        }
        if trainee.step % epoch_steps != 0 && trainee.step != recipe.steps {
            continue;
        }
        let (bytes, validation, left_out) = validate(&trainee, trainee.step == recipe.steps)?;
        let (done, seconds) = (trainee.step - first, start.elapsed().as_secs_f64());
        let epoch = Epoch {
            epoch: trainee.step.div_ceil(epoch_steps),
            step: trainee.step,
            loss: mean / ((trainee.step - 1) % epoch_steps + 1) as f64,
            validation,
            left_out,
            seconds: before + seconds,
        };
        mean = 0.0;
        std::fs::write(files.weights(), &bytes).map_err(|error| io(&files.weights(), error))?;
        let json = |error| Error::with_source(ErrorKind::Internal, "cannot write the log", error);
        let mut log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(files.log())
            .map_err(|error| io(&files.log(), error))?;
        writeln!(log, "{}", serde_json::to_string(&epoch).map_err(json)?)
            .map_err(|error| io(&files.log(), error))?;
        trainee.save(&files.checkpoint(), &serde_json::to_string(&(recipe, &epoch)).map_err(json)?)?;
        let left = seconds / done as f64 * (recipe.steps - trainee.step) as f64;
        let list: Vec<String> = epoch
            .validation
            .iter()
            .chain(&epoch.left_out)
            .map(|(key, value)| format!("{key} {value:.3}"))
            .collect();
        progress(&format!(
            "epoch {} of {}  loss {:.4}  {}{}  {:.1} min left",
            epoch.epoch,
            recipe.steps.div_ceil(epoch_steps),
            epoch.loss,
            list.join(", "),
            epoch.mean_left_out().map_or_else(String::new, |mean| format!("  left out {mean:.4}")),
            left / 60.0
        ));
        last = Some(epoch);
        if limit.is_some_and(|limit| seconds > limit) && trainee.step < recipe.steps {
            progress("stopped at the time limit; the same command goes on from here");
            return Ok(None);
        }
    }
    let exact = trainee.averaged();
    let rounded = Weights::from_bytes(&network, &exact.to_bytes(&network)?)?;
    let probabilities = |weights: Weights| -> Result<Vec<f64>> {
        let films = evaluate(&val, recipe.view, &Engine::new(network.clone(), weights)?)?;
        Ok(films.into_iter().flat_map(|film| softmax(film.2)).collect())
    };
    let pairs = probabilities(exact)?.into_iter().zip(probabilities(rounded)?);
    let differences: Vec<f64> = pairs.map(|(exact, rounded)| (exact - rounded).abs()).collect();
    progress(&format!(
        "weights of 10 bits instead of 32 move a probability by {:.4} at most and {:.4} on average, over {} films",
        differences.iter().copied().fold(0.0, f64::max),
        differences.iter().sum::<f64>() / differences.len().max(1) as f64,
        val.len()
    ));
    let last = last.ok_or_else(|| Error::new(ErrorKind::Dataset, "nothing was trained"))?;
    Ok(Some(Run { recipe: recipe.clone(), last }))
}

#[cfg(test)]
mod tests {
    use covid_classifier::{LABELS, Label};

    use super::*;
    use crate::crops::tests::phantom;

    #[test]
    fn areas_are_within_a_source_and_of_enough_films() {
        let films = [
            ("a", Finding::Covid19, [2.0, 0.0, 0.0]),
            ("a", Finding::Covid19, [0.0, 1.0, -9.0]),
            ("a", Finding::Normal, [0.0, 3.0, 0.0]),
            ("a", Finding::Normal, [1.0, 0.0, 0.0]),
            ("a", Finding::Atypical, [1.0, 0.0, 9.0]),
            ("b", Finding::Normal, [9.0, 0.0, 0.0]),
            ("b", Finding::Pneumonia, [0.0, 0.0, 1.0]),
            ("c", Finding::Tuberculosis, [0.0, 0.0, 1.0]),
            ("c", Finding::Normal, [0.0, 1.0, 0.0]),
            ("c", Finding::Other, [0.0, 9.0, 0.0]),
        ];
        let table = within_source(&films, 1);
        // The four pairs of source a, by covid19 less normal: 2 and -1 against -3 and 1.
        assert_eq!(table["a: covid19 against normal"], 0.75);
        assert_eq!(table["a: covid19 against atypical"], 1.0);
        // Three films that are not normal, 2.1, -1 and 9, against -2.3 and 1.3.
        assert!((table["a: not normal against normal"] - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(table["b: normal against pneumonia"], 1.0);
        // Tuberculosis is not normal; another finding may be anything.
        assert_eq!(table["c: not normal against normal"], 1.0);
        assert_eq!(table.len(), 6);
        assert_eq!(within_source(&films, 2).len(), 2);
    }

    #[test]
    fn an_augmented_crop_is_another_and_the_same_seed_the_same() {
        let film = phantom("here", Label::Normal, Split::Train, 3);
        let recipe = Recipe { side: 64, ..Recipe::default() };
        let draw = |seed| augmented(&film, &recipe, recipe.steps - 1, &mut ChaCha8Rng::seed_from_u64(seed));
        let (a, b) = (draw(1), draw(2));
        assert_eq!((a.values.len(), a.weights.len()), (64 * 64, 16));
        assert!(a != b && a == draw(1));
        assert!(a.values.iter().all(|value| value.abs() <= 3.0_f32.sqrt() + 1e-5));
        assert!((a.weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }

    /// A run writes checkpoint, log and weights, and continues where it stopped as if it had not stopped.
    #[test]
    fn a_run_that_was_stopped_ends_like_one_that_was_not() {
        let mut films = Vec::new();
        for (k, label) in LABELS.into_iter().cycle().take(36).enumerate() {
            let split = if k < 18 { Split::Train } else { Split::Val };
            films.push(phantom(if k % 2 == 0 { "one" } else { "two" }, label, split, k as u64));
        }
        let recipe = Recipe { side: 16, steps: 6, ..Recipe::default() };
        let folder = tempfile::tempdir().unwrap();
        let run = |name: &str, recipe: &Recipe, limit| {
            let files = Files::new(folder.path(), name);
            train_by(2, &films, recipe, &files, limit, &mut |_| ())
        };
        let weights = |name: &str| std::fs::read(Files::new(folder.path(), name).weights()).unwrap();
        let log = |name: &str| std::fs::read_to_string(Files::new(folder.path(), name).log()).unwrap();
        let whole = run("whole", &recipe, None).unwrap().unwrap();
        assert_eq!(log("whole").lines().count(), 3);
        // Stopped after every validation.
        assert_eq!(run("parts", &recipe, Some(0.0)).unwrap(), None);
        assert_eq!(log("parts").lines().count(), 1);
        assert_eq!(run("parts", &recipe, Some(0.0)).unwrap(), None);
        let parts = run("parts", &recipe, Some(0.0)).unwrap().unwrap();
        assert_eq!((parts.recipe, parts.last.step), (whole.recipe, whole.last.step));
        assert_eq!(parts.last.validation, whole.last.validation);
        assert!(weights("parts") == weights("whole"));
        // A checkpoint of another recipe is refused.
        let other = Recipe { seed: 2, ..recipe.clone() };
        assert_eq!(run("whole", &other, None).unwrap_err().kind(), ErrorKind::Model);
        let error = run("odd", &Recipe { side: 20, ..recipe }, None).unwrap_err();
        assert!(error.to_string().contains("multiple of 16"), "{error}");
    }
}

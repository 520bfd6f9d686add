//! Trains the convnet reader.
//!
//! Every class comes from several collections and no collection has all classes, so a network can
//! score by recognising the collection. Against that: the lung crop, augmentation that destroys
//! what tells collections apart, batches balanced over classes and over the collections inside
//! each, and a loss *within* the source: a film's class competes only with the classes that its
//! own collection has, so that knowing the collection is worth nothing. An adversary that tries to
//! tell the source from the features can be added.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use candle_core::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::evaluation::metrics::auc;
use crate::lungs::{self, Crop, DILATION, LungFields};
use crate::network::{Network, Weights};
use crate::plane::{Affine, Plane};
use crate::report::{LABELS, Label};
use crate::training::augment::{Geometry, erase, photometric};
use crate::training::dataset::{self, Split};
use crate::training::lungs::load;
use crate::training::network::{SHARDS, Schedule, Trainee, failed};
use crate::training::operations::{self, GradientReversal};

const BATCH: usize = 32;
/// Steps between two validations.
const EPOCH: usize = 250;
/// Inside a class a source of n films is drawn as often as n to this power: 0 would draw a dozen
/// films as often as thousands, 1 would hardly draw them.
const SOURCE_POWER: f64 = 0.25;
/// A source counts in the choice of the epoch if it has this many films of both classes in `val`.
const ENOUGH: usize = 20;
const GEOMETRY: Geometry = Geometry { scale: 0.15, aspect: 0.2, rotation: 0.15, shift: 0.06, mirror: true };
/// Worst sources this close to the best are as good: a source has some hundred validation films,
/// and the rest is chance.
const TIE: f64 = 0.02;
/// Share of the feature channels that are dropped.
const DROPOUT: f64 = 0.2;
/// Share of the target that is spread over the other classes.
const SMOOTHING: f64 = 0.05;

/// What the network sees of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The lungs' box, what lies outside the lungs removed.
    Lungs,
    /// The lungs' box, nothing removed.
    Box,
    /// The whole film.
    Film,
}

/// One way to train; the default is the one that ships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Its name in the table of experiments.
    pub name: String,
    /// What the network sees.
    pub view: View,
    /// Rows and columns of the input.
    pub side: usize,
    /// Batches of 32 films.
    pub steps: usize,
    /// The share of the loss that is within the source; the rest is over all classes.
    pub within_source: f64,
    /// The strength of the reversed gradient of the source classifier; 0: none.
    pub adversary: f64,
    /// A source that is left out.
    pub without: Option<String>,
    /// Of initialisation, order and augmentation.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: "convnet".into(),
            view: View::Lungs,
            side: 128,
            steps: 9000,
            within_source: 0.7,
            adversary: 0.0,
            without: None,
            seed: 1,
        }
    }
}

/// A film, decoded, with its lungs found.
pub struct Prepared {
    pub(crate) film: Plane<u8>,
    pub(crate) fields: LungFields,
    /// The segmenter's features.
    pub(crate) lung_features: Vec<f32>,
    /// The rest of what is known.
    pub about: dataset::Film,
}

/// Calls `work` on every item, on as many threads as there are cores; results in order.
pub(crate) fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let run = || {
            let mut done = Vec::new();
            loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(k) else { return done };
                done.push((k, work(item)));
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).flatten().collect()
    });
    results.sort_by_key(|(k, _)| *k);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Decodes films and finds their lungs.
///
/// # Errors
/// Of the first film that cannot be read.
pub fn prepare(films: Vec<dataset::Film>, segmenter: &Weights) -> Result<Vec<Prepared>> {
    let network = Network::lungs();
    let one = |about: &dataset::Film| {
        let film = load(&about.path)?;
        let input = lungs::segmenter_input(&film, &lungs::letterbox(film.width, film.height));
        let output = operations::run(&network, segmenter, &input);
        let fields = LungFields::new(lungs::probabilities(output.maps), film.width, film.height);
        Ok(Prepared { film, fields, lung_features: output.features, about: about.clone() })
    };
    parallel(&films, one).into_iter().collect()
}

/// From the square of the network's input to the lung map, without augmentation.
fn placement(prepared: &Prepared, view: View, side: usize) -> Affine {
    match view {
        View::Lungs | View::Box => prepared.fields.crop(side),
        View::Film => Affine::of_rectangle(0.0, 0.0, lungs::SIDE as f32, lungs::SIDE as f32, side),
    }
}

/// The network's input for one film, as at inference.
pub(crate) fn plain(prepared: &Prepared, view: View, side: usize) -> Crop {
    let affine = placement(prepared, view, side);
    let values = prepared.film.warp(&affine.then(&prepared.fields.to_film()), side, f32::NAN);
    let lungs = seen_map(prepared, view, &affine, side);
    Crop::new(values, &lungs, side, 0.5, (DILATION * side as f32).round() as usize)
}

/// What counts as lung: everything, where the view removes nothing.
fn seen_map(prepared: &Prepared, view: View, affine: &Affine, side: usize) -> Vec<f32> {
    match view {
        View::Lungs => prepared.fields.map.warp(affine, side, 0.0),
        View::Box | View::Film => vec![1.0; side * side],
    }
}

/// The network's input for one film, augmented.
fn augmented(prepared: &Prepared, recipe: &Recipe, rng: &mut ChaCha8Rng) -> Crop {
    let side = recipe.side;
    let affine = GEOMETRY.draw(side, rng).then(&placement(prepared, recipe.view, side));
    let mut values = prepared.film.warp(&affine.then(&prepared.fields.to_film()), side, f32::NAN);
    let lungs = seen_map(prepared, recipe.view, &affine, side);
    let outside: Vec<bool> = values.iter().map(|value| value.is_nan()).collect();
    let counts: Vec<bool> =
        lungs.iter().zip(&outside).map(|(&lung, &outside)| lung > 0.5 && !outside).collect();
    // 0…1 from the darkest to the brightest hundredth of what counts.
    let mut sorted: Vec<f32> =
        values.iter().zip(&counts).filter(|(_, counts)| **counts).map(|(value, _)| *value).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let (low, high) = match sorted.len() {
        0 => (0.0, 255.0),
        n => (sorted[n / 100], sorted[n - 1 - n / 100]),
    };
    let range = (high - low).max(1.0);
    values.iter_mut().for_each(|value| {
        *value = if value.is_nan() { 0.0 } else { ((*value - low) / range).clamp(-0.5, 1.5) }
    });
    let mut values = photometric(values, &counts, side, rng);
    erase(&mut values, side, rng);
    values.iter_mut().zip(&outside).filter(|(_, outside)| **outside).for_each(|(value, _)| *value = f32::NAN);
    let threshold = rng.random_range(0.3..0.7);
    let reach = rng.random_range(side / 100..=side / 14);
    Crop::new(values, &lungs, side, threshold, reach)
}

/// Films by class and source, and how often each source is drawn.
struct Pools {
    /// For each class: (cumulative share, films).
    classes: Vec<Vec<(f64, Vec<usize>)>>,
}

impl Pools {
    fn new(films: &[&Prepared]) -> Result<Self> {
        let mut classes = Vec::new();
        for label in LABELS {
            let mut sources: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (k, film) in films.iter().enumerate().filter(|(_, film)| film.about.label == label) {
                sources.entry(&film.about.source).or_default().push(k);
            }
            let total: f64 = sources.values().map(|films| (films.len() as f64).powf(SOURCE_POWER)).sum();
            let mut share = 0.0;
            let pool = sources.into_values().map(|films| {
                share += (films.len() as f64).powf(SOURCE_POWER) / total;
                (share, films)
            });
            let pool: Vec<_> = pool.collect();
            if pool.is_empty() {
                return Err(Error::new(ErrorKind::Dataset, format!("no training film is {}", label.name())));
            }
            classes.push(pool);
        }
        Ok(Self { classes })
    }

    fn draw(&self, class: usize, rng: &mut ChaCha8Rng) -> usize {
        let pool = &self.classes[class];
        let at: f64 = rng.random();
        let films =
            pool.iter().find(|(share, _)| at < *share).or(pool.last()).map_or(&[][..], |(_, films)| films);
        films[rng.random_range(0..films.len())]
    }
}

/// One validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Steps so far.
    pub step: usize,
    /// Mean training loss since the last.
    pub loss: f64,
    /// AUC within every source, for every pair of its classes, of the rounded average weights.
    pub validation: BTreeMap<String, f64>,
    /// The smallest of those that count.
    pub worst: f64,
    /// Seconds since the start.
    pub seconds: f64,
}

/// What training gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How.
    pub recipe: Recipe,
    /// The epoch whose weights are kept: the last whose worst source is as good as the best.
    pub best: Epoch,
}

/// AUCs within the sources: for every source and every pair of classes that it has at least
/// `least` films of, the AUC of the difference of the logits. Keys are `source: a against b`.
pub fn within_source(films: &[(&str, Label, [f64; 3])], least: usize) -> BTreeMap<String, f64> {
    let mut sources: BTreeMap<&str, Vec<(Label, [f64; 3])>> = BTreeMap::new();
    for &(source, label, logits) in films {
        sources.entry(source).or_default().push((label, logits));
    }
    let mut table = BTreeMap::new();
    for (source, films) in sources {
        for (k, a) in LABELS.into_iter().enumerate() {
            for b in LABELS.into_iter().skip(k + 1) {
                let count = |label| films.iter().filter(|film| film.0 == label).count();
                if count(a) < least || count(b) < least {
                    continue;
                }
                let pair = films.iter().filter(|(label, _)| *label == a || *label == b);
                let scores: Vec<(f64, bool)> = pair
                    .map(|(label, logits)| (logits[a.index()] - logits[b.index()], *label == a))
                    .collect();
                if let Some(value) = auc(&scores) {
                    table.insert(format!("{source}: {} against {}", a.name(), b.name()), value);
                }
            }
        }
    }
    table
}

/// Runs the reader over films without augmentation: source, class, logits.
pub fn evaluate<'a>(
    films: &[&'a Prepared],
    view: View,
    network: &Network,
    weights: &Weights,
) -> Vec<(&'a str, Label, [f64; 3])> {
    let one = |film: &&'a Prepared| {
        let crop = plain(film, view, network.side);
        let output = operations::run(network, weights, &crop.values);
        (film.about.source.as_str(), film.about.label, crop.logits(&output.maps))
    };
    parallel(films, one)
}

/// The loss of a shard: (N, 3) logits, (N, C) features.
struct Targets {
    labels: Vec<usize>,
    /// Classes that each film's source has.
    allowed: Vec<[bool; 3]>,
    /// The source, as a number.
    sources: Vec<usize>,
}

fn log_softmax_loss(logits: &Tensor, target: Vec<f32>, columns: usize) -> candle_core::Result<Tensor> {
    let rows = target.len() / columns;
    let target = Tensor::from_vec(target, (rows, columns), &Device::Cpu)?;
    let log = candle_nn::ops::log_softmax(logits, 1)?;
    (log * target)?.sum_all()?.neg()? / rows as f64
}

impl Targets {
    fn smoothed(&self, k: usize, among: [bool; 3]) -> [f32; 3] {
        let others = among.iter().filter(|&&allowed| allowed).count() - 1;
        std::array::from_fn(|class| match (class == self.labels[k], among[class]) {
            (true, _) if others == 0 => 1.0,
            (true, _) => 1.0 - SMOOTHING as f32,
            (false, true) => SMOOTHING as f32 / others as f32,
            (false, false) => 0.0,
        })
    }

    fn loss(
        &self,
        trainee: &Trainee,
        recipe: &Recipe,
        logits: &Tensor,
        features: &Tensor,
        strength: f64,
    ) -> candle_core::Result<Tensor> {
        let rows = self.labels.len();
        let all = (0..rows).flat_map(|k| self.smoothed(k, [true; 3])).collect();
        let everywhere = log_softmax_loss(logits, all, 3)?;
        let barred =
            self.allowed.iter().flatten().map(|&allowed| if allowed { 0.0 } else { -1e4_f32 }).collect();
        let barred = Tensor::from_vec(barred, (rows, 3), &Device::Cpu)?;
        let within = (0..rows).flat_map(|k| self.smoothed(k, self.allowed[k])).collect();
        let within = log_softmax_loss(&(logits + barred)?, within, 3)?;
        let mut loss = ((everywhere * (1.0 - recipe.within_source))? + (within * recipe.within_source)?)?;
        if recipe.adversary > 0.0 {
            // One source classifier a class: what tells the class apart must not be unlearned.
            let weight = trainee.variable("source.weight")?;
            let bias = trainee.variable("source.bias")?;
            let reversed = features.mean((2, 3))?.apply_op1(GradientReversal(recipe.adversary * strength))?;
            let guesses = reversed.matmul(&weight.t()?)?.broadcast_add(bias)?;
            let count = weight.dims()[0] / 3;
            let rows_of = guesses.reshape((rows * 3, count))?;
            let own: Vec<u32> =
                self.labels.iter().enumerate().map(|(k, &label)| (3 * k + label) as u32).collect();
            let guesses = rows_of.index_select(&Tensor::from_vec(own, rows, &Device::Cpu)?, 0)?;
            let mut target = vec![0.0; rows * count];
            self.sources.iter().enumerate().for_each(|(k, &source)| target[k * count + source] = 1.0);
            loss = (loss + log_softmax_loss(&guesses, target, count)?)?;
        }
        Ok(loss)
    }
}

/// Where a run keeps its files.
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

    /// Everything that is needed to go on.
    pub fn checkpoint(&self) -> PathBuf {
        self.with("checkpoint")
    }

    /// One JSON object an epoch.
    pub fn log(&self) -> PathBuf {
        self.with("log.jsonl")
    }

    /// The best epoch's weights so far, as they would ship.
    pub fn weights(&self) -> PathBuf {
        self.with("safetensors")
    }
}

/// Trains, or goes on from the checkpoint where there is one. Stops early, to be gone on with,
/// after `limit` seconds.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing films, [`ErrorKind::Model`] for a checkpoint of another
/// recipe, [`ErrorKind::Io`] where files cannot be written.
pub fn train(
    films: &[Prepared],
    recipe: &Recipe,
    files: &Files,
    limit: Option<f64>,
    progress: &mut dyn FnMut(&str),
) -> Result<Option<Outcome>> {
    if !recipe.side.is_multiple_of(lungs::CELL) || recipe.side == 0 {
        let message = format!("the input's side must be a multiple of {}", lungs::CELL);
        return Err(Error::new(ErrorKind::Dataset, message));
    }
    let kept = |film: &&Prepared| recipe.without.as_ref() != Some(&film.about.source);
    let of = |split| films.iter().filter(kept).filter(|film| film.about.split == split).collect::<Vec<_>>();
    let (train, val) = (of(Split::Train), of(Split::Val));
    // A source that is left out is unseen: reported, but it chooses nothing.
    let unseen: Vec<&Prepared> =
        films.iter().filter(|film| !kept(film) && film.about.split != Split::External).collect();
    let pools = Pools::new(&train)?;
    let mut sources: BTreeMap<&str, [bool; 3]> = BTreeMap::new();
    for film in &train {
        sources.entry(&film.about.source).or_default()[film.about.label.index()] = true;
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
        Schedule { steps: recipe.steps, learning_rate: 2e-3, weight_decay: 0.05, average_over: 600.0 };
    let extra = [("source", 3 * sources.len(), width)];
    let extra = if recipe.adversary > 0.0 { &extra[..] } else { &[] };
    let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
    let mut trainee = Trainee::new(network.clone(), extra, schedule, &mut rng).map_err(failed)?;
    let mut best: Option<Epoch> = None;
    let (mut peak, mut before) = (0.0_f64, 0.0);
    let io = |path: &Path, error: std::io::Error| {
        Error::with_source(ErrorKind::Io, format!("{}", path.display()), error)
    };
    std::fs::create_dir_all(&files.folder).map_err(|error| io(&files.folder, error))?;
    if files.checkpoint().is_file() {
        let note = trainee.resume(&files.checkpoint())?;
        let misfit = |_| Error::new(ErrorKind::Model, "the checkpoint is of another recipe");
        let (of, note_best, note_peak, seconds): (Recipe, Option<Epoch>, f64, f64) =
            serde_json::from_str(&note).map_err(misfit)?;
        if of != *recipe {
            return Err(Error::new(
                ErrorKind::Model,
                format!("{} is of another recipe", files.checkpoint().display()),
            ));
        }
        (best, peak, before) = (note_best, note_peak, seconds);
        progress(&format!("going on from step {}", trainee.step));
    }
    let counted: BTreeMap<String, f64> = within_source(
        &val.iter().map(|film| (film.about.source.as_str(), film.about.label, [0.0; 3])).collect::<Vec<_>>(),
        ENOUGH,
    );
    let validate = |trainee: &Trainee| -> Result<(Vec<u8>, BTreeMap<String, f64>, f64)> {
        let bytes = trainee.averaged().to_bytes(&network)?;
        let weights = Weights::from_bytes(&network, &bytes)?;
        let mut validation = within_source(&evaluate(&val, recipe.view, &network, &weights), 5);
        let worst = counted.keys().filter_map(|key| validation.get(key)).copied().fold(1.0, f64::min);
        let unseen = within_source(&evaluate(&unseen, recipe.view, &network, &weights), 5);
        validation.extend(unseen.into_iter().map(|(key, value)| (format!("left out: {key}"), value)));
        Ok((bytes, validation, worst))
    };
    let (start, first) = (Instant::now(), trainee.step);
    let mut mean = 0.0;
    while trainee.step < recipe.steps {
        let step = trainee.step;
        let value = trainee.learn(|trainee, shard| {
            let size = BATCH / SHARDS;
            let (mut inputs, mut counts) = (Vec::new(), Vec::new());
            let mut targets = Targets { labels: vec![], allowed: vec![], sources: vec![] };
            let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
            for k in shard * size..(shard + 1) * size {
                rng.set_stream((step * BATCH + k) as u64 + 1);
                rng.set_word_pos(0);
                // Every step has every class equally often, but for the two films that 3 leaves over.
                let class = (step * BATCH + k) % 3;
                let film = train[pools.draw(class, &mut rng)];
                let crop = augmented(film, recipe, &mut rng);
                inputs.extend(crop.values);
                counts.extend(crop.weights);
                targets.labels.push(class);
                targets.allowed.push(sources[film.about.source.as_str()]);
                targets.sources.push(number(&film.about.source));
            }
            let side = recipe.side;
            let kept: Vec<f32> = (0..size * width)
                .map(|_| if rng.random_bool(DROPOUT) { 0.0 } else { 1.0 / (1.0 - DROPOUT as f32) })
                .collect();
            let kept = Tensor::from_vec(kept, (size, width, 1, 1), &Device::Cpu)?;
            let input = Tensor::from_vec(inputs, (size, 1, side, side), &Device::Cpu)?;
            let forward = trainee.forward(input, |features| features.broadcast_mul(&kept))?;
            let cells = side / lungs::CELL;
            let counts = Tensor::from_vec(counts, (size, 1, cells, cells), &Device::Cpu)?;
            let logits = forward.maps.broadcast_mul(&counts)?.sum((2, 3))?;
            let strength = (step as f64 / (0.3 * recipe.steps as f64)).min(1.0);
            let loss = targets.loss(trainee, recipe, &logits, &forward.features, strength)?;
            Ok((loss, forward.pass))
        })?;
        mean += value;
        if trainee.step % EPOCH != 0 && trainee.step != recipe.steps {
            continue;
        }
        let (bytes, validation, worst) = validate(&trainee)?;
        let (done, seconds) = (trainee.step - first, start.elapsed().as_secs_f64());
        let epoch = Epoch {
            epoch: trainee.step.div_ceil(EPOCH),
            step: trainee.step,
            loss: mean / ((trainee.step - 1) % EPOCH + 1) as f64,
            validation,
            worst,
            seconds: before + seconds,
        };
        mean = 0.0;
        peak = peak.max(epoch.worst);
        if epoch.worst >= peak - TIE {
            std::fs::write(files.weights(), &bytes).map_err(|error| io(&files.weights(), error))?;
            best = Some(epoch.clone());
        }
        let json = |error| Error::with_source(ErrorKind::Internal, "cannot write the log", error);
        let mut log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(files.log())
            .map_err(|error| io(&files.log(), error))?;
        writeln!(log, "{}", serde_json::to_string(&epoch).map_err(json)?)
            .map_err(|error| io(&files.log(), error))?;
        trainee.save(
            &files.checkpoint(),
            &serde_json::to_string(&(recipe, &best, peak, epoch.seconds)).map_err(json)?,
        )?;
        let left = seconds / done as f64 * (recipe.steps - trainee.step) as f64;
        let list: Vec<String> =
            epoch.validation.iter().map(|(key, value)| format!("{key} {value:.3}")).collect();
        progress(&format!(
            "epoch {} of {}  loss {:.4}  worst {:.3} ({})  {:.1} min left",
            epoch.epoch,
            recipe.steps.div_ceil(EPOCH),
            epoch.loss,
            epoch.worst,
            list.join(", "),
            left / 60.0
        ));
        if limit.is_some_and(|limit| seconds > limit) && trainee.step < recipe.steps {
            progress("stopped at the time limit; the same command goes on from here");
            return Ok(None);
        }
    }
    let exact = trainee.averaged();
    let rounded = Weights::from_bytes(&network, &exact.to_bytes(&network)?)?;
    let probabilities = |weights| {
        let films = evaluate(&val, recipe.view, &network, weights);
        films.into_iter().flat_map(|(_, _, logits)| crate::texture::softmax(logits)).collect::<Vec<_>>()
    };
    let pairs = probabilities(&exact).into_iter().zip(probabilities(&rounded));
    let differences: Vec<f64> = pairs.map(|(exact, rounded)| (exact - rounded).abs()).collect();
    progress(&format!(
        "weights of 10 bits instead of 32 move a probability by {:.4} at most and {:.4} on average, over {} films",
        differences.iter().copied().fold(0.0, f64::max),
        differences.iter().sum::<f64>() / differences.len().max(1) as f64,
        val.len()
    ));
    let best = best.ok_or_else(|| Error::new(ErrorKind::Dataset, "nothing was trained"))?;
    Ok(Some(Outcome { recipe: recipe.clone(), best }))
}

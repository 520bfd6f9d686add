//! Trains the gate: what a frontal chest film is, what a child's is, and how far the convnet
//! reader's features may lie from those of its training films.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use nalgebra::DMatrix;
use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, ErrorKind, Result};
use crate::gate::{DIRECTIONS, Dense, FEATURES, Gate, HIDDEN, INPUTS, KINDS, Kind, inputs};
use crate::lungs::{LungFields, letterbox, probabilities, segmenter_input};
use crate::network::{Network, Weights};
use crate::plane::{Affine, Plane};
use crate::report::LABELS;
use crate::training::convnet::{Prepared, View, parallel, plain};
use crate::training::dataset::Split;
use crate::training::lungs::load;
use crate::training::negatives::{drawn, generator, part_of, spoil};
use crate::training::network::failed;
use crate::training::operations::run;

/// The collection whose films are children's.
pub(crate) const CHILDREN: &str = "kermany";
const SEED: u64 = 7;
/// Pictures that are no films, drawn and cut from photographs, of each kind.
const OTHER_PICTURES: usize = 2500;
/// Of the validation films, at most this share is refused by each of the two limits…
const REFUSED: f64 = 0.006;
/// … and this share is doubted.
const DOUBTED: f64 = 0.02;

/// What is known of the gate's worth.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Trial {
    /// What was shown to the gate.
    pub name: String,
    /// How many.
    pub n: usize,
    /// How many were refused.
    pub refused: usize,
}

/// The segmenter's view of a plane: fields and deepest features.
fn segment(film: &Plane<u8>, segmenter: &Weights, network: &Network) -> (LungFields, Vec<f32>) {
    let output = run(network, segmenter, &segmenter_input(film, &letterbox(film.width, film.height)));
    (LungFields::new(probabilities(output.maps), film.width, film.height), output.features)
}

/// A film as another scanner might have given it: turned a little, a little more or less around
/// it, other contrast, other proportions.
fn varied(film: &Plane<u8>, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let (width, height) = (film.width as f32, film.height as f32);
    let mut near = |limit: f32| rng.random_range(-limit..=limit);
    let (angle, zoom, aspect) = (near(0.1), near(0.08), near(0.1));
    let (dx, dy, gamma) = (near(0.04) * width, near(0.04) * height, near(0.5).exp());
    let (sin, cos) = angle.sin_cos();
    let (across, down) = ((zoom + aspect).exp(), (zoom - aspect).exp());
    let (cx, cy) = (width / 2.0, height / 2.0);
    let (xx, xy, yx, yy) = (across * cos, -down * sin, across * sin, down * cos);
    let affine = Affine { xx, xy, x0: cx + dx - xx * cx - xy * cy, yx, yy, y0: cy + dy - yx * cx - yy * cy };
    let pixels = (0..film.pixels.len()).map(|k| {
        let (x, y) = affine.apply((k % film.width) as f32 + 0.5, (k / film.width) as f32 + 0.5);
        let inside = (0.0..width).contains(&x) && (0.0..height).contains(&y);
        let value = if inside { film.at(x, y) / 255.0 } else { 0.0 };
        (value.powf(gamma) * 255.0).round() as u8
    });
    Plane { width: film.width, height: film.height, pixels: pixels.collect() }
}

/// Photographs and other pictures that are no chest films.
#[derive(Debug, Default)]
pub struct Photographs {
    train: Vec<Plane<u8>>,
    held_out: Vec<Plane<u8>>,
}

impl Photographs {
    /// How many train, how many are held out.
    pub fn counts(&self) -> (usize, usize) {
        (self.train.len(), self.held_out.len())
    }
}

/// The pictures of a folder that can be decoded; about every third is held out, by its name.
///
/// # Errors
/// [`ErrorKind::Io`] for a folder that cannot be read.
pub fn photographs(folder: &Path) -> Result<Photographs> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    let planes = parallel(&paths, |path| load(path).ok());
    let mut photographs = Photographs::default();
    for (path, plane) in paths.iter().zip(planes) {
        let Some(plane) = plane else { continue };
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // All sections of one head are on one side.
        let whole =
            if name.starts_with("section-") { name.split('-').nth(1).unwrap_or_default() } else { &name };
        let hash = whole.bytes().fold(5381_u32, |hash, byte| hash.wrapping_mul(33) ^ u32::from(byte));
        let side = if hash % 3 == 2 { &mut photographs.held_out } else { &mut photographs.train };
        side.push(plane);
    }
    Ok(photographs)
}

/// One picture to learn from.
struct Picture {
    inputs: Vec<f32>,
    kind: usize,
    child: Option<bool>,
    weight: f32,
}

/// Pictures that are no chest films: drawn ones and parts of photographs.
fn other_pictures(count: usize, photographs: &[Plane<u8>], seed: u64) -> Vec<Plane<u8>> {
    let numbers: Vec<u64> = (0..count as u64).collect();
    let mut pictures = parallel(&numbers, |&k| drawn(256, &mut generator(seed, 2 * k)));
    if !photographs.is_empty() {
        pictures.extend(parallel(&numbers, |&k| {
            let mut rng = generator(seed, 2 * k + 1);
            part_of(&photographs[rng.random_range(0..photographs.len())], &mut rng)
        }));
    }
    pictures
}

const SPOILT: [Kind; 5] = [Kind::UpsideDown, Kind::Sideways, Kind::Inverted, Kind::Cropped, Kind::Squeezed];

fn index(kind: Kind) -> usize {
    KINDS.iter().position(|other| *other == kind).unwrap_or_default()
}

/// Trains the gate on the training films; the validation films set its limits.
///
/// # Errors
/// [`ErrorKind::Dataset`] for too few films.
pub fn train(
    films: &[Prepared],
    photographs: &Photographs,
    segmenter: &Weights,
    convnet: &Weights,
    side: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<Gate> {
    let network = Network::lungs();
    let training: Vec<(u64, &Prepared)> =
        (0..).zip(films).filter(|(_, film)| film.about.split == Split::Train).collect();
    if training.is_empty() {
        return Err(Error::new(ErrorKind::Dataset, "no films to train on"));
    }
    progress(&format!("the gate: spoiling {} films and drawing other pictures", training.len()));
    let of_films = parallel(&training, |(k, film)| {
        let mut rng = generator(SEED, *k);
        let child = Some(film.about.source == CHILDREN);
        // The small, varied collection counts for more: its films are from many hospitals.
        let weight = if film.about.source == "cohen" { 6.0 } else { 1.0 };
        let frontal = inputs(&film.fields, &film.lung_features);
        let mut pictures = vec![Picture { inputs: frontal, kind: 0, child, weight }];
        let (fields, features) = segment(&varied(&film.film, &mut rng), segmenter, &network);
        pictures.push(Picture { inputs: inputs(&fields, &features), kind: 0, child, weight });
        let kind = SPOILT[rng.random_range(0..SPOILT.len())];
        let source = if rng.random_bool(0.5) { varied(&film.film, &mut rng) } else { film.film.clone() };
        let (fields, features) = segment(&spoil(&source, kind, &mut rng), segmenter, &network);
        pictures.push(Picture {
            inputs: inputs(&fields, &features),
            kind: index(kind),
            child: None,
            weight: 1.0,
        });
        pictures
    });
    let mut pictures: Vec<Picture> = of_films.into_iter().flatten().collect();
    let others = other_pictures(OTHER_PICTURES, &photographs.train, SEED + 1);
    pictures.extend(parallel(&others, |picture| {
        let (fields, features) = segment(picture, segmenter, &network);
        let kind = index(Kind::NotAChestFilm);
        Picture { inputs: inputs(&fields, &features), kind, child: None, weight: 1.0 }
    }));
    progress(&format!("{} pictures", pictures.len()));
    let mut gate = fit(&pictures, progress)?;

    progress("the convnet reader's features of the training films");
    let reader = Network::convnet(side);
    let features_of =
        |film: &Prepared| run(&reader, convnet, &plain(film, View::Lungs, side).values).features;
    let features = parallel(&training, |(_, film)| features_of(film));
    let labels: Vec<usize> = training.iter().map(|(_, film)| film.about.label.index()).collect();
    (gate.centers, gate.directions) = whitening(&features, &labels)?;

    let validation: Vec<&Prepared> = films.iter().filter(|film| film.about.split == Split::Val).collect();
    let judged = parallel(&validation, |film| {
        let frontal = gate.classify(&inputs(&film.fields, &film.lung_features)).0[0];
        (frontal, gate.distance(&features_of(film)))
    });
    let mut frontal: Vec<f64> = judged.iter().map(|(frontal, _)| *frontal).collect();
    let mut distance: Vec<f64> = judged.iter().map(|(_, distance)| *distance).collect();
    frontal.sort_by(f64::total_cmp);
    distance.sort_by(f64::total_cmp);
    let at = |sorted: &[f64], share: f64| {
        sorted[((sorted.len() as f64 * share) as usize).min(sorted.len() - 1)] as f32
    };
    gate.least_frontal = [at(&frontal, REFUSED).min(0.9), at(&frontal, DOUBTED).min(0.9)];
    gate.largest_distance = [1.05 * at(&distance, 1.0 - REFUSED), at(&distance, 1.0 - DOUBTED)];
    progress(&format!(
        "limits: frontal {:.4} (doubted {:.4}), distance {:.2} (doubted {:.2})",
        gate.least_frontal[0], gate.least_frontal[1], gate.largest_distance[0], gate.largest_distance[1]
    ));
    Ok(gate)
}

/// Class means and whitening directions of the covariance within the classes, shrunk towards its
/// mean variance.
fn whitening(features: &[Vec<f32>], labels: &[usize]) -> Result<(Vec<f32>, Vec<f32>)> {
    const SHRINKAGE: f64 = 0.05;
    let mut centers = vec![0.0_f64; LABELS.len() * FEATURES];
    let mut counts = [0.0_f64; 3];
    for (feature, &label) in features.iter().zip(labels) {
        counts[label] += 1.0;
        let center = &mut centers[label * FEATURES..(label + 1) * FEATURES];
        center.iter_mut().zip(feature).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    for (center, count) in centers.chunks_exact_mut(FEATURES).zip(counts) {
        center.iter_mut().for_each(|sum| *sum /= f64::max(count, 1.0));
    }
    let centered = DMatrix::from_fn(features.len(), FEATURES, |i, k| {
        f64::from(features[i][k]) - centers[labels[i] * FEATURES + k]
    });
    let mut covariance = centered.transpose() * &centered / features.len() as f64;
    let variance = covariance.trace() / FEATURES as f64;
    if variance.is_nan() || variance <= 0.0 {
        return Err(Error::new(ErrorKind::Dataset, "the reader's features do not vary"));
    }
    covariance *= 1.0 - SHRINKAGE;
    (0..FEATURES).for_each(|k| covariance[(k, k)] += SHRINKAGE * variance);
    let eigen = covariance.symmetric_eigen();
    let mut directions = Vec::with_capacity(DIRECTIONS * FEATURES);
    for k in 0..DIRECTIONS {
        let scale = 1.0 / eigen.eigenvalues[k].max(1e-12).sqrt();
        directions.extend(eigen.eigenvectors.column(k).iter().map(|value| (value * scale) as f32));
    }
    Ok((centers.into_iter().map(|value| value as f32).collect(), directions))
}

/// A small network over all pictures, by AdamW.
fn fit(pictures: &[Picture], progress: &mut dyn FnMut(&str)) -> Result<Gate> {
    const EPOCHS: usize = 40;
    const BATCH: usize = 256;
    let count = pictures.len() as f64;
    let column = |k: usize| pictures.iter().map(move |picture| f64::from(picture.inputs[k]));
    let mean: Vec<f32> = (0..INPUTS).map(|k| (column(k).sum::<f64>() / count) as f32).collect();
    let deviation =
        |k: usize| (column(k).map(|value| (value - f64::from(mean[k])).powi(2)).sum::<f64>() / count).sqrt();
    let deviation: Vec<f32> = (0..INPUTS).map(|k| deviation(k).max(1e-3) as f32).collect();
    // Frontal films weigh as much as all others together.
    let total = |frontal: bool| {
        pictures
            .iter()
            .filter(|picture| (picture.kind == 0) == frontal)
            .map(|picture| f64::from(picture.weight))
            .sum::<f64>()
    };
    let balance = [(total(false) / total(true)) as f32, 1.0];

    let mut rng = generator(SEED, u64::MAX);
    let mut random = |rows: usize, columns: usize| {
        let limit = (6.0 / (rows + columns) as f32).sqrt();
        let values: Vec<f32> = (0..rows * columns).map(|_| rng.random_range(-limit..limit)).collect();
        Var::from_vec(values, (rows, columns), &Device::Cpu)
    };
    let zeros = |rows: usize| Var::zeros(rows, candle_core::DType::F32, &Device::Cpu);
    let build = || -> candle_core::Result<[Var; 6]> {
        Ok([
            random(HIDDEN, INPUTS)?,
            zeros(HIDDEN)?,
            random(KINDS.len(), HIDDEN)?,
            zeros(KINDS.len())?,
            random(1, INPUTS)?,
            zeros(1)?,
        ])
    };
    let [w1, b1, w2, b2, w3, b3] = { build }().map_err(failed)?;
    let variables = [&w1, &b1, &w2, &b2, &w3, &b3].map(Var::clone).to_vec();
    let parameters = ParamsAdamW { lr: 3e-3, weight_decay: 0.02, ..Default::default() };
    let mut optimizer = AdamW::new(variables, parameters).map_err(failed)?;

    let mut order: Vec<usize> = (0..pictures.len()).collect();
    let mut shuffler = generator(SEED, u64::MAX - 1);
    for epoch in 1..=EPOCHS {
        order.shuffle(&mut shuffler);
        optimizer.set_learning_rate(3e-3 * (1.0 - (epoch - 1) as f64 / EPOCHS as f64));
        let mut mean_loss = 0.0;
        for batch in order.chunks(BATCH) {
            let mut step = || -> candle_core::Result<f32> {
                let rows = batch.len();
                let values: Vec<f32> = batch
                    .iter()
                    .flat_map(|&k| (0..INPUTS).map(move |i| (k, i)))
                    .map(|(k, i)| ((pictures[k].inputs[i] - mean[i]) / deviation[i]).clamp(-6.0, 6.0))
                    .collect();
                let x = Tensor::from_vec(values, (rows, INPUTS), &Device::Cpu)?;
                let hidden = x.matmul(&w1.t()?)?.broadcast_add(&b1)?.relu()?;
                let logits = hidden.matmul(&w2.t()?)?.broadcast_add(&b2)?;
                let log = candle_nn::ops::log_softmax(&logits, 1)?;
                let mut target = vec![0.0; rows * KINDS.len()];
                for (row, &k) in batch.iter().enumerate() {
                    let picture = &pictures[k];
                    target[row * KINDS.len() + picture.kind] =
                        picture.weight * balance[usize::from(picture.kind != 0)];
                }
                let target = Tensor::from_vec(target, (rows, KINDS.len()), &Device::Cpu)?;
                let kinds = ((log * target)?.sum_all()?.neg()? / rows as f64)?;
                let child = x.matmul(&w3.t()?)?.broadcast_add(&b3)?.squeeze(1)?;
                let answer: Vec<f32> =
                    batch.iter().map(|&k| if pictures[k].child == Some(true) { 1.0 } else { 0.0 }).collect();
                let weight: Vec<f32> = batch
                    .iter()
                    .map(|&k| if pictures[k].child.is_some() { pictures[k].weight } else { 0.0 })
                    .collect();
                let (answer, weight) = (
                    Tensor::from_vec(answer, rows, &Device::Cpu)?,
                    Tensor::from_vec(weight, rows, &Device::Cpu)?,
                );
                let entropy =
                    ((child.relu()? - (&child * answer)?)? + (child.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
                let loss = (kinds + ((entropy * weight)?.sum_all()? / rows as f64)?)?;
                optimizer.backward_step(&loss)?;
                loss.to_scalar::<f32>()
            };
            mean_loss += f64::from(step().map_err(failed)?) * batch.len() as f64 / count;
        }
        if epoch % 10 == 0 {
            progress(&format!("epoch {epoch} of {EPOCHS}  loss {mean_loss:.4}"));
        }
    }
    let flat =
        |variable: &Var| variable.flatten_all().and_then(|values| values.to_vec1::<f32>()).map_err(failed);
    Ok(Gate {
        mean,
        deviation,
        hidden: Dense { weights: flat(&w1)?, bias: flat(&b1)? },
        kinds: Dense { weights: flat(&w2)?, bias: flat(&b2)? },
        child: Dense { weights: flat(&w3)?, bias: flat(&b3)? },
        centers: Vec::new(),
        directions: Vec::new(),
        least_frontal: [0.0; 2],
        largest_distance: [0.0; 2],
    })
}

/// Shows the gate films of `val` and `external`, spoilt ones of both, and other pictures that it
/// was not trained on.
pub fn try_out(
    gate: &Gate,
    films: &[Prepared],
    photographs: &Photographs,
    segmenter: &Weights,
    convnet: &Weights,
    side: usize,
) -> Vec<Trial> {
    let photographs = &photographs.held_out;
    let (network, reader) = (Network::lungs(), Network::convnet(side));
    let refused = |plane: &Plane<u8>| {
        let (fields, lung_features) = segment(plane, segmenter, &network);
        let crop = crate::lungs::crop(plane, &fields, side);
        let features = run(&reader, convnet, &crop.values).features;
        !gate.judge(&crate::lungs::Segmented { fields, features: lung_features }, &features).accepted
    };
    let mut table: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut count = |name: String, refused: bool| {
        let slot = table.entry(name).or_default();
        *slot = (slot.0 + 1, slot.1 + usize::from(refused));
    };
    let shown: Vec<(u64, &Prepared)> = (0..)
        .zip(films)
        .filter(|(_, film)| matches!(film.about.split, Split::Val | Split::External))
        .collect();
    let results = parallel(&shown, |(k, film)| {
        let mut rng = generator(SEED + 10, *k);
        let kind = SPOILT[rng.random_range(0..SPOILT.len())];
        (refused(&film.film), kind, refused(&spoil(&film.film, kind, &mut rng)))
    });
    for ((_, film), (plain, kind, spoilt)) in shown.iter().zip(results) {
        let split = if film.about.split == Split::Val { "val" } else { "external" };
        count(format!("films of {split}: {} {}", film.about.source, film.about.label.name()), plain);
        let kind = serde_json::to_value(kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default();
        count(format!("spoilt films of {split}: {kind}"), spoilt);
    }
    let pictures = other_pictures(400, &[], SEED + 11);
    parallel(&pictures, refused).into_iter().for_each(|refused| count("drawn pictures".into(), refused));
    let numbers: Vec<u64> = (0..if photographs.is_empty() { 0 } else { 400 }).collect();
    let parts = parallel(&numbers, |&k| {
        let mut rng = generator(SEED + 12, k);
        refused(&part_of(&photographs[rng.random_range(0..photographs.len())], &mut rng))
    });
    parts.into_iter().for_each(|refused| count("parts of photographs".into(), refused));
    table.into_iter().map(|(name, (n, refused))| Trial { name, n, refused }).collect()
}

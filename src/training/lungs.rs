//! Trains the lung segmenter on the masks in `lung_masks/`.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::decode::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::lungs::{LungFields, SIDE, letterbox, probabilities, segmenter_input};
use crate::network::{Network, Weights};
use crate::plane::Plane;
use crate::radiograph::Samples;
use crate::training::augment::{Geometry, photometric};
use crate::training::dataset;
use crate::training::network::{SHARDS, Schedule, Trainee, failed};
use crate::training::operations::run;

/// Masks that never train.
pub const HELD_OUT: usize = 50;
const BATCH: usize = 16;
const SEED: u64 = 1;

/// A film with its lung mask.
#[derive(Clone, Debug)]
pub struct Masked {
    film: Plane<u8>,
    /// 0 or 255, of the film's size.
    mask: Plane<u8>,
}

/// A film's plane, as 8 bit.
///
/// # Errors
/// As [`decode`], with the file's name.
pub(crate) fn load(path: &Path) -> Result<Plane<u8>> {
    let named = |error: Error| Error::with_source(error.kind(), format!("{}", path.display()), error);
    let bytes = std::fs::read(path).map_err(|error| named(Error::from(error)))?;
    let film = decode(&bytes).map_err(named)?;
    let pixels = match film.samples {
        Samples::U8(pixels) => pixels,
        Samples::U16(pixels) => pixels.into_iter().map(|pixel| (pixel / 257) as u8).collect(),
        Samples::F64(pixels) => pixels.into_iter().map(|pixel| (pixel * 255.0).round() as u8).collect(),
    };
    Ok(Plane { width: film.width, height: film.height, pixels })
}

/// The masks of training and the [`HELD_OUT`] ones, no patient on both sides; the same division
/// every time.
///
/// # Errors
/// [`ErrorKind::Dataset`] where the masks are not there or do not fit their films.
pub fn masks(data: &Path) -> Result<(Vec<Masked>, Vec<Masked>)> {
    let mut groups: HashMap<String, Vec<dataset::Film>> = HashMap::new();
    let mask_of = |film: &dataset::Film| {
        let name = film.path.with_extension("png");
        name.file_name().map(|name| data.join("lung_masks").join(name)).filter(|path| path.is_file())
    };
    for film in dataset::films(data)? {
        if film.source == "cohen" && mask_of(&film).is_some() {
            groups.entry(film.patient_group.clone()).or_default().push(film);
        }
    }
    let mut order: Vec<Vec<dataset::Film>> = groups.into_values().collect();
    order.sort_by(|a, b| a[0].patient_group.cmp(&b[0].patient_group));
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(50));
    let (mut train, mut held_out) = (Vec::new(), Vec::new());
    for group in order {
        let side = if held_out.len() + group.len() <= HELD_OUT { &mut held_out } else { &mut train };
        for film in group {
            let Some(path) = mask_of(&film) else { continue };
            let (film, mask) = (load(&film.path)?, load(&path)?);
            if (film.width, film.height) != (mask.width, mask.height) {
                let message = format!("{} is not of its film's size", path.display());
                return Err(Error::new(ErrorKind::Dataset, message));
            }
            side.push(Masked { film, mask });
        }
    }
    if held_out.len() != HELD_OUT || train.is_empty() {
        let message =
            format!("{} masks to train on and {} held out are too few", train.len(), held_out.len());
        return Err(Error::new(ErrorKind::Dataset, message));
    }
    Ok((train, held_out))
}

const GEOMETRY: Geometry = Geometry { scale: 0.35, aspect: 0.35, rotation: 0.2, shift: 0.1, mirror: true };

/// An augmented input (128, 128) and its target (64, 64), the share of lung in every pixel.
fn example(masked: &Masked, rng: &mut ChaCha8Rng) -> (Vec<f32>, Vec<f32>) {
    let affine = GEOMETRY.draw(SIDE, rng).then(&letterbox(masked.film.width, masked.film.height));
    let values = masked.film.warp(&affine, SIDE, f32::NAN);
    let inside: Vec<bool> = values.iter().map(|value| value.is_finite()).collect();
    let square =
        values.into_iter().map(|value| if value.is_finite() { value / 255.0 } else { 0.0 }).collect();
    let mut square = photometric(square, &inside, SIDE, rng);
    square
        .iter_mut()
        .zip(&inside)
        .for_each(|(value, inside)| *value = if *inside { *value } else { f32::NAN });
    // Sometimes the surroundings belong to the film: scanners differ in what they leave around it.
    if rng.random_bool(0.3) {
        let level =
            if rng.random_bool(0.7) { rng.random_range(0.0..0.1) } else { rng.random_range(0.0..1.0) };
        square.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = level);
    }
    let whole = Plane { width: SIDE, height: SIDE, pixels: square };
    let identity = crate::plane::Affine::of_rectangle(0.0, 0.0, SIDE as f32, SIDE as f32, SIDE);
    let half = crate::plane::Affine::of_rectangle(0.0, 0.0, SIDE as f32, SIDE as f32, SIDE / 2);
    let target = masked.mask.warp(&half.then(&affine), SIDE / 2, 0.0);
    (segmenter_input(&whole, &identity), target.into_iter().map(|value| value / 255.0).collect())
}

/// Binary cross-entropy and soft Dice of (N, 1, 64, 64) logits.
fn loss(logits: &Tensor, target: &Tensor) -> candle_core::Result<Tensor> {
    // max(x, 0) − x·t + ln(1 + e^−|x|)
    let entropy =
        ((logits.relu()? - (logits * target)?)? + (logits.abs()?.neg()?.exp()? + 1.0)?.log()?)?.mean_all()?;
    let probability = candle_nn::ops::sigmoid(logits)?;
    let both = ((&probability * target)?.sum((1, 2, 3))? * 2.0)?;
    let either = (probability.sum((1, 2, 3))? + target.sum((1, 2, 3))?)?;
    let dice = ((both + 1.0)? / (either + 1.0)?)?.mean_all()?;
    entropy + (1.0 - dice)?
}

/// The Dice coefficient of every held-out film: what the pipeline keeps as lungs, in the film's
/// own pixels, against the mask.
pub fn dice(network: &Network, weights: &Weights, held_out: &[Masked]) -> Vec<f64> {
    let of = |masked: &Masked| {
        let (width, height) = (masked.film.width, masked.film.height);
        let affine = letterbox(width, height);
        let output = run(network, weights, &segmenter_input(&masked.film, &affine));
        let fields = LungFields::new(probabilities(output.maps), width, height);
        let (mut both, mut either) = (0, 0);
        for (k, &mask) in masked.mask.pixels.iter().enumerate() {
            // From the film's pixel back into the map: the letterbox only scales and shifts.
            let (x, y) = ((k % width) as f32 + 0.5, (k / width) as f32 + 0.5);
            let lung = fields.map.at((x - affine.x0) / affine.xx, (y - affine.y0) / affine.yy) > 0.5;
            let mask = mask >= 128;
            both += usize::from(lung && mask);
            either += usize::from(lung) + usize::from(mask);
        }
        2.0 * both as f64 / either.max(1) as f64
    };
    held_out.iter().map(of).collect()
}

/// Trains and returns the averaged weights. `progress` gets a line now and then.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing masks.
pub fn train(data: &Path, steps: usize, progress: &mut dyn FnMut(&str)) -> Result<Weights> {
    let (train, held_out) = masks(data)?;
    progress(&format!("{} masks to train on, {} of other patients held out", train.len(), held_out.len()));
    let schedule = Schedule { steps, learning_rate: 3e-3, weight_decay: 0.02, average_over: 200.0 };
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut trainee = Trainee::new(Network::lungs(), &[], schedule, &mut rng).map_err(failed)?;
    let start = std::time::Instant::now();
    let mut mean = 0.0;
    for step in 0..steps {
        let chosen: Vec<usize> = (0..BATCH).map(|_| rng.random_range(0..train.len())).collect();
        let value = trainee.learn(|trainee, shard| {
            let size = BATCH / SHARDS;
            let (mut inputs, mut targets) = (Vec::new(), Vec::new());
            for k in shard * size..(shard + 1) * size {
                let mut rng = ChaCha8Rng::seed_from_u64(SEED);
                rng.set_stream((step * BATCH + k) as u64 + 1);
                let (input, target) = example(&train[chosen[k]], &mut rng);
                inputs.extend(input);
                targets.extend(target);
            }
            let input = Tensor::from_vec(inputs, (size, 1, SIDE, SIDE), &Device::Cpu)?;
            let target = Tensor::from_vec(targets, (size, 1, SIDE / 2, SIDE / 2), &Device::Cpu)?;
            let forward = trainee.forward(input, |features| Ok(features.clone()))?;
            Ok((loss(&forward.maps, &target)?, forward.pass))
        })?;
        mean += value / 100.0;
        if (step + 1) % 100 == 0 {
            let left = start.elapsed().as_secs_f64() / (step + 1) as f64 * (steps - step - 1) as f64;
            progress(&format!("step {:>5} of {steps}  loss {mean:.4}  {left:.0} s left", step + 1));
            mean = 0.0;
        }
    }
    Ok(trainee.averaged())
}

//! Trains the lung segmenter on the films that have masks.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{Device, Tensor};
use covid_classifier::lungs::{self, SIDE, letterbox};
use covid_classifier::network::{Network, Weights};
use covid_classifier::plane::{Affine, Plane};
use covid_classifier::{Error, ErrorKind, Result};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::augment::{Placement, enhanced, mark, photometric};
use super::network::{SHARDS, Schedule, Trainee};
use super::recipe::TILES;
use crate::crops::load;
use crate::dataset::{self, Film, Split};
use crate::engine::{Engine, parallel};
use crate::tools::{Progress, failed};

/// Number of masks of Cohen et al. that never train.
const HELD_OUT: usize = 50;
const BATCH: usize = 16;
const SEED: u64 = 1;
/// The share of films whose contrast is enhanced.
const ENHANCED: f64 = 0.25;
/// The share of films with marks and devices drawn on them.
const MARKED: f64 = 0.2;

/// A film with its lung mask.
#[derive(Clone, Debug)]
pub struct Masked {
    film: Plane<u8>,
    /// 0 or 255, in the film's size.
    mask: Plane<u8>,
    /// 255 where the mask is used; 0 where it marks lung that may be heart.
    counts: Plane<u8>,
    /// The collection.
    pub source: String,
}

/// The source whose masks include the lung behind the heart; the others leave it out, and so should the segmenter. One
/// that followed the habit of each source would give the source away.
const WITH_HEART: &str = "cohen";
/// Where the heart may lie, in shares of the width and height of the mask's box.
const HEART: [std::ops::Range<f32>; 2] = [0.3..0.85, 0.25..1.1];

/// The pixels in which a mask is used.
fn counts(mask: &Plane<u8>, source: &str) -> Plane<u8> {
    let mut counts = Plane { width: mask.width, height: mask.height, pixels: vec![255; mask.pixels.len()] };
    let lung = || (0..mask.pixels.len()).filter(|&k| mask.pixels[k] >= 128);
    let (columns, rows) = (lung().map(|k| k % mask.width), lung().map(|k| k / mask.width));
    let (Some(left), Some(right)) = (columns.clone().min(), columns.max()) else { return counts };
    let (Some(top), Some(bottom)) = (rows.clone().min(), rows.max()) else { return counts };
    if source == WITH_HEART {
        let share = |at: usize, from: usize, to: usize| (at - from) as f32 / (to - from).max(1) as f32;
        let [across, down] = HEART;
        for k in lung() {
            let (x, y) = (share(k % mask.width, left, right), share(k / mask.width, top, bottom));
            if across.contains(&x) && down.contains(&y) {
                counts.pixels[k] = 0;
            }
        }
    }
    counts
}

/// Films with masks.
#[derive(Clone, Debug)]
pub struct Masks {
    /// Films that train.
    pub train: Vec<Masked>,
    /// Films of other patients, and of sources that do not train.
    pub held_out: Vec<Masked>,
}

/// Divides the masks into training and held out, with no patient on both sides; the division is always the same. Held
/// out are 50 masks of Cohen et al., the other sources' `val` and `external`, and all masks of the sources in
/// `without`.
///
/// # Errors
/// [`ErrorKind::Dataset`] where masks are missing or do not fit their films.
pub fn masks(data: &Path, without: &[String]) -> Result<Masks> {
    let films = dataset::films(data)?.into_iter();
    let (cohen, others): (Vec<Film>, Vec<Film>) =
        films.filter(|film| film.lung_mask.is_some()).partition(|film| film.source == "cohen");
    let (mut train, mut held_out) = divided(cohen);
    if held_out.len() != HELD_OUT {
        let message = format!("{} held-out masks of Cohen et al. are too few", held_out.len());
        return Err(Error::new(ErrorKind::Dataset, message));
    }
    let (more, rest): (Vec<Film>, Vec<Film>) =
        others.into_iter().partition(|film| film.split == Split::Train);
    train.extend(more);
    held_out.extend(rest);
    let (left_out, train): (Vec<Film>, Vec<Film>) =
        train.into_iter().partition(|film| without.contains(&film.source));
    held_out.extend(left_out);
    if train.is_empty() {
        return Err(Error::new(ErrorKind::Dataset, "no masks are left to train on"));
    }
    Ok(Masks { train: load_all(train)?, held_out: load_all(held_out)? })
}

fn load_all(films: Vec<Film>) -> Result<Vec<Masked>> {
    let one = |film: &Film| {
        let Some(path) = &film.lung_mask else { return Ok(None) };
        let (plane, mask) = (load(&film.path)?, load(path)?);
        if (plane.width, plane.height) != (mask.width, mask.height) {
            let message = format!("{} is not of its film's size", path.display());
            return Err(Error::new(ErrorKind::Dataset, message));
        }
        let counts = counts(&mask, &film.source);
        Ok(Some(Masked { film: plane, mask, counts, source: film.source.clone() }))
    };
    let loaded = parallel(&films, one).into_iter().collect::<Result<Vec<_>>>()?;
    Ok(loaded.into_iter().flatten().collect())
}

/// Divides films into those to train on and [`HELD_OUT`] others, with no patient on both sides. A seed decides,
/// independent of their order.
fn divided(films: Vec<Film>) -> (Vec<Film>, Vec<Film>) {
    let mut groups: HashMap<String, Vec<Film>> = HashMap::new();
    for film in films {
        groups.entry(film.patient_group.clone()).or_default().push(film);
    }
    let mut order: Vec<Vec<Film>> = groups.into_values().collect();
    order.sort_by(|a, b| a[0].patient_group.cmp(&b[0].patient_group));
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(50));
    let (mut train, mut held_out) = (Vec::new(), Vec::new());
    for group in order {
        let side = if held_out.len() + group.len() <= HELD_OUT { &mut held_out } else { &mut train };
        side.extend(group);
    }
    (train, held_out)
}

const PLACEMENT: Placement = Placement { scale: 0.35, aspect: 0.35, rotation: 0.2, shift: 0.1, mirror: true };

/// An augmented film with its mask.
struct Example {
    /// (128, 128).
    input: Vec<f32>,
    /// (64, 64): the share of lung in every pixel…
    target: Vec<f32>,
    /// … and how much it counts.
    counts: Vec<f32>,
}

fn example(masked: &Masked, rng: &mut ChaCha8Rng) -> Example {
    let affine = PLACEMENT.draw(SIDE, rng).then(&letterbox(masked.film.width, masked.film.height));
    let values = masked.film.warp(&affine, SIDE, f32::NAN);
    let inside: Vec<bool> = values.iter().map(|value| value.is_finite()).collect();
    let mut square: Vec<f32> =
        values.into_iter().map(|value| if value.is_finite() { value / 255.0 } else { 0.0 }).collect();
    if rng.random_bool(ENHANCED) {
        square = enhanced(&square, SIDE, TILES, rng);
    }
    if rng.random_bool(MARKED) {
        mark(&mut square, SIDE, rng);
    }
    let mut square = photometric(square, &inside, SIDE, rng);
    square
        .iter_mut()
        .zip(&inside)
        .for_each(|(value, inside)| *value = if *inside { *value } else { f32::NAN });
    // Sometimes the border counts as film: scanners leave different borders.
    if rng.random_bool(0.3) {
        let level =
            if rng.random_bool(0.7) { rng.random_range(0.0..0.1) } else { rng.random_range(0.0..1.0) };
        square.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = level);
    }
    let whole = Plane { width: SIDE, height: SIDE, pixels: square };
    let identity = Affine::of_rectangle(0.0, 0.0, SIDE as f32, SIDE as f32, SIDE);
    let half = Affine::of_rectangle(0.0, 0.0, SIDE as f32, SIDE as f32, SIDE / 2);
    let at = half.then(&affine);
    let shares = |plane: &Plane<u8>, outside: f32| {
        let warped = plane.warp(&at, SIDE / 2, outside);
        warped.into_iter().map(|value| value / 255.0).collect()
    };
    Example {
        input: lungs::input_at(&whole, &identity),
        target: shares(&masked.mask, 0.0),
        counts: shares(&masked.counts, 255.0),
    }
}

/// Binary cross-entropy and soft Dice of (N, 1, 64, 64) logits, over the pixels that count.
fn loss(logits: &Tensor, target: &Tensor, counts: &Tensor) -> candle_core::Result<Tensor> {
    // max(x, 0) − x·t + ln(1 + e^−|x|)
    let entropy = ((logits.relu()? - (logits * target)?)? + (logits.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
    let entropy = ((entropy * counts)?.sum_all()? / counts.sum_all()?)?;
    let (probability, target) = ((candle_nn::ops::sigmoid(logits)? * counts)?, (target * counts)?);
    let both = ((&probability * &target)?.sum((1, 2, 3))? * 2.0)?;
    let either = (probability.sum((1, 2, 3))? + target.sum((1, 2, 3))?)?;
    let dice = ((both + 1.0)? / (either + 1.0)?)?.mean_all()?;
    entropy + (1.0 - dice)?
}

/// The Dice coefficient of every held-out film, between the lungs that the pipeline keeps and the mask, in the film's
/// own pixels. Pixels in which a mask may show the heart do not count.
///
/// # Errors
/// As [`Engine::run`].
pub fn dice(segmenter: &Engine, held_out: &[Masked]) -> Result<Vec<f64>> {
    let of = |masked: &Masked| {
        let (width, height) = (masked.film.width, masked.film.height);
        let output = segmenter.run(&lungs::input(&masked.film))?;
        let fields = lungs::read(&output, width, height).fields;
        let affine = letterbox(width, height);
        let (mut both, mut either) = (0, 0);
        for (k, &mask) in masked.mask.pixels.iter().enumerate() {
            // Maps a film pixel back into the lung map: the letterbox only scales and shifts.
            let (x, y) = ((k % width) as f32 + 0.5, (k / width) as f32 + 0.5);
            let lung = fields.map.at((x - affine.x0) / affine.xx, (y - affine.y0) / affine.yy) > 0.5;
            if masked.counts.pixels[k] == 0 {
                continue;
            }
            let mask = mask >= 128;
            both += usize::from(lung && mask);
            either += usize::from(lung) + usize::from(mask);
        }
        Ok(2.0 * both as f64 / either.max(1) as f64)
    };
    parallel(held_out, of).into_iter().collect()
}

/// How well the lungs of one source's films are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceDice {
    /// The collection.
    pub source: String,
    /// Its held-out masks.
    pub masks: usize,
    /// Their mean Dice coefficient.
    pub dice: f64,
    /// The smallest Dice coefficient of one film.
    pub smallest_dice: f64,
}

/// The results of [`dice`] per source.
pub fn by_source(held_out: &[Masked], dice: &[f64]) -> Vec<SourceDice> {
    let mut sources: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (masked, dice) in held_out.iter().zip(dice) {
        sources.entry(&masked.source).or_default().push(*dice);
    }
    let of = |(source, dice): (&str, Vec<f64>)| SourceDice {
        source: source.to_owned(),
        masks: dice.len(),
        dice: dice.iter().sum::<f64>() / dice.len() as f64,
        smallest_dice: dice.iter().copied().fold(1.0, f64::min),
    };
    sources.into_iter().map(of).collect()
}

/// Trains and returns the averaged weights. `progress` gets a line now and then.
///
/// # Errors
/// [`ErrorKind::Internal`] where the loss is not a number.
pub fn train(masks: &Masks, steps: usize, progress: Progress<'_>) -> Result<Weights> {
    progress(&format!("{} masks to train on, {} held out", masks.train.len(), masks.held_out.len()));
    let mut sources: BTreeMap<&str, Vec<&Masked>> = BTreeMap::new();
    masks.train.iter().for_each(|masked| sources.entry(&masked.source).or_default().push(masked));
    let sources: Vec<Vec<&Masked>> = sources.into_values().collect();
    let schedule = Schedule { cycle: steps, learning_rate: 3e-3, weight_decay: 0.02, average_over: 200.0 };
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut trainee = Trainee::new(Network::lungs(), &[], schedule, &mut rng).map_err(failed)?;
    let start = std::time::Instant::now();
    let mut mean = 0.0;
    for step in 0..steps {
        // Every source equally often.
        let chosen: Vec<&Masked> = (0..BATCH)
            .map(|k| {
                let films = &sources[(step * BATCH + k) % sources.len()];
                films[rng.random_range(0..films.len())]
            })
            .collect();
        let value = trainee.learn(|trainee, shard| {
            let size = BATCH / SHARDS;
            let (mut inputs, mut targets, mut counts) = (Vec::new(), Vec::new(), Vec::new());
            for (k, masked) in chosen.iter().enumerate().skip(shard * size).take(size) {
                let mut rng = ChaCha8Rng::seed_from_u64(SEED);
                rng.set_stream((step * BATCH + k) as u64 + 1);
                let example = example(masked, &mut rng);
                inputs.extend(example.input);
                targets.extend(example.target);
                counts.extend(example.counts);
            }
            let input = Tensor::from_vec(inputs, (size, 1, SIDE, SIDE), &Device::Cpu)?;
            let half = |values| Tensor::from_vec(values, (size, 1, SIDE / 2, SIDE / 2), &Device::Cpu);
            let (target, counts) = (half(targets)?, half(counts)?);
            let forward = trainee.forward(input, |features| Ok(features.clone()))?;
            Ok((loss(&forward.maps, &target, &counts)?, forward.pass))
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

#[cfg(test)]
mod tests {
    use covid_classifier::Label;

    use super::*;

    fn film(patient: usize, k: usize) -> Film {
        Film {
            path: format!("{k}.jpg").into(),
            source: "cohen".to_owned(),
            finding: Label::Covid19.into(),
            details: String::new(),
            patient_group: format!("p{patient}"),
            split: Split::Train,
            original_name: String::new(),
            lung_mask: None,
            also_in: None,
        }
    }

    #[test]
    fn no_patient_is_on_both_sides_and_the_order_does_not_matter() {
        let films: Vec<Film> = (0..200).map(|k| film(k / 3, k)).collect();
        let (train, held_out) = divided(films.clone());
        assert_eq!((train.len(), held_out.len()), (150, 50));
        let patients = |films: &[Film]| -> std::collections::BTreeSet<String> {
            films.iter().map(|film| film.patient_group.clone()).collect()
        };
        assert!(patients(&train).is_disjoint(&patients(&held_out)));
        let (_, again) = divided(films.into_iter().rev().collect());
        assert_eq!(patients(&again), patients(&held_out));
    }

    #[test]
    fn too_few_masks_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("manifest.csv"),
            "path,source,label,patient_group,split,original_name\na.jpg,cohen,covid,p,train,a\n",
        )
        .unwrap();
        let error = masks(folder.path(), &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dataset);
        assert!(error.to_string().contains("too few"), "{error}");
    }

    /// The input has a fixed size, and the target holds the share of lung in every pixel.
    #[test]
    fn an_example_and_its_target_lie_alike() {
        let (width, height) = (100, 100);
        let mask: Vec<u8> = (0..width * height).map(|k| if k % width < 50 { 255 } else { 0 }).collect();
        let film = mask.iter().map(|&value| 200 - value / 2).collect();
        let masked = Masked {
            film: Plane { width, height, pixels: film },
            counts: Plane { width, height, pixels: vec![255; width * height] },
            mask: Plane { width, height, pixels: mask },
            source: "here".to_owned(),
        };
        let mut alike = 0;
        for k in 0..20 {
            let Example { input, target, counts } = example(&masked, &mut ChaCha8Rng::seed_from_u64(k));
            assert!(counts.iter().all(|count| *count > 0.99));
            assert_eq!((input.len(), target.len()), (SIDE * SIDE, SIDE * SIDE / 4));
            assert!(target.iter().all(|share| (0.0..=1.0).contains(share)));
            let inside = |wanted: bool| {
                let chosen = (0..target.len())
                    .filter(|&k| (target[k] > 0.99) == wanted && (wanted || target[k] == 0.0));
                let values: Vec<f32> =
                    chosen.map(|k| input[(k / 64 * 2 + 1) * SIDE + k % 64 * 2 + 1]).collect();
                values.iter().sum::<f32>() / values.len().max(1) as f32
            };
            // The film is dark inside the mask and bright beside it, wherever both were moved, unless much is drawn
            // over it.
            alike += usize::from(inside(true) + 0.3 < inside(false));
        }
        assert!(alike >= 17, "{alike} of 20");
    }

    /// Two lungs, one of which includes the heart: in the middle of the box of both, below its top.
    #[test]
    fn where_a_mask_may_show_the_heart_it_does_not_teach() {
        let (width, height) = (120, 120);
        let is_lung = |k: usize| {
            let (x, y) = (k % width, k / width);
            (10..110).contains(&y) && ((10..50).contains(&x) || (60..110).contains(&x))
        };
        let pixels = (0..width * height).map(|k| if is_lung(k) { 255 } else { 0 }).collect();
        let mask = Plane { width, height, pixels };
        assert!(counts(&mask, "shenzhen").pixels.iter().all(|count| *count == 255));
        let counted = counts(&mask, WITH_HEART);
        let at = |x: usize, y: usize| counted.pixels[y * width + x];
        assert_eq!([at(70, 80), at(45, 100)], [0, 0], "the heart, and what lies right of it");
        assert_eq!([at(55, 80), at(70, 20), at(105, 80), at(20, 80), at(5, 5)], [255; 5]);
        let none = Plane { width: 2, height: 2, pixels: vec![0; 4] };
        assert_eq!(counts(&none, WITH_HEART).pixels, [255; 4]);
    }

    #[test]
    fn a_loss_is_least_for_what_is_right() {
        let tensor = |values: Vec<f32>| Tensor::from_vec(values, (1, 1, 2, 2), &Device::Cpu).unwrap();
        let target = tensor(vec![1.0, 0.0, 1.0, 0.0]);
        let (all, upper) = (tensor(vec![1.0; 4]), tensor(vec![1.0, 1.0, 0.0, 0.0]));
        let counted = |logits: Vec<f32>, counts: &Tensor| {
            loss(&tensor(logits), &target, counts).unwrap().to_scalar::<f32>().unwrap()
        };
        let of = |logits: Vec<f32>| counted(logits, &all);
        let right = of(vec![9.0, -9.0, 9.0, -9.0]);
        assert!(right < 0.01, "{right}");
        assert!(right < of(vec![0.0; 4]) && of(vec![0.0; 4]) < of(vec![-9.0, 9.0, -9.0, 9.0]));
        // Pixels that do not count may be wrong.
        assert!(counted(vec![9.0, -9.0, -9.0, 9.0], &upper) < 0.01);
        assert!(counted(vec![-9.0, 9.0, 9.0, -9.0], &upper) > 1.0);
    }
}

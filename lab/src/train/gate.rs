//! Trains the gate: it learns frontal chest films, children's films, and how far the convnet reader's features may lie
//! from those of its training films.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use covid_classifier::gate::{
    DIRECTIONS, FEATURES, Gate, HIDDEN, INPUTS, KINDS, Linear, PictureKind, inputs,
};
use covid_classifier::lungs::LungFields;
use covid_classifier::plane::{Affine, Plane};
use covid_classifier::{Error, ErrorKind, LABELS, Label, Result};
use nalgebra::DMatrix;
use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::negatives::{generator, spoil};
use super::photographs::{Photographs, other_pictures};
use crate::crops::{Prepared, View, plain, segment};
use crate::dataset::Split;
use crate::engine::{Engine, parallel};
use crate::tools::{Progress, failed};

/// The collection of children's films.
pub const CHILDREN: &str = "kermany";
/// The seed of the training; the trials of the gate add to it.
pub const SEED: u64 = 7;
/// Number of pictures that are not films: this many drawn ones and this many parts of photographs.
const OTHER_PICTURES: usize = 2500;
/// Each of the two limits refuses at most this share of the validation films…
const REFUSED: f64 = 0.006;
/// … and doubts at most this share.
const DOUBTED: f64 = 0.02;
/// A source with fewer validation films than this weighs less than the others.
const SOURCE_FILMS: usize = 40;

/// A film as another scanner might have produced it: slightly turned, shifted and scaled, with other contrast and
/// proportions.
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

/// A film with a black, grey or white border, as exports and scans add it: equal on all sides, or filling other
/// proportions.
fn framed(film: &Plane<u8>, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let (width, height) = (film.width as f32, film.height as f32);
    let (across, down) = if rng.random_bool(0.5) {
        let aspect = rng.random_range(0.55..1.9_f32);
        (width.max(height * aspect), height.max(width / aspect))
    } else {
        let border = rng.random_range(0.01..0.15_f32) * width.min(height);
        (width + 2.0 * border, height + 2.0 * border)
    };
    let (across, down) = (across as usize, down as usize);
    let level = [0, 0, 0, 255, 255, rng.random_range(0..=255)][rng.random_range(0..6)];
    let (left, top) = ((across - film.width) / 2, (down - film.height) / 2);
    let mut pixels = vec![level; across * down];
    for (y, row) in film.pixels.chunks_exact(film.width).enumerate() {
        let start = (top + y) * across + left;
        pixels[start..start + film.width].copy_from_slice(row);
    }
    Plane { width: across, height: down, pixels }
}

/// A film with names and dates hidden: up to three boxes at its edges, white, black or grey.
fn redacted(film: &Plane<u8>, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let mut hidden = film.clone();
    for _ in 0..rng.random_range(1..=3) {
        let level = [255, 255, 0, rng.random_range(0..=255)][rng.random_range(0..4)];
        let size = |whole: usize, rng: &mut ChaCha8Rng| {
            ((whole as f32 * rng.random_range(0.05..0.3_f32)) as usize).max(1)
        };
        let (across, down) = (size(film.width, rng), size(film.height, rng) / 2 + 1);
        let left = rng.random_range(0..=film.width - across);
        let top = if rng.random_bool(0.5) { 0 } else { film.height - down };
        for row in hidden.pixels.chunks_exact_mut(film.width).skip(top).take(down) {
            row[left..left + across].fill(level);
        }
    }
    hidden
}

/// A film whose upper or lower part is cut off, including a share of the lungs.
fn cut(film: &Plane<u8>, fields: &LungFields, rng: &mut ChaCha8Rng) -> Option<Plane<u8>> {
    let place = fields.to_film();
    let (top, bottom) = fields.parts.iter().fold((f32::INFINITY, 0.0_f32), |(top, bottom), part| {
        let at = |y: usize| place.apply(0.0, y as f32).1;
        (top.min(at(part.top)), bottom.max(at(part.bottom + 1)))
    });
    let share = rng.random_range(0.2..0.5_f32);
    let keep = match rng.random_bool(0.5) {
        true => (top + share * (bottom - top)).max(0.0) as usize..film.height,
        false => 0..((bottom - share * (bottom - top)).max(0.0) as usize).min(film.height),
    };
    (keep.len() > film.height / 4).then(|| Plane {
        width: film.width,
        height: keep.len(),
        pixels: film.pixels[keep.start * film.width..keep.end * film.width].to_vec(),
    })
}

/// A training picture.
struct Picture {
    inputs: Vec<f32>,
    kind: usize,
    child: Option<bool>,
    weight: f32,
}

/// The ways in which a film is spoilt.
pub const SPOILT: [PictureKind; 5] = [
    PictureKind::UpsideDown,
    PictureKind::Sideways,
    PictureKind::Inverted,
    PictureKind::Cropped,
    PictureKind::Squeezed,
];

fn index(kind: PictureKind) -> usize {
    KINDS.iter().position(|other| *other == kind).unwrap_or_default()
}

/// Trains the gate on the training films; the validation films set its limits.
///
/// # Errors
/// [`ErrorKind::Dataset`] for too few films.
pub fn train(
    films: &[Prepared],
    photographs: &Photographs,
    segmenter: &Engine,
    reader: &Engine,
    progress: Progress<'_>,
) -> Result<Gate> {
    let training: Vec<(u64, &Prepared)> =
        (0..).zip(films).filter(|(_, film)| film.about.split == Split::Train).collect();
    if training.is_empty() {
        return Err(Error::new(ErrorKind::Dataset, "no films to train on"));
    }
    progress(&format!("the gate: spoiling {} films and drawing other pictures", training.len()));
    let of_films = parallel(&training, |(k, film)| -> Result<Vec<Picture>> {
        let mut rng = generator(SEED, *k);
        let child = Some(film.about.source == CHILDREN);
        // This small collection counts more, because its films are from many hospitals.
        let weight = if film.about.source == "cohen" { 6.0 } else { 1.0 };
        let frontal = inputs(&film.segmented);
        let mut pictures = vec![Picture { inputs: frontal, kind: 0, child, weight }];
        let mut other = varied(&film.film, &mut rng);
        if rng.random_bool(0.3) {
            other = redacted(&other, &mut rng);
        }
        if rng.random_bool(0.6) {
            other = framed(&other, &mut rng);
        }
        let other = segment(&other, segmenter)?;
        pictures.push(Picture { inputs: inputs(&other), kind: 0, child, weight });
        if rng.random_bool(0.25)
            && let Some(part) = cut(&film.film, film.fields(), &mut rng)
        {
            let kind = index(PictureKind::Cropped);
            let inputs = inputs(&segment(&part, segmenter)?);
            pictures.push(Picture { inputs, kind, child: None, weight: 1.0 });
        }
        let kind = SPOILT[rng.random_range(0..SPOILT.len())];
        let source = if rng.random_bool(0.5) { varied(&film.film, &mut rng) } else { film.film.clone() };
        let spoilt = segment(&spoil(&source, kind, &mut rng), segmenter)?;
        pictures.push(Picture { inputs: inputs(&spoilt), kind: index(kind), child: None, weight: 1.0 });
        Ok(pictures)
    });
    let mut pictures: Vec<Picture> =
        of_films.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let others = other_pictures(OTHER_PICTURES, &photographs.train, SEED + 1);
    let others = parallel(&others, |picture| {
        let kind = index(PictureKind::NotAChestFilm);
        Ok(Picture { inputs: inputs(&segment(picture, segmenter)?), kind, child: None, weight: 1.0 })
    });
    pictures.extend(others.into_iter().collect::<Result<Vec<_>>>()?);
    progress(&format!("{} pictures", pictures.len()));
    let mut gate = fit(&pictures, progress)?;

    progress("the convnet reader's features of the training films");
    let features_of = |film: &Prepared| Ok(reader.read(&plain(film, View::Lungs, reader.side()))?.features);
    let labelled: Vec<&Prepared> =
        training.iter().map(|(_, film)| *film).filter(|film| film.about.label().is_some()).collect();
    let features = parallel(&labelled, |film| features_of(film));
    let features = features.into_iter().collect::<Result<Vec<_>>>()?;
    let labels: Vec<usize> =
        training.iter().filter_map(|(_, film)| film.about.label()).map(Label::index).collect();
    (gate.centers, gate.directions) = whitening(&features, &labels)?;

    let validation: Vec<&Prepared> = films.iter().filter(|film| film.about.split == Split::Val).collect();
    let judged = parallel(&validation, |film| {
        let frontal = gate.classify(&inputs(&film.segmented)).0[0];
        Ok((frontal, gate.distance(&features_of(film)?)))
    });
    let judged = judged.into_iter().collect::<Result<Vec<(f64, f64)>>>()?;
    // Every source counts alike: otherwise a large one would hide that a small one is refused.
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    validation.iter().for_each(|film| *counts.entry(&film.about.source).or_default() += 1);
    let weight = |film: &Prepared| 1.0 / counts[film.about.source.as_str()].max(SOURCE_FILMS) as f64;
    let weighted = |value: fn(&(f64, f64)) -> f64| {
        judged.iter().zip(&validation).map(|(judged, film)| (value(judged), weight(film))).collect()
    };
    (gate.least_frontal, gate.largest_distance) =
        limits(weighted(|judged| judged.0), weighted(|judged| judged.1))?;
    progress(&format!(
        "limits: frontal {:.4} (doubted {:.4}), distance {:.2} (doubted {:.2})",
        gate.least_frontal[0], gate.least_frontal[1], gate.largest_distance[0], gate.largest_distance[1]
    ));
    Ok(gate)
}

/// The limits that each refuse [`REFUSED`] and doubt [`DOUBTED`] of the validation films: the least probability of a
/// frontal film, and the largest distance. Films are given as (value, weight).
fn limits(mut frontal: Vec<(f64, f64)>, mut distance: Vec<(f64, f64)>) -> Result<([f32; 2], [f32; 2])> {
    if frontal.is_empty() || distance.is_empty() {
        return Err(Error::new(ErrorKind::Dataset, "no films to set the gate's limits by"));
    }
    frontal.sort_by(|a, b| a.0.total_cmp(&b.0));
    distance.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The value below which this share of the films lies, by weight.
    let at = |sorted: &[(f64, f64)], share: f64| {
        let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
        let mut below = 0.0;
        let found = sorted.iter().find(|(_, weight)| {
            below += weight;
            below > share * total
        });
        found.or(sorted.last()).map_or(0.0, |(value, _)| *value as f32)
    };
    Ok((
        [at(&frontal, REFUSED).min(0.9), at(&frontal, DOUBTED).min(0.9)],
        [1.05 * at(&distance, 1.0 - REFUSED), at(&distance, 1.0 - DOUBTED)],
    ))
}

/// The class means, and the whitening directions of the covariance within the classes, which is shrunk towards its mean
/// variance.
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

/// Trains a small network on all pictures with AdamW.
fn fit(pictures: &[Picture], progress: &mut dyn FnMut(&str)) -> Result<Gate> {
    const EPOCHS: usize = 40;
    const BATCH: usize = 256;
    let count = pictures.len() as f64;
    let column = |k: usize| pictures.iter().map(move |picture| f64::from(picture.inputs[k]));
    let mean: Vec<f32> = (0..INPUTS).map(|k| (column(k).sum::<f64>() / count) as f32).collect();
    let deviation =
        |k: usize| (column(k).map(|value| (value - f64::from(mean[k])).powi(2)).sum::<f64>() / count).sqrt();
    let deviation: Vec<f32> = (0..INPUTS).map(|k| deviation(k).max(1e-3) as f32).collect();
    // Frontal films have the same total weight as all others.
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
        hidden: Linear { weights: flat(&w1)?, bias: flat(&b1)? },
        kinds: Linear { weights: flat(&w2)?, bias: flat(&b2)? },
        child: Linear { weights: flat(&w3)?, bias: flat(&b3)? },
        centers: Vec::new(),
        directions: Vec::new(),
        least_frontal: [0.0; 2],
        largest_distance: [0.0; 2],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crops::tests::phantom;

    #[test]
    fn limits_are_quantiles_of_the_validation_films() {
        let values: Vec<(f64, f64)> = (0..1000).map(|k| (f64::from(k) / 1000.0, 0.5)).collect();
        let (frontal, distance) = limits(values.iter().rev().copied().collect(), values).unwrap();
        let near = |a: [f32; 2], b: [f32; 2]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.002);
        assert!(near(frontal, [0.006, 0.02]), "{frontal:?}");
        assert!(near(distance, [1.05 * 0.994, 0.98]), "{distance:?}");
        // A film with the weight of a hundred counts like a hundred films.
        let (few, many) = (vec![(0.1, 100.0)], (0..900).map(|k| (0.5 + f64::from(k) / 2000.0, 1.0)));
        let (frontal, _) = limits(few.into_iter().chain(many).collect(), vec![(1.0, 1.0)]).unwrap();
        assert_eq!(frontal, [0.1, 0.1]);
        // Even if the gate is surer of every validation film, the limit is at most 0.9.
        assert_eq!(limits(vec![(0.99, 1.0); 50], vec![(1.0, 1.0); 50]).unwrap().0, [0.9, 0.9]);
        assert!(limits(Vec::new(), Vec::new()).is_err());
    }

    #[test]
    fn whitened_features_have_deviation_one() {
        let mut rng = generator(1, 1);
        let labels: Vec<usize> = (0..600).map(|k| k % 3).collect();
        // The first feature varies ten times as much as the others; the classes lie apart.
        let features: Vec<Vec<f32>> = labels
            .iter()
            .map(|&label| {
                (0..FEATURES)
                    .map(|k| {
                        let size = if k == 0 { 10.0 } else { 1.0 };
                        5.0 * label as f32 + size * rng.random_range(-1.0..1.0_f32)
                    })
                    .collect()
            })
            .collect();
        let (centers, directions) = whitening(&features, &labels).unwrap();
        assert!((centers[FEATURES + 1] - 5.0).abs() < 0.2 && (centers[2 * FEATURES + 1] - 10.0).abs() < 0.2);
        let mut squares = 0.0;
        for (feature, label) in features.iter().zip(&labels) {
            for row in directions.chunks_exact(FEATURES) {
                let offset = feature.iter().zip(&centers[label * FEATURES..]).map(|(a, b)| a - b);
                squares += row.iter().zip(offset).map(|(w, x)| w * x).sum::<f32>().powi(2);
            }
        }
        let mean = squares / (600 * DIRECTIONS) as f32;
        assert!((0.7..1.1).contains(&mean), "{mean}");
        assert!(
            whitening(&vec![vec![1.0; FEATURES]; 9], &[0; 9]).is_err(),
            "what does not vary has no directions"
        );
    }

    #[test]
    fn a_varied_film_is_the_film_moved_a_little() {
        let film = Plane { width: 80, height: 60, pixels: (0..4800).map(|k| (3 * (k % 80)) as u8).collect() };
        for k in 0..10 {
            let other = varied(&film, &mut generator(3, k));
            assert_eq!((other.width, other.height), (80, 60));
            assert_ne!(other, film);
            // It is still darker on the left.
            let mean = |plane: &Plane<u8>, from: usize| {
                (0..60).map(|y| u32::from(plane.pixels[80 * y + from])).sum::<u32>()
            };
            assert!(mean(&other, 20) < mean(&other, 60));
        }
    }

    #[test]
    fn a_framed_film_holds_the_whole_film() {
        let film = Plane { width: 40, height: 30, pixels: (0..1200).map(|k| (k % 200) as u8 + 20).collect() };
        for k in 0..30 {
            let framed = framed(&film, &mut generator(5, k));
            assert!(framed.width >= 40 && framed.height >= 30);
            let (left, top) = ((framed.width - 40) / 2, (framed.height - 30) / 2);
            for y in 0..30 {
                let start = (top + y) * framed.width + left;
                assert_eq!(framed.pixels[start..start + 40], film.pixels[40 * y..40 * (y + 1)]);
            }
        }
    }

    #[test]
    fn a_redacted_film_is_hidden_at_an_edge_alone() {
        let film = Plane { width: 60, height: 60, pixels: vec![100; 3600] };
        for k in 0..30 {
            let hidden = redacted(&film, &mut generator(6, k));
            let changed: Vec<usize> = (0..3600).filter(|&k| hidden.pixels[k] != 100).collect();
            assert!(!changed.is_empty() && changed.len() < 3 * 18 * 11, "{}", changed.len());
            assert!(changed.iter().all(|k| !(11..49).contains(&(k / 60))));
        }
    }

    #[test]
    fn a_cut_film_has_lost_a_part_of_the_lungs() {
        let film = phantom("here", Label::Normal, Split::Train, 1);
        let (height, width) = (film.film.height, film.film.width);
        let mut sides = [0, 0];
        for k in 0..40 {
            let part = cut(&film.film, film.fields(), &mut generator(7, k)).unwrap();
            assert!(part.width == width && part.height < height);
            let from_below = part.pixels[..] == film.film.pixels[..part.pixels.len()];
            sides[usize::from(from_below)] += 1;
            // The lungs reach from row 30 to 90 of a map of 128.
            let rows = 60.0 * film.film.width as f32 / 128.0;
            let lost = (height - part.height) as f32;
            assert!(lost > 0.2 * rows, "{lost} of {rows}");
        }
        assert!(sides[0] > 8 && sides[1] > 8, "{sides:?}");
    }

    /// Pictures that differ in one input are told apart by it.
    #[test]
    fn the_gate_learns_what_sets_pictures_apart() {
        let mut rng = generator(4, 0);
        let pictures: Vec<Picture> = (0..4000)
            .map(|k| {
                let (kind, child) = (k % 2, k % 3 == 0);
                let mut inputs: Vec<f32> = (0..INPUTS).map(|_| rng.random_range(-1.0..1.0)).collect();
                inputs[0] += 4.0 * kind as f32;
                inputs[1] += if child { 4.0 } else { 0.0 };
                Picture { inputs, kind: 6 * kind, child: Some(child), weight: 1.0 }
            })
            .collect();
        let gate = fit(&pictures, &mut |_| ()).unwrap();
        for picture in &pictures[..60] {
            let (kinds, child) = gate.classify(&picture.inputs);
            assert!(kinds[picture.kind] > 0.5, "{} {kinds:?}", picture.kind);
            assert_eq!(child > 0.5, picture.child == Some(true), "{child}");
        }
    }
}

//! Fits what turns logits into probabilities and a prediction set, on the validation films.

use covid_classifier::verdict::Calibration;
use covid_classifier::{Error, ErrorKind, LABELS, Label, Result};
use serde::{Deserialize, Serialize};

/// The share of films whose class the prediction set is meant to hold.
pub const COVERAGE: f64 = 0.9;
/// The texture reader counts if it lowers the cross-validated loss by this many nats.
const WORTH: f64 = 0.01;
const FOLDS: usize = 5;
/// A source sets a class's threshold if it has this many films of it.
const ENOUGH: usize = 20;

/// One validation film.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The convnet reader's logits.
    pub convnet: [f64; 3],
    /// The texture reader's logits.
    pub texture: [f64; 3],
    /// The class.
    pub label: Label,
    /// The collection.
    pub source: String,
    /// The patient.
    pub group: String,
}

/// How the fit went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// What ships.
    pub calibration: Calibration,
    /// Cross-validated loss, nats, of the convnet reader alone…
    pub loss_alone: f64,
    /// … and with the texture reader.
    pub loss_with_texture: f64,
    /// Whether the texture reader counts.
    pub texture_counts: bool,
}

/// What the classes weigh: most films that anybody takes are normal, and with equal weights too
/// many of them would be called diseased.
const SHARES: [f64; 3] = [0.25, 0.5, 0.25];

/// The classes by [`SHARES`], and inside a class every source by the root of its number.
fn weights(films: &[&Scored]) -> Vec<f64> {
    let count = |label: Label, source: &str| {
        films.iter().filter(|f| f.label == label && f.source == source).count() as f64
    };
    let raw: Vec<f64> = films.iter().map(|film| 1.0 / count(film.label, &film.source).sqrt()).collect();
    let total =
        |label: Label| films.iter().zip(&raw).filter(|(f, _)| f.label == label).map(|(_, w)| w).sum::<f64>();
    let totals = LABELS.map(total);
    films
        .iter()
        .zip(&raw)
        .map(|(film, weight)| SHARES[film.label.index()] * weight / totals[film.label.index()])
        .collect()
}

/// Parameters: convnet scale, texture scale, two biases (the third is 0).
type Parameters = [f64; 4];

fn calibration(parameters: Parameters) -> Calibration {
    Calibration {
        convnet_scale: parameters[0],
        texture_scale: parameters[1],
        bias: [parameters[2], parameters[3], 0.0].into(),
        least_probability: [0.0; 3].into(),
        coverage: COVERAGE,
    }
}

fn loss(films: &[&Scored], weights: &[f64], calibration: &Calibration) -> f64 {
    let terms = films.iter().zip(weights).map(|(film, weight)| {
        let p = calibration.probabilities(film.convnet, film.texture)[film.label.index()];
        (-weight * p.max(1e-12).ln(), *weight)
    });
    let (sum, total) = terms.fold((0.0, 0.0), |(sum, total), (term, weight)| (sum + term, total + weight));
    sum / total
}

/// Gradient descent with shrinking steps on a convex loss of four numbers.
fn descend(films: &[&Scored], with_texture: bool) -> Parameters {
    let weights = weights(films);
    let mut at: Parameters = [1.0, 0.0, 0.0, 0.0];
    let mut value = loss(films, &weights, &calibration(at));
    let mut step = 0.5;
    while step > 1e-6 {
        let mut better = false;
        for k in 0..4 {
            if k == 1 && !with_texture {
                continue;
            }
            for sign in [1.0, -1.0] {
                let mut next = at;
                next[k] += sign * step;
                let next_value = loss(films, &weights, &calibration(next));
                if next_value < value {
                    (at, value, better) = (next, next_value, true);
                }
            }
        }
        if !better {
            step /= 2.0;
        }
    }
    at
}

/// The fold of a patient: the same whatever else is there.
fn fold(group: &str) -> usize {
    group.bytes().fold(7_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte))) % FOLDS
}

/// For each class the probability that `COVERAGE` of its films reach, sources weighing the same.
fn thresholds(films: &[&Scored], calibration: &Calibration) -> [f64; 3] {
    LABELS.map(|label| {
        let mut values: Vec<(f64, f64)> = Vec::new();
        let of_class: Vec<&&Scored> = films.iter().filter(|film| film.label == label).collect();
        let count = |source: &str| of_class.iter().filter(|film| film.source == source).count();
        for film in &of_class {
            let n = count(&film.source);
            if n >= ENOUGH {
                let p = calibration.probabilities(film.convnet, film.texture)[label.index()];
                values.push((p, 1.0 / n as f64));
            }
        }
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = values.iter().map(|(_, weight)| weight).sum();
        let mut below = 0.0;
        for (p, weight) in &values {
            below += weight;
            if below > (1.0 - COVERAGE) * total {
                return *p;
            }
        }
        0.0
    })
}

fn fit_on(films: &[&Scored], with_texture: bool) -> Calibration {
    let mut fitted = calibration(descend(films, with_texture));
    fitted.least_probability = thresholds(films, &fitted).into();
    fitted
}

/// Each film's probabilities and prediction set by a fit on the films of other patients: what
/// calibration error and coverage are measured on.
pub fn cross_fitted(films: &[Scored], with_texture: bool) -> Vec<([f64; 3], Vec<Label>)> {
    let fits: Vec<Calibration> = (0..FOLDS)
        .map(|k| {
            fit_on(&films.iter().filter(|film| fold(&film.group) != k).collect::<Vec<_>>(), with_texture)
        })
        .collect();
    let one = |film: &Scored| {
        let fit = &fits[fold(&film.group)];
        let probabilities = fit.probabilities(film.convnet, film.texture);
        (probabilities, fit.prediction_set(probabilities))
    };
    films.iter().map(one).collect()
}

/// Fits the calibration.
///
/// # Errors
/// [`ErrorKind::Dataset`] where a class has no film.
pub fn fit(films: &[Scored]) -> Result<Fit> {
    if LABELS.iter().any(|label| !films.iter().any(|film| film.label == *label)) {
        return Err(Error::new(ErrorKind::Dataset, "a class has no validation film"));
    }
    let all: Vec<&Scored> = films.iter().collect();
    let crossed = |with_texture: bool| {
        let (mut sum, mut total) = (0.0, 0.0);
        for ((p, _), (film, weight)) in
            cross_fitted(films, with_texture).iter().zip(all.iter().zip(weights(&all)))
        {
            sum -= weight * p[film.label.index()].max(1e-12).ln();
            total += weight;
        }
        sum / total
    };
    let (loss_alone, loss_with_texture) = (crossed(false), crossed(true));
    let texture_counts = loss_alone - loss_with_texture > WORTH;
    Ok(Fit { calibration: fit_on(&all, texture_counts), loss_alone, loss_with_texture, texture_counts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Films whose class is drawn from the softmax of `scale` times their logits.
    fn drawn(scale: f64, count: usize) -> Vec<Scored> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut one = |k: usize| {
            let convnet: [f64; 3] = std::array::from_fn(|_| rng.random_range(-3.0..3.0));
            let texture: [f64; 3] = std::array::from_fn(|_| rng.random_range(-3.0..3.0));
            let p = covid_classifier::softmax(convnet.map(|logit| scale * logit));
            let at: f64 = rng.random();
            let label = if at < p[0] {
                LABELS[0]
            } else if at < p[0] + p[1] {
                LABELS[1]
            } else {
                LABELS[2]
            };
            Scored { convnet, texture, label, source: "one".into(), group: format!("g{k}") }
        };
        (0..count).map(&mut one).collect()
    }

    #[test]
    fn the_scale_that_made_the_films_is_found() {
        for scale in [0.4, 1.5] {
            let fit = fit(&drawn(scale, 4000)).unwrap();
            assert!((fit.calibration.convnet_scale / scale - 1.0).abs() < 0.1, "{:?}", fit.calibration);
            assert!(!fit.texture_counts && fit.calibration.texture_scale == 0.0);
        }
    }

    #[test]
    fn sets_hold_the_class_as_often_as_they_should() {
        let films = drawn(1.0, 4000);
        let held = cross_fitted(&films, false);
        for label in LABELS {
            let of_class: Vec<bool> = films
                .iter()
                .zip(&held)
                .filter(|(film, _)| film.label == label)
                .map(|(_, (_, set))| set.contains(&label))
                .collect();
            let share = of_class.iter().filter(|&&held| held).count() as f64 / of_class.len() as f64;
            assert!((share - COVERAGE).abs() < 0.02, "{label:?}: {share}");
        }
    }

    #[test]
    fn a_reader_that_knows_is_listened_to() {
        let mut films = drawn(1.0, 2000);
        for film in &mut films {
            film.texture = [0.0; 3];
            film.texture[film.label.index()] = 2.0;
        }
        assert!(fit(&films).unwrap().texture_counts);
    }
}

//! Fits the calibration, which turns logits into probabilities and a prediction set. It uses films of sources that the
//! networks which read them never saw, because its promises are meant for such hospitals.

use std::collections::{BTreeMap, BTreeSet};

use covid_classifier::verdict::Calibration;
use covid_classifier::{Error, ErrorKind, LABELS, Label, Result};

use super::left_out::LeftOut;

/// The least share of films whose class the prediction set is meant to hold.
pub const COVERAGE: f64 = 0.9;
/// A source counts in full for a class if it has this many films of it.
const ENOUGH: usize = 20;
/// A fitted calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The calibration, which ships.
    pub calibration: Calibration,
    /// The cross-entropy, in nats, of the films that it was fitted on.
    pub loss: f64,
}

/// The weights of the classes. Most films are normal; with equal weights, too many of them would be called diseased.
const SHARES: [f64; 3] = [0.25, 0.5, 0.25];

/// One film of a known class.
struct Known<'a> {
    label: Label,
    source: &'a str,
    logits: [f64; 3],
    weight: f64,
}

/// The films of the three classes, weighted by [`SHARES`] between classes and equally between the sources of a class.
fn known<'a>(rows: &[&'a LeftOut]) -> Vec<Known<'a>> {
    let mut films: Vec<Known<'a>> = rows
        .iter()
        .filter_map(|row| {
            let label = row.finding.label()?;
            Some(Known { label, source: &row.source, logits: row.logits(), weight: 0.0 })
        })
        .collect();
    let mut counts: BTreeMap<(Label, &str), usize> = BTreeMap::new();
    films.iter().for_each(|film| *counts.entry((film.label, film.source)).or_default() += 1);
    // A handful of films weighs less than a hospital.
    let of_source = |n: usize| (n as f64 / ENOUGH as f64).min(1.0);
    let mut totals = [0.0; 3];
    counts.iter().for_each(|((label, _), &n)| totals[label.index()] += of_source(n));
    for film in &mut films {
        let n = counts[&(film.label, film.source)];
        let class = film.label.index();
        film.weight = SHARES[class] * of_source(n) / totals[class] / n as f64;
    }
    films
}

/// Scale and two biases (the third is 0).
type Parameters = [f64; 3];

fn calibration(parameters: Parameters) -> Calibration {
    Calibration {
        convnet_scale: parameters[0],
        texture_scale: 0.0,
        bias: [parameters[1], parameters[2], 0.0].into(),
        least_probability: [0.0; 3].into(),
        coverage: COVERAGE,
    }
}

/// Weighted cross-entropy.
fn loss(films: &[Known<'_>], calibration: &Calibration) -> f64 {
    let one = |film: &Known<'_>| {
        let p = calibration.probabilities(film.logits, [0.0; 3])[film.label.index()];
        -film.weight * p.max(1e-12).ln()
    };
    films.iter().map(one).sum()
}

/// Pattern search: the loss is convex in these parameters.
fn descend(films: &[Known<'_>]) -> (Parameters, f64) {
    let mut at: Parameters = [1.0, 0.0, 0.0];
    let mut value = loss(films, &calibration(at));
    let mut step = 0.5;
    while step > 1e-6 {
        let mut better = false;
        for k in 0..at.len() {
            for sign in [1.0, -1.0] {
                let mut next = at;
                next[k] += sign * step;
                let next_value = loss(films, &calibration(next));
                if next_value < value {
                    (at, value, better) = (next, next_value, true);
                }
            }
        }
        if !better {
            step /= 2.0;
        }
    }
    (at, value)
}

/// For each class, the probability that [`COVERAGE`] of its films reach: a class-conditional conformal set.
fn thresholds(films: &[Known<'_>], calibration: &Calibration) -> [f64; 3] {
    LABELS.map(|label| {
        let of_class = films.iter().filter(|film| film.label == label);
        let mut values: Vec<(f64, f64)> = of_class
            .map(|film| (calibration.probabilities(film.logits, [0.0; 3])[label.index()], film.weight))
            .collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let excluded = (1.0 - COVERAGE) * values.iter().map(|(_, weight)| weight).sum::<f64>();
        let mut below = 0.0;
        let reached = values.into_iter().find(|(_, weight)| {
            below += weight;
            below > excluded
        });
        reached.map_or(0.0, |(probability, _)| probability)
    })
}

/// Fits the calibration.
///
/// # Errors
/// [`ErrorKind::Dataset`] where a class has no film.
pub fn fit(rows: &[&LeftOut]) -> Result<Fit> {
    let films = known(rows);
    let classes: BTreeSet<Label> = films.iter().map(|film| film.label).collect();
    if classes.len() != LABELS.len() {
        return Err(Error::new(ErrorKind::Dataset, "a class has no film of a source that was left out"));
    }
    let (parameters, loss) = descend(&films);
    let mut fitted = calibration(parameters);
    fitted.least_probability = thresholds(&films, &fitted).into();
    Ok(Fit { calibration: fitted, loss })
}

#[cfg(test)]
mod tests {
    use covid_classifier::verdict::Finding;

    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Films whose class is drawn from the softmax of `scale` times their logits.
    fn drawn(scale: f64, count: usize, spread: f64) -> Vec<LeftOut> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut one = |k: usize| {
            let logits: [f64; 3] = std::array::from_fn(|_| rng.random_range(-spread..spread));
            let p = covid_classifier::softmax(logits.map(|logit| scale * logit));
            let at: f64 = rng.random();
            let class = if at < p[0] {
                0
            } else if at < p[0] + p[1] {
                1
            } else {
                2
            };
            LeftOut {
                source: ["one", "two"][k % 2].into(),
                finding: LABELS[class].into(),
                patient: k,
                covid19: logits[0],
                normal: logits[1],
                pneumonia: logits[2],
            }
        };
        (0..count).map(&mut one).collect()
    }

    #[test]
    fn the_scale_that_made_the_films_is_found() {
        for scale in [0.4, 1.5] {
            let rows = drawn(scale, 4000, 3.0);
            let fit = fit(&rows.iter().collect::<Vec<_>>()).unwrap();
            assert!((fit.calibration.convnet_scale / scale - 1.0).abs() < 0.1, "{:?}", fit.calibration);
        }
        assert_eq!(fit(&[]).unwrap_err().kind(), ErrorKind::Dataset);
    }

    #[test]
    fn sets_hold_the_class_at_least_as_often_as_they_should() {
        let rows = drawn(1.0, 4000, 3.0);
        let calibration = fit(&rows.iter().collect::<Vec<_>>()).unwrap().calibration;
        for label in LABELS {
            let of_class: Vec<&LeftOut> =
                rows.iter().filter(|row| row.finding.label() == Some(label)).collect();
            let holds = |row: &&&LeftOut| {
                let set = calibration.prediction_set(calibration.probabilities(row.logits(), [0.0; 3]));
                set.contains(&label)
            };
            let share = of_class.iter().filter(holds).count() as f64 / of_class.len() as f64;
            assert!((share - COVERAGE).abs() < 0.02, "{label:?}: {share}");
        }
    }

    /// Where the classes can be told apart, few films are left without a class; where they cannot, most are.
    #[test]
    fn what_cannot_be_known_is_not_said() {
        let said = |spread| {
            let rows = drawn(1.0, 3000, spread);
            let calibration = fit(&rows.iter().collect::<Vec<_>>()).unwrap().calibration;
            let is_said = |row: &&LeftOut| {
                let probabilities = calibration.probabilities(row.logits(), [0.0; 3]);
                calibration.say(probabilities).0 != Finding::CannotSay
            };
            rows.iter().filter(is_said).count() as f64 / rows.len() as f64
        };
        assert!(said(20.0) > 0.9 && said(0.5) < 0.2, "{} {}", said(20.0), said(0.5));
    }

    /// A large source does not outweigh a small one.
    #[test]
    fn every_source_weighs_the_same() {
        let row = |source: &str, finding: Label, patient| LeftOut {
            source: source.into(),
            finding: finding.into(),
            patient,
            covid19: 0.0,
            normal: 0.0,
            pneumonia: 0.0,
        };
        let mut rows: Vec<LeftOut> = (0..200).map(|k| row("large", Label::Normal, k)).collect();
        rows.extend((0..40).map(|k| row("small", Label::Normal, k)));
        rows.extend((0..2).map(|k| row("tiny", Label::Normal, k)));
        rows.extend((0..20).map(|k| row("large", Label::Covid19, k)));
        let rows: Vec<&LeftOut> = rows.iter().collect();
        let films = known(&rows);
        let sum = |source: &str, label: Label| {
            let of = films.iter().filter(|film| film.source == source && film.label == label);
            of.map(|film| film.weight).sum::<f64>()
        };
        let normal = |source| sum(source, Label::Normal);
        assert!((normal("large") - normal("small")).abs() < 1e-12);
        assert!((normal("tiny") - 0.1 * normal("small")).abs() < 1e-12);
        assert!((normal("large") + normal("small") + normal("tiny") - 0.5).abs() < 1e-12);
        assert!((sum("large", Label::Covid19) - 0.25).abs() < 1e-12);
    }
}

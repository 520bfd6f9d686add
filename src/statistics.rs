//! Confusion, rates, calibration, ROC AUC and their 95 % intervals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::label::{LABELS, Label, PerLabel, most_probable};

/// How many resamples a bootstrap interval takes.
pub const RESAMPLES: usize = 2000;

const SEED: u64 = 20_210_101;

/// What one film is, and what a reader made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Its true class.
    pub label: Label,
    /// The reader's probabilities.
    pub probabilities: [f64; 3],
    /// The patient, for resampling.
    pub group: Arc<str>,
}

impl Prediction {
    /// The reader's answer.
    pub fn answer(&self) -> Label {
        most_probable(self.probabilities.into())
    }
}

/// A number with its sample size and 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// How many films it was measured on.
    pub n: usize,
    /// The measure on all of these films; a share or an area lies in 0…1.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// `matrix[true][answered]`, in the order of [`LABELS`].
pub fn confusion(predictions: &[Prediction]) -> [[usize; 3]; 3] {
    let mut matrix = [[0; 3]; 3];
    for prediction in predictions {
        matrix[prediction.label.index()][prediction.answer().index()] += 1;
    }
    matrix
}

/// One row of the paper's table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Of those answered this, the share that is.
    pub precision: f64,
    /// Of those that are, the share answered so (recall).
    pub sensitivity: f64,
    /// Their harmonic mean.
    pub f_score: f64,
    /// Films of the class.
    pub support: usize,
}

/// The paper's table from a confusion matrix. A rate over no films is 0.
pub fn class_scores(matrix: &[[usize; 3]; 3]) -> PerLabel<ClassScores> {
    let scores = |label: Label| {
        let k = label.index();
        let hit = matrix[k][k] as f64;
        let support: usize = matrix[k].iter().sum();
        let answered: usize = matrix.iter().map(|row| row[k]).sum();
        let rate = |of: usize| if of == 0 { 0.0 } else { hit / of as f64 };
        let (precision, sensitivity) = (rate(answered), rate(support));
        let sum = precision + sensitivity;
        let f_score = if sum > 0.0 { 2.0 * precision * sensitivity / sum } else { 0.0 };
        ClassScores { precision, sensitivity, f_score, support }
    };
    LABELS.map(scores).into()
}

/// The share of films answered rightly.
pub fn accuracy(predictions: &[Prediction]) -> f64 {
    let right = predictions.iter().filter(|prediction| prediction.answer() == prediction.label).count();
    right as f64 / predictions.len().max(1) as f64
}

/// The area under the ROC curve: the chance that a positive scores above a negative, ties half.
/// `None` without both.
pub fn auc(scores: &[(f64, bool)]) -> Option<f64> {
    let ranks = ranks(scores.iter().map(|score| score.0));
    let count = ranks.iter().max().map_or(0, |rank| rank + 1);
    let ranked: Vec<(usize, bool)> =
        ranks.into_iter().zip(scores).map(|(rank, score)| (rank, score.1)).collect();
    auc_of_ranks(&ranked, count)
}

/// The place of every score among the different scores, the smallest is 0. What is not a number equals nothing, not even
/// itself.
fn ranks(scores: impl Iterator<Item = f64>) -> Vec<usize> {
    let mut sorted: Vec<(usize, f64)> = scores.enumerate().collect();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0; sorted.len()];
    let (mut rank, mut before) = (0, None);
    for (place, score) in sorted {
        rank += usize::from(before.is_some_and(|before: f64| before != score));
        before = Some(score);
        ranks[place] = rank;
    }
    ranks
}

/// [`auc`] by the ranks of the scores, all below `count`: counted, so that a resample need not be sorted.
fn auc_of_ranks(films: &[(usize, bool)], count: usize) -> Option<f64> {
    let mut of_rank = vec![[0_u32; 2]; count];
    films.iter().for_each(|&(rank, is_positive)| of_rank[rank][usize::from(is_positive)] += 1);
    let positives = films.iter().filter(|film| film.1).count() as f64;
    let negatives = films.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let (mut rank_sum, mut before) = (0.0, 0.0);
    for [negative, positive] in of_rank.into_iter().map(|counts| counts.map(f64::from)) {
        let tied = negative + positive;
        rank_sum += (before + (tied + 1.0) / 2.0) * positive;
        before += tied;
    }
    Some((rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

/// [`auc`] with its interval, as [`bootstrap`] gives it; `score` says what a film scores and whether it is a positive. Where
/// the classes are perfectly separated, which a bootstrap cannot see beyond, the Wilson interval with as many trials as the
/// class with fewer patients has patients.
pub fn area(predictions: &[Prediction], score: impl Fn(&Prediction) -> (f64, bool)) -> Option<Estimate> {
    let scores: Vec<(f64, bool)> = predictions.iter().map(score).collect();
    let ranks = ranks(scores.iter().map(|score| score.0));
    let count = ranks.iter().max().map_or(0, |rank| rank + 1);
    let ranked: Vec<(usize, bool)> =
        ranks.into_iter().zip(scores).map(|(rank, score)| (rank, score.1)).collect();
    let estimate = resampled(predictions, &ranked, |sample| auc_of_ranks(sample, count))?;
    if estimate.value > 0.0 && estimate.value < 1.0 {
        return Some(estimate);
    }
    let of_class = |class: bool| {
        let films = predictions.iter().zip(&ranked).filter(|(_, film)| film.1 == class);
        patients(films.map(|(prediction, _)| prediction))
    };
    let (low, high) = wilson(estimate.value, of_class(true).min(of_class(false)));
    Some(Estimate { low, high, ..estimate })
}

/// How many patients the films are of.
fn patients<'a>(films: impl Iterator<Item = &'a Prediction>) -> usize {
    films.map(|film| &film.group).collect::<BTreeSet<_>>().len()
}

/// One-against-rest AUC of a class.
pub fn class_auc(predictions: &[Prediction], label: Label) -> Option<f64> {
    auc(&predictions.iter().map(of_class(label)).collect::<Vec<_>>())
}

/// The same with its interval.
pub fn class_area(predictions: &[Prediction], label: Label) -> Option<Estimate> {
    area(predictions, of_class(label))
}

fn of_class(label: Label) -> impl Fn(&Prediction) -> (f64, bool) {
    move |prediction| (prediction.probabilities[label.index()], prediction.label == label)
}

/// A statistic with the 95 % percentile interval of a bootstrap over patients (2,000 resamples,
/// fixed seed). `None` where the statistic is not defined on the films.
pub fn bootstrap(
    predictions: &[Prediction],
    statistic: impl Fn(&[Prediction]) -> Option<f64>,
) -> Option<Estimate> {
    resampled(predictions, predictions, statistic)
}

/// [`bootstrap`] of a statistic that takes something else of each film: `films`, in the order of `predictions`.
fn resampled<T: Clone>(
    predictions: &[Prediction],
    films: &[T],
    statistic: impl Fn(&[T]) -> Option<f64>,
) -> Option<Estimate> {
    let value = statistic(films)?;
    // In the order in which patients appear: what they are called changes nothing.
    let mut place: BTreeMap<&str, usize> = BTreeMap::new();
    let mut patients: Vec<Vec<&T>> = Vec::new();
    for (prediction, film) in predictions.iter().zip(films) {
        let k = *place.entry(&prediction.group).or_insert(patients.len());
        match patients.get_mut(k) {
            Some(patient) => patient.push(film),
            None => patients.push(vec![film]),
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut values = Vec::with_capacity(RESAMPLES);
    let mut sample = Vec::with_capacity(films.len());
    for _ in 0..RESAMPLES {
        sample.clear();
        for _ in 0..patients.len() {
            let patient = &patients[rng.random_range(0..patients.len())];
            sample.extend(patient.iter().map(|&film| film.clone()));
        }
        values.extend(statistic(&sample));
    }
    values.sort_by(f64::total_cmp);
    let quantile = |q: f64| values[((values.len() - 1) as f64 * q).round() as usize];
    Some(Estimate { n: films.len(), value, low: quantile(0.025), high: quantile(0.975) })
}

/// The share of films for which `hit` holds. Bootstrap over patients; where all films agree, which
/// a bootstrap cannot see beyond, the Wilson interval with as many trials as there are patients.
pub fn proportion(predictions: &[Prediction], hit: impl Fn(&Prediction) -> bool) -> Option<Estimate> {
    let share = |sample: &[Prediction]| {
        let hits = sample.iter().filter(|prediction| hit(prediction)).count();
        (!sample.is_empty()).then(|| hits as f64 / sample.len() as f64)
    };
    let estimate = bootstrap(predictions, share)?;
    if estimate.value > 0.0 && estimate.value < 1.0 {
        return Some(estimate);
    }
    let (low, high) = wilson(estimate.value, patients(predictions.iter()));
    Some(Estimate { low, high, ..estimate })
}

/// Wilson's 95 % score interval for a proportion of `n` trials.
pub fn wilson(share: f64, n: usize) -> (f64, f64) {
    let (z, n) = (1.959_963_984_540_054_f64, n as f64);
    let center = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // Exactly 0 or 1 at the ends, where rounding would leave a trace.
    let low = if share == 0.0 { 0.0 } else { center - half };
    (low, if share == 1.0 { 1.0 } else { center + half })
}

/// One bar of a calibration diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Films whose largest probability falls here.
    pub films: usize,
    /// Their mean largest probability.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
}

/// The bars of a calibration diagram: ten of equal width, less those without films.
pub fn calibration_bins(predictions: &[Prediction]) -> Vec<Bin> {
    let mut sums = [(0_usize, 0.0, 0.0); 10];
    for prediction in predictions {
        let confidence = prediction.probabilities.iter().copied().fold(0.0, f64::max);
        let sum = &mut sums[((confidence * 10.0) as usize).min(9)];
        *sum = (
            sum.0 + 1,
            sum.1 + confidence,
            sum.2 + f64::from(u8::from(prediction.answer() == prediction.label)),
        );
    }
    let filled = sums.into_iter().filter(|sum| sum.0 > 0);
    filled
        .map(|(films, c, a)| Bin { films, confidence: c / films as f64, accuracy: a / films as f64 })
        .collect()
}

/// Expected calibration error over ten bins of equal width.
pub fn calibration_error(predictions: &[Prediction]) -> f64 {
    let weighted = calibration_bins(predictions)
        .into_iter()
        .map(|bin| bin.films as f64 * (bin.confidence - bin.accuracy).abs());
    weighted.sum::<f64>() / predictions.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(label: Label, probabilities: [f64; 3], group: &str) -> Prediction {
        Prediction { label, probabilities, group: group.into() }
    }

    #[test]
    fn auc_by_counting_pairs() {
        let scores: [(f64, bool); 6] =
            [(0.1, false), (0.4, true), (0.4, false), (0.35, true), (0.8, true), (0.2, false)];
        let mut pairs = 0.0;
        for positive in scores.iter().filter(|score| score.1) {
            for negative in scores.iter().filter(|score| !score.1) {
                pairs += match positive.0.total_cmp(&negative.0) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        assert!((auc(&scores).unwrap() - pairs / 9.0).abs() < 1e-12);
        assert_eq!(auc(&[(1.0, true)]), None);
    }

    /// R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I. `tests/tools/blind.test.mjs` holds the page's own
    /// interval, which counts people's answers, to the same values.
    #[test]
    fn wilson_as_published() {
        for (hits, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = wilson(f64::from(hits) / n as f64, n);
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{hits} of {n}");
        }
    }

    #[test]
    fn the_papers_table() {
        let matrix = [[25, 0, 0], [0, 30, 1], [1, 4, 23]];
        let scores = class_scores(&matrix);
        assert_eq!(scores.covid19.support, 25);
        assert_eq!(scores.covid19.sensitivity, 1.0);
        assert!((scores.covid19.precision - 25.0 / 26.0).abs() < 1e-12);
        assert!((scores.pneumonia.sensitivity - 23.0 / 28.0).abs() < 1e-12);
        let f = 2.0 * (30.0 / 34.0) * (30.0 / 31.0) / (30.0 / 34.0 + 30.0 / 31.0);
        assert!((scores.normal.f_score - f).abs() < 1e-12);
    }

    #[test]
    fn intervals_hold_the_estimate_and_widen_with_clustering() {
        let of = |groups: usize| -> Vec<Prediction> {
            (0..200)
                .map(|k| {
                    let right = !(k % groups).is_multiple_of(4);
                    let probabilities = if right { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
                    prediction(Label::Covid19, probabilities, &format!("{}", k % groups))
                })
                .collect()
        };
        let hit = |o: &Prediction| o.answer() == o.label;
        let loose = proportion(&of(200), hit).unwrap();
        let clustered = proportion(&of(20), hit).unwrap();
        assert!(loose.low < loose.value && loose.value < loose.high);
        assert!(clustered.high - clustered.low > 1.5 * (loose.high - loose.low));
    }

    #[test]
    fn perfectly_separated_classes_have_an_interval() {
        // Of 12 patients with two films each and 30 with one.
        let films: Vec<Prediction> = (0..54)
            .map(|k| if k < 24 { said(Label::Covid19, 0.9, k / 2) } else { said(Label::Normal, 0.1, k) })
            .collect();
        let area = class_area(&films, Label::Covid19).unwrap();
        assert_eq!((area.n, area.value, area.high), (54, 1.0, 1.0));
        assert!((area.low - wilson(1.0, 12).0).abs() < 1e-12, "{area:?}");
        let of_rest = |film: &Prediction| (film.probabilities[0], film.label != Label::Covid19);
        let turned = super::area(&films, of_rest).unwrap();
        assert_eq!((turned.value, turned.low), (0.0, 0.0));
        assert!((turned.high - (1.0 - area.low)).abs() < 1e-12, "{turned:?}");
    }

    #[test]
    fn no_successes_still_has_an_upper_end() {
        let films: Vec<Prediction> =
            (0..30).map(|k| prediction(Label::Normal, [1.0, 0.0, 0.0], &format!("{k}"))).collect();
        let estimate = proportion(&films, |o| o.answer() == o.label).unwrap();
        assert_eq!((estimate.value, estimate.low), (0.0, 0.0));
        assert!((estimate.high - 0.1135).abs() < 1e-3); // Wilson, 0 of 30
    }

    /// COVID-19 with the probability `p`.
    fn said(label: Label, p: f64, k: usize) -> Prediction {
        let mut probabilities = [(1.0 - p) / 2.0; 3];
        probabilities[0] = p;
        Prediction { label, probabilities, group: format!("p{k}").into() }
    }

    #[test]
    fn calibration_error_is_the_gap() {
        // Half of those said to be COVID-19 with 0.8 are.
        let films: Vec<Prediction> =
            (0..100).map(|k| said(if k % 2 == 0 { Label::Covid19 } else { Label::Normal }, 0.8, k)).collect();
        assert!((calibration_error(&films) - 0.3).abs() < 1e-12);
        let right: Vec<Prediction> =
            (0..100).map(|k| said(if k % 5 != 0 { Label::Covid19 } else { Label::Normal }, 0.8, k)).collect();
        assert!(calibration_error(&right) < 1e-12);
    }

    /// Of 400 patients with one film each, half right: a 95 % interval is 1.96 standard errors to either side.
    #[test]
    fn an_interval_is_of_95_per_cent() {
        let films: Vec<Prediction> =
            (0..400).map(|k| said(if k % 2 == 0 { Label::Covid19 } else { Label::Normal }, 0.9, k)).collect();
        let estimate = proportion(&films, |film| film.answer() == film.label).unwrap();
        let half = 1.96 * (0.25_f64 / 400.0).sqrt();
        assert!((estimate.value - estimate.low - half).abs() < 0.15 * half, "{estimate:?}, {half}");
        assert!((estimate.high - estimate.value - half).abs() < 0.15 * half, "{estimate:?}, {half}");
    }

    #[test]
    fn what_is_not_a_number_ends() {
        assert!(auc(&[(f64::NAN, true), (0.5, false), (f64::NAN, false)]).is_some());
    }
}

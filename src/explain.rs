//! Why the texture reader answered as it did: integrated gradients through the reduction and the
//! network, from the mean training film to this one.

use serde::{Deserialize, Serialize};

use crate::label::PerLabel;
use crate::texture::{BLOCKS, COMPONENTS, FEATURES, Perceptron, Reduction, feature_names};

/// The features listed by name.
const LISTED: usize = 10;

/// What moved the three logits of the texture reader away from those of the mean training film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Explanation {
    /// The logits of the mean training film.
    pub baseline_logits: PerLabel,
    /// The logits of this film.
    pub logits: PerLabel,
    /// The contribution of each of the five blocks; they add up to `logits − baseline_logits`.
    pub blocks: Vec<BlockContribution>,
    /// The ten features that moved the logits most, strongest first.
    pub features: Vec<FeatureContribution>,
    /// What all other features moved together.
    pub other_features: PerLabel,
}

/// What one block of features moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BlockContribution {
    /// One of [`BLOCKS`].
    pub block: String,
    /// Contribution to each logit.
    #[serde(flatten)]
    pub contribution: PerLabel,
}

/// What one feature moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FeatureContribution {
    /// One of [`feature_names`].
    pub name: String,
    /// Its value on this film.
    pub value: f64,
    /// Its mean over the training films.
    pub training_mean: f64,
    /// Contribution to each logit.
    #[serde(flatten)]
    pub contribution: PerLabel,
}

/// Explains one film's logits.
///
/// The mean training film has centred features 0 and components 0. Along the straight line from
/// there, a feature's contribution to a logit is its centred value times the mean gradient
/// (Sundararajan et al. 2017, "Axiomatic attribution for deep networks"); the contributions add
/// up to the change of the logit, here to about 1e-9.
pub fn explain(reduction: &Reduction, perceptron: &Perceptron, features: &[f64]) -> Explanation {
    let centered = reduction.centered(features);
    let components = reduction.project(&centered);
    let gradients = mean_gradients(perceptron, &components);
    let per_label: [Vec<f64>; 3] = gradients.map(|gradient| {
        let weights = reduction.back_project(&gradient);
        weights.iter().zip(&centered).map(|(weight, value)| weight * value).collect()
    });
    let of = |feature: usize| [0, 1, 2].map(|label| per_label[label][feature]);
    let sum = |range: &mut dyn Iterator<Item = usize>| {
        let mut total = [0.0; 3];
        for feature in range {
            total.iter_mut().zip(of(feature)).for_each(|(slot, value)| *slot += value);
        }
        PerLabel::from(total)
    };

    let mut start = 0;
    let blocks = BLOCKS.map(|(block, count)| {
        let contribution = sum(&mut (start..start + count));
        start += count;
        BlockContribution { block: block.to_owned(), contribution }
    });

    let strength = |feature: usize| of(feature).iter().map(|value| value.abs()).sum::<f64>();
    let mut order: Vec<usize> = (0..FEATURES).collect();
    order.sort_by(|&a, &b| strength(b).total_cmp(&strength(a)));
    let names = feature_names();
    let listed = order[..LISTED].iter().map(|&feature| FeatureContribution {
        name: names[feature].clone(),
        value: features[feature],
        training_mean: reduction.training_mean(feature),
        contribution: of(feature).into(),
    });

    Explanation {
        baseline_logits: perceptron.logits(&[0.0; COMPONENTS]).into(),
        logits: perceptron.logits(&components).into(),
        blocks: blocks.to_vec(),
        features: listed.collect(),
        other_features: sum(&mut order[LISTED..].iter().copied()),
    }
}

/// The gradients of the logits, averaged along the line from 0 to `components`: three-point
/// Gauss-Legendre quadrature on equal steps.
fn mean_gradients(perceptron: &Perceptron, components: &[f64]) -> [Vec<f64>; 3] {
    const STEPS: usize = 8;
    // Abscissae on 0…1 and weights.
    let half = 0.5 * 0.6_f64.sqrt();
    let rule = [(0.5 - half, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.5 + half, 5.0 / 18.0)];
    let mut means: [Vec<f64>; 3] = std::array::from_fn(|_| vec![0.0; components.len()]);
    for step in 0..STEPS {
        for (abscissa, weight) in rule {
            let position = (step as f64 + abscissa) / STEPS as f64;
            let point: Vec<f64> = components.iter().map(|value| value * position).collect();
            for (mean, gradient) in means.iter_mut().zip(perceptron.gradients(&point)) {
                for (slot, value) in mean.iter_mut().zip(gradient) {
                    *slot += weight / STEPS as f64 * value;
                }
            }
        }
    }
    means
}

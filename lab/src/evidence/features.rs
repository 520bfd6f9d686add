//! How well each of the paper's features tells the classes apart, as the paper plots it.

use covid_classifier::statistics::auc;
use covid_classifier::texture::{BLOCKS, FEATURES, feature_names};
use covid_classifier::{LABELS, Label, PerLabel};
use serde::{Deserialize, Serialize};

use crate::train::texture::Example;

/// How well each feature tells the classes apart: the larger of AUC and 1 − AUC, over all 420 films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureSummary {
    /// The mean over the features of each block.
    pub average_auc: Vec<BlockAuc>,
    /// The best feature for each class.
    pub best: PerLabel<BestFeature>,
    /// The shares of all 252 × 252 absolute correlations in eight equal bins of 0…1.
    pub correlation_shares: [f64; 8],
}

/// The mean AUC of one block's features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BlockAuc {
    pub block: String,
    #[serde(flatten)]
    pub auc: PerLabel,
}

/// One feature and its AUC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BestFeature {
    pub name: String,
    pub auc: f64,
}

/// Summarises films with features and labels.
pub fn feature_summary(examples: &[Example]) -> FeatureSummary {
    let names = feature_names();
    let single = |feature: usize, label: Label| {
        let scores: Vec<(f64, bool)> =
            examples.iter().map(|example| (example.features[feature], example.label == label)).collect();
        auc(&scores).map_or(0.5, |auc| auc.max(1.0 - auc))
    };
    let table: Vec<[f64; 3]> =
        (0..FEATURES).map(|feature| LABELS.map(|label| single(feature, label))).collect();
    let mut start = 0;
    let average_auc = BLOCKS.map(|(block, count)| {
        let rows = &table[start..start + count];
        start += count;
        let mean = |k: usize| rows.iter().map(|row| row[k]).sum::<f64>() / count as f64;
        BlockAuc { block: block.to_owned(), auc: [mean(0), mean(1), mean(2)].into() }
    });
    let best = |label: Label| {
        let k = label.index();
        let feature = (0..FEATURES).max_by(|&a, &b| table[a][k].total_cmp(&table[b][k])).unwrap_or(0);
        BestFeature { name: names[feature].clone(), auc: table[feature][k] }
    };
    FeatureSummary {
        average_auc: average_auc.to_vec(),
        best: LABELS.map(best).into(),
        correlation_shares: correlation_shares(examples),
    }
}

/// The histogram of pandas' `corr().abs().fillna(0)`: a constant feature correlates 0 with all.
fn correlation_shares(examples: &[Example]) -> [f64; 8] {
    let n = examples.len() as f64;
    let standardised: Vec<Vec<f64>> = (0..FEATURES)
        .map(|k| {
            let mean = examples.iter().map(|example| example.features[k]).sum::<f64>() / n;
            let deviations: Vec<f64> = examples.iter().map(|example| example.features[k] - mean).collect();
            let norm = deviations.iter().map(|d| d * d).sum::<f64>().sqrt();
            deviations.into_iter().map(|d| if norm > 0.0 { d / norm } else { 0.0 }).collect()
        })
        .collect();
    let mut shares = [0.0; 8];
    for a in &standardised {
        for b in &standardised {
            let r: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            shares[((r.abs() * 8.0) as usize).min(7)] += 1.0 / (FEATURES * FEATURES) as f64;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_tells_a_class_is_found() {
        let examples: Vec<Example> = (0..60)
            .map(|k| {
                let label = LABELS[k % 3];
                // The third feature is small for COVID-19; the others are uninformative.
                let of = |f: usize| {
                    let noise = ((k * 37 + f * 11) % 17) as f64;
                    if f == 2 && label == Label::Covid19 { noise - 100.0 } else { noise }
                };
                Example { features: (0..FEATURES).map(of).collect(), label }
            })
            .collect();
        let summary = feature_summary(&examples);
        assert_eq!(summary.best.covid19, BestFeature { name: feature_names()[2].clone(), auc: 1.0 });
        assert!(summary.best.normal.auc < 1.0);
        let mean = summary.average_auc[0].auc.covid19;
        assert!((0.5..0.7).contains(&mean), "one of fourteen: {mean}");
        assert!((summary.correlation_shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(summary.correlation_shares[7] >= 1.0 / FEATURES as f64 - 1e-9, "each with itself");
    }
}

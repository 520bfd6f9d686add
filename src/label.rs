//! What a film can show, and one value for each of those.

use std::ops::Index;

use serde::{Deserialize, Serialize};

/// What a film can show, for the readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// COVID-19.
    Covid19,
    /// No finding.
    Normal,
    /// Pneumonia of another cause.
    Pneumonia,
}

/// The labels in the order of the networks' outputs.
pub const LABELS: [Label; 3] = [Label::Covid19, Label::Normal, Label::Pneumonia];

impl Label {
    /// The name in JSON: `covid19`, `normal` or `pneumonia`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Covid19 => "covid19",
            Self::Normal => "normal",
            Self::Pneumonia => "pneumonia",
        }
    }

    /// The name in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Covid19 => "COVID-19",
            Self::Normal => "normal",
            Self::Pneumonia => "other pneumonia",
        }
    }

    /// The place in [`LABELS`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// One value per label: probabilities, logits or contributions to logits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs)]
pub struct PerLabel<T = f64> {
    pub covid19: T,
    pub normal: T,
    pub pneumonia: T,
}

impl<T> From<[T; 3]> for PerLabel<T> {
    fn from([covid19, normal, pneumonia]: [T; 3]) -> Self {
        Self { covid19, normal, pneumonia }
    }
}

impl<T> From<PerLabel<T>> for [T; 3] {
    fn from(values: PerLabel<T>) -> Self {
        [values.covid19, values.normal, values.pneumonia]
    }
}

impl<T> Index<Label> for PerLabel<T> {
    type Output = T;

    fn index(&self, label: Label) -> &T {
        match label {
            Label::Covid19 => &self.covid19,
            Label::Normal => &self.normal,
            Label::Pneumonia => &self.pneumonia,
        }
    }
}

/// Probabilities from logits. They add up to 1.
pub fn softmax<const N: usize>(logits: [f64; N]) -> [f64; N] {
    let largest = logits.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let powers = logits.map(|logit| (logit - largest).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// The label with the largest probability; the first of [`LABELS`] where two are equal.
pub fn most_probable(probabilities: PerLabel) -> Label {
    let mut best = LABELS[0];
    for label in LABELS {
        if probabilities[label] > probabilities[best] {
            best = label;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_where_its_index_says() {
        let values = PerLabel::from([10, 20, 30]);
        for (k, label) in LABELS.into_iter().enumerate() {
            assert_eq!((label.index(), values[label]), (k, [10, 20, 30][k]));
            assert_eq!(serde_json::to_value(label).unwrap(), label.name());
        }
        assert_eq!(<[i32; 3]>::from(values), [10, 20, 30]);
        assert_eq!(serde_json::to_string(&values).unwrap(), r#"{"covid19":10,"normal":20,"pneumonia":30}"#);
    }

    #[test]
    fn softmax_adds_up_and_survives_large_logits() {
        assert_eq!(softmax([1000.0, 0.0, 0.0]), [1.0, 0.0, 0.0]);
        let sum: f64 = softmax([0.3, -2.0, 5.0]).iter().sum();
        assert!((sum - 1.0).abs() < 1e-15);
        let [a, b] = softmax([2.0_f64.ln(), 0.0]);
        assert!((a - 2.0 / 3.0).abs() < 1e-15 && (b - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn largest_wins_and_ties_go_to_the_first() {
        assert_eq!(most_probable([0.2, 0.5, 0.3].into()), Label::Normal);
        assert_eq!(most_probable([0.1, 0.1, 0.8].into()), Label::Pneumonia);
        assert_eq!(most_probable([0.4, 0.2, 0.4].into()), Label::Covid19);
    }
}

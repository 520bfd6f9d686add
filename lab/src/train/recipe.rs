//! Ways to train the convnet reader, and what became of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crops::View;

/// Worst sources this close to the best are as good: a source has some hundred validation films,
/// and the rest is chance.
const TIE: f64 = 0.02;

/// One way to train; the default is the one that ships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Its name in the table of experiments.
    pub name: String,
    /// What the network sees.
    pub view: View,
    /// Rows and columns of the input.
    pub side: usize,
    /// Batches of 32 films.
    pub steps: usize,
    /// The share of the loss that is within the source; the rest is over all classes.
    pub within_source: f64,
    /// The strength of the reversed gradient of the source classifier; 0: none.
    pub adversary: f64,
    /// A source that is left out.
    pub without: Option<String>,
    /// Of initialisation, order and augmentation.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: "convnet".into(),
            view: View::Lungs,
            side: 128,
            steps: 9000,
            within_source: 0.7,
            adversary: 0.0,
            without: None,
            seed: 1,
        }
    }
}

/// One validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Steps so far.
    pub step: usize,
    /// Mean training loss since the last.
    pub loss: f64,
    /// AUC within every source, for every pair of its classes, of the rounded average weights.
    pub validation: BTreeMap<String, f64>,
    /// The smallest of those that count.
    pub worst: f64,
    /// Seconds since the start.
    pub seconds: f64,
}

/// What a run of a recipe gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// How.
    pub recipe: Recipe,
    /// The epoch whose weights are kept: the last whose worst source is as good as the best.
    pub best: Epoch,
}

/// The largest worst source so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peak(pub f64);

impl Peak {
    /// Whether an epoch's weights are to be kept: its worst source is as good as the best so far, or so near to it
    /// that the later epoch counts.
    pub fn keeps(&mut self, worst: f64) -> bool {
        self.0 = self.0.max(worst);
        worst >= self.0 - TIE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_epoch_as_good_as_the_best_is_kept() {
        let mut peak = Peak::default();
        let kept: Vec<bool> =
            [0.6, 0.8, 0.79, 0.77, 0.81, 0.791, 0.7].into_iter().map(|worst| peak.keeps(worst)).collect();
        assert_eq!(kept, [true, true, true, false, true, true, false]);
        assert_eq!(peak.0, 0.81);
    }
}

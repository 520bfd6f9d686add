//! The verdict: for now the texture reader's most probable label, as the paper has it.

use crate::report::{LABELS, Label, PerLabel};

/// The label with the largest probability; the first of [`LABELS`] where two are equal.
pub fn verdict(probabilities: PerLabel) -> Label {
    let values: [f64; 3] = probabilities.into();
    let mut best = LABELS[0];
    for label in LABELS {
        if values[label.index()] > values[best.index()] {
            best = label;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_wins_and_ties_go_to_the_first() {
        assert_eq!(verdict([0.2, 0.5, 0.3].into()), Label::Normal);
        assert_eq!(verdict([0.1, 0.1, 0.8].into()), Label::Pneumonia);
        assert_eq!(verdict([0.4, 0.2, 0.4].into()), Label::Covid19);
    }
}

//! The verdict: calibrated probabilities of both readers together, a prediction set, and when to
//! abstain.

use serde::{Deserialize, Serialize};

use crate::gate::{GateReport, Reason};
use crate::report::{LABELS, Label, PerLabel, Verdict};
use crate::texture::softmax;

/// The label with the largest probability; the first of [`LABELS`] where two are equal.
pub fn most_probable(probabilities: PerLabel) -> Label {
    let values: [f64; 3] = probabilities.into();
    let mut best = LABELS[0];
    for label in LABELS {
        if values[label.index()] > values[best.index()] {
            best = label;
        }
    }
    best
}

/// What turns the readers' logits into probabilities and the probabilities into a verdict; fitted
/// on the validation films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The convnet's logits are multiplied by this (one over the temperature).
    pub convnet_scale: f64,
    /// The texture reader's logits are multiplied by this. 0: it adds nothing.
    pub texture_scale: f64,
    /// Added to the sum.
    pub bias: PerLabel,
    /// A class belongs to the prediction set from this probability on.
    pub least_probability: PerLabel,
    /// The share of films whose class the set is meant to hold.
    pub coverage: f64,
}

/// The verdict on one film.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Calibrated; before the gate is asked.
    pub probabilities: PerLabel,
    /// The classes that cannot be excluded, most probable first.
    pub prediction_set: Vec<Label>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why there is none; empty where there is.
    pub abstentions: Vec<Reason>,
}

impl Calibration {
    /// Calibrated probabilities from both readers' logits.
    pub fn probabilities(&self, convnet: [f64; 3], texture: [f64; 3]) -> [f64; 3] {
        let bias: [f64; 3] = self.bias.into();
        let sum = |k: usize| self.convnet_scale * convnet[k] + self.texture_scale * texture[k] + bias[k];
        softmax([sum(0), sum(1), sum(2)])
    }

    /// The classes whose probability reaches their threshold, most probable first.
    pub fn prediction_set(&self, probabilities: [f64; 3]) -> Vec<Label> {
        let least: [f64; 3] = self.least_probability.into();
        let chosen = LABELS.into_iter().filter(|label| probabilities[label.index()] >= least[label.index()]);
        let mut set: Vec<Label> = chosen.collect();
        set.sort_by(|a, b| probabilities[b.index()].total_cmp(&probabilities[a.index()]));
        set
    }

    /// The verdict: refused where the gate refuses; uncertain where the set does not hold exactly
    /// one class, the gate doubts, or the readers contradict each other strongly and the texture
    /// reader counts; else that class.
    pub fn judge(&self, convnet: [f64; 3], texture: [f64; 3], gate: &GateReport) -> Judgement {
        let probabilities = self.probabilities(convnet, texture);
        let prediction_set = self.prediction_set(probabilities);
        let mut abstentions = Vec::new();
        let mut abstain =
            |kind: &str, message: String| abstentions.push(Reason { kind: kind.to_owned(), message });
        match &prediction_set[..] {
            [] => abstain("empty_set", "No class is probable enough to be named.".into()),
            [_] => {}
            several => {
                let names: Vec<&str> = several.iter().map(|label| label.noun()).collect();
                let (last, others) =
                    names.split_last().map_or(("", &[][..]), |(last, others)| (*last, others));
                let message =
                    format!("The readers cannot tell {} and {last} apart on this film.", others.join(", "));
                abstain("several_classes", message);
            }
        }
        if self.texture_scale != 0.0 && contradict(convnet, texture) {
            let message = "The two readers contradict each other strongly on this film.";
            abstain("readers_contradict", message.into());
        }
        if gate.doubtful {
            let message = "This film is near the limit of what is taken for a frontal chest film.";
            abstain("doubtful_film", message.into());
        }
        let verdict = match (&prediction_set[..], gate.accepted, abstentions.is_empty()) {
            (_, false, _) => Verdict::Refused,
            (&[label], true, true) => label.into(),
            _ => Verdict::Uncertain,
        };
        Judgement { probabilities: probabilities.into(), prediction_set, verdict, abstentions }
    }
}

/// Each reader gives its own class, and not the other's, at least this share.
const STRONG: f64 = 0.8;

fn contradict(convnet: [f64; 3], texture: [f64; 3]) -> bool {
    let [a, b] = [convnet, texture].map(|logits| {
        let probabilities = softmax(logits);
        let label = most_probable(probabilities.into());
        (label, probabilities[label.index()])
    });
    a.0 != b.0 && a.1 >= STRONG && b.1 >= STRONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_wins_and_ties_go_to_the_first() {
        assert_eq!(most_probable([0.2, 0.5, 0.3].into()), Label::Normal);
        assert_eq!(most_probable([0.1, 0.1, 0.8].into()), Label::Pneumonia);
        assert_eq!(most_probable([0.4, 0.2, 0.4].into()), Label::Covid19);
    }

    fn calibration() -> Calibration {
        Calibration {
            convnet_scale: 2.0,
            texture_scale: 0.0,
            bias: [0.0, 0.5, 0.0].into(),
            least_probability: [0.3, 0.3, 0.3].into(),
            coverage: 0.9,
        }
    }

    fn gate(accepted: bool, doubtful: bool) -> GateReport {
        GateReport { accepted, doubtful, reasons: Vec::new(), frontal: 1.0, distance: 0.5, child: 0.0 }
    }

    #[test]
    fn probabilities_are_scaled_shifted_and_add_up() {
        let p = calibration().probabilities([1.0, 0.0, -1.0], [9.0, -9.0, 9.0]);
        let expected = [2.0_f64.exp(), 0.5_f64.exp(), (-2.0_f64).exp()];
        let sum: f64 = expected.iter().sum();
        assert!(p.iter().zip(expected).all(|(p, e)| (p - e / sum).abs() < 1e-12));
    }

    #[test]
    fn one_class_is_named_several_are_not() {
        let calibration = calibration();
        let judge = |convnet, gate: &GateReport| calibration.judge(convnet, [0.0; 3], gate);
        let sure = judge([3.0, 0.0, 0.0], &gate(true, false));
        assert_eq!((sure.verdict, sure.prediction_set), (Verdict::Covid19, vec![Label::Covid19]));
        let torn = judge([0.5, 0.25, -2.0], &gate(true, false));
        assert_eq!(torn.verdict, Verdict::Uncertain);
        assert_eq!(torn.prediction_set.len(), 2);
        assert_eq!(torn.abstentions[0].kind, "several_classes");
        let doubtful = judge([3.0, 0.0, 0.0], &gate(true, true));
        assert_eq!((doubtful.verdict, doubtful.abstentions.len()), (Verdict::Uncertain, 1));
        assert_eq!(judge([3.0, 0.0, 0.0], &gate(false, false)).verdict, Verdict::Refused);
    }

    #[test]
    fn a_strong_contradiction_counts_where_the_reader_counts() {
        let judge = |texture_scale, texture| {
            let calibration = Calibration { texture_scale, ..calibration() };
            calibration.judge([9.0, 0.0, 0.0], texture, &gate(true, false))
        };
        assert_eq!(judge(0.0, [0.0, 0.0, 4.0]).verdict, Verdict::Covid19);
        assert_eq!(judge(0.1, [0.0, 0.0, 1.0]).verdict, Verdict::Covid19);
        let torn = judge(0.1, [0.0, 0.0, 4.0]);
        assert_eq!((torn.verdict, torn.abstentions.len()), (Verdict::Uncertain, 1));
        assert_eq!(torn.abstentions[0].kind, "readers_contradict");
    }
}

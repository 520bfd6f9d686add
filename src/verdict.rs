//! The verdict: calibrated probabilities of both readers together, a prediction set, and when to
//! abstain.

use serde::{Deserialize, Serialize};

use crate::gate::GateReport;
use crate::label::{LABELS, Label, PerLabel, most_probable, softmax};
use crate::reason::{Reason, ReasonKind};

/// What is said of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// COVID-19.
    Covid19,
    /// No finding.
    Normal,
    /// Pneumonia of another cause.
    Pneumonia,
    /// The film was read, but no class can be named.
    Uncertain,
    /// The film is not judged.
    Refused,
}

impl Verdict {
    /// The name in JSON: `covid19`, `normal`, `pneumonia`, `uncertain` or `refused`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Covid19 => "covid19",
            Self::Normal => "normal",
            Self::Pneumonia => "pneumonia",
            Self::Uncertain => "uncertain",
            Self::Refused => "refused",
        }
    }
}

impl From<Label> for Verdict {
    fn from(label: Label) -> Self {
        match label {
            Label::Covid19 => Self::Covid19,
            Label::Normal => Self::Normal,
            Label::Pneumonia => Self::Pneumonia,
        }
    }
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
        let least = self.least_probability;
        let chosen = LABELS.into_iter().filter(|&label| probabilities[label.index()] >= least[label]);
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
        let mut abstain = |kind: ReasonKind, message: String| abstentions.push(Reason::new(kind, message));
        match &prediction_set[..] {
            [] => abstain(ReasonKind::EmptySet, "No class is probable enough to be named.".into()),
            [_] => {}
            several => {
                let names: Vec<&str> = several.iter().map(|label| label.noun()).collect();
                let (last, others) =
                    names.split_last().map_or(("", &[][..]), |(last, others)| (*last, others));
                let message =
                    format!("The readers cannot tell {} and {last} apart on this film.", others.join(", "));
                abstain(ReasonKind::SeveralClasses, message);
            }
        }
        if self.texture_scale != 0.0 && contradict(convnet, texture) {
            let message = "The two readers contradict each other strongly on this film.";
            abstain(ReasonKind::ReadersContradict, message.into());
        }
        if gate.doubtful {
            let message = "This film is near the limit of what is taken for a frontal chest film.";
            abstain(ReasonKind::DoubtfulFilm, message.into());
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
        assert_eq!(torn.abstentions[0].kind, ReasonKind::SeveralClasses);
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
        assert_eq!(torn.abstentions[0].kind, ReasonKind::ReadersContradict);
    }

    /// Both readers have to be sure: each gives its own class 0.8 or more.
    #[test]
    fn a_weak_contradiction_is_none() {
        // A logit of x against two of 0 is a probability of e^x / (e^x + 2).
        let logit = |p: f64| (2.0 * p / (1.0 - p)).ln();
        for (convnet, texture, contradicts) in
            [(0.81, 0.81, true), (0.79, 0.81, false), (0.81, 0.79, false), (0.79, 0.79, false)]
        {
            assert_eq!(contradict([logit(convnet), 0.0, 0.0], [0.0, 0.0, logit(texture)]), contradicts);
        }
        assert!(!contradict([9.0, 0.0, 0.0], [9.0, 0.0, 0.0]), "the same class");
    }

    #[test]
    fn no_class_may_be_probable_enough() {
        let calibration = Calibration { least_probability: [0.9; 3].into(), ..calibration() };
        let none = calibration.judge([0.1, 0.0, 0.0], [0.0; 3], &gate(true, false));
        assert_eq!((none.verdict, none.prediction_set), (Verdict::Uncertain, Vec::new()));
        assert_eq!(none.abstentions[0].kind, ReasonKind::EmptySet);
    }

    #[test]
    fn a_set_is_sorted_and_its_limit_belongs_to_it() {
        let set = calibration().prediction_set([0.3, 0.29, 0.41]);
        assert_eq!(set, [Label::Pneumonia, Label::Covid19]);
        let torn = calibration().judge([0.5, -1.0, 0.7], [0.0; 3], &gate(true, false));
        let message = &torn.abstentions[0].message;
        assert_eq!(message, "The readers cannot tell other pneumonia and COVID-19 apart on this film.");
    }
}

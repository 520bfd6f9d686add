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

/// Whether a film is normal: what is said first. Which class a film that is not shows, the [`Verdict`] says where that can
/// be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Every class but normal is excluded.
    Normal,
    /// Normal is excluded.
    NotNormal,
    /// Neither is.
    CannotSay,
}

impl Finding {
    /// The name in JSON: `normal`, `not_normal` or `cannot_say`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::NotNormal => "not_normal",
            Self::CannotSay => "cannot_say",
        }
    }

    /// What the classes of a prediction set leave possible.
    fn of(set: &[Label]) -> Self {
        match set {
            [] => Self::CannotSay,
            [Label::Normal] => Self::Normal,
            _ if set.contains(&Label::Normal) => Self::CannotSay,
            _ => Self::NotNormal,
        }
    }
}

/// What turns the readers' logits into probabilities and the probabilities into a verdict; fitted
/// on films of sources that the networks which read them had not seen.
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
    /// The probability that the film is not normal, before the gate is asked.
    pub abnormal: f64,
    /// The classes that cannot be excluded, most probable first.
    pub prediction_set: Vec<Label>,
    /// Whether the film is normal, if the gate accepts it.
    pub finding: Finding,
    /// The class that is named, or that none is.
    pub verdict: Verdict,
    /// Why there is none; empty where there is.
    pub abstentions: Vec<Reason>,
}

impl Judgement {
    /// The verdict on a film whose contrast was enhanced locally. That makes normal films look like COVID-19: where COVID-19
    /// alone would be named, nothing is said.
    pub fn of_enhanced(mut self) -> Self {
        if self.verdict == Verdict::Covid19 {
            let message = "The contrast of this film seems to have been enhanced locally, which makes normal films look like \
                           COVID-19: that is not named here. Export the film without it.";
            self.abstentions.push(Reason::new(ReasonKind::Enhanced, message));
            (self.finding, self.verdict) = (Finding::CannotSay, Verdict::Uncertain);
        }
        self
    }
}

impl Calibration {
    /// Whether all numbers are of their kinds: scales that are not negative (the convnet reader's positive), shares from 0 to
    /// 1, and no bias that outweighs every logit.
    pub fn is_sound(&self) -> bool {
        const MOST: f64 = 100.0;
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        let (bias, least): ([f64; 3], [f64; 3]) = (self.bias.into(), self.least_probability.into());
        self.convnet_scale > 0.0
            && self.convnet_scale <= MOST
            && (0.0..=MOST).contains(&self.texture_scale)
            && bias.iter().all(|bias| bias.abs() <= MOST)
            && least.into_iter().chain([self.coverage]).all(is_share)
    }

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
    /// reader counts; else that class. In doubt nothing is said of whether the film is normal either;
    /// else the set tells.
    pub fn judge(&self, convnet: [f64; 3], texture: [f64; 3], gate: &GateReport) -> Judgement {
        let probabilities = self.probabilities(convnet, texture);
        let prediction_set = self.prediction_set(probabilities);
        let doubts = self.doubts(convnet, texture, gate);
        let (finding, verdict) = match doubts.is_empty() {
            true => said(&prediction_set),
            false => (Finding::CannotSay, Verdict::Uncertain),
        };
        let verdict = if gate.accepted { verdict } else { Verdict::Refused };
        let abstentions = not_one_class(&prediction_set).into_iter().chain(doubts).collect();
        let probabilities = probabilities.into();
        Judgement {
            probabilities,
            abnormal: abnormal(probabilities),
            prediction_set,
            finding,
            verdict,
            abstentions,
        }
    }

    /// What is said of a film that no gate stands before.
    pub fn say(&self, probabilities: [f64; 3]) -> (Finding, Verdict) {
        said(&self.prediction_set(probabilities))
    }

    /// Why nothing is said of a film, whatever its prediction set.
    fn doubts(&self, convnet: [f64; 3], texture: [f64; 3], gate: &GateReport) -> Vec<Reason> {
        let mut doubts = Vec::new();
        if self.texture_scale != 0.0 && contradict(convnet, texture) {
            let message = "The two readers contradict each other strongly on this film.";
            doubts.push(Reason::new(ReasonKind::ReadersContradict, message));
        }
        if gate.doubtful {
            let message = "This film is near the limit of what is taken for a frontal chest film.";
            doubts.push(Reason::new(ReasonKind::DoubtfulFilm, message));
        }
        doubts
    }
}

/// What a prediction set says.
fn said(set: &[Label]) -> (Finding, Verdict) {
    let verdict = match set {
        &[label] => label.into(),
        _ => Verdict::Uncertain,
    };
    (Finding::of(set), verdict)
}

/// The probability of a class other than normal. A sum of shares that were rounded may be above 1 by a bit.
fn abnormal(probabilities: PerLabel) -> f64 {
    (probabilities.covid19 + probabilities.pneumonia).min(1.0)
}

/// Why a prediction set names no class; `None` where it holds one alone.
fn not_one_class(set: &[Label]) -> Option<Reason> {
    let has = |label| set.contains(&label);
    let (kind, message) = match (has(Label::Normal), has(Label::Covid19), has(Label::Pneumonia)) {
        (false, false, false) => (ReasonKind::EmptySet, "No class is probable enough to be named."),
        (false, true, true) => {
            (ReasonKind::SeveralClasses, "COVID-19 and another pneumonia cannot be told apart on this film.")
        }
        (true, true, false) => {
            (ReasonKind::SeveralClasses, "It cannot be said whether this film is normal or shows COVID-19.")
        }
        (true, false, true) => (
            ReasonKind::SeveralClasses,
            "It cannot be said whether this film is normal or shows a pneumonia other than COVID-19.",
        ),
        (true, true, true) => (
            ReasonKind::SeveralClasses,
            "It cannot be said whether this film is normal or shows COVID-19 or another pneumonia.",
        ),
        _ => return None,
    };
    Some(Reason::new(kind, message))
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

    /// Convnet logits for which the set of [`calibration`] holds these classes, and no other.
    const SETS: [(&[Label], [f64; 3]); 7] = [
        (&[Label::Covid19], [3.0, 0.0, 0.0]),
        (&[Label::Normal], [0.0, 3.0, 0.0]),
        (&[Label::Pneumonia], [0.0, 0.0, 3.0]),
        (&[Label::Covid19, Label::Pneumonia], [2.01, 0.0, 2.0]),
        (&[Label::Normal, Label::Covid19], [2.0, 2.0, 0.0]),
        (&[Label::Normal, Label::Pneumonia], [0.0, 2.0, 2.0]),
        (&[Label::Normal, Label::Covid19, Label::Pneumonia], [0.02, -0.2, 0.0]),
    ];

    #[test]
    fn the_set_tells_whether_a_film_is_normal() {
        use Finding::{CannotSay, Normal, NotNormal};
        let expected = [NotNormal, Normal, NotNormal, NotNormal, CannotSay, CannotSay, CannotSay];
        for ((set, convnet), finding) in SETS.into_iter().zip(expected) {
            let judged = calibration().judge(convnet, [0.0; 3], &gate(true, false));
            let sorted =
                |set: &[Label]| LABELS.into_iter().filter(|label| set.contains(label)).collect::<Vec<_>>();
            assert_eq!((sorted(&judged.prediction_set), judged.finding), (sorted(set), finding));
            // Where a class is named, it is the finding's.
            let named = set.len() == 1;
            assert_eq!(judged.verdict != Verdict::Uncertain, named, "{set:?}");
            assert_eq!(judged.verdict == Verdict::Normal, finding == Normal, "{set:?}");
        }
        let none = Calibration { least_probability: [0.99; 3].into(), ..calibration() };
        for (_, convnet) in &SETS[3..] {
            let judged = none.judge(*convnet, [0.0; 3], &gate(true, false));
            assert_eq!((judged.prediction_set, judged.finding), (Vec::new(), CannotSay));
        }
    }

    #[test]
    fn in_doubt_nothing_is_said_of_whether_a_film_is_normal() {
        let heard = Calibration { texture_scale: 1e-9, ..calibration() };
        for (set, convnet) in SETS {
            // Against whatever the convnet reader says.
            let other = (most_probable(convnet.into()).index() + 1) % 3;
            let mut texture = [0.0; 3];
            texture[other] = 9.0;
            let said = |calibration: &Calibration, doubtful| {
                calibration.judge(convnet, texture, &gate(true, doubtful)).finding
            };
            assert_eq!(said(&calibration(), true), Finding::CannotSay, "{set:?}, a doubtful film");
            assert_eq!(
                said(&calibration(), false),
                Finding::of(set),
                "{set:?}, a reader that does not count"
            );
            let expected = if set.len() == 1 { Finding::CannotSay } else { Finding::of(set) };
            assert_eq!(said(&heard, false), expected, "{set:?}, readers that contradict each other");
        }
    }

    #[test]
    fn of_an_enhanced_film_covid19_is_not_named() {
        for (set, convnet) in SETS {
            for accepted in [true, false] {
                let plain = calibration().judge(convnet, [0.0; 3], &gate(accepted, false));
                let enhanced = plain.clone().of_enhanced();
                if set != [Label::Covid19] || !accepted {
                    assert_eq!(enhanced, plain, "{set:?}");
                    continue;
                }
                assert_eq!((enhanced.verdict, enhanced.finding), (Verdict::Uncertain, Finding::CannotSay));
                assert_eq!(enhanced.abstentions.len(), 1);
                assert_eq!(enhanced.abstentions[0].kind, ReasonKind::Enhanced);
                assert_eq!(
                    (enhanced.prediction_set, enhanced.abnormal),
                    (plain.prediction_set, plain.abnormal)
                );
            }
        }
    }

    #[test]
    fn abnormal_is_all_but_normal() {
        let judged = calibration().judge([0.3, 0.1, -0.2], [0.0; 3], &gate(true, false));
        assert!(judged.probabilities.normal > 0.1);
        assert!((judged.abnormal + judged.probabilities.normal - 1.0).abs() < 1e-12);
        // Two shares whose sum would be above 1.
        let above = 0.5 + f64::EPSILON;
        assert_eq!(abnormal([above, 0.0, above].into()), 1.0);
    }

    #[test]
    fn findings_are_named_as_in_json() {
        for finding in [Finding::Normal, Finding::NotNormal, Finding::CannotSay] {
            assert_eq!(serde_json::to_value(finding).unwrap(), finding.name());
        }
    }

    #[test]
    fn a_set_of_several_says_what_it_leaves_open() {
        let expected = [
            "COVID-19 and another pneumonia cannot be told apart on this film.",
            "It cannot be said whether this film is normal or shows COVID-19.",
            "It cannot be said whether this film is normal or shows a pneumonia other than COVID-19.",
            "It cannot be said whether this film is normal or shows COVID-19 or another pneumonia.",
        ];
        for ((set, _), message) in SETS[3..].iter().zip(expected) {
            for set in [set.to_vec(), set.iter().rev().copied().collect()] {
                let reason = not_one_class(&set).unwrap();
                assert_eq!((reason.kind, &reason.message[..]), (ReasonKind::SeveralClasses, message));
            }
        }
        assert!(SETS[..3].iter().all(|(set, _)| not_one_class(set).is_none()));
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
        assert_eq!(torn.prediction_set, [Label::Pneumonia, Label::Covid19]);
    }
}

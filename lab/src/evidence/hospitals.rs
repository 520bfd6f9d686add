//! What the verdict is worth at a hospital that nobody here trained on: of every source, read by networks trained
//! without it, and of the sources of `external`, read as shipped.

use std::collections::{BTreeMap, BTreeSet};

use covid_classifier::statistics::{Estimate, Prediction, bootstrap};
use covid_classifier::validation::{calibration, share};
use covid_classifier::verdict::{self, Verdict};
use covid_classifier::{Label, Result};
use serde::{Deserialize, Serialize};

use crate::dataset::Finding;
use crate::train::calibration::fit;
use crate::train::convnet::{PAIRS, Pair};
use crate::train::left_out::LeftOut;

/// Figures on fewer films than this are not given.
const LEAST: usize = 10;

/// How a hospital's films were kept from the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Read by a network that was trained without the source, and calibrated without it; the gate was not asked.
    LeftOut,
    /// Films of `external`, read as shipped.
    External,
}

/// One film of a hospital and what was said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the collection says of it.
    pub finding: Finding,
    /// The patient.
    pub group: String,
    /// Calibrated probabilities.
    pub probabilities: [f64; 3],
    /// The classes that cannot be excluded.
    pub prediction_set: Vec<Label>,
    /// Whether it is normal; `None` where it was refused.
    pub said: Option<verdict::Finding>,
    /// The verdict.
    pub verdict: Verdict,
}

/// How many films of a finding were called what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Called normal.
    pub normal: usize,
    /// Called not normal, and COVID-19.
    pub covid19: usize,
    /// Called not normal, and another pneumonia.
    pub pneumonia: usize,
    /// Called not normal, and no more.
    pub not_normal: usize,
    /// Of which neither is said.
    pub cannot_say: usize,
    /// Refused.
    pub refused: usize,
}

impl Said {
    /// All of them.
    pub fn films(&self) -> usize {
        self.normal + self.covid19 + self.pneumonia + self.not_normal + self.cannot_say + self.refused
    }

    fn count(&mut self, answer: &Answer) {
        let place = match (answer.said, answer.verdict) {
            (None, _) | (_, Verdict::Refused) => &mut self.refused,
            (Some(verdict::Finding::CannotSay), _) => &mut self.cannot_say,
            (Some(verdict::Finding::Normal), _) => &mut self.normal,
            (Some(verdict::Finding::NotNormal), Verdict::Covid19) => &mut self.covid19,
            (Some(verdict::Finding::NotNormal), Verdict::Pneumonia) => &mut self.pneumonia,
            (Some(verdict::Finding::NotNormal), _) => &mut self.not_normal,
        };
        *place += 1;
    }
}

/// One source as a hospital that was never seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hospital {
    /// The source.
    pub id: String,
    /// What it is.
    pub title: String,
    /// How its films were kept from the networks.
    pub kept: Kept,
    /// Patients.
    pub patients: usize,
    /// What was said of the films of every finding.
    pub findings: BTreeMap<String, Said>,
    /// Of the normal films, the share for which COVID-19 is named.
    pub normals_named_covid19: Option<Estimate>,
    /// Of the normal films of which it is said whether they are normal, the share called normal.
    pub normals_called_normal: Option<Estimate>,
    /// Of the films of COVID-19 and pneumonia, the share called not normal.
    pub sensitivity: Option<Estimate>,
    /// Of the normal films, the share that is not called not normal.
    pub specificity: Option<Estimate>,
    /// Of the films of the three classes, the share of which it is said whether they are normal.
    pub named: Option<Estimate>,
    /// Of those, the share of which that is right, and the class too where one is named.
    pub right: Option<Estimate>,
    /// The share of films of the three classes whose prediction set holds their class.
    pub coverage: Option<Estimate>,
    /// The expected calibration error over the three classes.
    pub calibration_error: Option<Estimate>,
    /// Areas under the ROC curve: `covid19 against normal`.
    pub auc: BTreeMap<String, Estimate>,
}

/// Whether what is said of a film of a known class is right.
fn is_right(label: Label, answer: &Answer) -> bool {
    match (answer.said, answer.verdict) {
        (Some(verdict::Finding::Normal), _) => label == Label::Normal,
        (Some(verdict::Finding::NotNormal), Verdict::Covid19) => label == Label::Covid19,
        (Some(verdict::Finding::NotNormal), Verdict::Pneumonia) => label == Label::Pneumonia,
        (Some(verdict::Finding::NotNormal), _) => label != Label::Normal,
        _ => false,
    }
}

fn area(pair: &Pair, answers: &[&Answer]) -> Option<Estimate> {
    let of = |among: &[Finding], is: Label| -> Vec<Prediction> {
        let chosen = answers.iter().filter(|answer| among.contains(&answer.finding));
        let prediction = |answer: &&Answer| Prediction {
            label: is,
            probabilities: answer.probabilities,
            group: answer.group.clone(),
        };
        chosen.map(prediction).collect()
    };
    // Which of the two a film is of stands in the place of its class.
    let (first, second) = (of(pair.first, Label::Covid19), of(pair.second, Label::Normal));
    if first.len() < LEAST || second.len() < LEAST {
        return None;
    }
    let score = |film: &Prediction| {
        let logits = film.probabilities.map(|p| p.max(1e-300).ln());
        ((pair.score)(logits), film.label == Label::Covid19)
    };
    let both: Vec<Prediction> = first.into_iter().chain(second).collect();
    bootstrap(&both, |sample| {
        covid_classifier::statistics::auc(&sample.iter().map(score).collect::<Vec<_>>())
    })
}

/// Where refused films count, and where they are left out, the fields of [`Hospital`] say.
pub fn hospital(id: &str, title: &str, kept: Kept, answers: &[&Answer]) -> Hospital {
    let mut findings: BTreeMap<String, Said> = BTreeMap::new();
    for answer in answers {
        findings.entry(answer.finding.name().to_owned()).or_default().count(answer);
    }
    let prediction = |label: Label, answer: &Answer| Prediction {
        label,
        probabilities: answer.probabilities,
        group: answer.group.clone(),
    };
    let labelled: Vec<(Label, &Answer)> =
        answers.iter().filter_map(|answer| Some((answer.finding.label()?, *answer))).collect();
    let said =
        |answer: &Answer| matches!(answer.said, Some(verdict::Finding::Normal | verdict::Finding::NotNormal));
    let rate = |of: &dyn Fn(Label, &Answer) -> bool, hit: &dyn Fn(Label, &Answer) -> bool| {
        let chosen = labelled.iter().filter(|(label, answer)| of(*label, answer));
        let marks: Vec<(bool, Prediction)> =
            chosen.map(|(label, answer)| (hit(*label, answer), prediction(*label, answer))).collect();
        if marks.len() < LEAST { None } else { share(&marks) }
    };
    let is_normal = |label: Label, _: &Answer| label == Label::Normal;
    let not_normal = |_: Label, answer: &Answer| answer.said == Some(verdict::Finding::NotNormal);
    let accepted = |_: Label, answer: &Answer| answer.said.is_some();
    let predictions: Vec<Prediction> = labelled
        .iter()
        .filter(|(_, answer)| answer.said.is_some())
        .map(|(label, answer)| prediction(*label, answer))
        .collect();
    let error = if predictions.len() < LEAST { None } else { calibration(title, &predictions) };
    Hospital {
        id: id.to_owned(),
        title: title.to_owned(),
        kept,
        patients: answers.iter().map(|answer| &answer.group).collect::<BTreeSet<_>>().len(),
        findings,
        normals_named_covid19: rate(&is_normal, &|_, answer| answer.verdict == Verdict::Covid19),
        normals_called_normal: rate(
            &|label, answer| label == Label::Normal && said(answer),
            &|label, answer| is_right(label, answer),
        ),
        sensitivity: rate(&|label, _| label != Label::Normal, &not_normal),
        specificity: rate(&is_normal, &|label, answer| !not_normal(label, answer)),
        named: rate(&|_, _| true, &|_, answer| said(answer)),
        right: rate(&|_, answer| said(answer), &is_right),
        coverage: rate(&accepted, &|label, answer| answer.prediction_set.contains(&label)),
        calibration_error: error.map(|evidence| evidence.error),
        auc: PAIRS.iter().filter_map(|pair| Some((pair.name.to_owned(), area(pair, answers)?))).collect(),
    }
}

/// The films of the sources left out, each judged with a calibration that was fitted without its source.
///
/// # Errors
/// As [`fit`].
pub fn answers(rows: &[LeftOut]) -> Result<BTreeMap<String, Vec<Answer>>> {
    let mut sources: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    let names: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    for source in names {
        let (here, others): (Vec<&LeftOut>, Vec<&LeftOut>) =
            rows.iter().partition(|row| row.source == source);
        let calibration = fit(&others)?.calibration;
        let one = |row: &&LeftOut| {
            let probabilities = calibration.probabilities(row.logits(), [0.0; 3]);
            let (said, verdict) = calibration.say(probabilities);
            Answer {
                finding: row.finding,
                group: row.group(),
                probabilities,
                prediction_set: calibration.prediction_set(probabilities),
                said: Some(said),
                verdict,
            }
        };
        sources.insert(source.to_owned(), here.iter().map(one).collect());
    }
    Ok(sources)
}

//! What the readers are worth on films whose classes are known: rates, areas under the ROC curve, calibration,
//! risk and coverage, each with n and a 95 % interval by patient. The laboratory measures the shipped model with
//! it; nothing here needs more than reports.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::label::{LABELS, Label, PerLabel};
use crate::report::{Readers, Report};
use crate::statistics::{
    Bin, Estimate, Prediction, accuracy, area, bootstrap, calibration_bins, calibration_error, class_area,
    confusion, proportion,
};
use crate::verdict::{Calibration, Verdict};

/// A figure on fewer films than this is not given.
const LEAST: usize = 5;

/// What validation takes from a [report](Report): the other fields of its JSON are passed over.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[allow(missing_docs)]
pub struct Essentials {
    pub verdict: Option<Verdict>,
    pub probabilities: Option<PerLabel>,
    pub prediction_set: Option<Vec<Label>>,
    pub readers: Option<Readers>,
}

impl From<&Report> for Essentials {
    fn from(report: &Report) -> Self {
        Self {
            verdict: report.verdict,
            probabilities: report.probabilities,
            prediction_set: report.prediction_set.clone(),
            readers: report.readers,
        }
    }
}

/// One film and what was said of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The class that it is known to show.
    pub label: Label,
    /// The collection that it comes from.
    pub source: String,
    /// The patient, or group of patients and near-duplicates, that the bootstrap draws as one.
    pub group: Arc<str>,
    /// What was said.
    pub report: Essentials,
    /// Calibrated probabilities, of refused films too.
    pub probabilities: [f64; 3],
}

/// Logits from probabilities, up to a constant.
pub fn logits(probabilities: PerLabel) -> [f64; 3] {
    <[f64; 3]>::from(probabilities).map(|p| p.max(1e-300).ln())
}

/// Whose answers are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Both together, calibrated.
    Verdict,
    /// The convnet reader alone.
    Convnet,
    /// The paper's reader alone.
    Texture,
}

/// All of them.
pub const READERS: [Reader; 3] = [Reader::Verdict, Reader::Convnet, Reader::Texture];

impl Judged {
    /// A film of a known class and its report; the calibration is that of the model that gave the report.
    pub fn new(
        label: Label,
        source: String,
        group: Arc<str>,
        report: Essentials,
        calibration: &Calibration,
    ) -> Self {
        let both = report
            .readers
            .map(|readers| calibration.probabilities(logits(readers.convnet), logits(readers.texture)));
        Self { label, source, group, report, probabilities: both.unwrap_or([f64::NAN; 3]) }
    }

    /// What a reader made of it; `None` where it was not read.
    pub fn prediction(&self, reader: Reader) -> Option<Prediction> {
        let readers = self.report.readers?;
        let probabilities = match reader {
            Reader::Verdict => self.probabilities,
            Reader::Convnet => readers.convnet.into(),
            Reader::Texture => readers.texture.into(),
        };
        Some(Prediction { label: self.label, probabilities, group: self.group.clone() })
    }
}

/// One reader on one set of films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The reader that is scored.
    pub reader: Reader,
    /// Share whose most probable class is right.
    pub accuracy: Option<Estimate>,
    /// `matrix[true][most probable]`: covid19, normal, pneumonia.
    pub confusion: [[usize; 3]; 3],
    /// Of the films of a class, the share called so.
    pub sensitivity: PerLabel<Option<Estimate>>,
    /// Of the films of other classes, the share not called so.
    pub specificity: PerLabel<Option<Estimate>>,
    /// One class against the others.
    pub auc: PerLabel<Option<Estimate>>,
    /// Two classes, by the ratio of their probabilities: `covid19 against pneumonia`.
    pub auc_of_pairs: BTreeMap<String, Estimate>,
}

/// One set of films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Set {
    /// A name to refer to it.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Films of each class.
    pub films: PerLabel<usize>,
    /// How many patients the films are of.
    pub patients: usize,
    /// What each reader is worth on them, in the order of [`READERS`].
    pub scores: Vec<Scores>,
    /// `verdicts[true]`: how many were called covid19, normal, pneumonia, uncertain, refused.
    pub verdicts: [[usize; 5]; 3],
    /// Of the films with a verdict of a class, the share that is right.
    pub accuracy_where_judged: Option<Estimate>,
    /// Share of films whose prediction set holds their class; refused films left out.
    pub coverage: Option<Estimate>,
}

fn optional(estimate: Option<Estimate>, films: usize) -> Option<Estimate> {
    estimate.filter(|_| films >= LEAST)
}

/// A reader's figures.
pub fn scores(reader: Reader, predictions: &[Prediction]) -> Scores {
    let of = |label: Label, own: bool| -> Vec<Prediction> {
        predictions.iter().filter(|prediction| (prediction.label == label) == own).cloned().collect()
    };
    let rate = |label: Label, own: bool| {
        let films = of(label, own);
        optional(proportion(&films, |prediction| (prediction.answer() == label) == own), films.len())
    };
    let against_others = |label: Label| {
        let least = of(label, true).len().min(of(label, false).len());
        if least < LEAST { None } else { class_area(predictions, label) }
    };
    let mut auc_of_pairs = BTreeMap::new();
    for (k, a) in LABELS.into_iter().enumerate() {
        for b in LABELS.into_iter().skip(k + 1) {
            let pair: Vec<Prediction> =
                predictions.iter().filter(|o| o.label == a || o.label == b).cloned().collect();
            let count = |label| pair.iter().filter(|prediction| prediction.label == label).count();
            if count(a) < LEAST || count(b) < LEAST {
                continue;
            }
            let score = |o: &Prediction| {
                let ln = |label: Label| o.probabilities[label.index()].max(1e-300).ln();
                (ln(a) - ln(b), o.label == a)
            };
            if let Some(area) = area(&pair, score) {
                auc_of_pairs.insert(format!("{} against {}", a.name(), b.name()), area);
            }
        }
    }
    Scores {
        reader,
        accuracy: optional(proportion(predictions, |o| o.answer() == o.label), predictions.len()),
        confusion: confusion(predictions),
        sensitivity: LABELS.map(|label| rate(label, true)).into(),
        specificity: LABELS.map(|label| rate(label, false)).into(),
        auc: LABELS.map(against_others).into(),
        auc_of_pairs,
    }
}

/// All figures of a set.
pub fn set(id: &str, title: &str, films: &[&Judged]) -> Set {
    let predictions =
        |reader: Reader| films.iter().filter_map(|film| film.prediction(reader)).collect::<Vec<_>>();
    let mut verdicts = [[0; 5]; 3];
    for film in films {
        if let Some(verdict) = film.report.verdict {
            verdicts[film.label.index()][verdict as usize] += 1;
        }
    }
    let judged: Vec<(bool, Prediction)> = films
        .iter()
        .filter_map(|film| {
            let verdict = film.report.verdict?;
            let judged = !matches!(verdict, Verdict::Uncertain | Verdict::Refused);
            Some((verdict == film.label.into(), film.prediction(Reader::Verdict)?)).filter(|_| judged)
        })
        .collect();
    let covered: Vec<(bool, Prediction)> = films
        .iter()
        .filter_map(|film| {
            Some((
                film.report.prediction_set.as_ref()?.contains(&film.label),
                film.prediction(Reader::Verdict)?,
            ))
        })
        .collect();
    Set {
        id: id.to_owned(),
        title: title.to_owned(),
        films: LABELS.map(|label| films.iter().filter(|film| film.label == label).count()).into(),
        patients: films.iter().map(|film| &film.group).collect::<BTreeSet<_>>().len(),
        scores: READERS.map(|reader| scores(reader, &predictions(reader))).to_vec(),
        verdicts,
        accuracy_where_judged: share(&judged),
        coverage: share(&covered),
    }
}

/// The share of `true`, with its interval over patients.
pub fn share(films: &[(bool, Prediction)]) -> Option<Estimate> {
    // A hit is a prediction whose answer is its label: what is resampled is kept whole.
    let marked = |(hit, prediction): &(bool, Prediction)| Prediction {
        label: Label::Normal,
        probabilities: if *hit { [0.0, 1.0, 0.0] } else { [1.0, 0.0, 0.0] },
        group: prediction.group.clone(),
    };
    let predictions: Vec<Prediction> = films.iter().map(marked).collect();
    optional(
        proportion(&predictions, |prediction| prediction.answer() == prediction.label),
        predictions.len(),
    )
}

/// How far probabilities are to be believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationEvidence {
    /// Which films.
    pub title: String,
    /// How many.
    pub films: usize,
    /// Mean distance between confidence and accuracy over ten bins, weighted by their films
    /// (expected calibration error).
    pub error: Estimate,
    /// The bins that hold films.
    pub bins: Vec<Bin>,
}

/// Calibration of a set of films; `None` where there are none.
pub fn calibration(title: &str, predictions: &[Prediction]) -> Option<CalibrationEvidence> {
    let some = |sample: &[Prediction]| (!sample.is_empty()).then(|| calibration_error(sample));
    let error = bootstrap(predictions, some)?;
    Some(CalibrationEvidence {
        title: title.to_owned(),
        films: predictions.len(),
        error,
        bins: calibration_bins(predictions),
    })
}

/// Error among the films that the verdict is surest of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskCoverage {
    /// Which films.
    pub title: String,
    /// How many were not refused.
    pub films: usize,
    /// Accuracy over all of them.
    pub accuracy: Estimate,
    /// Accuracy among the half with the largest probability.
    pub accuracy_of_surest_half: Estimate,
    /// (share of films kept, share of them that is wrong), surest first.
    pub curve: Vec<(f64, f64)>,
}

/// Risk and coverage of a set of films; `None` where none was accepted.
pub fn risk_coverage(title: &str, films: &[&Judged]) -> Option<RiskCoverage> {
    let accepted = films.iter().filter(|film| film.report.probabilities.is_some());
    let mut predictions: Vec<Prediction> =
        accepted.filter_map(|film| film.prediction(Reader::Verdict)).collect();
    let confidence = |prediction: &Prediction| prediction.probabilities.iter().copied().fold(0.0, f64::max);
    predictions.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)));
    let n = predictions.len();
    let right =
        |sample: &[Prediction]| proportion(sample, |prediction| prediction.answer() == prediction.label);
    let curve = (1..=20).map(|k| n * k / 20).filter(|&kept| kept > 0);
    let curve = curve.map(|kept| (kept as f64 / n as f64, 1.0 - accuracy(&predictions[..kept]))).collect();
    Some(RiskCoverage {
        title: title.to_owned(),
        films: n,
        accuracy: right(&predictions)?,
        accuracy_of_surest_half: right(&predictions[..n.div_ceil(2)])?,
        curve,
    })
}

/// Everything that labelled films of one's own say about the readers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Rates, areas and verdicts.
    #[serde(flatten)]
    pub set: Set,
    /// Of the films that the gate accepted; `None` where there are none.
    pub calibration: Option<CalibrationEvidence>,
    /// The same films, the surest first.
    pub risk_coverage: Option<RiskCoverage>,
}

/// Validates the readers on films of known classes.
pub fn validate(id: &str, title: &str, films: &[&Judged]) -> Validation {
    let accepted = films.iter().filter(|film| film.report.probabilities.is_some());
    let predictions: Vec<Prediction> = accepted.filter_map(|film| film.prediction(Reader::Verdict)).collect();
    Validation {
        set: set(id, title, films),
        calibration: calibration(title, &predictions),
        risk_coverage: risk_coverage(title, films),
    }
}

/// A film of a known class, as the page gives it.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Labelled {
    pub label: Label,
    /// Without one the film is of a patient of its own.
    pub patient: Option<String>,
    pub report: Essentials,
}

/// [`validate`] of films that `calibration`'s model read.
pub fn validate_labelled(title: &str, films: Vec<Labelled>, calibration: &Calibration) -> Validation {
    let judged = films.into_iter().enumerate().map(|(k, film)| {
        let patient = film.patient.filter(|patient| !patient.is_empty());
        let group = patient.map_or_else(|| format!("film {k}"), |patient| format!("patient {patient}"));
        Judged::new(film.label, title.to_owned(), group.into(), film.report, calibration)
    });
    let judged: Vec<Judged> = judged.collect();
    validate(title, title, &judged.iter().collect::<Vec<_>>())
}

/// The sets that a table of films falls into: by source.
pub fn by_source(films: &[Judged], prefix: &str, titles: &dyn Fn(&str) -> String) -> Vec<Set> {
    let mut sources: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    films.iter().for_each(|film| sources.entry(&film.source).or_default().push(film));
    sources
        .into_iter()
        .map(|(source, films)| set(&format!("{prefix}{source}"), &titles(source), &films))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    /// COVID-19 with the probability `p`.
    fn said(label: Label, p: f64, k: usize) -> Prediction {
        let mut probabilities = [(1.0 - p) / 2.0; 3];
        probabilities[0] = p;
        Prediction { label, probabilities, group: format!("p{k}").into() }
    }

    #[test]
    fn figures_on_few_films_are_not_given() {
        let films: Vec<Prediction> =
            (0..8).map(|k| said(if k < 6 { Label::Covid19 } else { Label::Normal }, 0.9, k)).collect();
        let scores = scores(Reader::Verdict, &films);
        assert!(scores.sensitivity.covid19.is_some_and(|s| s.value == 1.0 && s.n == 6 && s.low < 0.8));
        assert_eq!(scores.sensitivity.normal, None);
        assert!(scores.auc_of_pairs.is_empty());
    }

    fn of_the_convnet_alone() -> Calibration {
        Calibration {
            convnet_scale: 1.0,
            texture_scale: 0.0,
            bias: [0.0; 3].into(),
            least_probability: [0.3; 3].into(),
            coverage: 0.9,
        }
    }

    /// A film whose readers give `convnet` and `texture`; the verdict is as given.
    fn judged(label: Label, convnet: [f64; 3], verdict: Verdict, k: usize) -> Judged {
        let calibration = of_the_convnet_alone();
        let accepted = verdict != Verdict::Refused;
        let report = Report {
            verdict: Some(verdict),
            readers: Some(Readers { convnet: convnet.into(), texture: [0.1, 0.1, 0.8].into() }),
            probabilities: accepted.then(|| convnet.into()),
            prediction_set: accepted.then(|| calibration.prediction_set(convnet)),
            error: None,
            ..Report::failed("film", &Error::new(ErrorKind::Internal, ""))
        };
        Judged::new(label, "here".to_owned(), format!("p{k}").into(), (&report).into(), &calibration)
    }

    const COVID: [f64; 3] = [0.7, 0.2, 0.1];
    const NORMAL: [f64; 3] = [0.1, 0.8, 0.1];
    const UNSURE: [f64; 3] = [0.31, 0.36, 0.33];

    /// Ten COVID-19 films, of which seven are called so, two nothing and one normal; ten normal ones, all called so
    /// but for one that is refused.
    fn films() -> Vec<Judged> {
        let mut films = Vec::new();
        for k in 0..10 {
            films.push(match k {
                0..7 => judged(Label::Covid19, COVID, Verdict::Covid19, k),
                7..9 => judged(Label::Covid19, UNSURE, Verdict::Uncertain, k),
                _ => judged(Label::Covid19, NORMAL, Verdict::Normal, k),
            });
        }
        for k in 10..20 {
            let verdict = if k < 19 { Verdict::Normal } else { Verdict::Refused };
            films.push(judged(Label::Normal, NORMAL, verdict, k));
        }
        films
    }

    fn value(estimate: &Option<Estimate>) -> (usize, f64) {
        estimate.as_ref().map_or((0, f64::NAN), |estimate| (estimate.n, (estimate.value * 1e6).round() / 1e6))
    }

    #[test]
    fn a_set_counts_what_was_said() {
        let films = films();
        let set = set("id", "title", &films.iter().collect::<Vec<_>>());
        assert_eq!((set.films, set.patients), ([10, 10, 0].into(), 20));
        assert_eq!(set.verdicts, [[7, 1, 0, 2, 0], [0, 9, 0, 0, 1], [0; 5]]);
        // Of eight and nine that were named, one is wrong; of nineteen sets, one lacks the class.
        assert_eq!(value(&set.accuracy_where_judged), (17, 0.941176));
        assert_eq!(value(&set.coverage), (19, 0.947368));
        let [verdict, convnet, texture] = &set.scores[..] else { panic!("three readers") };
        assert_eq!((verdict.reader, texture.reader), (Reader::Verdict, Reader::Texture));
        // The unsure ones are most probably normal: seven of ten, and all normals.
        assert_eq!(value(&convnet.accuracy), (20, 0.85));
        assert_eq!(value(&verdict.sensitivity.covid19), (10, 0.7));
        assert_eq!(value(&verdict.sensitivity.normal), (10, 1.0));
        assert_eq!(value(&verdict.specificity.covid19), (10, 1.0));
        assert_eq!(value(&verdict.specificity.normal), (10, 0.7));
        assert_eq!(verdict.sensitivity.pneumonia, None);
        assert_eq!(convnet.confusion, [[7, 3, 0], [0, 10, 0], [0; 3]]);
        // Seven above all normals, two above them, one level with them.
        assert_eq!(value(&Some(verdict.auc_of_pairs["covid19 against normal"])), (20, 0.95));
        assert_eq!(verdict.auc_of_pairs.len(), 1);
        // The paper's reader calls all of them pneumonia.
        assert_eq!(texture.confusion, [[0, 0, 10], [0, 0, 10], [0; 3]]);
    }

    #[test]
    fn the_surest_are_kept_first() {
        let films = films();
        let risk = risk_coverage("title", &films.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(risk.films, 19, "the refused one is left out");
        assert_eq!(value(&Some(risk.accuracy)), (19, 0.842105));
        // The ten surest are the normal ones and the COVID-19 film that is taken for one.
        assert_eq!(value(&Some(risk.accuracy_of_surest_half)), (10, 0.9));
        assert_eq!(risk.curve.last().map(|point| (point.0, (point.1 * 19.0).round())), Some((1.0, 3.0)));
        assert_eq!(risk_coverage("none", &[]), None);
    }

    /// The page gives what it kept of a report as JSON, with much else in it.
    #[test]
    fn validation_is_of_the_accepted_and_takes_a_report_as_the_page_keeps_it() {
        let films = films();
        let validation = validate("own", "own films", &films.iter().collect::<Vec<_>>());
        assert_eq!(validation.set, set("own", "own films", &films.iter().collect::<Vec<_>>()));
        assert_eq!(validation.calibration.map(|calibration| calibration.films), Some(19));
        assert_eq!(validation.risk_coverage.map(|risk| risk.films), Some(19));
        let nothing = validate("own", "own films", &[]);
        assert_eq!((nothing.calibration, nothing.risk_coverage, nothing.set.patients), (None, None, 0));

        let report = Report::failed("film.png", &Error::new(ErrorKind::Internal, "why"));
        let report = Report { verdict: Some(Verdict::Normal), probabilities: Some(NORMAL.into()), ..report };
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Essentials>(&json).unwrap(), Essentials::from(&report));
    }

    #[test]
    fn films_without_a_patient_are_of_patients_of_their_own() {
        let films = films();
        let labelled = |patient: fn(usize) -> Option<String>| -> Vec<Labelled> {
            let films = films.iter().enumerate();
            let one = |(k, film): (usize, &Judged)| Labelled {
                label: film.label,
                patient: patient(k),
                report: film.report.clone(),
            };
            films.map(one).collect()
        };
        let calibration = of_the_convnet_alone();
        let own = |patient| validate_labelled("here", labelled(patient), &calibration);
        let single = own(|_| None);
        assert_eq!(
            single.set,
            set("here", "here", &films.iter().collect::<Vec<_>>()),
            "whatever they are called"
        );
        assert_eq!(own(|_| Some(String::new())), single);
        let named = own(|k| Some(format!("{}", k / 5)));
        assert_eq!((named.set.patients, named.set.verdicts), (4, single.set.verdicts));
        assert_ne!(named.set.scores, single.set.scores, "resampled by patient");
    }

    #[test]
    fn sets_are_by_source() {
        let mut films = films();
        films[3].source = "there".to_owned();
        let sets = by_source(&films, "val_", &|source| format!("{source}!"));
        let ids: Vec<(&str, &str, usize)> =
            sets.iter().map(|set| (&set.id[..], &set.title[..], set.patients)).collect();
        assert_eq!(ids, [("val_here", "here!", 19), ("val_there", "there!", 1)]);
    }

    #[test]
    fn without_films_there_is_no_calibration() {
        assert_eq!(calibration("none", &[]), None);
        let films: Vec<Prediction> = (0..10).map(|k| said(Label::Covid19, 0.8, k)).collect();
        let evidence = calibration("ten", &films).unwrap();
        assert_eq!((evidence.films, evidence.bins.len()), (10, 1));
        assert!((evidence.error.value - 0.2).abs() < 1e-12);
    }
}

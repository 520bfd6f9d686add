//! Measures the verdict at hospitals that trained nothing: on every source, read by networks that were trained without
//! it, and on the sources of `external`, read as shipped.

use std::collections::{BTreeMap, BTreeSet};

use covid_classifier::statistics::{self, Estimate, Prediction, bootstrap, calibration_error};
use covid_classifier::validation::{calibration, share};
use covid_classifier::verdict::{self, Verdict};
use covid_classifier::{Label, Result};
use serde::{Deserialize, Serialize};

use crate::dataset::Finding;
use crate::train::calibration::fit;
use crate::train::convnet::{PAIRS, Pair};
use crate::train::gate::CHILDREN;
use crate::train::left_out::LeftOut;
use crate::train::recipe::left_out_with;

/// Figures need at least this many films.
pub const LEAST: usize = 10;

/// How a hospital's films were kept from the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Read by a network that was trained without the source, and calibrated without it; the gate was not asked.
    LeftOut,
    /// Films of `external`, read as shipped.
    External,
    /// Several sources together, left out or external.
    Unseen,
    /// Not kept: films of `val`, read as shipped, from sources whose other patients trained the networks.
    Val,
}

/// The answers to the films of every source.
pub type Sources = BTreeMap<String, Vec<Answer>>;

/// One film of a hospital and the answer to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The collection's label.
    pub finding: Finding,
    /// The patient.
    pub group: String,
    /// Calibrated probabilities.
    pub probabilities: [f64; 3],
    /// The classes that cannot be excluded.
    pub prediction_set: Vec<Label>,
    /// The finding, normal or not; `None` for a refused film.
    pub said: Option<verdict::Finding>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Answer {
    /// The answer as a prediction; `None` for a film of none of the three classes.
    pub fn prediction(&self) -> Option<Prediction> {
        Some(self.as_of(self.finding.label()?))
    }

    fn as_of(&self, label: Label) -> Prediction {
        Prediction { label, probabilities: self.probabilities, group: self.group.as_str().into() }
    }
}

/// The number of films of a finding per answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Called normal.
    pub normal: usize,
    /// Called COVID-19.
    pub covid19: usize,
    /// Called another pneumonia.
    pub pneumonia: usize,
    /// Called not normal without a class.
    pub not_normal: usize,
    /// Called neither normal nor not normal.
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

/// For a finding outside the three classes, the share of its films per answer; refused films count in the total.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// Called normal.
    pub normal: Estimate,
    /// Called COVID-19.
    pub covid19: Estimate,
    /// Called another pneumonia.
    pub pneumonia: Estimate,
    /// Called not normal without a class.
    pub not_normal: Estimate,
}

impl Shares {
    /// `None` for too few films.
    fn of(finding: Finding, answers: &[&Answer]) -> Option<Self> {
        let films: Vec<&&Answer> = answers.iter().filter(|answer| answer.finding == finding).collect();
        let of = |counted: fn(&Said) -> usize| {
            let mark = |answer: &&&Answer| {
                let mut said = Said::default();
                said.count(answer);
                // The label is only a placeholder here.
                (counted(&said) == 1, answer.as_of(Label::Normal))
            };
            share(&films.iter().map(mark).collect::<Vec<_>>())
        };
        if films.len() < LEAST {
            return None;
        }
        Some(Self {
            normal: of(|said| said.normal)?,
            covid19: of(|said| said.covid19)?,
            pneumonia: of(|said| said.pneumonia)?,
            not_normal: of(|said| said.not_normal)?,
        })
    }
}

/// One source as a hospital, by default one that was never seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hospital {
    /// The source.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// How its films were kept from the networks.
    pub kept: Kept,
    /// Patients.
    pub patients: usize,
    /// The answers to the films of every finding.
    pub findings: BTreeMap<String, Said>,
    /// The same as shares, for findings outside the three classes.
    #[serde(default)]
    pub beyond: BTreeMap<String, Shares>,
    /// The share of normal films for which COVID-19 is named.
    pub normals_named_covid19: Option<Estimate>,
    /// The share called normal, among normal films called normal or not normal.
    pub normals_called_normal: Option<Estimate>,
    /// The share of films of COVID-19 and pneumonia that is called not normal.
    pub sensitivity: Option<Estimate>,
    /// The share of normal films that is not called not normal.
    pub specificity: Option<Estimate>,
    /// The share of films of the three classes that is called normal or not normal.
    pub named: Option<Estimate>,
    /// The share of those for which that is right, and the class too where one is named.
    pub right: Option<Estimate>,
    /// The share of films of the three classes whose prediction set holds their class.
    pub coverage: Option<Estimate>,
    /// The expected calibration error over the three classes.
    pub calibration_error: Option<Estimate>,
    /// Areas under the ROC curve: `covid19 against normal`.
    pub auc: BTreeMap<String, Estimate>,
}

/// Whether the answer to a film of a known class is right.
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
        chosen.map(|answer| answer.as_of(is)).collect()
    };
    // The two sides of the pair take the place of classes.
    let (first, second) = (of(pair.first, Label::Covid19), of(pair.second, Label::Normal));
    if first.len() < LEAST || second.len() < LEAST {
        return None;
    }
    let score = |film: &Prediction| {
        let logits = film.probabilities.map(|p| p.max(1e-300).ln());
        ((pair.score)(logits), film.label == Label::Covid19)
    };
    let both: Vec<Prediction> = first.into_iter().chain(second).collect();
    statistics::area(&both, score)
}

/// Measures one hospital. The fields of [`Hospital`] say whether refused films count.
pub fn hospital(id: &str, title: &str, kept: Kept, answers: &[&Answer]) -> Hospital {
    let mut findings: BTreeMap<String, Said> = BTreeMap::new();
    for answer in answers {
        findings.entry(answer.finding.name().to_owned()).or_default().count(answer);
    }
    let of_no_class: BTreeSet<Finding> =
        answers.iter().map(|answer| answer.finding).filter(|finding| finding.label().is_none()).collect();
    let beyond = of_no_class
        .into_iter()
        .filter_map(|finding| Some((finding.name().to_owned(), Shares::of(finding, answers)?)))
        .collect();
    let labelled: Vec<(Label, &Answer)> =
        answers.iter().filter_map(|answer| Some((answer.finding.label()?, *answer))).collect();
    let said =
        |answer: &Answer| matches!(answer.said, Some(verdict::Finding::Normal | verdict::Finding::NotNormal));
    let rate = |of: &dyn Fn(Label, &Answer) -> bool, hit: &dyn Fn(Label, &Answer) -> bool| {
        let chosen = labelled.iter().filter(|(label, answer)| of(*label, answer));
        let marks: Vec<(bool, Prediction)> =
            chosen.map(|(label, answer)| (hit(*label, answer), answer.as_of(*label))).collect();
        if marks.len() < LEAST { None } else { share(&marks) }
    };
    let is_normal = |label: Label, _: &Answer| label == Label::Normal;
    let not_normal = |_: Label, answer: &Answer| answer.said == Some(verdict::Finding::NotNormal);
    let accepted = |_: Label, answer: &Answer| answer.said.is_some();
    let predictions: Vec<Prediction> = labelled
        .iter()
        .filter(|(_, answer)| answer.said.is_some())
        .map(|(label, answer)| answer.as_of(*label))
        .collect();
    let error = if predictions.len() < LEAST { None } else { calibration(title, &predictions) };
    Hospital {
        id: id.to_owned(),
        title: title.to_owned(),
        kept,
        patients: answers.iter().map(|answer| &answer.group).collect::<BTreeSet<_>>().len(),
        findings,
        beyond,
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

/// Sorts the worst first: by the share of normal films for which COVID-19 is named, then by the share of right answers.
/// Hospitals without these figures come last.
pub fn worst_first(hospitals: &mut [Hospital]) {
    let named = |hospital: &Hospital| hospital.normals_named_covid19.map_or(-1.0, |share| share.value);
    let right = |hospital: &Hospital| hospital.right.map_or(1.0, |share| share.value);
    hospitals.sort_by(|a, b| named(b).total_cmp(&named(a)).then(right(a).total_cmp(&right(b))));
}

/// Treats all films of the left-out and external sources that have normal films of adults as one hospital, in which
/// every film counts alike. Areas under the ROC curve are left out, because they would reward telling the sources
/// apart.
pub fn all_unseen(left_out: &Sources, external: &Sources) -> Hospital {
    let has_normal_adults = |(source, answers): &(&String, &Vec<Answer>)| {
        *source != CHILDREN && answers.iter().any(|answer| answer.finding == Finding::Normal)
    };
    let sources = left_out.iter().chain(external).filter(has_normal_adults);
    let answers: Vec<&Answer> = sources.flat_map(|(_, answers)| answers).collect();
    let title = "all sources with normal films of adults, left out or external";
    Hospital { auc: BTreeMap::new(), ..hospital("all_unseen", title, Kept::Unseen, &answers) }
}

/// The mean of the sources' expected calibration errors over films of a known class. Sources with few such films are
/// left out.
pub fn mean_calibration_error(sources: &Sources) -> Option<Estimate> {
    let mut source_of: BTreeMap<&str, &str> = BTreeMap::new();
    let mut predictions = Vec::new();
    for (source, answers) in sources {
        let known = answers.iter().filter(|answer| answer.said.is_some());
        let known: Vec<Prediction> = known.filter_map(Answer::prediction).collect();
        if known.len() >= LEAST {
            predictions.extend(known);
            source_of.extend(answers.iter().map(|answer| (answer.group.as_str(), source.as_str())));
        }
    }
    bootstrap(&predictions, |sample| {
        let mut films: BTreeMap<&str, Vec<Prediction>> = BTreeMap::new();
        for film in sample {
            films.entry(source_of.get(&*film.group)?).or_default().push(film.clone());
        }
        let errors = films.values().map(|films| calibration_error(films));
        (!films.is_empty()).then(|| errors.sum::<f64>() / films.len() as f64)
    })
}

/// The films of the left-out sources, each judged with a calibration that was fitted without its source and the sources
/// that are left out with it: nih, nih2 and the normal films of radiography are from one hospital.
///
/// # Errors
/// As [`fit`].
pub fn answers(rows: &[LeftOut]) -> Result<Sources> {
    let mut sources = Sources::new();
    let names: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    for source in names {
        let kin = left_out_with(source);
        let others: Vec<&LeftOut> = rows.iter().filter(|row| !kin.contains(&row.source.as_str())).collect();
        let calibration = fit(&others)?.calibration;
        let here = rows.iter().filter(|row| row.source == source);
        let one = |row: &LeftOut| {
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
        sources.insert(source.to_owned(), here.map(one).collect());
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film of this finding and patient, with this answer and verdict.
    fn film(finding: Finding, patient: usize, said: Option<verdict::Finding>, verdict: Verdict) -> Answer {
        Answer {
            finding,
            group: format!("p{patient}"),
            probabilities: [0.2, 0.7, 0.1],
            prediction_set: vec![Label::Normal],
            said,
            verdict,
        }
    }

    fn normal(patient: usize) -> Answer {
        film(Finding::Normal, patient, Some(verdict::Finding::Normal), Verdict::Normal)
    }

    fn called_covid19(finding: Finding, patient: usize) -> Answer {
        film(finding, patient, Some(verdict::Finding::NotNormal), Verdict::Covid19)
    }

    fn refused(finding: Finding, patient: usize) -> Answer {
        film(finding, patient, None, Verdict::Refused)
    }

    fn unsure(finding: Finding, patient: usize) -> Answer {
        film(finding, patient, Some(verdict::Finding::CannotSay), Verdict::Uncertain)
    }

    fn of(answers: &[Answer]) -> Hospital {
        hospital("a", "A", Kept::LeftOut, &answers.iter().collect::<Vec<_>>())
    }

    fn value(estimate: Option<Estimate>) -> (usize, f64) {
        estimate.map(|estimate| (estimate.n, (estimate.value * 1e6).round() / 1e6)).unwrap()
    }

    /// Of 20 normal films, 12 are called normal, 2 COVID-19, 4 neither, and 2 are refused. Of 10 films of COVID-19, 6
    /// are called COVID-19, 1 another pneumonia, 1 not normal, 1 normal, and 1 is refused.
    fn ward() -> Vec<Answer> {
        let mut films: Vec<Answer> = (0..12).map(normal).collect();
        films.extend((12..14).map(|k| called_covid19(Finding::Normal, k)));
        films.extend((14..18).map(|k| unsure(Finding::Normal, k)));
        films.extend((18..20).map(|k| refused(Finding::Normal, k)));
        let not_normal = Some(verdict::Finding::NotNormal);
        films.extend((20..26).map(|k| called_covid19(Finding::Covid19, k)));
        films.push(film(Finding::Covid19, 26, not_normal, Verdict::Pneumonia));
        films.push(film(Finding::Covid19, 27, not_normal, Verdict::Uncertain));
        films.push(film(Finding::Covid19, 28, Some(verdict::Finding::Normal), Verdict::Normal));
        films.push(refused(Finding::Covid19, 29));
        films
    }

    /// Shares are given for a finding that is not a class, with refused films counted. They are not given for a class
    /// or for too few films.
    #[test]
    fn films_of_no_class_have_shares() {
        let mut films = ward();
        films.extend((30..34).map(|k| called_covid19(Finding::Tuberculosis, k)));
        films.extend((34..37).map(|k| refused(Finding::Tuberculosis, k)));
        let is_normal = Some(verdict::Finding::Normal);
        films.extend((37..40).map(|k| film(Finding::Tuberculosis, k, is_normal, Verdict::Normal)));
        films.push(unsure(Finding::Other, 40));
        let hospital = of(&films);
        assert_eq!(hospital.beyond.keys().collect::<Vec<_>>(), [Finding::Tuberculosis.name()]);
        let shares = &hospital.beyond[Finding::Tuberculosis.name()];
        let values = [shares.normal, shares.covid19, shares.pneumonia, shares.not_normal];
        assert_eq!(values.map(|share| value(Some(share))), [(10, 0.3), (10, 0.4), (10, 0.0), (10, 0.0)]);
        assert!(shares.covid19.low < 0.4 && shares.covid19.high > 0.4);
    }

    /// Films of another source of the same hospital change nothing.
    #[test]
    fn a_calibration_knows_nothing_of_the_hospital() {
        let rows = |sharpness: f64| -> Vec<LeftOut> {
            let mut rows = Vec::new();
            for source in ["nih2", "radiography", "shenzhen", "siim"] {
                for k in 0..60_usize {
                    let label = covid_classifier::LABELS[k % 3];
                    let scale = if source == "radiography" { sharpness } else { 1.0 };
                    // Every fourth film is taken for another.
                    let taken_for = (k + usize::from(k % 4 == 0)) % 3;
                    let logit = |class: usize| if class == taken_for { scale } else { 0.0 };
                    let [covid19, normal, pneumonia] = [0, 1, 2].map(logit);
                    let finding = label.into();
                    rows.push(LeftOut {
                        source: source.into(),
                        finding,
                        patient: k,
                        covid19,
                        normal,
                        pneumonia,
                    });
                }
            }
            rows
        };
        let (usual, sharp) = (answers(&rows(1.0)).unwrap(), answers(&rows(0.2)).unwrap());
        assert_eq!(usual["nih2"], sharp["nih2"]);
        assert_ne!(usual["siim"], sharp["siim"]);
    }

    #[test]
    fn figures_of_a_hospital_are_what_counting_gives() {
        let ward = of(&ward());
        assert_eq!(ward.patients, 30);
        let said = ward.findings["normal"];
        assert_eq!((said.normal, said.covid19, said.cannot_say, said.refused), (12, 2, 4, 2));
        let said = ward.findings["covid19"];
        assert_eq!((said.covid19, said.pneumonia, said.not_normal, said.normal), (6, 1, 1, 1));
        assert_eq!((said.refused, said.films()), (1, 10));
        assert_eq!(value(ward.normals_named_covid19), (20, 0.1));
        assert_eq!(value(ward.normals_called_normal), (14, 0.857143));
        assert_eq!(value(ward.sensitivity), (10, 0.8));
        assert_eq!(value(ward.specificity), (20, 0.9));
        // 14 + 9 of 30 films get an answer: refused films get none, but count.
        assert_eq!(value(ward.named), (30, 0.766667));
        assert_eq!(value(ward.right), (23, 0.826087));
        // Among films that are not refused, the set (only normal) holds the class of the normal ones.
        assert_eq!(value(ward.coverage), (27, 0.666667));
    }

    #[test]
    fn few_films_have_no_figures_and_findings_beyond_the_classes_only_counts() {
        let few = of(&(0..LEAST - 1).map(normal).collect::<Vec<_>>());
        assert_eq!((few.named, few.normals_named_covid19, few.calibration_error), (None, None, None));
        let tuberculosis = of(&(0..40).map(|k| called_covid19(Finding::Tuberculosis, k)).collect::<Vec<_>>());
        assert_eq!(tuberculosis.findings["tuberculosis"].covid19, 40);
        assert_eq!((tuberculosis.named, tuberculosis.sensitivity), (None, None));
    }

    #[test]
    fn intervals_are_by_patient() {
        // The same films, of sixty patients and of six: ten films of one patient agree.
        let ward = |patients: usize| -> Vec<Answer> {
            let film = |k: usize| {
                let patient = k % patients;
                if patient.is_multiple_of(3) {
                    called_covid19(Finding::Normal, patient)
                } else {
                    normal(patient)
                }
            };
            (0..60).map(film).collect()
        };
        let width = |patients| {
            let share = of(&ward(patients)).normals_named_covid19.unwrap();
            assert!((share.value - 1.0 / 3.0).abs() < 1e-12);
            share.high - share.low
        };
        assert!(width(6) > 2.5 * width(60), "{} {}", width(6), width(60));
    }

    #[test]
    fn areas_are_of_the_findings_of_a_pair_and_the_right_way_round() {
        let scored = |finding, first: usize, covid19: f64| {
            let one = |k: usize| {
                let mut film = normal(first + k);
                film.finding = finding;
                film.probabilities = [covid19, 0.5, 0.5 - covid19];
                film
            };
            (0..LEAST).map(one).collect::<Vec<_>>()
        };
        let mut films = scored(Finding::Covid19, 0, 0.4);
        films.extend(scored(Finding::Atypical, 20, 0.1));
        films.extend(scored(Finding::Other, 40, 0.45));
        let auc = of(&films).auc;
        assert_eq!(auc.keys().collect::<Vec<_>>(), ["covid19 against atypical"]);
        let area = auc["covid19 against atypical"];
        assert_eq!((area.n, area.value), (2 * LEAST, 1.0));
        films.extend(scored(Finding::Normal, 60, 0.05));
        films.iter_mut().filter(|film| film.finding == Finding::Normal).for_each(|film| {
            film.probabilities = [0.1, 0.8, 0.1];
        });
        let auc = of(&films).auc;
        assert_eq!((auc["not normal against normal"].n, auc["not normal against normal"].value), (30, 1.0));
    }

    #[test]
    fn the_worst_hospital_comes_first() {
        let ward = |id: &str, wrong: usize, right: usize| {
            let mut films: Vec<Answer> = (0..wrong).map(|k| called_covid19(Finding::Normal, k)).collect();
            films.extend((wrong..20).map(normal));
            films.extend((20..30).map(|k| {
                if k < 20 + right {
                    called_covid19(Finding::Covid19, k)
                } else {
                    film(Finding::Covid19, k, Some(verdict::Finding::Normal), Verdict::Normal)
                }
            }));
            Hospital { id: id.into(), ..of(&films) }
        };
        let without = Hospital { normals_named_covid19: None, id: "none".into(), ..ward("", 5, 0) };
        let mut all = [
            ward("good", 0, 10),
            without,
            ward("less right", 2, 1),
            ward("worst", 4, 10),
            ward("right", 2, 9),
        ];
        worst_first(&mut all);
        let ids: Vec<&str> = all.iter().map(|hospital| hospital.id.as_str()).collect();
        assert_eq!(ids, ["worst", "less right", "right", "good", "none"]);
    }

    #[test]
    fn all_together_are_the_films_of_sources_with_normal_adults() {
        let named = |source: &str, mut films: Vec<Answer>| {
            films.iter_mut().for_each(|film| film.group = format!("{source} {}", film.group));
            (source.to_owned(), films)
        };
        let left_out = Sources::from([
            named("siim", ward()),
            named(CHILDREN, ward()),
            named("cxnet", (0..50).map(|k| called_covid19(Finding::Covid19, k)).collect()),
        ]);
        let external = Sources::from([named("peru", (0..10).map(normal).collect())]);
        let all = all_unseen(&left_out, &external);
        assert_eq!((all.id.as_str(), all.kept, all.patients), ("all_unseen", Kept::Unseen, 40));
        assert_eq!(all.findings["normal"].films(), 30);
        assert_eq!(value(all.named), (40, 0.825));
        assert_eq!(value(all.right), (33, 0.878788));
        assert!(all.auc.is_empty());
    }

    #[test]
    fn calibration_errors_of_sources_have_a_plain_mean() {
        let source = |name: &str, films: usize, probability: f64| {
            let film = |k: usize| Answer {
                group: format!("{name} {k}"),
                probabilities: [(1.0 - probability) / 2.0, probability, (1.0 - probability) / 2.0],
                ..normal(k)
            };
            (name.to_owned(), (0..films).map(film).collect())
        };
        // All are right: the errors are 0.4 and 0.2, whatever the number of films.
        let sources =
            Sources::from([source("a", 200, 0.6), source("b", 20, 0.8), source("c", LEAST - 1, 0.5)]);
        let mean = mean_calibration_error(&sources).unwrap();
        assert_eq!(mean.n, 220);
        assert!((mean.value - 0.3).abs() < 1e-9, "{mean:?}");
        assert_eq!(mean_calibration_error(&Sources::new()), None);
    }
}
